"""One odd row costs itself: whatever stands in a row of a list, all the other rows are there.

The rows are spoilt in each of their fields, in all kinds of ways, in every list of every registry.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from gateway.model.entity import Entity
from gateway.model.outcome import Outcome
from gateway.model.question import Question
from gateway.model.record import Record, View
from gateway.sandbox.odd_rows import Spoil, no_row, odd_rows, one_value, text, without_key
from gateway.upstream.health import BreakerState
from tests.conformance.desk import REGISTRIES, Desk, desk

# Their wires are no JSON: tables, workbooks and pages have tests of their own.
TABLES = frozenset({"car", "cats", "cdm", "example-national-csv", "example-national-sql", "puro"})
# Rows of a manifest are read by what it selects of them.
TABLES |= {"example-national-rest"}
JSON = [registry for registry in REGISTRIES if registry not in TABLES]

# So many issuances may stand in one project.
MOST_INSIDE = 6

LEFT_OUT = [pytest.param(no_row, id="no row"), pytest.param(without_key, id="without a field")]


@pytest.mark.parametrize("registry", JSON)
async def test_a_value_of_another_kind_costs_that_value(registry: str) -> None:
    async with desk(registry) as at:
        every: set[str] = set()
        for entity in at.adapter.collections:
            at.sandbox.heal(registry)
            whole = {record.key: record for record in await at.everything(entity)}
            spoilt: set[str] = set()
            found, unread = await _odd(at, entity, one_value, spoilt)
            every |= spoilt
            assert_explained(whole, found, unread)
            assert_all_fields_can_be_shown(found)
            sound = [record for record in found if text(_raw(at, record)) not in spoilt]
            known = [record for record in sound if record.key in whole]
            changed = [r.key for r in known if shown(r) != shown(whole[r.key])]
            # What is read from rows of several lists may have met an odd one elsewhere.
            assert len(changed) <= len(spoilt) // 2, changed
        assert every


@pytest.mark.parametrize("spoil", LEFT_OUT)
@pytest.mark.parametrize("registry", JSON)
async def test_a_row_that_cannot_be_read_costs_that_row(registry: str, spoil: Spoil) -> None:
    async with desk(registry) as at:
        every: set[str] = set()
        for entity in at.adapter.collections:
            at.sandbox.heal(registry)
            whole = {record.key: record for record in await at.everything(entity)}
            spoilt: set[str] = set()
            found, unread = await _odd(at, entity, spoil, spoilt)
            every |= spoilt
            assert_explained(whole, found, unread)
            assert unread or spoil is without_key or not spoilt
        assert every


async def _odd(
    at: Desk, entity: Entity, spoil: Spoil, spoilt: set[str]
) -> tuple[Sequence[Record[Any]], int]:
    """The records of a market with such rows in it, and how many rows could not be read."""
    first = spoil is not one_value
    at.sandbox.fail(at.key, odd_rows(spoil, 3, spare_first=first, spoilt=spoilt))
    before = len(at.evidence.exchanges)
    pages, error = await at.until_error(Question(entity, want=500))
    assert error is None, error.message
    health = at.door.health(at.key)
    assert (health.breaker, health.last_outcome) == (BreakerState.CLOSED, Outcome.OK)
    assert at.door.lane(at.key).tally.refused == 0
    unread = [count for i, (count, _) in at.evidence.unread.items() if i >= before]
    return [record for page in pages for record in page.records], sum(unread)


def assert_explained(whole: Mapping[str, Any], found: Sequence[Record[Any]], unread: int) -> None:
    """No row is missing but those that the registry is said to have sent unreadable, with what
    stands in them, and none is there twice."""
    keys = [record.key for record in found]
    assert len(set(keys)) == len(keys)
    missing, others = set(whole) - set(keys), set(keys) - set(whole)
    # A block whose serial is odd goes by the number of its row.
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


def _raw(at: Desk, record: Record[Any]) -> Any:
    """The registry's own row, where the record's place leads."""
    found = json.loads(at.evidence.exchanges[record.origin.source].body or b"null")
    for step in _steps(record.pointer):
        found = found[int(step)] if isinstance(found, list) else found[step]
    return found


def _steps(pointer: str) -> Iterator[str]:
    for step in pointer.split("/")[1:]:
        yield step.replace("~1", "/").replace("~0", "~")
