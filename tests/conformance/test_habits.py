"""What interfaces do that looks like an answer and is none, over every adapter there is."""

from __future__ import annotations

import pytest

from adapters.contract import Reply, Troubled
from gateway.errors import RegistryError
from gateway.model.outcome import Outcome
from gateway.model.question import Question
from gateway.sandbox.habit import HABITS, confirms_another
from tests.conformance.desk import REGISTRIES, Desk, desk, keys, some

pytestmark = pytest.mark.parametrize("registry", REGISTRIES)

STRANGE = (b"", b"<html>", b"[]", b"null", b"{}", b'{"message":1}', b"\xff", b"[" * 9**5)
NO_ANSWER = {Outcome.INVALID_PAYLOAD, Outcome.HTTP_ERROR}


def listening(at: Desk) -> None:
    if not at.emulated.listens:
        pytest.skip("the registry is a database, which has no statuses")


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


async def test_a_confirmation_of_another_version_confirms_nothing(registry: str) -> None:
    async with desk(registry, keeping=True) as at:
        listening(at)
        at.sandbox.fail(registry, confirms_another)
        for entity in at.adapter.collections:
            for _ in range(2):
                found = await at.everything(entity)
                assert sorted(keys(found)) == sorted(at.truth.rows(entity))
        assert 304 not in {exchange.status for exchange in at.evidence.exchanges}


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


async def test_a_registry_that_is_well_says_nothing_of_the_kind(registry: str) -> None:
    async with desk(registry) as at:
        for entity in at.adapter.collections:
            assert all(page.whole is None for page in await at.pages(Question(entity, want=500)))


async def test_an_error_body_of_another_kind_is_left_to_its_status(registry: str) -> None:
    async with desk(registry) as at:
        if isinstance(at.adapter, Troubled):
            for body in STRANGE:
                told = at.adapter.trouble(Reply(400, {}, body))
                assert told is None or told.outcome is Outcome.HTTP_ERROR
