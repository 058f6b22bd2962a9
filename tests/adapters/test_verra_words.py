"""Verra's columns that hold several values in one text, and what methodologies add to them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from adapters.sp_rows import HoldingRow, ProjectRow
from adapters.verra import VerraHeld, VerraProject
from gateway.harmonise import sectors
from gateway.model.picklists import UnitType, ValueBasis
from gateway.model.record import Origin

HERE = Origin("verra", 0)
ENERGY = "Energy industries (renewable/non-renewable sources)"
LIVESTOCK = "Livestock, enteric fermentation, and manure management"
LAND = "Agriculture Forestry and Other Land Use"


def project(**columns: Any) -> Any:
    return VerraProject(ProjectRow(entityId=1, projectId=2, **columns), HERE)


def held(**columns: Any) -> Any:
    return VerraHeld(
        HoldingRow(entityId=1, projectId=2, holdingQuantity=Decimal(5), **columns), HERE
    )


def test_a_project_is_of_each_of_its_scopes() -> None:
    record = project(sectoralScope=f"{ENERGY}, {LIVESTOCK}, Waste handling and disposal")
    assert record.sectors == (sectors.ENERGY, sectors.LIVESTOCK, sectors.WASTE)
    assert record.sector == sectors.ENERGY
    assert record.sector_basis is ValueBasis.REGISTRY


def test_a_scope_that_no_table_knows_is_named_beside_those_that_are() -> None:
    record = project(sectoralScope="Transport, Cloud brightening, and such", methodologies="VM0038")
    assert record.sectors == (sectors.TRANSPORT,)
    assert record.unmapped("sectors") == ("Cloud brightening, and such",)
    assert record.unmapped("project_type") == ("Cloud brightening, and such",)


def test_activities_come_before_scopes_and_are_all_read() -> None:
    record = project(sectoralScope=LAND, afoluNames="ARR, WRC")
    assert record.project_types == (
        "Reforestation",
        "Agriculture, forestry and other land use (AFOLU)",
    )
    assert record.project_type_basis is ValueBasis.REGISTRY


def test_a_scope_that_names_no_activity_leaves_the_type_to_the_methodology() -> None:
    record = project(sectoralScope=ENERGY, methodologies="AMS-III.G. (Version NA)")
    assert record.project_type == "Landfill gas"
    assert record.project_type_basis is ValueBasis.METHODOLOGY
    assert record.sector == sectors.ENERGY


def test_a_methodology_of_many_activities_leaves_the_type_unsaid() -> None:
    record = project(sectoralScope=ENERGY, methodologies="ACM0002 (Version NA)")
    assert record.project_type is None
    assert record.project_types is None
    assert record.project_type_basis is None


def test_each_methodology_of_the_list_is_there_and_na_is_no_version() -> None:
    record = project(methodologies="AMS-I.D. (Version NA), AMS-III.G. (Version 4)")
    assert [(m.methodology_code, m.methodology_version) for m in record.methodologies] == [
        ("AMS-I.D", None),
        ("AMS-III.G", "4.0"),
    ]


def test_goals_with_commas_in_their_names_are_one_goal_each() -> None:
    record = project(
        sdContributions="07: Affordable and Clean Energy, 09: Industry, Innovation and "
        "Infrastructure, 13: Climate Action"
    )
    assert [goal.sdg for goal in record.co_benefits] == [7, 9, 13]


def test_labels_are_parted_by_commas_and_keep_their_uses_and_years() -> None:
    record = project(
        additionalCertification="Article 6 Authorized - OIMP, NDC, CORSIA First Phase, 2024-2026 "
        "Eligible, CCB-No Distinction"
    )
    assert [label.label for label in record.labels] == [
        "Article 6 Authorized - NDC, OIMP",
        "CORSIA - First Phase, 2024-2026 Eligible",
        "CCB-No Distinction",
    ]


@pytest.mark.parametrize(
    ("certification", "scope", "expected"),
    [
        ("Carbon Dioxide Removals, CCP", LAND, UnitType.REMOVAL_NATURE),
        ("GHG Emissions Reductions", ENERGY, UnitType.REDUCTION_TECHNICAL),
        ("Carbon Dioxide Removals, GHG Emissions Reductions", LAND, None),
        ("GHG Emissions Reductions", f"{LAND}, {ENERGY}", None),
        ("GHG Emissions Reductions", None, None),
        ("CCP", LAND, None),
    ],
)
def test_the_labels_say_what_a_block_stands_for(
    certification: str, scope: str | None, expected: UnitType | None
) -> None:
    record = held(additionalCertification=certification, sectoralScope=scope)
    assert record.unit_type is expected


def test_the_text_beside_the_unit_type_is_its_own_label() -> None:
    assert held(additionalCertification="CCP").unit_type_raw is None
    both = held(additionalCertification="Carbon Dioxide Removals, CCP")
    assert both.unit_type_raw == "Carbon Dioxide Removals"
