"""Answers over unchanged bodies: the same, asked for each time, and never a moment too old."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.assemble import Gateway, assemble
from gateway.demo import settings
from gateway.engine.compiled import CompiledExecutor
from gateway.engine.fragment import Fragment, plain
from gateway.engine.operation import GraphQLRequest, Result
from gateway.errors import Outcome
from gateway.provenance.keys import throw_away_signer
from gateway.sandbox.fault import Fault
from gateway.sandbox.runner import Sandbox
from gateway.stitch.ask import Ask
from gateway.upstream.terms import Terms

PAGE = """{ projects(first: 60, registries: ["verra", "gold-standard"]) {
  nodes { id projectName projectStatus } pageInfo { endCursor hasNextPage }
  coverage { registry outcome complete returned totalCount warnings } } }"""
NESTED = """query ($n: Int) { projects(first: $n, registries: ["verra"]) { nodes { id
  units(first: 3, where: { unitStatus: { eq: RETIRED } }) { nodes { id unitCount } } } } }"""


@dataclass
class Asked:
    """A gateway over two emulated registries, none of whose bodies is ever fresh."""

    sandbox: Sandbox
    gateway: Gateway

    async def __call__(self, query: str, **variables: Any) -> tuple[Result, Ask]:
        ask = Ask(self.gateway.federation, Terms(self.gateway.clock.monotonic() + 20))
        executor = self.gateway.endpoint.executor
        return await executor.execute(GraphQLRequest(query, variables), ask), ask

    def calls(self) -> int:
        return sum(len(self.sandbox.sent(key)) for key in ("verra", "gold-standard"))

    @property
    def kept(self) -> int:
        executor = self.gateway.endpoint.executor
        assert isinstance(executor, CompiledExecutor)
        return executor._repeats.bytes


@asynccontextmanager
async def asking() -> AsyncIterator[Asked]:
    async with Sandbox(only=("verra", "gold-standard"), record=True) as sandbox:
        made = settings(sandbox, "127.0.0.1", 0)
        never = {key: r.model_copy(update={"fresh_for": 0}) for key, r in made.registries.items()}
        gateway = assemble(
            made.model_copy(update={"registries": never}), signer=throw_away_signer()
        )
        await gateway.start()
        try:
            yield Asked(sandbox, gateway)
        finally:
            await gateway.close()


@web.middleware
async def renamed(request: web.Request, handler: Handler) -> web.StreamResponse:
    answer = await handler(request)
    assert isinstance(answer, web.Response)
    assert isinstance(answer.body, bytes)
    kept = {k: v for k, v in answer.headers.items() if k.lower() != "content-length"}
    return web.Response(body=answer.body.replace(b"(sandbox)", b"(renamed)"), headers=kept)


@pytest.mark.parametrize(("query", "variables"), [(PAGE, {}), (NESTED, {"n": 20})])
async def test_unchanged_bodies_give_the_same_answer_and_are_asked_for_each_time(
    query: str, variables: dict[str, Any]
) -> None:
    async with asking() as ask:
        first, covered = await ask(query, **variables)
        calls = ask.calls()
        for number in range(2, 7):
            result, again = await ask(query, **variables)
            assert plain(result.data) == plain(first.data)
            assert not result.errors
            assert ask.calls() == number * calls
            assert len(again.terms.evidence.exchanges) == calls
            told = [(row.registry, row.outcome, row.complete) for row in again.covered]
            assert told == [(row.registry, row.outcome, row.complete) for row in covered.covered]
        assert isinstance(result.data, Fragment)


async def test_what_a_registry_changed_is_seen_at_once_and_nothing_is_asked_twice() -> None:
    async with asking() as ask:
        for _ in range(4):
            await ask(PAGE)
        calls = ask.calls()
        ask.sandbox.fail("verra", renamed)
        result, _ = await ask(PAGE)
        nodes = plain(result.data)["projects"]["nodes"]
        changed = [node["id"] for node in nodes if "(renamed)" in node["projectName"]]
        assert changed == [node["id"] for node in nodes if ":verra:" in node["id"]]
        assert ask.calls() - calls == calls // 4


async def test_what_rests_on_a_changed_body_is_not_read_ahead() -> None:
    async with asking() as ask:
        for _ in range(4):
            before, _ = await ask(NESTED, n=10)
        calls = ask.calls()
        ask.sandbox.fail("verra", renamed)
        after, _ = await ask(NESTED, n=10)
        assert ask.calls() - calls == calls // 4
        assert plain(after.data) == plain(before.data)


async def test_a_failure_is_told_and_not_remembered() -> None:
    async with asking() as ask:
        for _ in range(4):
            good, _ = await ask(PAGE)
        ask.sandbox.fail("verra", Fault.ERROR)
        result, failed = await ask(PAGE)
        assert {row.registry: row.outcome for row in failed.covered} == {
            "verra": Outcome.STALE,
            "gold-standard": Outcome.OK,
        }
        assert plain(result.data) != plain(good.data)
        ask.sandbox.heal("verra")
        healed, _ = await ask(PAGE)
        assert plain(healed.data) == plain(good.data)


async def test_other_variables_are_another_question() -> None:
    async with asking() as ask:
        for _ in range(4):
            few, _ = await ask(NESTED, n=2)
        more, _ = await ask(NESTED, n=3)
        assert len(plain(few.data)["projects"]["nodes"]) == 2
        assert len(plain(more.data)["projects"]["nodes"]) == 3


@pytest.mark.parametrize(
    "query",
    [
        PAGE.replace("warnings", "latencyMs"),
        PAGE.replace("projectName", "provenance { fetchedAt }"),
        "{ registries { key health { latencyMs } } " + PAGE.strip()[1:],
    ],
)
async def test_what_tells_of_the_moment_is_worked_out_each_time(query: str) -> None:
    async with asking() as ask:
        for _ in range(4):
            result, _ = await ask(query)
            assert not result.errors
            assert not isinstance(result.data, Fragment)
        assert ask.kept == 0
