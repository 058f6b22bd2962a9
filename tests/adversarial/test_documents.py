"""Documents that are small and dear: they cost once, little, and nobody else anything."""

from __future__ import annotations

import asyncio
import gc
import weakref
from typing import Any

import pytest

from gateway.assemble import Gateway, assemble
from gateway.config import LimitSettings
from gateway.demo import settings
from gateway.engine.compiled import CompiledExecutor
from gateway.engine.document import SHORT, Documents
from gateway.engine.operation import GraphQLRequest, Result
from gateway.errors import BadInput, GatewayError, Overloaded, RequestError, TooComplex
from gateway.provenance.keys import throw_away_signer
from gateway.sandbox.runner import Sandbox
from gateway.schema.build import core_schema
from gateway.stitch.ask import Ask
from gateway.upstream.terms import Terms
from tests.adversarial.bombs import BOMBS, NAMED, sized

pytestmark = pytest.mark.adversarial

SCHEMA = core_schema()
LIMITS = LimitSettings()
SHORT_QUESTION = "{ registries { key } }"


def name_of(kind: str) -> str | None:
    return "Asked" if kind in NAMED else None


def refusal(documents: Documents, text: str, name: str | None) -> RequestError | None:
    try:
        documents.operation(text, name)
    except RequestError as error:
        return error
    return None


@pytest.mark.parametrize("kind", BOMBS)
def test_what_is_refused_is_refused_in_typed_words_and_read_once(kind: str) -> None:
    documents = Documents(SCHEMA, LIMITS)
    text = sized(BOMBS[kind], 12_000)
    first = refusal(documents, text, name_of(kind))
    if first is None:
        return
    assert len(documents._refused) == 1
    again = refusal(documents, text, name_of(kind))
    assert again is not None
    assert again is not first
    assert (type(again), again.message) == (type(first), first.message)
    if isinstance(first, TooComplex) and "measured" in first.details:
        assert first.details["measured"] > first.details["allowed"]


def test_the_dear_kinds_are_refused_before_validation() -> None:
    """Each of these took from a tenth of a second to seconds, and more than twice as long when it
    was twice as long."""
    found = {
        kind: getattr(
            refusal(Documents(SCHEMA, LIMITS), sized(BOMBS[kind], chars), name_of(kind)),
            "details",
            {},
        ).get("limit")
        for kind, chars in {
            "one_field": 20_000,
            "one_field_inline": 5_000,
            "one_field_with_arguments": 5_500,
            "nested_repeats": 6_000,
            "spread_fan": 6_000,
            "spread_chain": 6_000,
            "unused_operations": 5_000,
        }.items()
    }
    assert found == {
        "one_field": "fields_of_one_name",
        "one_field_inline": "fields_of_one_name",
        "one_field_with_arguments": "fields_of_one_name",
        "nested_repeats": "fields_of_one_name",
        "spread_fan": "definitions",
        "spread_chain": "definitions",
        "unused_operations": "definitions",
    }


def test_refusals_are_remembered_within_their_bytes() -> None:
    documents = Documents(SCHEMA, LIMITS)
    documents._refused.most = 50_000
    for number in range(200):
        assert refusal(documents, f"{{ nothing{number} }}", None) is not None
    assert 0 < documents._refused.size <= 50_000
    assert len(documents._refused) < 50
    assert refusal(documents, "{ nothing199 }", None) is not None


def test_a_document_is_kept_when_it_comes_again_and_within_its_bytes() -> None:
    documents = Documents(SCHEMA, LIMITS, most=200_000)
    one = documents.operation(SHORT_QUESTION, None)
    kept = documents.operation(SHORT_QUESTION, None)
    assert kept is not one
    assert documents.operation(SHORT_QUESTION, None) is kept
    for number in range(100):
        for _ in range(2):
            documents.operation(f"{SHORT_QUESTION} # {number}", None)
    assert 100_000 < documents.size <= 200_000


def test_a_document_that_came_once_is_gone_without_the_collector() -> None:
    documents = Documents(SCHEMA, LIMITS)
    gc.disable()
    try:
        text = "{ projects(first: 1) { nodes { id projectName ... { registry } } } }"
        gone = weakref.ref(documents.operation(text, None).document)
        assert gone() is None
    finally:
        gc.enable()


