"""Keys of a CAD Trust node: text of any form, asked for exactly as it came."""

from __future__ import annotations

import re
from dataclasses import replace

from adapters.cad_trust import adapter
from gateway.model.entity import Entity
from gateway.model.question import Parent, Question
from gateway.sandbox.cad_trust import application
from gateway.sandbox.world import Telling
from tests.adapters.source import loopback
from tests.adapters.test_cad_trust import node, records, telling

MADE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


async def test_keys_of_nobody_are_asked_for_as_they_are_and_left_out() -> None:
    async with node() as source:
        for entity in Entity:
            page = await adapter.by_keys(source, entity, ["VCS-1529", "", "x" * 200])
            assert page.records == ()
        asked = len(source.asked)
        assert 0 < asked < 10
        assert (await adapter.by_keys(source, Entity.PROJECT, [""])).records == ()
        assert len(source.asked) == asked


async def test_keys_of_any_form_are_found_exactly_as_they_came() -> None:
    told = telling()
    async with node() as source:
        for entity, rows in (
            (Entity.PROJECT, told.projects),
            (Entity.ISSUANCE, told.issuances),
            (Entity.UNIT, told.units),
        ):
            odd = [row.key for row in rows if not MADE.fullmatch(row.key)]
            assert len(odd) > 5
            for key in odd:
                page = await adapter.by_keys(source, entity, [key])
                assert [record.key for record in page.records] == [key]
            together = await adapter.by_keys(source, entity, odd)
            assert sorted(record.key for record in together.records) == sorted(odd)


async def test_keys_that_differ_by_case_padding_or_a_blank_are_different_rows() -> None:
    keys = {unit.key for unit in telling().units}
    assert {"legacy-unit-17", "LEGACY-UNIT-17", "legacy-unit-17 ", "000.unit", "0000.unit"} <= keys
    async with node() as source:
        page = await adapter.by_keys(source, Entity.UNIT, ["legacy-unit-17 "])
        assert [record.key for record in page.records] == ["legacy-unit-17 "]
        known = adapter.lookup_key("cadtrust.warehouseUnitId", "legacy-unit-17 ")
        assert known == (Entity.UNIT, "legacy-unit-17 ")


async def test_children_of_a_parent_with_an_odd_key_are_found() -> None:
    told = telling()
    odd = next(i for i in told.issuances if i.project_key.startswith(("0", "legacy", "LEGACY")))
    issuances = {i.key for i in told.issuances if i.project_key == odd.project_key}
    units = {u.key for u in told.units if u.project_key == odd.project_key}
    async with node() as source:
        parent = Parent(Entity.PROJECT, (odd.project_key,))
        found = await records(source, Question(Entity.ISSUANCE, parent=parent))
        assert {record.key for record in found} == issuances
        found = await records(source, Question(Entity.UNIT, parent=parent))
        assert {record.key for record in found} == units


async def test_a_key_too_long_for_a_filter_is_found_all_the_same() -> None:
    long = ["x" * 90 + end for end in ("", "y")]
    units = telling().units[:2]
    issued = next(i for i in telling().issuances if i.key == units[0].issuance_key)
    base = next(p for p in telling().projects if p.key == issued.project_key)
    told = Telling(
        "cad-trust",
        (base,),
        tuple(replace(issued, key=key, cad_trust_issuance_id=key) for key in long),
        tuple(
            replace(
                unit,
                key=f"{key}-unit",
                project_key=base.key,
                issuance_key=key,
                cad_trust_issuance_id=key,
            )
            for unit, key in zip(units, long, strict=True)
        ),
    )
    async with loopback(application(told), "cad-trust") as source:
        for key in long:
            found = await adapter.by_keys(source, Entity.ISSUANCE, [key])
            assert [record.key for record in found.records] == [key]
            parent = Parent(Entity.ISSUANCE, (key,))
            below = await records(source, Question(Entity.UNIT, parent=parent))
            assert [record.key for record in below] == [f"{key}-unit"]
            alone = await adapter.by_keys(source, Entity.UNIT, [f"{key}-unit"])
            assert [record.key for record in alone.records] == [f"{key}-unit"]
