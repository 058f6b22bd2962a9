"""What a question is known by: two questions are never one, whatever their values read like."""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import Reply, Request
from gateway.errors import BadCursor
from gateway.model.entity import Entity
from gateway.model.picklists import ProjectStatus
from gateway.model.question import Op, Order, Parent, Predicate
from gateway.stitch.ask import Read
from gateway.stitch.connection import connect, fingerprint
from tests.stitch.fake import FakeRegistry, ask, federation, projects

VALUES: list[Any] = [
    *("1", 1, True, "True", Decimal(1), "REGISTERED", ProjectStatus.REGISTERED),
    *("2024-01-01", "None", None, "", "[]", (), ("",), ("a", "b"), "a,b"),
    *('a","b', ('a","b',), ("a,b",), "['a', 'b']", ("a",), ("1",), (1,), "str", ("str", "1")),
]


def told(value: Any, field: str = "project_name", op: Op = Op.EQ) -> str:
    return fingerprint(Entity.PROJECT, ("one",), (Predicate(field, op, value),), None, None)


@pytest.mark.parametrize(("one", "other"), [*combinations(VALUES, 2)])
def test_no_two_values_have_one_fingerprint(one: Any, other: Any) -> None:
    assert told(one) != told(other)


TEXT = st.text(st.sampled_from('a1,":[]{}\\\0\x1f|-'), max_size=4)
PREDICATES = st.lists(
    st.tuples(TEXT, st.sampled_from(list(Op)), st.one_of(TEXT, st.integers(0, 2), st.lists(TEXT))),
    max_size=3,
)
QUESTIONS = st.tuples(
    st.sampled_from(list(Entity)),
    st.lists(TEXT, max_size=3),
    PREDICATES,
    st.none() | st.tuples(TEXT, st.booleans()),
    st.none() | st.dictionaries(TEXT, st.lists(TEXT, max_size=3), max_size=2),
)


def of(question: Any) -> str:
    entity, registries, predicates, order, parents = question
    return fingerprint(
        entity,
        registries,
        [Predicate(*one) for one in predicates],
        Order(*order) if order else None,
        {k: Parent(Entity.PROJECT, tuple(v)) for k, v in parents.items()} if parents else None,
    )


@given(QUESTIONS, QUESTIONS)
def test_two_questions_have_two_fingerprints(one: Any, other: Any) -> None:
    alike = one[:4] == other[:4] and (one[4] or None) == (other[4] or None)
    assert (of(one) == of(other)) == alike


async def test_a_cursor_goes_on_with_its_own_value_only() -> None:
    registry = FakeRegistry("one", {Entity.PROJECT: projects(9)})

    async def page(value: Any, after: str | None = None) -> Any:
        return await connect(
            ask(federation(registry)),
            Entity.PROJECT,
            registries=("one",),
            predicates=(Predicate("project_name", Op.CONTAINS, value),),
            first=1,
            after=after,
        )

    cursor = (await page("1")).page_info.end_cursor
    await page("1", cursor)
    with pytest.raises(BadCursor):
        await page(1, cursor)


def _decode(reply: Reply) -> None:
    """Nothing is read here."""


@pytest.mark.parametrize(("one", "other"), [*combinations([1, 1.0, True, "1", [1], [True]], 2)])
def test_a_read_made_ahead_is_for_the_same_body_only(one: Any, other: Any) -> None:
    reads = [
        Read("one", Request("x", method="POST", json={"a": {"b": value}}), _decode, ())
        for value in (one, other, one)
    ]
    assert not reads[0].same(reads[1])
    assert reads[0].same(reads[2])
