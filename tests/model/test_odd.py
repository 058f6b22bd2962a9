"""Texts of values that could not be read, and of numbers that should not be written out."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from gateway.model.odd import Watch, is_odd, texts, texts_below, told
from gateway.model.values import raw_text


class Inner(msgspec.Struct):
    name: str | None = None


class OddInner(Inner):
    odd: dict[str, str] = {}


class Row(msgspec.Struct):
    name: str | None = None
    inner: Inner | None = None
    many: tuple[Inner, ...] = ()


class OddRow(Row):
    odd: dict[str, str] = {}


def test_a_number_with_a_billion_digits_is_written_as_it_came() -> None:
    assert raw_text(Decimal("1e999999999")) == "1E+999999999"
    assert raw_text(Decimal("1e-999999999")) == "1E-999999999"
    assert raw_text(Decimal("1e3")) == "1000"
    assert raw_text(Decimal("NaN")) == "NaN"


def test_the_text_of_an_odd_value_is_found_by_its_path() -> None:
    row = OddRow(inner=OddInner(odd={"name": "7"}), odd={"many": "x"})
    assert texts(row, "inner.name") == ("7",)
    assert texts(row, "many.name") == ("x",)
    assert texts(row, "name") == ()
    assert is_odd(row, "name", "many")
    assert told(Row()) is None


def test_what_is_odd_inside_belongs_to_the_field_that_holds_it() -> None:
    row = OddRow(many=(Inner("a"), OddInner(odd={"name": "[1]"})))
    assert list(texts_below(row, "many")) == ["[1]"]


def test_odd_rows_are_seen_where_paths_lead_and_nowhere_else() -> None:
    watch = Watch(("inner.name", "many.name", "name"))
    assert not watch(Row(inner=Inner("a"), many=(Inner("b"),)))
    assert not watch(Row())
    assert watch(Row(inner=OddInner(odd={"name": "7"})))
    row = OddRow(inner=OddInner(odd={"name": "7"}), odd={"name": "8"})
    assert list(watch.paths(row)) == [("name", "8"), ("inner.name", "7")]
