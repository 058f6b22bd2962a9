"""Content negotiation of GraphQL over HTTP: what the client sends and what it can read."""

from __future__ import annotations

from email.message import Message

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"

# How exactly a range of an Accept header names each of our two media types (RFC 9110, 12.5.1).
_NAMED = {
    JSON: {JSON: 3, "application/*": 2, "*/*": 1},
    GRAPHQL: {GRAPHQL: 3, "application/*": 2, "*/*": 1},
}


def answer_type(accept: str | None) -> str | None:
    """The media type to answer in, or None where the client reads neither.

    A client that does not say gets `application/json`, and so does one that only says `*/*`;
    of two that it likes alike, it gets the one that it names.
    """
    if accept is None or accept in ("*/*", JSON) or not accept.strip():
        return JSON
    ranges = [_range(part) for part in accept.split(",") if part.strip()]
    best: tuple[float, int, str] | None = None
    for media_type in (JSON, GRAPHQL):
        named = _NAMED[media_type]
        matching = [(named[name], quality) for name, quality in ranges if name in named]
        if not matching:
            continue
        exactness, quality = max(matching)
        offer = (quality, exactness, media_type)
        # GRAPHQL comes last and must be named itself to win a draw.
        better = best is None or offer[:2] > best[:2] or (offer[:2] == best[:2] and exactness == 3)
        if quality > 0 and better:
            best = offer
    return best[2] if best else None


def _range(text: str) -> tuple[str, float]:
    """One media range and its quality; a quality that is no number counts as zero."""
    name, _, rest = text.partition(";")
    quality = 1.0
    for parameter in rest.split(";"):
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "q":
            try:
                quality = min(1.0, max(0.0, float(value.strip())))
            except ValueError:
                quality = 0.0
    return name.strip().lower(), quality if quality == quality else 0.0


def is_json(content_type: str | None) -> bool:
    """Whether a request body says it is JSON in UTF-8; nothing else is read.

    Forms and plain text are what a browser sends across sites without asking first, so refusing
    them is the protection against cross-site request forgery.
    """
    if content_type == JSON:
        return True
    if content_type is None:
        return False
    message = Message()
    message["Content-Type"] = content_type
    if message.get_content_type() != JSON or "," in content_type:
        return False
    charset = message.get_param("charset")
    return charset is None or (isinstance(charset, str) and charset.lower() in ("utf-8", "utf8"))
