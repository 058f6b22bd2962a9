"""Selections are compiled when they are loaded, and numbers stay what they were."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import InvalidPayload
from adapters.manifest_select import names, read_json, selector
from adapters.odd_cell import OddCell

DATA = {"a": [Decimal("1.10"), 2], "b": ["x", "y"], "c": {"d e": True}, "n": None, "s": "1.50"}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("b", ["x", "y"]),
        ("missing", None),
        ('c."d e"', True),
        ("a[?@ > `1`] | length(@)", 2),
        ("sum(a)", Decimal("3.10")),
        ("avg(a)", Decimal("1.55")),
        ("avg(`[]`)", None),
        ("max(a)", 2),
        ("min(a)", Decimal("1.10")),
        ("to_string(a[0])", "1.10"),
        ("to_string(b)", '["x","y"]'),
        ("to_string(n)", "null"),
        ("to_string(s)", "1.50"),
        ("to_number(s)", Decimal("1.50")),
        ("to_number(a[1])", 2),
        ("to_number(b)", None),
        ('to_number(c."d e")', None),
        ("to_number('one')", None),
        ("to_number('NaN')", None),
        ("type(a[0])", "number"),
        ("type(s)", "string"),
        ("sort_by([{k: a[1]}, {k: a[0]}], &k)[0].k", Decimal("1.10")),
        ("join('; ', b)", "x; y"),
    ],
)
def test_expressions_select_exactly(expression: str, value: Any) -> None:
    found = selector(expression)(DATA)
    assert found == value
    assert type(found) is type(value)


def test_what_is_no_object_has_no_fields() -> None:
    assert selector("a")([1]) is None


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("a[", "is not JMESPath"),
        ("a b", "is not JMESPath"),
        ("", "is not JMESPath"),
        ("shout(a)", "has no function shout()"),
        ("a[?b > `1.5`]", "would not be exact"),
        ("contains(`[1, 2.5]`, a)", "would not be exact"),
        ('a == `{"x": 0.1}`', "would not be exact"),
    ],
)
def test_an_expression_that_cannot_be_used_is_refused(expression: str, told: str) -> None:
    with pytest.raises(ValueError, match=told.replace("(", r"\(").replace(")", r"\)")):
        selector(expression)


def test_a_body_that_does_not_fit_the_expression_is_an_invalid_payload() -> None:
    with pytest.raises(InvalidPayload, match="cannot be read"):
        selector("sum(b)")(DATA)


def test_the_names_of_an_expression_are_known() -> None:
    assert names("a.b[?c == 'x'].d | {e: f}") == {"a", "b", "c", "d", "f"}


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a": nan}', b"[1", b"\xff", b"[" * 100_000])
def test_what_is_not_json_is_an_invalid_payload(body: bytes) -> None:
    with pytest.raises(InvalidPayload):
        read_json(body)


def test_what_no_json_has_is_one_odd_value() -> None:
    body = b'[{"a": NaN, "b": 1.5}, {"a": -Infinity}, {"a": "x\xffy"}, {"a": "\\ud800z"}]'
    assert read_json(body) == [
        {"a": OddCell("NaN"), "b": Decimal("1.5")},
        {"a": OddCell("-Infinity")},
        {"a": OddCell("x\ufffdy")},
        {"a": OddCell("\ufffdz")},
    ]


NUMBERS = st.integers() | st.decimals(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(VALUES)
def test_json_comes_back_as_it_went(value: Any) -> None:
    def written(one: Any) -> str:
        if isinstance(one, Decimal):
            return format(one, "f") if "." in format(one, "f") else f"{one:f}.0"
        if isinstance(one, list):
            return f"[{','.join(map(written, one))}]"
        if isinstance(one, dict):
            return f"{{{','.join(f'{json.dumps(k)}:{written(v)}' for k, v in one.items())}}}"
        return json.dumps(one)

    try:
        body = written(value).encode()
    except UnicodeEncodeError:
        return
    found = read_json(body)
    assert found == value
