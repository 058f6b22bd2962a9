"""Volatility: every field says what its value rests on, and who keeps answers goes by it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import strawberry
from graphql import (
    GraphQLField,
    get_named_type,
    is_composite_type,
    is_object_type,
    is_required_argument,
    parse,
)
from graphql.execution.values import VariableValues

from gateway.config import LimitSettings
from gateway.engine.repeat import rests_on_reads
from gateway.engine.shape import Shaper
from gateway.provenance.replay import Question
from gateway.replay import volatile
from gateway.schema.build import core_schema, schema_of
from gateway.schema.described import mapped, resolved, said, table
from gateway.schema.query import Query
from gateway.schema.volatility import Volatility, volatility_of

SCHEMA = core_schema()
TEXT = '"x"'
ARGUMENTS = {"ids": "[]", "key": '"verra"'}


def leading_to() -> Iterator[tuple[str, str, list[GraphQLField], bool]]:
    """Each field of each type once, by the first way that leads to it: its name, an operation
    that asks for it, the fields on the way, and whether it needs a selection."""
    query: Any = SCHEMA.query_type
    ways: dict[str, tuple[list[str], list[GraphQLField]]] = {query.name: ([], [])}
    waiting = [query]
    for kind in waiting:
        steps, passed = ways[kind.name]
        for name, field in kind.fields.items():
            inner = get_named_type(field.type)
            composite = is_composite_type(inner)
            way = [*steps, name + arguments(field)]
            yield f"{kind.name}.{name}", written(way, composite), [*passed, field], composite
            if composite and inner.name not in ways:
                ways[inner.name] = (way, [*passed, field])
                waiting.append(inner)


def arguments(field: GraphQLField) -> str:
    needed = [name for name, told in field.args.items() if is_required_argument(told)]
    given = ", ".join(f"{name}: {ARGUMENTS.get(name, TEXT)}" for name in needed)
    return f"({given})" if given else ""


def written(steps: list[str], composite: bool) -> str:
    last = f"{steps[-1]} {{ __typename }}" if composite else steps[-1]
    text = f"a: {last}"
    for step in reversed(steps[:-1]):
        text = f"{step} {{ {text} }}"
    return f"{{ {text} }}"


WAYS = list(leading_to())


def test_every_type_is_on_some_way() -> None:
    reached = {name.split(".")[0] for name, _, _, _ in WAYS}
    every = {k.name for k in SCHEMA.type_map.values() if is_object_type(k)}
    assert {name for name in every if not name.startswith("__")} <= reached


@pytest.mark.parametrize(("name", "query", "passed"), [way[:3] for way in WAYS])
def test_only_what_repeats_is_given_again_and_only_what_replays_is_compared(
    name: str, query: str, passed: list[GraphQLField]
) -> None:
    told = [volatility_of(field) for field in passed]
    document = parse(query)
    operation: Any = document.definitions[0]
    kind: Any = SCHEMA.query_type
    shaper = Shaper(SCHEMA, {}, VariableValues(sources={}, coerced={}))
    shape = shaper.object(kind, [operation.selection_set])
    assert rests_on_reads(shape) == all(one.repeats for one in told), name
    question = Question(query, {}, None, datetime(2024, 1, 1, tzinfo=UTC), ("verra",))
    left_out = volatile(question, SCHEMA, LimitSettings(depth=40))
    assert bool(left_out) == (not all(one.replays for one in told)), name


def test_what_tells_of_the_moment_says_so() -> None:
    said_of = {name: volatility_of(passed[-1]) for name, _, passed, _ in WAYS}
    moment = {name for name, told in said_of.items() if told is Volatility.MOMENT}
    assert {n for n in moment if not n.startswith("RegistryHealth.")} == {
        "Registry.health",
        "RegistryCoverage.latencyMs",
        "RegistryCoverage.message",
        "RegistryCoverage.retryAfterSeconds",
    }
    assert {name for name in said_of if name.startswith("RegistryHealth.")} <= moment
    cursors = {name for name in said_of if name.lower().endswith("cursor")}
    assert {name for name, told in said_of.items() if told is Volatility.KEYED} == cursors


def test_a_root_field_that_says_nothing_does_not_build() -> None:
    forgotten = strawberry.field(description="Forgotten.")
    with pytest.raises(TypeError, match=r"declare no volatility.*\['Query\.more'\]"):
        schema_of(with_root(int, forgotten))


def test_a_root_field_that_says_it_builds_and_is_read() -> None:
    made: Any = schema_of(with_root(int, resolved("Declared.", Volatility.MOMENT)))._schema
    assert volatility_of(made.query_type.fields["more"]) is Volatility.MOMENT


def test_a_field_of_a_table_that_says_nothing_does_not_build() -> None:
    @table("Shown", "A table without a word for all of its fields.")
    class Shown:
        here: int = said("Declared.", volatility=Volatility.RECORD)
        gone: int = said("Forgotten.")
        also: int = mapped("Forgotten, and its raw text with it.")

    with pytest.raises(TypeError, match=r"\['Shown\.gone', 'Shown\.also', 'Shown\.alsoRaw'\]"):
        schema_of(with_root(Shown))


def test_a_method_of_a_table_says_it_itself() -> None:
    @table("Shown", "A table with a word for its fields.", Volatility.RECORD)
    class Shown:
        here: int = said("As the table says.")

        now: int = strawberry.field(description="It may look at a clock.", resolver=lately)

    with pytest.raises(TypeError, match=r"\['Shown\.now'\]"):
        schema_of(with_root(Shown))


def test_a_field_may_differ_from_its_table() -> None:
    @table("Shown", "A table with a word for its fields.", Volatility.RECORD)
    class Shown:
        here: int = said("As the table says.")
        late: int = said("As it says itself.", volatility=Volatility.MOMENT)

    made: Any = schema_of(with_root(Shown))._schema
    fields = made.type_map["Shown"].fields
    assert [volatility_of(field) for field in fields.values()] == [
        Volatility.RECORD,
        Volatility.MOMENT,
    ]


def lately() -> int:
    return 0


def with_root(kind: Any, declared: Any = None) -> type:
    """A root with one more field, of this type."""

    def more(self: Any) -> Any:
        return None

    more.__annotations__["return"] = kind | None
    field = declared or resolved("One more.", Volatility.RECORD)
    copy = type("Query", (Query,), {"more": field(more)})
    return strawberry.type(copy, description="A copy.")
