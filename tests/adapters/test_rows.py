"""Decoding rows: an odd value is left out and kept as text, a row without a key is left out."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Generic, TypeVar

import msgspec
import pytest

from adapters.contract import InvalidPayload, Reply
from adapters.odd_row import odd
from adapters.rows import Key, Rows, lost, placed, received
from gateway.model.odd import told

T = TypeVar("T")


class Place(msgspec.Struct, frozen=True):
    name: str | None = None
    size: int | None = None


class Part(msgspec.Struct, frozen=True):
    id: Key
    size: int | None = None


class Row(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    id: Key
    year: int | None = None
    count: Decimal | None = None
    name: str | None = None
    words: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    parts: tuple[Part, ...] = ()
    owner: Place | None = None
    number: str | int | None = None
    hidden: Annotated[bool | None, odd(instead=True)] = None
    in_kilograms: Annotated[int | None, odd(spoils=("count",))] = None


class Page(msgspec.Struct, Generic[T], frozen=True):
    page: int
    data: list[T]


page = Rows(Page[Row], Row)
single: Rows[Row | None] = Rows(Row | None, Row)


def reply(*rows: str) -> Reply:
    return Reply(200, {}, b'{"page": 1, "data": [%s]}' % ", ".join(rows).encode())


def one(member: str) -> Row:
    """The row with this member, between two sound ones."""
    found = page(reply('{"id": "a"}', f'{{"id": "b", {member}}}', '{"id": "c"}')).data
    assert [row.id for row in found] == ["a", "b", "c"]
    return found[1]


@pytest.mark.parametrize(
    ("member", "text"),
    [
        ('"year": "2016-2017"', "2016-2017"),
        ('"year": 2016.5', "2016.5"),
        ('"year": 1e400', "1e400"),
        ('"year": [2016]', "[2016]"),
        ('"year": NaN', "NaN"),
        ('"count": "1,000"', "1,000"),
        ('"count": "n/a"', "n/a"),
        ('"count": true', "true"),
        ('"count": -Infinity', "-Infinity"),
        ('"name": {"de": "Wald"}', '{"de": "Wald"}'),
        ('"name": {"de": NaN}', '{"de": NaN}'),
        ('"name": "half \\ud800"', "half �"),
        ('"words": "one"', "one"),
        ('"words": {"a": 1}', '{"a": 1}'),
        ('"owner": "Ann Example"', "Ann Example"),
        ('"number": [1]', "[1]"),
    ],
)
def test_a_value_of_another_kind_is_left_out_and_its_text_kept(member: str, text: str) -> None:
    row = one(member)
    name = member.split('"')[1]
    assert getattr(row, name) in (None, ())
    assert told(row) == {name: text}


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ('"year": "2016"', 2016),
        ('"year": 2016.0', 2016),
        ('"year": ""', None),
        ('"count": "1000"', Decimal(1000)),
        ('"count": " "', None),
        ('"name": 12', "12"),
        ('"name": 1.50', "1.50"),
        ('"words": null', ()),
        ('"name": "line\nbreak"', "line\nbreak"),
        ('"number": "7"', "7"),
    ],
)
def test_a_value_that_can_mean_one_thing_only_is_read(member: str, value: object) -> None:
    row = one(member)
    assert getattr(row, member.split('"')[1]) == value
    assert told(row) is None


def test_a_text_in_another_encoding_is_one_odd_value() -> None:
    row = page(Reply(200, {}, b'{"page": 1, "data": [{"id": "a", "name": "\xe9"}]}')).data[0]
    assert (row.name, told(row)) == (None, {"name": "�"})


def test_what_is_odd_in_a_list_is_left_out_of_it() -> None:
    row = one('"places": [{"name": "here"}, 7, {"size": "big"}]')
    assert [place.name for place in row.places] == ["here", None]
    assert told(row) == {"places": "7"}
    assert told(row.places[1]) == {"size": "big"}


def test_a_row_is_odd_where_a_row_inside_it_is() -> None:
    row = one('"owner": {"name": "Ann Example", "size": "big"}')
    assert row.owner is not None
    assert (row.owner.name, told(row.owner), told(row)) == ("Ann Example", {"size": "big"}, {})


def test_a_record_inside_a_row_that_cannot_be_read_is_noted() -> None:
    asked = reply('{"id": "a", "parts": [{"id": "x"}, {"id": 7, "size": 1}]}')
    row = page(asked).data[0]
    assert [part.id for part in row.parts] == ["x"]
    assert asked.unread.first == ["/data/0/parts/1: its id is '7'"]


def test_a_flag_that_hides_hides_where_it_cannot_be_read() -> None:
    assert one('"hidden": "maybe"').hidden is True


def test_an_amount_in_a_unit_that_cannot_be_read_is_none() -> None:
    row = one('"count": 5000, "in_kilograms": "yes"')
    assert row.count is None
    assert told(row) == {"in_kilograms": "yes", "count": "5000"}


@pytest.mark.parametrize(
    "row",
    ["null", '"text"', "7", "[]", "{}", '{"id": ""}', '{"id": 7}', '{"id": null}', '{"name": "x"}'],
)
def test_a_row_that_is_none_is_left_out_with_its_place(row: str) -> None:
    asked = reply('{"id": "a"}', row, '{"id": "c"}')
    found = page(asked).data
    assert list(placed(found)) == [(0, Row(id="a")), (2, Row(id="c"))]
    assert (received(found), lost(found)) == (3, (1,))
    assert asked.unread.count == 1
    assert asked.unread.first[0].startswith("/data/1: ")


def test_of_many_rows_that_are_none_the_first_are_named_and_all_counted() -> None:
    asked = reply('{"id": "a"}', *["null"] * 100)
    assert len(page(asked).data) == 1
    assert (asked.unread.count, len(asked.unread.first)) == (100, 5)


def test_a_list_of_which_no_row_can_be_read_is_no_answer() -> None:
    with pytest.raises(InvalidPayload, match="not one of 2 rows"):
        page(reply("null", '{"id": 7, "name": "x"}'))


def test_a_row_of_something_else_is_no_answer_where_it_is_alone() -> None:
    with pytest.raises(InvalidPayload):
        page(reply('{"message": "no such list"}'))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"page": 1}',
        b'{"page": "1", "data": []}',
        b'{"page": 1, "data": null}',
        b'{"page": NaN, "data": []}',
        b'{"page": 1, "data": [{"id": "a"}',
        b'{"page": 1, "data": [null, {"id": "a"}',
        b'{"page": 1, "data": [{"id": "a", "name": \\"}]}',
        b'{"page": 1, "data": ' + b"[" * 200_000,
    ],
)
def test_what_stands_around_the_rows_has_to_be_right(body: bytes) -> None:
    with pytest.raises(InvalidPayload):
        page(Reply(200, {}, body))


def test_a_single_record_whose_key_cannot_be_read_is_none_and_noted() -> None:
    asked = Reply(200, {}, b'{"id": 7, "name": "x"}')
    assert single(asked) is None
    assert asked.unread.count == 1
    assert single(Reply(200, {}, b"null")) is None


def test_a_single_body_of_something_else_is_no_answer() -> None:
    with pytest.raises(InvalidPayload):
        single(Reply(200, {}, b'{"error": "no"}'))


def test_a_long_odd_text_is_cut() -> None:
    odd_text = (told(one(f'"year": "{"x" * 5000}"')) or {})["year"]
    assert len(odd_text) == 1000


def test_a_shape_without_its_row_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="has no Row"):
        Rows(Page[Place], Row)


def test_a_sound_body_is_decoded_as_a_whole() -> None:
    asked = reply('{"id": "a", "year": 2016}')
    assert page(asked) == Page(1, [Row(id="a", year=2016)])
    assert asked.unread.count == 0
