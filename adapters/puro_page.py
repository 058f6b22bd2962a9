"""Puro's pages: the JSON that a Next.js page brings along for its own scripts.

The page pushes texts, which together make a stream of React's "Flight" rows: `id:payload` up to
a line end, or `id:T<length in hex>,<that many bytes>` for long texts, which others refer to as
`$id`. The list is the first `{"data":[...]}` in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from adapters.contract import InvalidPayload, Reply
from adapters.mended import ODD_TEXT

# Halves of letters, and bytes that are none.
_STRAY = re.compile("[\ud800-\udfff]")
_LOST = "\ufffd"
_PUSH = "self.__next_f.push("
_DATA = '{"data":['
_ROW = re.compile(rb"([0-9a-f]*):")
_TEXT = re.compile(rb"T([0-9a-f]{1,8}),")
_REFERENCE = re.compile(r"\$([0-9a-f]+)")


def _odd(text: str) -> dict[str, str]:
    """A value that no JSON has: it costs itself, whatever row it stands in."""
    return {ODD_TEXT: text}


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice in one object")
    return found


_json = json.JSONDecoder(parse_float=Decimal, parse_constant=_odd, object_pairs_hook=_object)


def read_list(reply: Reply) -> list[Any]:
    """The rows of the page's list.

    Raises:
        InvalidPayload: the page has none, or not all of it.
    """
    try:
        stream = _stream(reply.body.decode("utf-8", "surrogateescape"))
        at = stream.find(_DATA)
        if at < 0:
            raise InvalidPayload("the page holds no list of rows")
        found, _ = _json.raw_decode(stream, at)
        rows = _plain(found["data"], _texts(stream))
    except (ValueError, RecursionError) as error:
        raise InvalidPayload(f"the page's data cannot be read: {error}") from error
    return list(rows)


def _stream(page: str) -> str:
    parts: list[str] = []
    at = page.find(_PUSH)
    while at >= 0:
        pushed, end = _json.raw_decode(page, at + len(_PUSH))
        if isinstance(pushed, list) and len(pushed) == 2 and isinstance(pushed[1], str):
            parts.append(pushed[1])
        at = page.find(_PUSH, end)
    return "".join(parts)


def _texts(stream: str) -> dict[str, str]:
    """The long texts of the stream by the id of their row."""
    body = stream.encode("utf-8", "surrogatepass")
    found: dict[str, str] = {}
    at = 0
    while row := _ROW.match(body, at):
        long = _TEXT.match(body, row.end())
        if long is None:
            end = body.find(b"\n", row.end())
            if end < 0:
                break
            at = end + 1
            continue
        at = long.end() + int(long[1], 16)
        found[row[1].decode()] = body[long.end() : at].decode("utf-8", "replace")
    return found


def _plain(value: Any, texts: Mapping[str, str]) -> Any:
    """The value without Flight's marks; what refers to something else than a text is null."""
    if isinstance(value, dict):
        return {_STRAY.sub(_LOST, n): _plain(inner, texts) for n, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner, texts) for inner in value]
    if not isinstance(value, str):
        return value
    if _STRAY.search(value):
        return _odd(_STRAY.sub(_LOST, value))
    if not value.startswith("$"):
        return value
    if value.startswith("$$"):
        return value[1:]
    if value.startswith("$D"):
        return value[2:]
    reference = _REFERENCE.fullmatch(value)
    return texts.get(reference[1]) if reference else None
