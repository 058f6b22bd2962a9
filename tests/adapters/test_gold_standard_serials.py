"""One serial on two rows of Gold Standard: two records, each with an id of its own."""

from __future__ import annotations

from collections import Counter

from adapters.gold_standard import adapter
from adapters.gold_standard_views import GoldStandardIssuance
from gateway.model.entity import Entity
from tests.adapters.test_gold_standard import TOLD, keys, registry


async def test_two_rows_of_one_serial_are_two_records_that_are_found_by_their_ids() -> None:
    serials = Counter(unit.unit_serial_id for unit in TOLD.units)
    twice = [unit for unit in TOLD.units if serials[unit.unit_serial_id] > 1]
    assert len(twice) == 4
    async with registry() as source:
        for unit in twice:
            page = await adapter.by_keys(source, Entity.UNIT, [unit.key])
            assert keys(page.records) == [unit.key]
        together = await adapter.by_keys(source, Entity.UNIT, [unit.key for unit in twice])
        assert sorted(keys(together.records)) == sorted(unit.key for unit in twice)


async def test_a_key_that_was_the_serial_alone_still_leads_to_all_that_have_it() -> None:
    serials = Counter(unit.unit_serial_id for unit in TOLD.units)
    async with registry() as source:
        for unit in (TOLD.units[40], next(u for u in TOLD.units if serials[u.unit_serial_id] > 1)):
            page = await adapter.by_keys(source, Entity.UNIT, [unit.unit_serial_id])
            assert len(page.records) == serials[unit.unit_serial_id]
            assert all(unit.unit_serial_id in record.former_keys for record in page.records)


async def test_a_block_that_is_listed_twice_counts_once_in_its_issuance() -> None:
    serials = Counter(unit.unit_serial_id for unit in TOLD.units)
    again = next(u for u in TOLD.units if serials[u.unit_serial_id] > 1)
    blocks = [u for u in TOLD.units if u.issuance_key == again.issuance_key]
    once = {u.unit_serial_id: u.unit_count for u in blocks}
    assert len(once) < len(blocks)
    async with registry() as source:
        page = await adapter.by_keys(source, Entity.ISSUANCE, [again.issuance_key])
    (record,) = page.records
    assert isinstance(record, GoldStandardIssuance)
    assert record.unit_count == sum(once.values())