async def test_others_are_served_while_a_long_document_is_read() -> None:
    documents = Documents(SCHEMA, LIMITS)
    fields = " ".join(f"{'x' * 40}{n}: id" for n in range(30))
    long = "{ projects(first: 1) { nodes { " + fields + " projectName" * 80 + " } } }"
    assert len(long) > SHORT
    reading = asyncio.create_task(documents.prepared(long, None))
    await asyncio.sleep(0)
    assert (await documents.prepared(SHORT_QUESTION, None)).cost is not None
    assert not reading.done()
    assert (await reading).cost is not None


async def test_no_more_documents_wait_to_be_read_than_can_be() -> None:
    documents = Documents(SCHEMA, LIMITS)
    texts = [f"{{ registries {{ key }} }} #{'x' * SHORT}{n}" for n in range(80)]
    found = await asyncio.gather(
        *(documents.prepared(text, None) for text in texts), return_exceptions=True
    )
    shed = [one for one in found if isinstance(one, Overloaded)]
    assert len(shed) == 80 - 64
    assert all(one.details["retryAfterSeconds"] == 1 for one in shed)


@pytest.fixture
async def gateway() -> Any:
    async with Sandbox(only=("verra",)) as sandbox:
        made = assemble(settings(sandbox, "127.0.0.1", 0), signer=throw_away_signer())
        await made.start()
        try:
            yield made
        finally:
            await made.close()


async def answered(gateway: Gateway, query: str, variables: Any = None) -> Result:
    ask = Ask(gateway.federation, Terms(gateway.clock.monotonic() + 20))
    return await gateway.endpoint.executor.execute(GraphQLRequest(query, variables or {}), ask)


WIDE = "query ($n: Int) { projects(first: $n) { nodes { units(first: 500) { nodes { id } } } } }"


async def test_variables_are_weighed_as_execution_takes_them(gateway: Gateway) -> None:
    for most in (500, 500.0):
        with pytest.raises(TooComplex, match="cost is"):
            await answered(gateway, WIDE, {"n": most})
    with pytest.raises(TooComplex, match="cost is"):
        await answered(gateway, WIDE.replace("$n: Int", "$n: Int = 500"))
    with pytest.raises(BadInput):
        await answered(gateway, WIDE, {"n": "500"})


@pytest.mark.parametrize(
    ("variables", "limit"),
    [
        ({"ids": ["a"] * 6_000}, "variable_values"),
        ({"ids": [["a"] * 1_000] * 10}, "variable_values"),
        ({"ids": {str(n): n for n in range(6_000)}}, "variable_values"),
        ({"ids": "x" * 20_000}, "variable_chars"),
        ({"ids": [{"x" * 20_000: 1}]}, "variable_chars"),
        ({f"v{n}": n for n in range(200)}, "variables"),
    ],
)
async def test_variables_have_bounds_of_their_own(
    gateway: Gateway, variables: dict[str, Any], limit: str
) -> None:
    with pytest.raises(TooComplex) as refused:
        await answered(gateway, "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", variables)
    assert refused.value.details["limit"] == limit


async def test_a_hundred_documents_that_differ_in_nothing_leave_one_memo(gateway: Gateway) -> None:
    executor = gateway.endpoint.executor
    assert isinstance(executor, CompiledExecutor)
    fields = "id projectName projectStatus sector projectType registry"
    query = f"{{ projects(first: 20) {{ nodes {{ {fields} }} }} }}"
    assert not (await answered(gateway, query)).errors
    size = executor._memos.size
    assert size > 0
    for number in range(10):
        assert not (await answered(gateway, f"{query} # {number}")).errors
    assert executor._memos.size == size
    assert executor.documents.size < 20_000


async def test_introspection_lets_others_pass(gateway: Gateway) -> None:
    query = "{ __schema { types { name fields { name args { name type { name } } } } } }"
    asked = asyncio.create_task(answered(gateway, query))
    await asyncio.sleep(0)
    assert (await answered(gateway, SHORT_QUESTION)).data is not None
    assert not asked.done()
    assert (await asked).data is not None


async def test_another_question_is_answered_between_all_kinds(gateway: Gateway) -> None:
    for kind, make in BOMBS.items():
        text = sized(make, 3_000)
        name = name_of(kind)
        ask = Ask(gateway.federation, Terms(gateway.clock.monotonic() + 20))
        bomb = asyncio.create_task(
            gateway.endpoint.executor.execute(GraphQLRequest(text, {}, name), ask)
        )
        other = await answered(gateway, SHORT_QUESTION)
        assert other.executed
        assert not other.errors
        await asyncio.gather(bomb, return_exceptions=True)
        error = bomb.exception()
        assert error is None or isinstance(error, GatewayError), kind
