"""Captured rows of Verra and Plan Vivo through the adapters' rows and views, and the emulators'."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.plan_vivo import adapter as plan_vivo
from adapters.sp_platform import Platform
from adapters.sp_rows import DECODERS, Ledger
from adapters.verra import adapter as verra
from gateway.model.field import Mapped
from gateway.model.picklists import ProjectStatus, UnitStatus
from gateway.model.record import Origin, View
from gateway.sandbox import plan_vivo as emulated_plan_vivo
from gateway.sandbox import sp_keys as keys
from gateway.sandbox import verra as emulated_verra
from gateway.sandbox.sp_rows import write
from tests.adapters.captured import replied, sample, types_by_key
from tests.market import make

pytestmark = pytest.mark.captured

KEYS = {
    Ledger.PROJECT: keys.PROJECT,
    Ledger.ISSUANCES: keys.ISSUANCE,
    Ledger.HOLDINGS: keys.HOLDING,
    Ledger.RETIREMENTS: keys.RETIREMENT,
    Ledger.CANCELLATIONS: keys.CANCELLATION,
}
VERRA = "spglobal-first-entities-2026-07-27.json"
CAPTURED = [
    *(("verra", ledger) for ledger in Ledger if ledger is not Ledger.HOLDINGS),
    ("plan-vivo", Ledger.PROJECT),
    ("plan-vivo", Ledger.ISSUANCES),
    ("plan-vivo", Ledger.HOLDINGS),
]
ADAPTERS: dict[str, Platform] = {"verra": verra, "plan-vivo": plan_vivo}
HANDS = {"verra": emulated_verra.HAND, "plan-vivo": emulated_plan_vivo.HAND}


def captured(registry: str, ledger: Ledger) -> list[dict[str, Any]]:
    """The captured rows of a ledger."""
    if registry == "verra":
        return [json.loads(sample("verra", VERRA))[ledger]["first_entity"]]
    name = {"project": "projects"}.get(ledger, ledger)
    found: list[dict[str, Any]] = json.loads(sample("plan-vivo-spglobal", f"planvivo-{name}.json"))[
        "entities"
    ]
    return found


def values(view: Any) -> dict[str, Any]:
    """Every declared field of a view, children too."""
    found = {}
    for name in type(view).fields:
        value = getattr(view, name)
        inner = value if isinstance(value, tuple) else (value,)
        found[name] = [values(v) if isinstance(v, View) else v for v in inner]
    return found


@pytest.mark.parametrize(("registry", "ledger"), CAPTURED)
def test_every_captured_row_is_read_by_every_field(registry: str, ledger: Ledger) -> None:
    rows = captured(registry, ledger)
    body = {"entities": rows, "totalEntities": len(rows), "start": 0}
    decoded = DECODERS[ledger](replied(json.dumps(body).encode()))
    adapter = ADAPTERS[registry]
    for place, (row, raw) in enumerate(zip(decoded.entities, rows, strict=True)):
        record = adapter.tenant.views[ledger](row, Origin(registry, 0, "/entities"), place)
        assert values(record)
        assert record.pointer == f"/entities/{place}"
        assert getattr(record, "project_key", record.key) == str(raw["projectId"])
        unread = [
            name
            for name, field in type(record).fields.items()
            if isinstance(field, Mapped) and field.unmapped(row)
        ]
        assert unread == []


@pytest.mark.parametrize(("registry", "ledger"), CAPTURED)
def test_the_emulator_sends_every_captured_key_and_no_other(registry: str, ledger: Ledger) -> None:
    for row in captured(registry, ledger):
        assert tuple(row) == KEYS[ledger]
    made = write(make().told_by(registry), HANDS[registry])[ledger]
    assert made
    for row in made:
        assert tuple(row) == KEYS[ledger]


@pytest.mark.parametrize(("registry", "ledger"), CAPTURED)
def test_the_emulators_values_have_the_captured_types(registry: str, ledger: Ledger) -> None:
    real = types_by_key(captured(registry, ledger))
    made = types_by_key(write(make().told_by(registry), HANDS[registry])[ledger])
    known = {key: types - {"null"} for key, types in real.items() if types - {"null"}}
    other = {
        key: (made[key], known[key]) for key in known if not made[key] - {"null"} <= known[key]
    }
    assert other == {}


@pytest.mark.parametrize(("registry", "ledger"), CAPTURED)
def test_whole_numbers_and_floats_are_told_apart_as_they_were_captured(
    registry: str, ledger: Ledger
) -> None:
    real, made = (
        captured(registry, ledger),
        write(make().told_by(registry), HANDS[registry])[ledger],
    )

    def floats(rows: list[dict[str, Any]]) -> set[str]:
        return {key for row in rows for key, value in row.items() if isinstance(value, float)}

    def whole(rows: list[dict[str, Any]]) -> set[str]:
        return {
            key
            for row in rows
            for key, value in row.items()
            if isinstance(value, int) and not isinstance(value, bool)
        }

    assert not floats(real) & whole(made)
    assert not whole(real) & floats(made)


def test_the_captured_rows_say_what_a_reader_sees_in_them() -> None:
    def first(adapter: Platform, registry: str, ledger: Ledger) -> Any:
        rows = captured(registry, ledger)
        body = json.dumps({"entities": rows, "totalEntities": len(rows), "start": 0})
        row = DECODERS[ledger](replied(body.encode())).entities[0]
        return adapter.tenant.views[ledger](row, Origin(registry, 0, "/entities"), 0)

    project = first(verra, "verra", Ledger.PROJECT)
    assert (project.key, project.project_status) == ("2240", ProjectStatus.WITHDRAWN)
    assert (project.methodology, project.project_locations[0].country) == ("ACM0002", "US")
    assert project.project_locations[0].latitude is None
    assert project.project_name is None

    issuance = first(verra, "verra", Ledger.ISSUANCES)
    assert (str(issuance.unit_count), issuance.vintage_year) == ("235604", 2024)
    assert (issuance.issuance_date, issuance.vintage_end_date) == ("2026-07-27", "2024-12-31")

    retired = first(verra, "verra", Ledger.RETIREMENTS)
    assert (retired.unit_status, retired.unit_status_date) == (UnitStatus.RETIRED, "2026-07-27")
    assert retired.unit_owner is None

    cancelled = first(verra, "verra", Ledger.CANCELLATIONS)
    assert (cancelled.vintage_year, cancelled.unit_block_end) == (2004, "957469821")
    assert [label.label for label in cancelled.labels] == ["CCB-Gold"]

    planned = first(plan_vivo, "plan-vivo", Ledger.HOLDINGS)
    assert (planned.is_ex_ante, planned.unit_tags) == (True, "fPVC")
    assert planned.unit_status is UnitStatus.HELD
    site = first(plan_vivo, "plan-vivo", Ledger.PROJECT)
    assert (site.program, site.project_type) == ("PV Climate", "Reforestation")
    assert site.project_link.endswith("/pvclimate/public/pv/projects/110200000000034")


def test_units_of_the_captured_holdings_lie_in_captured_issuances() -> None:
    found: dict[Ledger, list[Any]] = {}
    for ledger in (Ledger.ISSUANCES, Ledger.HOLDINGS):
        rows = captured("plan-vivo", ledger)
        body = json.dumps({"entities": rows, "totalEntities": len(rows), "start": 0})
        view = plan_vivo.tenant.views[ledger]
        decoded = DECODERS[ledger](replied(body.encode())).entities
        found[ledger] = [view(row, Origin("plan-vivo", 0), at) for at, row in enumerate(decoded)]
    pairs = [
        (unit.key, issuance.key)
        for unit in found[Ledger.HOLDINGS]
        for issuance in found[Ledger.ISSUANCES]
        if plan_vivo.belongs(unit, issuance)
    ]
    assert ("PV-fPVC-GT-110200000000070-01012020-31122042-14633-39202-SPG",) * 2 in pairs
