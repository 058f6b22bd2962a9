"""Strict JSON for what clients send: one text, one meaning, or a clear refusal.

A signed answer names the digest of its question, so two parsers must never read one request
differently: duplicate keys, NaN, byte order marks, lone surrogates and numbers that lose digits
in other languages are refused (RFC 8259, I-JSON of RFC 7493). Answers of registries are read
elsewhere, by typed decoders.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from typing import Any

from gateway.errors import BadRequest

MAX_DEPTH = 64
# Beyond this, JSON numbers have no exact meaning that every client shares (RFC 7493, 2.2).
MAX_INTEGER = 2**53 - 1

# A string that never ends is matched to the end of the text, so that no quote is tried twice.
_STRINGS_AND_BRACKETS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def parse(body: bytes, *, max_depth: int = MAX_DEPTH) -> Any:
    """The value that the bytes spell, and nothing else before or after it.

    Raises:
        BadRequest: naming what is wrong and where.
    """
    if body.startswith(_BYTE_ORDER_MARKS):
        raise BadRequest("the body begins with a byte order mark; send plain UTF-8")
    if b"\x00" in body:
        raise BadRequest("the body has NUL bytes; send UTF-8, not UTF-16 or UTF-32")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest(f"the body is not UTF-8: bad byte at offset {error.start}") from None
    check_depth(body, max_depth)
    try:
        value = _decoder.decode(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise BadRequest(f"the body is not JSON: {error.msg} at {place}") from None
    if _SURROGATE_ESCAPE.search(body):
        check_surrogates(value)
    return value


def check_depth(body: bytes, most: int) -> None:
    """Refuse nesting before anything recursive reads it.

    Raises:
        BadRequest: the body nests deeper than `most` levels; the message has the offset in bytes.
    """
    if body.count(b"[") + body.count(b"{") <= most:
        return
    depth = 0
    for match in _STRINGS_AND_BRACKETS.finditer(body):
        first = match[0][:1]
        if first in b"[{":
            depth += 1
            if depth > most:
                place = f"at offset {match.start()}"
                raise BadRequest(
                    f"the body nests deeper than {most} levels {place}",
                    limit="json_depth",
                    allowed=most,
                )
        elif first in b"]}":
            depth -= 1


def check_surrogates(value: Any, place: str = "") -> None:
    """Refuse half of a surrogate pair: no UTF-8 text can carry it on.

    Raises:
        BadRequest: a key or text below `value` has one; the message has its JSON pointer.
    """
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            where = place or "the top level"
            raise BadRequest(f"the string at {where} has a lone surrogate escape") from None
    elif isinstance(value, dict):
        for key, member in value.items():
            check_surrogates(key, f"a key of {place or 'the top level'}")
            check_surrogates(member, f"{place}/{key}")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            check_surrogates(member, f"{place}/{index}")


def _object(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise BadRequest(f"the key {_shown(key)} is there twice in one object")
        found[key] = value
    return found


def _integer(text: str) -> int:
    # Python refuses to read thousands of digits; no number that long is ours to read either.
    if len(text) <= 17 and abs(value := int(text)) <= MAX_INTEGER:
        return value
    raise BadRequest(f"the number {_shown(text)} loses digits in JSON; write it as a string")


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise BadRequest(f"the number {_shown(text)} is out of range")
    return value


def _constant(text: str) -> Any:
    raise BadRequest(f"{text} is not JSON")


def _shown(text: str) -> str:
    short = text if len(text) <= 40 else f"{text[:40]}..."
    return json.dumps(short)


_decoder = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant
)
