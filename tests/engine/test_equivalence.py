"""The compiled executor answers what graphql-core answers, on random operations and odd data."""

from __future__ import annotations

import copy
import os
import random
from dataclasses import replace
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from gateway.config import LimitSettings
from gateway.engine.compiled import CompiledExecutor
from gateway.engine.execute import ReferenceExecutor
from gateway.engine.fragment import plain
from gateway.engine.operation import GraphQLRequest, Result
from gateway.errors import BadInput, GatewayError
from gateway.model.entity import Entity
from gateway.model.field import computed
from gateway.schema.build import core_schema
from tests.engine.generate import Writer, registry
from tests.stitch.fake import FakeProject, FakeRegistry, Row, ask, federation
from tests.tools import sweep

LIMITS = LimitSettings(depth=40, aliases=500, root_fields=50, directives=500, cost=10**9)
SCHEMA = core_schema()
BATCHES = 20
PER_BATCH = int(os.environ.get("EQUIVALENCE_OPERATIONS", "1000")) // BATCHES


async def answer(
    executor: ReferenceExecutor, request: GraphQLRequest, registries: list[FakeRegistry]
) -> Result | str:
    fed = federation(*copy.deepcopy(registries), limits=LIMITS)
    try:
        found = await executor.execute(request, ask(fed))
        return replace(found, data=plain(found.data))
    except GatewayError as error:
        return error.code


def errors(result: Result) -> dict[tuple[Any, ...], Any]:
    """Errors by path, without their order: siblings fail in any order."""
    return {
        tuple(error.get("path", ())): {k: v for k, v in error.items() if k != "path"}
        for error in result.errors
    }


def nulled(data: Any, path: tuple[Any, ...]) -> int:
    """How much of the path is still there in the data."""
    for depth, key in enumerate(path):
        if data is None:
            return depth
        data = data[key]
    return len(path)


def same(one: Result, other: Result, document: str) -> None:
    assert one.data == other.data, document
    assert list_keys(one.data) == list_keys(other.data), document
    mine, theirs = errors(one), errors(other)
    if mine == theirs:
        return
    # Where a null took several failing siblings with it, either's error may be the one told.
    assert {p[: nulled(one.data, p)] for p in mine} == {
        p[: nulled(other.data, p)] for p in theirs
    }, document


def list_keys(data: Any) -> Any:
    """The order of keys, which equality of dicts does not look at."""
    if isinstance(data, dict):
        return [(key, list_keys(value)) for key, value in data.items()]
    if isinstance(data, list):
        return [list_keys(value) for value in data]
    return None


@pytest.mark.parametrize("batch", sweep(range(BATCHES), 1))
async def test_random_operations_get_the_same_answer(batch: int) -> None:
    reference, compiled = ReferenceExecutor(LIMITS), CompiledExecutor(LIMITS)
    answered = 0
    for number in range(PER_BATCH):
        seed = batch * PER_BATCH + number
        chance = random.Random(seed)
        registries = [registry("one", chance), registry("two", chance)]
        writer = Writer(SCHEMA, chance)
        document = writer.operation()
        request = GraphQLRequest(document, writer.variables)
        for _ in range(2):
            expected = await answer(reference, request, registries)
            if isinstance(expected, str):
                # A fragment that nobody uses, say: it is refused by both, whatever the rows are.
                assert await answer(compiled, request, registries) == expected, document
                break
            answered += 1
            for _ in range(2):  # the second time from the compiled form, or from the first answer
                found = await answer(compiled, request, registries)
                assert not isinstance(found, str), f"seed {seed}: {found}\n{document}"
                same(found, expected, f"seed {seed}\n{document}")
            rename(registries, chance)
    assert answered > PER_BATCH
    assert set(compiled.fallbacks) <= {"odd object"}


def rename(registries: list[FakeRegistry], chance: random.Random) -> None:
    """Another name for one row of one registry, whose bodies are then other ones."""
    rows = chance.choice(registries).rows
    kind = chance.choice(sorted(rows))
    if rows[kind]:
        number = chance.randrange(len(rows[kind]))
        rows[kind][number] = msgspec.structs.replace(rows[kind][number], name="renamed")


@pytest.mark.parametrize(
    "document",
    [
        "{ __schema { queryType { name } } }",
        '{ __type(name: "Project") { name fields { name } } }',
        "{ ...F } fragment F on Query { __schema { types { name } } }",
    ],
)
async def test_introspection_is_handed_to_the_reference_and_counted(document: str) -> None:
    reference, compiled = ReferenceExecutor(LIMITS), CompiledExecutor(LIMITS)
    request = GraphQLRequest(document)
    expected, found = await answer(reference, request, []), await answer(compiled, request, [])
    assert expected == found
    assert compiled.fallbacks == {"introspection": 1}


class CountedProject(FakeProject):
    key = computed(lambda row: f"n{row.year}", "year")


async def test_ids_of_keys_that_are_equal_but_not_the_same_are_each_its_own() -> None:
    odd: list[Any] = [1, True, Decimal("1.0"), Decimal("1.00")]
    rows = [Row(key="x", year=year) for year in odd]

    class Counted(FakeRegistry):
        def records(self, entity: Entity, source: int) -> list[Any]:
            plain = super().records(entity, source)
            return [CountedProject(r.row, r.origin, r.place) for r in plain]

    registries: list[FakeRegistry] = [Counted("one", {Entity.PROJECT: rows}, page_size=9)]
    request = GraphQLRequest("{ projects { nodes { id } } }")
    expected = await answer(ReferenceExecutor(LIMITS), request, registries)
    found = await answer(CompiledExecutor(LIMITS), request, registries)
    assert isinstance(expected, Result)
    assert isinstance(found, Result)
    same(found, expected, request.query)
    data: Any = found.data
    assert [one["id"].rsplit(":")[-1] for one in data["projects"]["nodes"]] == [
        *("n1", "nTrue", "n1.0", "n1.00")
    ]


@pytest.mark.parametrize("kind", [ReferenceExecutor, CompiledExecutor])
@pytest.mark.parametrize("directive", ["skip", "include"])
async def test_a_condition_that_is_null_is_refused_by_name(
    kind: type[ReferenceExecutor], directive: str
) -> None:
    document = f"query ($a: Boolean = true) {{ x: __typename @{directive}(if: $a) y: __typename }}"
    request = GraphQLRequest(document, {"a": None})
    with pytest.raises(BadInput, match=r"\$a decides on `@skip` or `@include`"):
        await kind(LIMITS).execute(request, ask(federation()))


async def test_a_variable_of_a_fragment_that_is_not_reached_may_be_anything() -> None:
    document = """query A($x: [RegistryKey!]) { projects(registries: $x) { nodes { id } } }
      query B($x: Boolean!) { ...F } fragment F on Query { a: __typename @skip(if: $x) }"""
    request = GraphQLRequest(document, {"x": ["one"]}, "A")
    found = await answer(CompiledExecutor(LIMITS), request, [registry("one", random.Random(1))])
    assert isinstance(found, Result)
    assert not found.errors


async def test_conditions_are_decided_by_each_requests_variables() -> None:
    compiled = CompiledExecutor(LIMITS)
    document = "query ($a: Boolean!) { x: __typename @skip(if: $a) y: __typename }"
    for value, keys in ((True, ["y"]), (False, ["x", "y"]), (True, ["y"])):
        found = await answer(compiled, GraphQLRequest(document, {"a": value}), [])
        assert isinstance(found, Result)
        assert list(found.data or {}) == keys
