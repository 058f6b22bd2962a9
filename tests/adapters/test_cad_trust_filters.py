"""Which filter a CAD Trust node is asked for a predicate, and that it never loses a row."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.cad_trust_filters import Leg, choice, identifier, like, plan, words
from gateway.harmonise.statuses import CAD_TRUST_PROJECT
from gateway.harmonise.table import fold
from gateway.model.picklists import ProjectStatus
from gateway.model.question import Op, Predicate

TABLE = {
    "code": identifier("code"),
    "name": words("name"),
    "status": choice("status", CAD_TRUST_PROJECT),
}


@dataclass
class Row:
    code: str | None = None
    name: str | None = None
    status: str | None = None


def legs(name: str, op: Op, value: Any, room: int = 1000) -> tuple[Leg, ...]:
    return plan(TABLE, [Predicate(name, op, value)], room).legs


def asked(name: str, op: Op, value: Any, room: int = 1000) -> list[str | None]:
    return [leg.filter for leg in legs(name, op, value, room)]


@pytest.mark.parametrize(
    ("name", "op", "value", "filters"),
    [
        ("code", Op.EQ, "5221", ["code:5221:eq"]),
        ("code", Op.EQ, "a1", ["code:a1:like"]),
        ("code", Op.EQ, "GS  4", ["code:GS%4:like"]),
        (
            "code",
            Op.IN,
            ("GS48", "GS 4894", "GS-4894", "4894"),
            ["code:GS48:like", "code:%4894:like"],
        ),
        ("code", Op.IN, ("29", "129"), ['code:["29","129"]:in']),
        ("code", Op.EQ, "ABCDE-1", ["code:ABCDE-1:like"]),
        ("code", Op.EQ, "Ä1", ["code:%1:like"]),
        ("code", Op.IN, ("1", "2"), ['code:["1","2"]:in']),
        ("code", Op.STARTS_WITH, "GS", ["code:GS%:like"]),
        ("code", Op.CONTAINS, "48", ["code:%48%:like"]),
        ("name", Op.EQ, " Wind  farm ", ["name:%f%m%:like"]),
        ("name", Op.STARTS_WITH, "O'Hara [1]", ["name:%1%:like"]),
        ("name", Op.CONTAINS, "Straße", ["name:%:like"]),
        ("name", Op.CONTAINS, "", ["name:%:like"]),
        ("status", Op.EQ, ProjectStatus.LISTED, ["status:Listed:eq"]),
        (
            "status",
            Op.EQ,
            ProjectStatus.DE_REGISTERED,
            ['status:["De-registered","Deregistered"]:in'],
        ),
        ("status", Op.IN, (), []),
    ],
)
def test_a_predicate_becomes_one_filter(name: str, op: Op, value: Any, filters: list[str]) -> None:
    assert asked(name, op, value) == filters


def test_the_most_selective_predicate_is_pushed_and_exact_others_are_checked() -> None:
    made = plan(
        TABLE,
        [
            Predicate("status", Op.EQ, ProjectStatus.LISTED),
            Predicate("name", Op.CONTAINS, "wind"),
            Predicate("code", Op.EQ, "7"),
        ],
        1000,
    )
    assert [leg.filter for leg in made.legs] == ["code:7:eq"]
    right = Row(code="7", name="other", status="Listed")
    assert all(check(right) for check in made.checks)
    assert not all(check(Row(code="7", status="Registered")) for check in made.checks)


def test_values_that_do_not_fit_one_filter_are_asked_one_after_another() -> None:
    found = asked("code", Op.IN, tuple(str(n) * 20 for n in range(6)), room=60)
    assert len(found) == 3
    assert all(text is not None and len(text) <= 60 for text in found)


def test_a_text_longer_than_a_filter_is_asked_by_its_beginning() -> None:
    (leg,) = legs("code", Op.EQ, "1234567890" * 9, room=40)
    assert leg.filter == f"code:{('1234567890' * 9)[:29]}%:like"
    assert leg.obeys is not None
    assert leg.obeys(Row(code="1234567890" * 9))


def test_a_row_of_two_filters_comes_with_the_first() -> None:
    first, second = legs("code", Op.IN, ("ABCDE é", "ABCDE è"))
    row = Row(code="abcde É")
    assert (first.fresh, second.fresh is None) == (None, False)
    assert second.fresh is not None
    assert not second.fresh(row)


def sqlite_like(pattern: str, text: str) -> bool:
    with sqlite3.connect(":memory:") as base:
        found = base.execute("SELECT ? LIKE ?", (text, pattern)).fetchone()
    base.close()
    return bool(found[0])


@given(st.text("aB%_. ", max_size=8), st.text("Ab. ", max_size=10))
def test_like_is_sqlites(pattern: str, text: str) -> None:
    assert like(pattern)(text) == sqlite_like(pattern, text)


def finds(leg: Leg, column: str, text: str) -> bool:
    """Whether the node's SQLite, and the check here, let a stored text through a leg."""
    assert leg.filter is not None
    assert leg.obeys is not None
    value, _, op = leg.filter.removeprefix(f"{column}:").rpartition(":")
    if op == "like":
        found = sqlite_like(value, text)
    else:
        found = text in (json.loads(value) if op == "in" else [value])
    row = Row(code=text, name=text)
    assert leg.obeys(row) is found
    return found


@given(st.text("aBsSß äÉ'%_[\\-1", min_size=1, max_size=8), st.sampled_from(["name", "code"]))
def test_no_spelling_that_compares_equal_is_lost(value: str, column: str) -> None:
    blank = " " if column == "name" else ""
    value = " ".join(value.split())
    for spelt in (value, value.upper(), value.lower(), value.lower().replace("ss", "ß")):
        stored = f"{blank}{spelt}{blank}"
        if spelt and fold(stored) == fold(value):
            assert finds(legs(column, Op.EQ, value)[0], column, stored)
            assert finds(legs(column, Op.STARTS_WITH, value)[0], column, f"{stored}x")
            assert finds(legs(column, Op.CONTAINS, value)[0], column, f"x{stored}x")


def test_a_tangle_of_wildcards_is_matched_in_no_time() -> None:
    assert not like("%a" * 200 + "%b")("a" * 5000)
