"""The engine's metrics say what was not compiled, and what need not be worked out again."""

from __future__ import annotations

from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import CollectorRegistry

from gateway.config import LimitSettings
from gateway.engine.compiled import CompiledExecutor
from gateway.engine.execute import ReferenceExecutor
from gateway.engine.metrics import EngineCollector
from gateway.engine.operation import GraphQLRequest
from gateway.model.entity import Entity
from tests.stitch.fake import FakeRegistry, Row, ask, federation, projects

LIMITS = LimitSettings()


def samples(executor: object) -> dict[tuple[str, ...], float]:
    registry = CollectorRegistry()
    registry.register(EngineCollector(executor))
    text = generate_latest(registry).decode()
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def asked(executor: ReferenceExecutor, document: str, rows: list[Row]) -> None:
    fed = federation(FakeRegistry("one", {Entity.PROJECT: rows}), limits=LIMITS)
    await executor.execute(GraphQLRequest(document), ask(fed))


async def test_what_falls_back_is_counted_by_construct() -> None:
    compiled = CompiledExecutor(LIMITS)
    await asked(compiled, "{ __schema { queryType { name } } }", [])
    assert samples(compiled)["cgw_engine_fallbacks_total", "introspection"] == 1
    # A name that is no text is odd, and only that project is completed step by step.
    odd = [*projects(20), Row(key="odd", name=["no", "text"])]  # type: ignore[arg-type]
    await asked(compiled, "{ projects { nodes { id projectName } } }", odd)
    assert samples(compiled)["cgw_engine_fallbacks_total", "odd object"] >= 1


async def test_answers_over_the_same_rows_are_counted_and_their_bytes_told() -> None:
    compiled = CompiledExecutor(LIMITS)
    for _ in range(4):
        await asked(compiled, "{ projects { nodes { id projectName } } }", projects(3))
    found = samples(compiled)
    assert found["cgw_engine_repeated_total",] == 2
    assert ("cgw_engine_fallbacks_total",) not in found
    assert found["cgw_engine_kept_bytes",] > 0


def test_an_executor_that_compiles_nothing_has_no_numbers() -> None:
    assert samples(ReferenceExecutor(LIMITS)) == {}
