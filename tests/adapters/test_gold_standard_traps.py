"""Gold Standard's ways to go wrong: a typed outcome, or the same rows."""

from __future__ import annotations

import pytest

from adapters.gold_standard import adapter
from gateway.errors import InvalidPayload, RegistryError
from gateway.model.entity import Entity
from gateway.model.picklists import UnitStatus
from gateway.model.question import Op, Parent, Question
from gateway.sandbox.gold_standard import EMULATOR
from tests.adapters.test_gold_standard import GIANT, TRUTHS, asking, keys, records, registry

QUESTIONS = {
    "projects": Question(Entity.PROJECT),
    "units": Question(Entity.UNIT),
    "issuances": Question(Entity.ISSUANCE),
    "retired": asking(Entity.UNIT, "unit_status", Op.EQ, UnitStatus.RETIRED),
    "country": asking(Entity.PROJECT, "country", Op.EQ, "NA"),
    "units of a country": asking(Entity.UNIT, "project.country", Op.EQ, "NA"),
    "text": asking(Entity.PROJECT, "text", Op.CONTAINS, "biogas"),
    "children": Question(Entity.UNIT, parent=Parent(Entity.PROJECT, (GIANT,))),
    "batches": Question(Entity.ISSUANCE, parent=Parent(Entity.PROJECT, (GIANT,))),
}


@pytest.mark.parametrize("trap", EMULATOR.traps)
@pytest.mark.parametrize("name", QUESTIONS)
async def test_a_trap_gives_a_typed_outcome_or_the_same_rows(trap: str, name: str) -> None:
    async with registry() as source:
        right = await records(source, QUESTIONS[name])
    async with registry(EMULATOR.traps[trap]) as source:
        try:
            found = await records(source, QUESTIONS[name])
        except RegistryError:
            return
    assert keys(found) == keys(right)


@pytest.mark.parametrize("trap", EMULATOR.traps)
async def test_a_trap_never_hides_a_record_read_by_key(trap: str) -> None:
    async with registry(EMULATOR.traps[trap]) as source:
        for entity, truths in TRUTHS.items():
            try:
                page = await adapter.by_keys(source, entity, [truths[0].key])
            except RegistryError:
                continue
            assert keys(page.records) == [truths[0].key]


async def test_ignored_filters_are_an_invalid_payload() -> None:
    async with registry(EMULATOR.traps["filters are ignored"]) as source:
        for name in ("retired", "country", "units of a country", "text", "children", "batches"):
            with pytest.raises(InvalidPayload, match="ignored"):
                await records(source, QUESTIONS[name])
