"""Canonical JSON (RFC 8785): the one byte string that stands for a JSON value.

Two ways to the same bytes. The fast one is a C encoder with sorted keys; it is right wherever a
value has no floats, no integers beyond 2^53-1 and only ASCII keys. Everything else goes the slow
way, which is plain Python and needs nothing but the standard library, so that a verifier can be
installed alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from gateway.errors import ProvenanceError

MAX_SAFE = 2**53 - 1


def _standard_encoder(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


_encode: Callable[[Any], bytes]
try:
    import msgspec
except ImportError:  # a verifier installed without the server's packages
    _encode = _standard_encoder
else:

    def _written_before(value: Any) -> msgspec.Raw:
        """A part of an answer that brings its canonical bytes along."""
        if isinstance(getattr(value, "canonical", None), bytes):
            return msgspec.Raw(value.canonical)
        raise TypeError(f"a {type(value).__name__} is not JSON")

    _encode = msgspec.json.Encoder(order="sorted", enc_hook=_written_before).encode


def canonical(value: Any) -> bytes:
    """The RFC 8785 form of any JSON value.

    Raises:
        ProvenanceError: NaN, infinity, an integer beyond 2^53-1, a lone surrogate, or something
            that is not JSON; such values have no canonical form.
    """
    try:
        return canonical_answer(value) if _is_plain(value) else _written(value)
    except RecursionError:
        raise ProvenanceError("the value is nested too deeply to be canonicalised") from None


def canonical_answer(value: Any) -> bytes:
    """The RFC 8785 form of a value with ASCII keys, no floats, no integers beyond 2^53-1.

    GraphQL answers and statements are such values by construction: names are ASCII, the schema
    has no Float and GraphQL's Int has 32 bits. Nothing checks it here, which is what makes this
    fast.

    Raises:
        ProvenanceError: a string has a lone surrogate, or the value is not plain JSON.
    """
    try:
        return _encode(value)
    except UnicodeEncodeError:
        raise ProvenanceError("a string has a lone surrogate") from None
    except (TypeError, ValueError, RecursionError) as problem:
        raise ProvenanceError(f"the value is not plain JSON: {problem}") from None


def digest(value: Any) -> str:
    """The SHA-256 of the canonical form, in lower-case hex."""
    return hashlib.sha256(canonical(value)).hexdigest()


def has_float(value: Any) -> bool:
    """Whether a number anywhere in a parsed JSON value was written with `.` or an exponent."""
    waiting: list[Any] = [value]
    for item in waiting:
        if isinstance(item, float):
            return True
        if isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
    return False


def _is_plain(value: Any) -> bool:
    waiting: list[Any] = [value]
    for item in waiting:
        kind = type(item)
        if kind is str or item is None or kind is bool:
            continue
        if kind is dict:
            # Code points and UTF-16 units (RFC 8785, 3.2.3) order ASCII keys alike.
            if not all(type(key) is str and key.isascii() for key in item):
                return False
            waiting.extend(item.values())
        elif kind is list or kind is tuple:
            waiting.extend(item)
        elif kind is not int or not -MAX_SAFE <= item <= MAX_SAFE:
            return False
    return True


def _written(value: Any) -> bytes:
    pieces: list[str] = []
    _write(value, pieces.append)
    try:
        return "".join(pieces).encode()
    except UnicodeEncodeError:
        raise ProvenanceError("a string has a lone surrogate") from None


def _write(value: Any, put: Callable[[str], None]) -> None:
    if value is None:
        put("null")
    elif value is True:
        put("true")
    elif value is False:
        put("false")
    elif isinstance(value, str):
        put(_text(value))
    elif isinstance(value, int):
        if not -MAX_SAFE <= value <= MAX_SAFE:
            raise ProvenanceError(f"the integer {value} is beyond 2^53-1")
        put(str(int(value)))
    elif isinstance(value, float):
        put(number_text(value))
    elif isinstance(value, Mapping):
        _write_object(value, put)
    elif isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        put("[")
        for index, item in enumerate(value):
            if index:
                put(",")
            _write(item, put)
        put("]")
    else:
        raise ProvenanceError(f"a {type(value).__name__} is not JSON")


def _write_object(value: Mapping[Any, Any], put: Callable[[str], None]) -> None:
    if not all(isinstance(key, str) for key in value):
        raise ProvenanceError("an object has a key that is not a string")
    put("{")
    for index, key in enumerate(sorted(value, key=_utf16)):
        if index:
            put(",")
        put(_text(key))
        put(":")
        _write(value[key], put)
    put("}")


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")


def _text(text: str) -> str:
    return _quoted(str(text))


_quoted = json.JSONEncoder(ensure_ascii=False).encode


def number_text(number: float) -> str:
    """A double as ECMAScript prints it (RFC 8785, 3.2.2.3): shortest digits that round-trip.

    Raises:
        ProvenanceError: the number is NaN or infinite.
    """
    if number == 0:
        return "0"
    if number != number or number in (float("inf"), float("-inf")):
        raise ProvenanceError("NaN and infinity have no canonical form")
    sign, found, exponent = Decimal(repr(number)).as_tuple()
    all_digits = "".join(map(str, found))
    digits = all_digits.rstrip("0")
    count = len(digits)
    point = len(all_digits) + int(exponent)
    if count <= point <= 21:
        text = digits + "0" * (point - count)
    elif 0 < point <= 21:
        text = f"{digits[:point]}.{digits[point:]}"
    elif -6 < point <= 0:
        text = f"0.{'0' * -point}{digits}"
    else:
        fraction = f".{digits[1:]}" if count > 1 else ""
        text = f"{digits[0]}{fraction}e{point - 1:+d}"
    return f"-{text}" if sign else text
