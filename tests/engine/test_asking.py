"""`@ask`: on which terms an operation asks."""

from __future__ import annotations

import pytest

from gateway.errors import BadInput
from tests.engine.test_equivalence import LIMITS
from tests.schema.asking import answer, asking

FIELDS = "{ projects(first: 1) { nodes { id } } }"


async def test_without_the_directive_the_terms_are_the_gateways() -> None:
    by = asking()
    before = (by.terms.max_age, by.terms.max_stale, by.terms.deadline, by.require_all)
    await answer(FIELDS, by=by)
    assert (by.terms.max_age, by.terms.max_stale, by.terms.deadline, by.require_all) == before


async def test_the_directive_sets_age_and_staleness() -> None:
    by = asking()
    await answer(f'query @ask(maxAge: "PT1M", maxStale: "PT0S") {FIELDS}', by=by)
    assert (by.terms.max_age, by.terms.max_stale) == (60.0, 0.0)


async def test_all_registries_may_be_required() -> None:
    by = asking()
    await answer(f"query @ask(requireAll: true) {FIELDS}", by=by)
    assert by.require_all


async def test_a_timeout_moves_the_deadline_forward() -> None:
    by = asking()
    start = by.federation.clock.monotonic()
    result = await answer(f'query @ask(timeout: "PT2S") {FIELDS}', by=by)
    assert not result.errors
    assert start + 2 <= by.terms.deadline <= by.federation.clock.monotonic() + 2


@pytest.mark.parametrize("asked", ["PT0S", f"PT{int(LIMITS.timeout) + 1}S"])
async def test_a_timeout_beyond_the_gateways_own_is_refused(asked: str) -> None:
    with pytest.raises(BadInput, match="must be above PT0S"):
        await answer(f'query @ask(timeout: "{asked}") {FIELDS}')
