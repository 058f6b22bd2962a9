"""Canonical JSON, held to the rfc8785 library and to the vectors of RFC 8785."""

from __future__ import annotations

import json
import runpy
import struct
import sys
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ProvenanceError
from gateway.provenance import canonical as module
from gateway.provenance.canonical import (
    MAX_SAFE,
    canonical,
    canonical_answer,
    digest,
    has_float,
    number_text,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
# Keys on both sides of the surrogate gap, where code points and UTF-16 disagree.
KEYS = TEXT | st.text(st.sampled_from("a\ud7ff\ue000\uffff\U00010000\U0010ffff€"), max_size=3)
INTEGERS = st.integers(-MAX_SAFE, MAX_SAFE)
PLAIN = st.none() | st.booleans() | INTEGERS | TEXT
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


def nested(
    leaf: st.SearchStrategy[Any], keys: st.SearchStrategy[str] = KEYS
) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaf, lambda inner: st.lists(inner) | st.dictionaries(keys, inner), max_leaves=25
    )


@given(nested(PLAIN | NUMBERS))
def test_the_canonical_form_is_that_of_the_rfc8785_library(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(nested(PLAIN, st.text(st.characters(codec="ascii"))))
def test_the_fast_form_is_that_of_the_rfc8785_library(value: Any) -> None:
    assert canonical_answer(value) == rfc8785.dumps(value)


@given(nested(PLAIN))
def test_the_form_without_any_package_is_the_same(value: Any) -> None:
    written = module._written(value)
    assert written == rfc8785.dumps(value)
    if not any(c >= "\ue000" for c in json.dumps(value, ensure_ascii=False)):
        assert module._standard_encoder(value) == written


@given(NUMBERS)
def test_numbers_print_as_ecmascript_prints_them(number: float) -> None:
    assert number_text(number).encode() == rfc8785.dumps(number)


# RFC 8785, appendix B.
@pytest.mark.parametrize(
    ("bits", "text"),
    [
        ("0000000000000000", "0"),
        ("8000000000000000", "0"),
        ("0000000000000001", "5e-324"),
        ("8000000000000001", "-5e-324"),
        ("7fefffffffffffff", "1.7976931348623157e+308"),
        ("ffefffffffffffff", "-1.7976931348623157e+308"),
        ("4340000000000000", "9007199254740992"),
        ("c340000000000000", "-9007199254740992"),
        ("4430000000000000", "295147905179352830000"),
        ("44b52d02c7e14af5", "9.999999999999997e+22"),
        ("44b52d02c7e14af6", "1e+23"),
        ("44b52d02c7e14af7", "1.0000000000000001e+23"),
        ("444b1ae4d6e2ef4e", "999999999999999700000"),
        ("444b1ae4d6e2ef4f", "999999999999999900000"),
        ("444b1ae4d6e2ef50", "1e+21"),
        ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
        ("3eb0c6f7a0b5ed8d", "0.000001"),
        ("41b3de4355555553", "333333333.3333332"),
        ("41b3de4355555554", "333333333.33333325"),
        ("41b3de4355555555", "333333333.3333333"),
        ("41b3de4355555556", "333333333.3333334"),
        ("41b3de4355555557", "333333333.33333343"),
        ("becbf647612f3696", "-0.0000033333333333333333"),
        ("43143ff3c1cb0959", "1424953923781206.2"),
    ],
)
def test_the_numbers_of_rfc_8785_appendix_b(bits: str, text: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical(number).decode() == text


def test_the_object_of_rfc_8785_section_3_2_2() -> None:
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    assert canonical(value).decode() == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_the_order_of_keys_of_rfc_8785_section_3_2_3() -> None:
    value = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    form = canonical(value)
    assert list(json.loads(form)) == ["\r", "1", "\u0080", "ö", "€", "😀", "\ufb33"]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 2**53, -(2**53), 10**30])
def test_numbers_without_a_canonical_form_are_refused(number: float) -> None:
    with pytest.raises(ProvenanceError):
        canonical({"a": [number]})


@pytest.mark.parametrize("encode", [canonical, canonical_answer])
@pytest.mark.parametrize("value", ["\ud800", {"\udfff": 1}, ["a", {"b": "\ud83d"}]])
def test_lone_surrogates_are_refused(encode: Callable[[Any], bytes], value: Any) -> None:
    with pytest.raises(ProvenanceError, match="surrogate"):
        encode(value)


@pytest.mark.parametrize("value", [b"x", {1: 2}, {"a": object()}, {"a": {1, 2}}])
def test_what_is_not_json_is_refused(value: Any) -> None:
    with pytest.raises(ProvenanceError):
        canonical(value)


def test_the_fast_form_refuses_what_it_cannot_encode() -> None:
    with pytest.raises(ProvenanceError):
        canonical_answer({1: 2})


def test_nesting_without_end_is_refused() -> None:
    value: Any = []
    for _ in range(100_000):
        value = [value]
    for encode in (canonical, canonical_answer):
        with pytest.raises(ProvenanceError):
            encode(value)
    with pytest.raises(ProvenanceError, match="too deeply"):
        canonical([1.5, value])


def test_tuples_and_subclasses_of_text_are_what_they_hold() -> None:
    class Name(str):
        __slots__ = ()

    assert canonical({"a": (1, Name("b"))}) == b'{"a":[1,"b"]}'


def test_the_digest_is_the_sha256_of_the_form() -> None:
    assert digest({"b": 1, "a": None}) == sha256(b'{"a":null,"b":1}').hexdigest()


@pytest.mark.parametrize(
    ("value", "expected"), [({"a": [1, {"b": 1.0}]}, True), ({"a": [1, "1.0", None]}, False)]
)
def test_numbers_that_are_not_integers_are_found(value: Any, expected: bool) -> None:
    assert has_float(value) is expected


def test_a_part_may_bring_its_canonical_bytes_along() -> None:
    class Part:
        canonical = b'{"a":1}'

    assert canonical_answer({"b": Part(), "a": 2}) == b'{"a":2,"b":{"a":1}}'
    with pytest.raises(ProvenanceError, match="not plain JSON"):
        canonical_answer({"b": object()})


@pytest.mark.filterwarnings("ignore:.*found in sys.modules:RuntimeWarning")
def test_a_verifier_without_the_servers_packages_writes_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "msgspec", None)
    alone = runpy.run_path(str(module.__file__))
    value = {"b": [1, None, True], "a": "ü", "A": {}}
    assert alone["canonical_answer"](value) == canonical_answer(value)
    assert alone["canonical_answer"] is not canonical_answer
