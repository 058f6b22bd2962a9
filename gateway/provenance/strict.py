"""Reading what others send without leniency: JSON with each key once, base64url in one spelling.

Two texts that a lenient reader takes for the same value would be two proofs of one thing, or one
proof of two things. Here they are refused.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any, NoReturn

from gateway.errors import ProvenanceError

_URL_SAFE = re.compile(r"[A-Za-z0-9_-]*")


def load_json(text: str | bytes) -> Any:
    """The value of a JSON text (RFC 8259, UTF-8).

    Raises:
        ProvenanceError: not JSON, a key twice in one object, NaN or Infinity, a lone surrogate,
            nesting or digits beyond what can be read.
    """
    try:
        decoded = text if isinstance(text, str) else text.decode()
        value = json.loads(decoded, object_pairs_hook=_object, parse_constant=_refuse)
        decoded.encode()
    except ProvenanceError:
        raise
    except RecursionError:
        raise ProvenanceError("the JSON is nested too deeply") from None
    except ValueError as problem:
        raise ProvenanceError(f"not JSON: {problem}") from None
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ProvenanceError(f"the key {json.dumps(twice)} is there twice in one object")
    return found


def _refuse(name: str) -> NoReturn:
    raise ProvenanceError(f"{name} is not JSON")


def encode64(data: bytes) -> str:
    """Base64url without padding (RFC 7515, 2)."""
    # As text, since that of JSON has hardly a sign to replace: half the time of the library's.
    plain = binascii.b2a_base64(data, newline=False).decode("ascii")
    return plain.rstrip("=").replace("+", "-").replace("/", "_")


def decode64(text: object) -> bytes:
    """The bytes of a base64url text in its one canonical spelling.

    Raises:
        ProvenanceError: padding, another alphabet, or bits set that stand for nothing.
    """
    if not isinstance(text, str) or not _URL_SAFE.fullmatch(text):
        raise ProvenanceError("not base64url")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise ProvenanceError("not base64url") from None
    if encode64(data) != text:
        raise ProvenanceError("base64url that is not canonical")
    return data


def one_line(value: object, limit: int = 120) -> str:
    """Somebody else's value in a message for people: one line, printable, cut short."""
    text = json.dumps(str(value))[1:-1]
    return text if len(text) <= limit else f"{text[:limit]}..."
