"""What interfaces do that looks like an answer and is none, over every adapter there is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.contract import Reply, Troubled
from gateway.clock import SystemClock
from gateway.config import LimitSettings
from gateway.errors import Outcome, RegistryError
from gateway.model.entity import Entity
from gateway.model.question import Question
from gateway.sandbox.cad_trust_v2 import STEP
from gateway.sandbox.habit import HABITS, confirms_another, refusing
from gateway.sandbox.world import World
from gateway.stitch.ask import Ask
from gateway.stitch.connection import connect
from gateway.upstream.terms import Terms
from tests.conformance.desk import REGISTRIES, Desk, desk, federation, keys, keys_of, some, world

each_registry = pytest.mark.parametrize("registry", REGISTRIES)

STRANGE = (b"", b"<html>", b"[]", b"null", b"{}", b'{"message":1}', b"\xff", b"[" * 9**5)
NO_ANSWER = {Outcome.INVALID_PAYLOAD, Outcome.HTTP_ERROR}


def listening(at: Desk) -> None:
    if not at.emulated.listens:
        pytest.skip("the registry is a database, which has no statuses")


@each_registry
async def test_no_habit_is_taken_for_an_answer(registry: str) -> None:
    async with desk(registry) as at:
        listening(at)
        for name, habit in HABITS.items():
            at.sandbox.fail(registry, habit)
            for entity in at.adapter.collections:
                pages, error = await at.until_error(Question(entity, want=500))
                assert error is not None, (name, entity, pages)
                assert error.outcome in NO_ANSWER, name
                assert error.registry in (registry, ""), name


@each_registry
async def test_no_habit_makes_a_known_record_none(registry: str) -> None:
    async with desk(registry) as at:
        listening(at)
        for entity, collection in at.adapter.collections.items():
            if not collection.by_keys:
                continue
            wanted = some(sorted(at.truth.rows(entity)), 2)
            for name, habit in HABITS.items():
                if name == "null":
                    # By key it is how some registries say that there is no such record.
                    continue
                at.sandbox.fail(registry, habit)
                try:
                    page = await at.adapter.by_keys(at.source(), entity, wanted)
                except RegistryError:
                    continue
                pytest.fail(f"{entity}: {name} gave {page}")


@each_registry
async def test_a_confirmation_of_another_version_confirms_nothing(registry: str) -> None:
    async with desk(registry, keeping=True) as at:
        listening(at)
        at.sandbox.fail(registry, confirms_another)
        for entity in at.adapter.collections:
            for _ in range(2):
                found = await at.everything(entity)
                assert sorted(keys(found)) == sorted(at.truth.rows(entity))
        assert 304 not in {exchange.status for exchange in at.evidence.exchanges}


@each_registry
async def test_what_the_registry_says_of_its_trouble_is_understood(registry: str) -> None:
    async with desk(registry) as at:
        for name, outcome in at.emulated.meant.items():
            at.sandbox.fail(registry, at.emulated.traps[name])
            for entity in at.adapter.collections:
                pages, error = await at.until_error(Question(entity, want=500))
                if outcome is not Outcome.PARTIAL:
                    assert error is not None
                    assert error.outcome is outcome, name
                    assert error.extensions["retryable"] is (outcome is Outcome.UNAVAILABLE)
                    continue
                assert error is None, name
                assert pages
                assert all(page.whole for page in pages), name
                if at.adapter.collections[entity].by_keys:
                    wanted = some(sorted(at.truth.rows(entity)), 2)
                    page = await at.adapter.by_keys(at.source(), entity, wanted)
                    assert page.whole, name


@each_registry
async def test_an_error_answer_of_the_registry_is_understood_and_its_words_are_the_operators(
    registry: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with desk(registry) as at:
        for name, refusal in at.emulated.refusals.items():
            at.sandbox.fail(registry, refusing(refusal))
            for entity in at.adapter.collections:
                pages, error = await at.until_error(Question(entity, want=500))
                assert error is not None, (name, pages)
                assert error.outcome is refusal.outcome, (name, error.message)
                later = refusal.outcome in (Outcome.UNAVAILABLE, Outcome.RATE_LIMITED)
                assert error.extensions["retryable"] is later
                assert (error.retry_after is not None) or refusal.later is None
                assert refusal.words in error.told, name
                if refusal.words:
                    assert refusal.words in caplog.text
                    assert refusal.words not in str(error.extensions)


@each_registry
async def test_a_registry_that_is_well_says_nothing_of_the_kind(registry: str) -> None:
    async with desk(registry) as at:
        for entity in at.adapter.collections:
            assert all(page.whole is None for page in await at.pages(Question(entity, want=500)))


@each_registry
async def test_an_error_body_of_another_kind_is_left_to_its_status(registry: str) -> None:
    async with desk(registry) as at:
        if isinstance(at.adapter, Troubled):
            for body in STRANGE:
                told = at.adapter.trouble(Reply(400, {}, body))
                assert told is None or told.outcome is Outcome.HTTP_ERROR


@pytest.mark.parametrize("entity", [Entity.ISSUANCE, Entity.PROJECT])
async def test_rows_that_move_between_two_pages_of_a_list_without_an_order_are_told(
    entity: Entity,
) -> None:
    # More issuances and locations than stand on one page of the node.
    usual = world().told_by("cad-trust-v2")
    copies = -(-1_200 // len(usual.issuances))
    many = tuple(
        replace(one, key=f"{one.key}-{number}", cad_trust_issuance_id=f"{one.key}-{number}")
        for one in usual.issuances
        for number in range(copies)
    )
    told = World(1, 1, {usual.registry: replace(usual, issuances=many)})
    async with desk(usual.registry, told=told) as at:
        found = await at.pages(Question(entity, want=500))
        assert len(keys_of(found)) == len(at.truth.rows(entity))
        assert [page.whole for page in found] == [None] * len(found)
        at.sandbox.fail(usual.registry, at.emulated.traps["lists without an order"])
        moved = await at.pages(Question(entity, want=500))
        given = keys_of(moved)
        assert len(given) == len(set(given))
        if entity is Entity.ISSUANCE:
            assert 0 < len(at.truth.rows(entity)) - len(given) <= 2 * STEP
            assert "rows came twice on its pages" in str(moved[-1].whole)
            served = federation(at, LimitSettings())
            page = await connect(
                Ask(served, Terms(SystemClock().monotonic() + 60)),
                entity,
                registries=(usual.registry,),
                first=5_000,
            )
            assert [row.complete for row in page.coverage] == [False]
        else:
            # Projects are asked for in an order, which holds.
            assert len(given) == len(at.truth.rows(entity))
