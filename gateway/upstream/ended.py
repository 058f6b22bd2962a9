"""Whether a body shows where it ends, where neither its length nor its transfer said it.

A whole JSON value does, and so do files that end with what they began. Large JSON is looked through
in steps: every other client would wait for 30 MB read at once.
"""

from __future__ import annotations

import asyncio
import re
from itertools import accumulate

import msgspec

# Read at once up to here; these are two milliseconds.
AT_ONCE = 1024 * 1024
# And beyond it so many bytes in each round of the event loop.
STEP = 256 * 1024
# A zip archive has its index at its end, and Parquet its name.
_SELF_ENDING = (b"PK\x03\x04", b"PAR1")
_JSON = re.compile(r"(?:application|text)/(?:.+\+)?json")
_one_value = msgspec.json.Decoder(msgspec.Raw).decode

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
# What is taken out: also one without an end, so that none is looked for twice.
_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?+', re.DOTALL)
# As many whole strings, and what stands between them, as there are.
_WHOLE = re.compile(rb'(?:[^"]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
_BRACKETS = b"[]{}"
_OTHERS = bytes(set(range(256)) - set(_BRACKETS))
_DEEPER = {byte: 1 if byte in b"[{" else -1 for byte in _BRACKETS}


async def ends_itself(body: bytes, media_type: str) -> bool:
    """Whether a body that was cut short would show it: one JSON value, a workbook or a Parquet
    file, which all end with what they began. Lines of a text end anywhere, and one line of JSON
    Lines is a JSON object, unless the media type says that one is all."""
    if body.startswith(_SELF_ENDING):
        return True
    first = body[:STEP].lstrip()[:1]
    if first != b"[" and (first != b"{" or _JSON.fullmatch(media_type) is None):
        return False
    if len(body) > AT_ONCE:
        return await _closes(body)
    try:
        _one_value(body)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


async def _closes(body: bytes) -> bool:
    """Whether the bracket that the body begins with is closed by the last one, and nothing is
    left open. What stands between is for the decoder to judge."""
    depth = at = 0
    closed = False
    while at < len(body):
        piece, at = _piece(body, at)
        if piece is None:
            return False
        brackets = _STRINGS.sub(b"", piece).translate(None, _OTHERS)
        if closed and brackets:
            return False
        levels = list(accumulate(map(_DEEPER.__getitem__, brackets), initial=depth))
        depth = levels[-1]
        if brackets and min(levels[1:]) <= 0:
            # It may be reached once, by the last bracket there is.
            if depth != 0 or min(levels[1:-1], default=1) <= 0:
                return False
            closed = True
        await asyncio.sleep(0)
    return closed and body[-STEP:].rstrip()[-1:] in (b"]", b"}")


def _piece(body: bytes, at: int) -> tuple[bytes | None, int]:
    """A step's part from here that ends outside of any string, and where it ends; None for a
    string without an end."""
    found = _WHOLE.match(body, at, at + STEP)
    end = at if found is None else found.end()
    if end > at:
        return body[at:end], end
    # A string that is longer than a step: found at once, but looked at by nothing else.
    whole = _STRING.match(body, at)
    return (None, at) if whole is None else (b"", whole.end())
