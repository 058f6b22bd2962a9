"""Media types: what the client reads and sends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.negotiate import GRAPHQL, JSON, answer_type, is_json


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}; charset=utf-8", GRAPHQL),
        (GRAPHQL.upper(), GRAPHQL),
        (f"{GRAPHQL}, {JSON}", GRAPHQL),
        (f"{JSON}, {GRAPHQL}", GRAPHQL),
        (f"{JSON}, {GRAPHQL};q=0.9", JSON),
        (f"{GRAPHQL};q=0.5, {JSON};q=0.4", GRAPHQL),
        (f"{GRAPHQL}, */*;q=0.1", GRAPHQL),
        (f"{JSON};q=0, */*", GRAPHQL),
        (f"{JSON};q=0, {GRAPHQL};q=0", None),
        (f"{JSON};q=rubbish", None),
        (f"{JSON};q=nan", None),
        ("text/html, */*;q=0.8", JSON),
        ("text/html", None),
        ("image/png;q=1", None),
        (",,", None),
    ],
)
def test_the_answer_is_what_the_client_likes_best(accept: str | None, expected: str | None) -> None:
    assert answer_type(accept) == expected


@given(st.text(max_size=60))
def test_any_header_text_is_understood_or_unacceptable(accept: str) -> None:
    assert answer_type(accept) in (JSON, GRAPHQL, None)


@pytest.mark.parametrize(
    "content_type",
    [JSON, "Application/JSON", f"{JSON}; charset=utf-8", f'{JSON};charset="UTF-8"', f"{JSON}; x=1"],
)
def test_json_in_utf8_is_read(content_type: str) -> None:
    assert is_json(content_type)


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        f"{JSON}; charset=utf-16",
        f"{JSON}; charset=latin-1",
        f"text/plain, {JSON}",
        f"{JSON}, text/plain",
        "json",
    ],
)
def test_everything_else_is_not(content_type: str | None) -> None:
    assert not is_json(content_type)
