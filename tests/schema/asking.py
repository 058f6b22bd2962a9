"""Short ways to ask a gateway of two registries in memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.engine.execute import ReferenceExecutor
from gateway.engine.operation import GraphQLRequest, Result
from gateway.model.entity import Entity
from gateway.stitch.ask import Ask
from tests.engine.test_equivalence import LIMITS
from tests.stitch.fake import FakeRegistry, Row, ask, federation, projects


def registry(key: str) -> FakeRegistry:
    units = [
        Row(key=f"u{n}", project="p1", issuance="i1", status=("held", "gone")[n % 2], year=2020 + n)
        for n in range(4)
    ]
    rows = {
        Entity.PROJECT: projects(5),
        Entity.ISSUANCE: [Row(key="i1", project="p1", year=2020)],
        Entity.UNIT: units,
    }
    return FakeRegistry(key, rows)


def asking() -> Ask:
    """One operation on two registries, `one` and `two`."""
    return ask(federation(registry("one"), registry("two"), limits=LIMITS))


async def answer(
    query: str, variables: Mapping[str, Any] | None = None, by: Ask | None = None
) -> Result:
    """The answer of graphql-core, which is the meaning that the compiled executor is held to."""
    request = GraphQLRequest(query, variables or {})
    return await ReferenceExecutor(LIMITS).execute(request, by or asking())


async def data(query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The data of an answer without errors."""
    result = await answer(query, variables)
    assert not result.errors, result.errors
    assert result.data is not None
    return dict(result.data)


async def refusal(query: str, variables: Mapping[str, Any] | None = None) -> str:
    """The one error that the answer consists of, as `CODE message`."""
    result = await answer(query, variables)
    (error,) = result.errors
    return f"{error['extensions']['code']} {error['message']}"
