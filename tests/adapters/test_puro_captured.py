"""Puro's captured pages through rows and views, and against the emulator's rows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from adapters.puro import adapter
from adapters.puro_page import read_list
from gateway.model.entity import Entity
from gateway.model.picklists import UnitStatus
from gateway.model.question import Question
from gateway.model.record import Record
from gateway.sandbox.puro_rows import Rows
from tests.adapters.captured import replayed, replied, sample, types_by_key, unmapped
from tests.market import make

pytestmark = pytest.mark.captured

PAGES = {
    f"/{name}": ("puro", f"puro-{name}.html") for name in ("projects", "issuances", "retirements")
}


async def listed(entity: Entity) -> list[Any]:
    async with replayed(PAGES, "puro", "text/html") as source:
        return [r async for p in adapter.pages(source, Question(entity)) for r in p.records]


def rows(name: str) -> list[dict[str, Any]]:
    return read_list(replied(sample("puro", f"puro-{name}.html")))


def without_map(found: list[Record[Any]]) -> set[tuple[str, str]]:
    return set().union(*map(unmapped, found))


async def test_every_captured_project_decodes_and_maps() -> None:
    found = await listed(Entity.PROJECT)
    assert len(found) == 6
    assert without_map(found) == set()
    assert {p.project_locations[0].country for p in found} == {"FR", "NO", "NA", "CN", "US"}
    assert all(p.methodology for p in found)


async def test_every_captured_issuance_decodes_and_maps() -> None:
    found = await listed(Entity.ISSUANCE)
    assert len(found) == 11
    assert without_map(found) == set()
    assert all(i.project_key and i.vintage_year and i.issuance_date for i in found)


async def test_every_captured_bundle_decodes_and_maps() -> None:
    found = await listed(Entity.UNIT)
    assert len(found) == sum(len(row["bundles"]) for row in rows("retirements"))
    assert without_map(found) == set()
    assert {u.unit_status for u in found} == {UnitStatus.RETIRED}
    assert all(u.key == u.unit_serial_id and u.unit_status_date for u in found)
    total = sum((u.unit_count for u in found), Decimal(0))
    assert total == sum(row["volume"] for row in rows("retirements"))


async def test_captured_retired_blocks_lie_inside_their_issuance() -> None:
    issuances = {i.key: i for i in await listed(Entity.ISSUANCE)}
    for unit in await listed(Entity.UNIT):
        issuance = issuances[unit.issuance_key]
        start, end = map(int, issuance.unit_serial_id.rpartition("_")[2].split("-"))
        assert start <= int(unit.unit_block_start) <= int(unit.unit_block_end) <= end


def test_the_emulators_rows_have_the_captured_keys_and_types() -> None:
    telling = make().told_by("puro")
    made = Rows(telling)
    ours = {
        "projects": [made.project(row) for row in telling.projects],
        "issuances": [made.issuance(row) for row in telling.issuances],
        "retirements": [made.retirement(row) for row in telling.units],
    }
    for name, emulated in ours.items():
        captured = rows(name)
        same_shape(emulated, captured)
        for inner in ("bundles", "sdgs", "labels", "transactionAdditionalLabels"):
            same_shape(inside(emulated, inner), inside(captured, inner))
        for inner in ("methodology", "generalRules", "retirementDetails", "issuanceDetails"):
            same_shape(held(emulated, inner), held(captured, inner))
    for inner in ("project", "methodology", "issuance"):
        same_shape(
            held(inside(ours["retirements"], "bundles"), inner),
            held(inside(rows("retirements"), "bundles"), inner),
        )


def inside(found: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [inner for row in found for inner in row.get(name, [])]


def held(found: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [row[name] for row in found if row.get(name)]


def same_shape(emulated: list[dict[str, Any]], captured: list[dict[str, Any]]) -> None:
    assert {tuple(row) for row in emulated} == {tuple(row) for row in captured}
    allowed = types_by_key(captured)
    for key, kinds in types_by_key(emulated).items():
        assert kinds <= allowed[key], key
