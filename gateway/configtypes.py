"""What settings are made of: texts that are held to what they must be when they are read."""

from __future__ import annotations

import re
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator
from pydantic.fields import FieldInfo

from gateway.clientaddress import network

# RFC 9110, section 5.6.2: a token.
HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


def _words(value: Any) -> Any:
    """A list may be written as one text with commas, as variables of the environment must be."""
    if isinstance(value, str):
        return tuple(word for word in (part.strip() for part in value.split(",")) if word)
    return value


def _parts(text: str) -> SplitResult:
    """A URL's parts, looked at as closely as whoever connects will."""
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("must be a URL in printable ASCII, without blanks or line breaks")
    try:
        parts = urlsplit(text)
        _ = parts.port
        labels = (parts.hostname or "").split(".")
    except ValueError as error:
        raise ValueError(f"must be a URL: {str(error)[:1].lower()}{str(error)[1:]}") from None
    if any(len(label) > 63 for label in labels) or ".." in (parts.hostname or ""):
        raise ValueError("must be a URL with the name of a host")
    return parts


def _origin(text: str) -> str:
    parts = _parts(text)
    whole = parts.scheme in ("http", "https") and parts.hostname and not parts.username
    if not whole or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("must be an origin such as https://gateway.example")
    return text.rstrip("/")


def _host(text: str) -> str:
    try:
        text.encode("ascii" if ":" in text else "idna")
    except UnicodeError:
        text = ""
    if not text or not text.isprintable() or set(text) & set(" /[]@"):
        raise ValueError(
            "must be an address or a name of this machine, such as 127.0.0.1, or 0.0.0.0 for all "
            "addresses; an IPv6 address stands without brackets"
        )
    return text


def _networks(texts: tuple[str, ...]) -> tuple[str, ...]:
    for text in texts:
        network(text)
    return texts


def _http_url(text: str) -> str:
    parts = _parts(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an http or https URL")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must not hold credentials, a query or a fragment")
    return text.rstrip("/")


def _place(text: str) -> str:
    if text.partition(":")[0] in ("http", "https", "postgresql"):
        _parts(text)
    elif not text.isprintable():
        raise ValueError("must be printable")
    parts = urlsplit(text)
    if parts.scheme in ("http", "https"):
        return _http_url(text)
    if parts.query or parts.fragment or parts.password:
        raise ValueError("must not hold a password, a query or a fragment")
    if parts.scheme in ("file", "sqlite"):
        if parts.netloc or not parts.path.startswith("/"):
            raise ValueError(f"must be a path, such as {parts.scheme}:///srv/registry")
        return f"{parts.scheme}://{parts.path.rstrip('/') or '/'}"
    if parts.scheme == "postgresql" and parts.hostname and parts.path.strip("/"):
        return text.rstrip("/")
    raise ValueError(
        "must be an http or https URL, file:///folder, sqlite:///file or "
        "postgresql://user@host/database"
    )


def header_value(text: str) -> str:
    """A text that one line of an HTTP header can carry, unchanged.

    Raises:
        ValueError: the text has a control character, or one beyond Latin-1.
    """
    if any(not 32 <= ord(c) <= 255 or ord(c) == 127 for c in text):
        raise ValueError("must be one line of text that an HTTP header can carry")
    return text


def bounds(field: FieldInfo) -> tuple[Any, Any]:
    """The least and the most that a setting may be; None where it has no such bound."""
    found = [
        next((getattr(one, name) for one in field.metadata if hasattr(one, name)), None)
        for name in ("ge", "le")
    ]
    return found[0], found[1]


def span(field: FieldInfo) -> str:
    """Both bounds as people read them; empty where there are not two."""
    least, most = bounds(field)
    return "" if least is None or most is None else f"{_plain(least)} to {_plain(most)}"


def _plain(number: Any) -> str:
    return f"{int(number):,}" if number == int(number) else f"{number:.12f}".rstrip("0")


class FromFolder:
    """Marks a path: a relative one is relative to the folder of the file it stands in."""


def _path(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("must be the path of a file or folder, in printable characters")
    return text


Path = Annotated[str, AfterValidator(_path), FromFolder]
Words = Annotated[tuple[str, ...], BeforeValidator(_words)]
Origin = Annotated[str, AfterValidator(_origin)]
Host = Annotated[str, AfterValidator(_host)]
HeaderValue = Annotated[str, AfterValidator(header_value)]
Networks = Annotated[Words, AfterValidator(_networks)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
Place = Annotated[str, AfterValidator(_place)]
