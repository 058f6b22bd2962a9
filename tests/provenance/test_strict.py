"""Strict reading."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ProvenanceError
from gateway.provenance.strict import decode64, encode64, load_json, one_line


def test_json_is_read_from_text_and_from_utf8() -> None:
    assert load_json('{"a": [1, 1.5, "ü"]}') == load_json('{"a": [1, 1.5, "ü"]}'.encode())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"a": 1, "a": 1}', "twice"),
        ('[{"b": {"\\u0061": 1, "a": 2}}]', "twice"),
        ("[NaN]", "NaN"),
        ("[-Infinity]", "Infinity"),
        ("{", "not JSON"),
        (b"\xff", "not JSON"),
        ('["\ud800"]', "not JSON"),
        ("[" * 100_000, "deeply"),
        ("9" * 5000, "not JSON"),
    ],
)
def test_ambiguous_or_broken_json_is_refused(text: str | bytes, why: str) -> None:
    with pytest.raises(ProvenanceError, match=why):
        load_json(text)


@given(st.binary())
def test_base64url_comes_back(data: bytes) -> None:
    assert decode64(encode64(data)) == data


@pytest.mark.parametrize("text", ["QQ==", "QR", "QUI-/", "QU I", "QQ\n", "A", "é", None, 7])
def test_base64url_has_one_spelling(text: object) -> None:
    with pytest.raises(ProvenanceError):
        decode64(text)


def test_strange_text_becomes_one_short_printable_line() -> None:
    assert one_line("a\n\x1b[31m" + "x" * 500).startswith("a\\n\\u001b[31mx")
    assert len(one_line("x" * 500)) < 130
