"""Repeated keys: JSON in which one object has a key twice means two things, and is refused.

RFC 8259 leaves open which of the two holds; of two decoders each may choose another one. So the
rule stands here, before any decoder of an adapter, and holds for members that no adapter reads.
"""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Iterable
from typing import Any, NoReturn

import msgspec

from adapters.contract import InvalidPayload, Reply

_MOST_SHOWN = 60
# Numbers are of no interest here, and as texts none of them is out of range.
_decode = msgspec.json.Decoder(float_hook=str).decode
_one = msgspec.json.Decoder(msgspec.Raw).decode
_lines = msgspec.json.Decoder(msgspec.Raw).decode_lines
_rows = msgspec.json.Decoder(list[msgspec.Raw]).decode
_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_encode = msgspec.json.Encoder().encode
# Escapes one by one, so that of two backslashes the second begins none.
_ESCAPES = re.compile(rb"\\(?:u003[aA]|.)", re.DOTALL)
_HIDDEN_COLON = 6
_BEGINS = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*[\[{]")


def refuse_repeated_keys(reply: Reply) -> None:
    """Raise InvalidPayload for JSON, or lines of JSON, with an object that has a key twice.

    What is no JSON is left to whoever reads it.
    """
    body = reply.body
    if not _BEGINS.match(body):
        return
    # What is made here is gone at once: to look through it for cycles would be most of the work.
    collecting = gc.isenabled()
    gc.disable()
    try:
        told = _colons_read(body)
    except (msgspec.MsgspecError, OverflowError):
        # Half of a surrogate pair in a text, an endless number: rare and slow.
        _look(body)
        return
    except RecursionError:
        _too_deep()
    finally:
        if collecting:
            gc.enable()
    # Each key has one colon behind it, and a text that is read and written keeps its own. So a
    # colon is missing where, and only where, an object lost a key to another of the same name.
    if told != body.count(b":") + _hidden_colons(body):
        _look(body)


def _colons_read(body: bytes) -> int:
    """How many colons the body has once it was read, row by row: what was made of one row is gone
    before the next is read, which is cheaper in time, and far cheaper in memory, than the whole."""
    try:
        whole = bytes(_one(body))
    except msgspec.DecodeError:
        return sum(map(_colons, _lines(body)))
    if whole[:1] == b"[":
        return sum(map(_colons, _rows(whole)))
    outer = _members(whole)
    found = _encode(dict.fromkeys(outer)).count(b":")
    for part in map(bytes, outer.values()):
        found += sum(map(_colons, _rows(part))) if part[:1] == b"[" else _colons(part)
    return found


def _colons(text: bytes | msgspec.Raw) -> int:
    return _encode(_decode(text)).count(b":")


def _hidden_colons(body: bytes) -> int:
    if b"\\u003" not in body:
        return 0
    return sum(len(escape) == _HIDDEN_COLON for escape in _ESCAPES.findall(body))


def _look(body: bytes) -> None:
    """The same, key by key."""
    text = body.decode("utf-8-sig", "surrogateescape")
    try:
        _reader.decode(text)
    except json.JSONDecodeError as error:
        if error.msg.startswith("Extra data"):
            _look_at_lines(text)
    except RecursionError:
        _too_deep()


def _look_at_lines(text: str) -> None:
    for line in text.split("\n"):
        try:
            _reader.decode(line)
        except json.JSONDecodeError:
            continue


def _object(pairs: Iterable[tuple[str, Any]]) -> None:
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise InvalidPayload(f"the key {_shown(key)} is there twice in one object")
        seen.add(key)


def _shown(key: str) -> str:
    return json.dumps(key if len(key) <= _MOST_SHOWN else f"{key[:_MOST_SHOWN]}...")


def _too_deep() -> NoReturn:
    raise InvalidPayload("the JSON nests too deep to be read")


_reader = json.JSONDecoder(object_pairs_hook=_object, parse_int=str, parse_float=str, strict=False)
