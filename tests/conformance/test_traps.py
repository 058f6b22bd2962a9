"""What each registry is known to do wrong: its answer is told, or whole, or an error."""

from __future__ import annotations

import pytest

from gateway.errors import RegistryError
from gateway.model.question import Question
from tests.conformance.desk import (
    REGISTRIES,
    desk,
    keys,
    some,
)
from tests.conformance.questions import holds_for, predicates

pytestmark = pytest.mark.parametrize("registry", REGISTRIES)


async def test_each_trap_of_the_registry_gives_an_error_or_every_row(registry: str) -> None:
    async with desk(registry) as at:
        assert at.emulated.traps, "a registry without a quirk has not been looked at"
        for name, trap in at.emulated.traps.items():
            at.sandbox.fail(registry, trap)
            for entity in at.adapter.collections:
                at.evidence.unread.clear()
                pages, error = await at.until_error(Question(entity, want=500))
                found = [record for page in pages for record in page.records]
                # A row that could not be read is told.
                lost = sum(count for count, _ in at.evidence.unread.values())
                if error is None and not lost:
                    assert sorted(keys(found)) == sorted(at.truth.rows(entity)), name
                elif error is None:
                    missing = set(at.truth.rows(entity)) - set(keys(found))
                    assert len(missing) <= lost, name
                assert at.wrong(entity, found) == [], name


async def test_each_trap_gives_no_wrong_answer_to_a_narrower_question(registry: str) -> None:
    async with desk(registry) as at:
        projects = await at.projects()
        for entity, collection in at.adapter.collections.items():
            at.sandbox.heal(registry)
            records = await at.everything(entity)
            asked = [p for p in predicates(collection, records, projects) if collection.accepts(p)]
            for name, trap in at.emulated.traps.items():
                at.sandbox.fail(registry, trap)
                for predicate in some(asked, 10):
                    wanted = {r.key for r in records if holds_for(r, predicate, projects)}
                    at.evidence.unread.clear()
                    try:
                        found = set(keys(await at.narrowed(entity, predicate)))
                    except RegistryError:
                        continue
                    lost = sum(count for count, _ in at.evidence.unread.values())
                    if lost:
                        assert len(wanted - found) <= lost, (name, predicate)
                    elif collection.exact(predicate):
                        assert found == wanted, (name, predicate)
                    else:
                        assert wanted <= found, (name, predicate)


async def test_each_trap_gives_no_wrong_answer_by_key(registry: str) -> None:
    async with desk(registry) as at:
        for entity, collection in at.adapter.collections.items():
            if not collection.by_keys:
                continue
            wanted = some(sorted(at.truth.rows(entity)), 5)
            for name, trap in at.emulated.traps.items():
                at.sandbox.fail(registry, trap)
                at.evidence.unread.clear()
                try:
                    page = await at.adapter.by_keys(at.source(), entity, wanted)
                except RegistryError:
                    continue
                found = {r.key for r in page.records}
                lost = sum(count for count, _ in at.evidence.unread.values())
                assert found <= set(wanted), name
                # What was refused gives its error, and is no absence.
                assert not found & set(page.refused), name
                assert len(set(wanted) - found - set(page.refused)) <= lost, name
