"""JSON that is nearly JSON: single values that no JSON has, such as NaN, made into odd ones.

Servers write `NaN` and `Infinity` for numbers that they do not have, halves of surrogate pairs and
bare control characters into texts. Each stands in one value of one row, and is to cost that value.
What is wrong in any other way stays as it is, and is found to be wrong.
"""

from __future__ import annotations

import json
import re

import msgspec

# The name of the only member of an object that stands for such a value, with its text.
ODD_TEXT = "\ufdd0odd"

# A text, closed or not, so that each byte is looked at once; and the words that are no numbers.
_PARTS = re.compile(rb'"(?:[^"\\]++|\\.)*+("?)(?:\s*+(:))?|-?(?:NaN|Infinity)', re.DOTALL)
_CONTROL = re.compile(rb"[\x00-\x1f]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def mended(body: bytes) -> bytes | None:
    """The body with odd values as objects; None where there is nothing of the kind in it."""
    changed = _PARTS.sub(_part, body)
    return None if changed == body else changed


def _part(found: re.Match[bytes]) -> bytes:
    text = found[0]
    if not text.startswith(b'"'):
        return _odd(text.decode())
    if not found[1]:
        return text
    if _CONTROL.search(text):
        head, quote, tail = text.rpartition(b'"')
        text = _CONTROL.sub(lambda control: b"\\u%04x" % ord(control[0]), head) + quote + tail
    if found[2] or b"\\u" not in text:
        return text
    try:
        value = json.loads(text.decode("utf-8", "replace"))
    except ValueError:
        return text
    return _odd(_SURROGATE.sub("\ufffd", value)) if _SURROGATE.search(value) else text


def _odd(text: str) -> bytes:
    return msgspec.json.encode({ODD_TEXT: text})
