"""What a registry says of its own trouble: the sentence in an error body, for the operator."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from gateway.model.values import sentence

# No explanation is longer, and no more is looked at.
MOST_BYTES = 64 * 1024
# Members that hold the explanation, in the words that interfaces use; the plainest first.
_MEMBERS = (
    "message", "error_description", "detail", "error", "errors", "title", "reason", "body", "fault",
)  # fmt: skip
_DEEP = 4
HIDDEN = "REDACTED"


def spoken(body: bytes, media_type: str = "") -> str:
    """The sentence, on one line; empty where the body holds none that a person would read."""
    if len(body) > MOST_BYTES or not body.strip():
        return ""
    try:
        found = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        plain = media_type.partition(";")[0].strip().lower() == "text/plain"
        return sentence(body.decode("utf-8", "replace")) if plain else ""
    return _said(found, _DEEP)


def masked(text: str, secrets: Iterable[str]) -> str:
    """The text without what was sent along: a registry may repeat it."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, HIDDEN)
    return text


def _said(value: Any, deep: int) -> str:
    if isinstance(value, str):
        return sentence(value)
    if deep and isinstance(value, list):
        each = (_said(one, deep - 1) for one in value[:3])
        return sentence("; ".join(one for one in each if one))
    if deep and isinstance(value, dict):
        told = (_said(value[name], deep - 1) for name in _MEMBERS if name in value)
        return sentence("; ".join(dict.fromkeys(one for one in told if one)))
    return ""
