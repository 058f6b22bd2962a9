"""The Reserve's captured pages and exports through rows and views, and beside the emulator's."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from adapters import car_rows
from adapters.car import adapter
from adapters.car_csv import text_of
from adapters.car_page import read_page
from adapters.car_rows import issuances as keyed
from adapters.car_rows import read_cancelled, read_issued, read_projects, read_retired
from adapters.car_session import carried, printed_total
from adapters.car_views import CarCancelled, CarIssuance, CarProject, CarRetired, ListedProject
from adapters.contract import Reply
from gateway.model.entity import Entity
from gateway.model.picklists import ProjectStatus, UnitStatus, UnitType
from gateway.model.record import Origin
from gateway.sandbox.car_pages import FORM_FIELDS
from gateway.sandbox.car_rows import (
    CANCELLED_COLUMNS,
    ISSUED_COLUMNS,
    PROJECT_COLUMNS,
    RETIRED_COLUMNS,
)
from tests.adapters.captured import replied, sample, unmapped

pytestmark = pytest.mark.captured

ORIGIN = Origin("car", 0)
TOTALS = {"projects": 1277, "issuances": 5170, "retirements": 11044, "cancellations": 2277}
# What is known and not decoded; all else of a captured column is read by a view.
UNREAD = {
    "ARB Eligible",
    "Activity Area Type",
    "Authorized Project Designee",
    "Canceled",
    "Canceled for Compliance",
    "Compliance Program Status",
    "Cooperative/ Aggregate ID",
    "Corresponding Adjustment",
    "Crediting Period",
    "Data",
    "Documents",
    "Offset Credits Converted to VCUs",
    "Offset Credits Intended for Compliance Buffer Pool",
    "Offset Project Operator",
    "Project Notes",
    "Project Owner",
    "Project Site Location",
    "Project Website",
    "Protocol and Version",
    "Reversible/Non-Reversible",
    "Total Number of Offset Credits Registered",
    "WA ECO Eligible",
    "Zero-Credit Reporting Period",
}


def as_sent(name: str) -> Reply:
    """The capture in the registry's own encoding, which the copy of it has lost."""
    return replied(sample("car", name).decode("utf-8").encode("cp1252"))


def grid(name: str) -> Reply:
    """The table of a captured page as its export would have it."""
    text = sample("car", name).decode("utf-8")
    rows = re.findall(r"<tr[^>]*>\s*(.*?)</tr>", text, re.IGNORECASE | re.DOTALL)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.IGNORECASE | re.DOTALL) for row in rows]
    lines = [
        "".join(f'"{_plain(cell)}",' for cell in row)
        for row in cells
        if len(row) > 14 and "frm" not in "".join(row)
    ]
    return replied("\n".join(lines).encode("cp1252") + b"\n")


def _plain(cell: str) -> str:
    return re.sub(r"<[^>]+>", "", cell).replace("&nbsp;", " ").replace("&amp;", "&").strip()


async def test_every_captured_project_decodes_and_maps() -> None:
    for reply, count in ((as_sent("car-projects.csv"), 60), (grid("car-projects.html"), 10)):
        export = read_projects(reply)
        found = [CarProject(ListedProject(row), ORIGIN, i) for i, row in enumerate(export.rows)]
        assert (len(found), export.mended) == (count, 0)
        assert set().union(*map(unmapped, found)) == set()
        assert all(p.project_status and p.sector and p.project_type for p in found)
        assert all(p.key == p.project_id == adapter.project_key(p.key) for p in found)
    assert {p.project_status for p in found} <= set(ProjectStatus)


def test_captured_goals_dates_and_places_are_read() -> None:
    export = read_projects(as_sent("car-projects.csv"))
    found = {r.project_id: CarProject(ListedProject(r), ORIGIN) for r in export.rows}
    first: Any = found["CAR1957"]
    assert (first.project_status_date, first.project_status_date_raw) == (
        "2024-04-05",
        "04/05/2024",
    )
    assert (first.registration_date, first.estimations) == (None, None)
    goals: list[Any] = [p.co_benefits for p in found.values() if p.co_benefits]
    assert [[goal.sdg for goal in row] for row in goals] == [[2, 3, 6, 8, 9, 12, 13, 14, 15]]
    places: Any = [p.project_locations for p in found.values()]
    assert {place.country for row in places for place in row} == {"US", "MX", "AR"}
    assert {"CAR-LIVESTOCK", "CAR-GRASSLAND", "ARB-FOREST"} <= {
        p.methodology for p in found.values()
    }


def test_every_captured_issuance_decodes_and_maps() -> None:
    export = read_issued(grid("car-issuances.html"))
    found = [CarIssuance(row, ORIGIN, i) for i, row in enumerate(keyed(export.rows))]
    assert (len(found), export.mended) == (10, 0)
    assert set().union(*map(unmapped, found)) == set()
    first = found[0]
    assert first.key == "CAR2278-2026-2026-05-08"
    assert (first.unit_count, first.vintage_year) == (Decimal(126429), 2026)
    assert first.verification_body == "SES, Inc."
    assert all(i.labels == () for i in found)


