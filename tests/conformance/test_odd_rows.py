"""One odd row costs itself: whatever stands in a row of a list, all the other rows are there.

The rows are spoilt in each of their fields, in all kinds of ways, in every list of every registry,
whatever its wire is: JSON, CSV, a workbook, a page or a database. Which lists there are comes from
the adapters, so that a new one is held to this too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from adapters.catalogue import adapters
from gateway.errors import Outcome
from gateway.model.entity import Entity
from gateway.model.question import Question
from gateway.model.record import Record, View
from gateway.sandbox.odd_rows import (
    Spoil,
    choosing,
    no_row,
    one_cell,
    one_value,
    text,
    without_key,
)
from gateway.sandbox.odd_tables import damage, odd_wire
from gateway.upstream.health import BreakerState
from tests.conformance.desk import LONG, REGISTRIES, Desk, desk

LISTS = [
    pytest.param(registry, entity, id=f"{registry} {entity.value}s")
    for registry in REGISTRIES
    for entity in adapters()[registry].collections
]
# So many issuances may stand in one project, and so many projects in one verifier's row.
MOST_INSIDE = 6
LEFT_OUT = [pytest.param(no_row, id="no row"), pytest.param(without_key, id="without a field")]


def test_every_registry_has_an_emulator_whose_lists_can_be_spoilt() -> None:
    assert set(REGISTRIES) == set(adapters())


@pytest.mark.slow_for(*LONG)
@pytest.mark.parametrize(("registry", "entity"), LISTS)
async def test_a_value_of_another_kind_costs_that_value(registry: str, entity: Entity) -> None:
    async with desk(registry) as at:
        whole = {record.key: record for record in await at.everything(entity)}
        spoilt: set[str] = set()
        found, unread = await _odd(at, entity, one_value if _is_json(at) else one_cell, spoilt)
        assert_explained(whole, found, unread)
        assert_all_fields_can_be_shown(found)
        known = [record for record in found if record.key in whole]
        if _is_json(at):
            known = [record for record in known if text(_raw(at, record)) not in spoilt]
        changed = [r.key for r in known if shown(r) != shown(whole[r.key])]
        # What is read from rows of several lists may have met an odd one elsewhere.
        most = len(spoilt) // 2 if _is_json(at) else len(spoilt) * MOST_INSIDE
        assert len(changed) <= most, changed
        assert spoilt


@pytest.mark.slow_for(*LONG, "acr", "art", "gcc", "isometric", "plan-vivo", "uk-land-carbon")
@pytest.mark.parametrize("spoil", LEFT_OUT)
@pytest.mark.parametrize(("registry", "entity"), LISTS)
async def test_a_row_that_cannot_be_read_costs_that_row(
    registry: str, entity: Entity, spoil: Spoil
) -> None:
    async with desk(registry) as at:
        whole = {record.key: record for record in await at.everything(entity)}
        spoilt: set[str] = set()
        found, unread = await _odd(at, entity, spoil, spoilt)
        assert_explained(whole, found, unread)
        assert spoilt
        assert unread or spoil is without_key or len(found) == len(whole)


async def _odd(
    at: Desk, entity: Entity, spoil: Spoil, spoilt: set[str]
) -> tuple[Sequence[Record[Any]], int]:
    """The records of a market with such rows in it, and how many rows could not be read."""
    first = spoil not in (one_value, one_cell)
    for every in (3, 2):
        chosen = choosing(spoil, every, spare_first=first, spoilt=spoilt)
        at.sandbox.fail(at.key, odd_wire(chosen) if at.emulated.listens else damage(chosen))
        before = len(at.evidence.exchanges)
        pages, error = await at.until_error(Question(entity, want=500))
        assert error is None, error.message
        if spoilt:
            break
    health = at.door.health(at.key)
    assert (health.breaker, health.last_outcome) == (BreakerState.CLOSED, Outcome.OK)
    assert at.door.lane(at.key).tally.refused == 0
    unread = [count for i, (count, _) in at.evidence.unread.items() if i >= before]
    return [record for page in pages for record in page.records], sum(unread)


def assert_explained(whole: Mapping[str, Any], found: Sequence[Record[Any]], unread: int) -> None:
    """No row is missing but those that the registry is said to have sent unreadable, with what
    stands in them, and none is there twice."""
    keys = [record.key for record in found]
    known = [key for key in keys if key in whole]
    assert len(set(known)) == len(known)
    missing, others = set(whole) - set(keys), [key for key in keys if key not in whole]
    # A block whose serial is odd goes by the number of its row, and a text may stand for a key.
    assert len(missing) <= unread * MOST_INSIDE + len(others), sorted(missing)
    assert len(found) >= len(whole) // 5


def assert_all_fields_can_be_shown(records: Sequence[Record[Any]]) -> None:
    for record in records:
        assert record.id
        shown(record)


def shown(view: View[Any]) -> dict[str, Any]:
    """Everything that the record says, its children too."""
    return {name: _plain(getattr(view, name)) for name in type(view).fields if name != "parent"}


def _plain(value: Any) -> Any:
    if isinstance(value, View):
        return shown(value)
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _is_json(at: Desk) -> bool:
    """Whether the registry's rows are JSON of its own."""
    body = (at.evidence.exchanges[-1].body or b"").lstrip()
    return at.emulated.listens and body[:1] in (b"{", b"[")


def _raw(at: Desk, record: Record[Any]) -> Any:
    """The registry's own row, where the record's place leads."""
    found = json.loads(at.evidence.exchanges[record.origin.source].body or b"null")
    for step in _steps(record.pointer):
        found = found[int(step)] if isinstance(found, list) else found[step]
    return found


def _steps(pointer: str) -> Iterator[str]:
    for step in pointer.split("/")[1:]:
        yield step.replace("~1", "/").replace("~0", "~")
