"""Ids that were handed out before a key was made another way: still good where they mean one."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.model.entity import Entity
from gateway.model.field import computed
from gateway.model.globalid import GlobalId
from gateway.model.record import Identifier
from gateway.stitch.codes import lookup, one
from gateway.stitch.nodes import SeveralRecords, node, nodes
from tests.stitch.fake import FakeRegistry, FakeUnit, Row, ask, federation


def serials(row: Row) -> tuple[str, ...]:
    return (row.project,) if row.project else ()


def serial_codes(row: Row) -> tuple[Identifier, ...]:
    return tuple(Identifier("r.serial", serial) for serial in serials(row))


class Numbered(FakeUnit):
    """A unit whose key is its row's, and was its serial."""

    former_keys = computed(serials, "project")
    identifiers = computed(serial_codes, "project")


class Renumbered(FakeRegistry):
    """A registry that finds rows by their serials too, which may be of several."""

    def records(self, entity: Entity, source: int) -> list[Any]:
        return [Numbered(r.row, r.origin, r.place) for r in super().records(entity, source)]

    async def by_keys(self, source: Any, entity: Entity, keys: Any) -> Any:
        rows = self.rows[entity]
        wanted = [row.key for row in rows if row.key in keys or row.project in keys]
        return await super().by_keys(source, entity, wanted)


def registry() -> Renumbered:
    rows = [Row(key=str(n), project=serial) for n, serial in enumerate(("s1", "s2", "s2"))]
    return Renumbered("r", {Entity.UNIT: rows})


def unit(key: str) -> GlobalId:
    return GlobalId("r", Entity.UNIT, key)


async def test_an_id_of_before_leads_to_the_only_record_that_had_it() -> None:
    found = await node(ask(federation(registry())), unit("s1"))
    assert found is not None
    assert found.id == "cgw:r:unit:0"


async def test_an_id_of_before_that_means_two_records_is_an_error_that_names_both() -> None:
    with pytest.raises(SeveralRecords) as told:
        await node(ask(federation(registry())), unit("s2"))
    assert told.value.extensions["didYouMean"] == ["cgw:r:unit:1", "cgw:r:unit:2"]


async def test_in_a_list_only_its_own_place_has_the_error() -> None:
    first, second, third = await nodes(
        ask(federation(registry())), [unit("s2"), unit("2"), unit("none")]
    )
    assert isinstance(first, SeveralRecords)
    assert second.id == "cgw:r:unit:2"
    assert third is None


async def test_looking_up_a_code_of_two_records_gives_both() -> None:
    found = await lookup(ask(federation(registry())), [unit("s2")])
    assert [record.key for record in found] == ["1", "2"]


async def test_one_record_asked_by_a_code_of_two_is_an_error_at_the_argument() -> None:
    with pytest.raises(SeveralRecords) as told:
        await one(ask(federation(registry())), [unit("s2")], "unitSerialId")
    assert told.value.extensions["argument"] == "unitSerialId"