def test_every_captured_retirement_decodes_with_the_misquoted_ones() -> None:
    export = read_retired(as_sent("car-retirements.csv"))
    found = [CarRetired(row, ORIGIN, i) for i, row in enumerate(export.rows)]
    assert (len(found), export.mended) == (21, 0)
    assert set().union(*map(unmapped, found)) == set()
    for unit in found:
        size = int(unit.unit_block_end or 0) - int(unit.unit_block_start or 0) + 1
        assert unit.unit_count == size
        assert unit.unit_status_date
        assert unit.unit_owner
    details = {unit.unit_retirement_detail for unit in found}
    assert 'On behalf of "We Are Neutral, Inc."' in details
    assert any(text and text.startswith('"Retirement of Carbon Offsets') for text in details)
    assert {unit.unit_type for unit in found} == {
        UnitType.REDUCTION_TECHNICAL,
        UnitType.REMOVAL_NATURE,
        None,
    }
    labels = {label.label for unit in found for label in unit.labels or ()}
    assert labels == {"CORSIA - Pilot Phase, 2021-2023 Eligible", "ICVCM CCP"}
    assert any("Indígena" in (u.parent.project_name or "") for u in found if u.parent)


def test_captured_rows_of_the_retired_page_read_as_those_of_its_export() -> None:
    rows = {row.serial: row for row in read_retired(as_sent("car-retirements.csv")).rows}
    shown = read_retired(grid("car-retirements.html")).rows
    assert len(shown) == 10
    both = [row for row in shown if row.serial in rows]
    assert both
    for row in both:
        assert rows[row.serial].quantity == row.quantity.replace(",", "")
        assert CarRetired(row, ORIGIN).unit_count == Decimal(rows[row.serial].quantity)


def test_every_captured_cancellation_decodes_and_is_an_export() -> None:
    export = read_cancelled(grid("car-cancellations.html"))
    found = [CarCancelled(row, ORIGIN, i) for i, row in enumerate(export.rows)]
    assert (len(found), export.mended) == (10, 0)
    assert set().union(*map(unmapped, found)) == set()
    assert {unit.unit_status for unit in found} == {UnitStatus.EXPORTED}
    assert {unit.unit_status_reason for unit in found} == {"ARB", "WA ECO"}


@pytest.mark.parametrize("name", TOTALS)
def test_every_captured_page_opens_its_export(name: str) -> None:
    reply = as_sent(f"car-{name}.html")
    fields = dict(carried(reply))
    assert set(fields) == {"c16e", *FORM_FIELDS}
    assert re.fullmatch("[0-9a-f]{32}", fields["c16e"])
    assert (fields["Data"], fields["FormatType"]) == ("Stamp_0", "csv")
    assert printed_total(text_of(reply)) == TOTALS[name]


def test_a_later_captured_page_has_the_same_total() -> None:
    assert printed_total(text_of(as_sent("car-projects-page2.html"))) == TOTALS["projects"]


def test_the_captured_page_of_a_project_is_read_and_a_missing_one_is_none() -> None:
    page = read_page(as_sent("car-detail.html"))
    assert page is not None
    assert page.project_id == "CAR1957"
    assert page.description.startswith("The project consists of areas")
    row = read_projects(as_sent("car-projects.csv")).rows[0]
    read: Any = CarProject(ListedProject(row, page), ORIGIN)
    (period,) = read.estimations
    assert period.crediting_period_end == "2053-01-29"
    assert read_page(as_sent("car-detail-notfound.html")) is None


def test_the_emulator_has_the_captured_columns() -> None:
    exported = {"projects": PROJECT_COLUMNS, "retirements": RETIRED_COLUMNS}
    for name, columns in exported.items():
        first = sample("car", f"car-{name}.csv").decode("utf-8").split("\n", 1)[0]
        assert first == "".join(f'"{column}",' for column in columns)
    shown = {"issuances": ISSUED_COLUMNS, "cancellations": CANCELLED_COLUMNS[:-1]}
    for name, listed in shown.items():
        first = grid(f"car-{name}.html").body.decode().split("\n", 1)[0]
        assert first[1:-2].split('","') == list(listed)


def test_every_captured_column_is_read_or_known_to_be_left() -> None:
    shapes: tuple[type[msgspec.Struct], ...] = (
        car_rows.ProjectRow,
        car_rows.IssuedRow,
        car_rows.RetiredRow,
        car_rows.CancelledRow,
    )
    read = {f.encode_name for shape in shapes for f in msgspec.structs.fields(shape)}
    every = {*PROJECT_COLUMNS, *ISSUED_COLUMNS, *RETIRED_COLUMNS, *CANCELLED_COLUMNS}
    columns = {column.strip() for column in every}
    assert columns - read == UNREAD
    assert len(adapter.views[Entity.UNIT]) == 3
