"""Cursors: only ours, only for their question, whatever is done to them."""

from base64 import urlsafe_b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import BadCursor
from gateway.stitch.cursor import MAX_LENGTH, Cursors, Position

CURSORS = Cursors([b"a" * 32])
positions = st.dictionaries(
    st.sampled_from(["verra", "gold-standard", "cad-trust"]),
    st.builds(
        Position,
        st.integers(0, 9),
        st.none() | st.text(max_size=20),
        st.integers(0, 500),
        st.none() | st.text(max_size=20),
        st.booleans(),
    ),
)


@given(positions)
def test_a_cursor_opens_to_what_it_was_made_of(places: dict[str, Position]) -> None:
    assert CURSORS.open("q", CURSORS.mint("q", places)) == places


@given(positions, st.data())
def test_every_changed_cursor_is_refused(places: dict[str, Position], data: st.DataObject) -> None:
    cursor = CURSORS.mint("q", places)
    at = data.draw(st.integers(0, len(cursor) - 1))
    other = data.draw(st.sampled_from("ABCxyz019-_").filter(lambda c: c != cursor[at]))
    changed = cursor[:at] + other + cursor[at + 1 :]
    with pytest.raises(BadCursor):
        CURSORS.open("q", changed)


@pytest.mark.parametrize("cursor", ["", "x", "====", "a" * (MAX_LENGTH + 1), "é", "a.b", "\0"])
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(BadCursor):
        CURSORS.open("q", cursor)


def test_a_cursor_of_another_question_or_gateway_is_refused() -> None:
    cursor = CURSORS.mint("q", {"verra": Position()})
    with pytest.raises(BadCursor):
        CURSORS.open("other", cursor)
    with pytest.raises(BadCursor):
        Cursors([b"b" * 32]).open("q", cursor)


def test_an_earlier_secret_is_still_accepted() -> None:
    cursor = CURSORS.mint("q", {"verra": Position(token="3")})
    assert Cursors([b"b" * 32, b"a" * 32]).open("q", cursor)["verra"].token == "3"


def test_a_cursor_has_one_spelling() -> None:
    found = [CURSORS.mint("q" * n, {}) for n in range(1, 4)]
    cursor = next(text for text in found if len(text) % 4)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = cursor[:-1] + alphabet[alphabet.index(cursor[-1]) + 1]
    padding = "=" * (-len(cursor) % 4)
    assert urlsafe_b64decode(other + padding) == urlsafe_b64decode(cursor + padding)
    with pytest.raises(BadCursor):
        CURSORS.open("q" * (found.index(cursor) + 1), other)
