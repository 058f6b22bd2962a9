"""What rows of units and projects say, and what they keep to themselves."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from adapters.sp_rows import CancellationRow, HoldingRow, IssuanceRow, ProjectRow, RetirementRow
from adapters.verra import VerraCancelled, VerraHeld, VerraIssuance, VerraProject, VerraRetired
from gateway.model.picklists import ProjectStatus, UnitStatus
from gateway.model.record import Origin

HERE = Origin("verra", 0, "/entities")


def retired(**columns: Any) -> VerraRetired:
    return VerraRetired(RetirementRow(entityId=1, projectId=7, **columns), HERE, 0)


def held(**columns: Any) -> VerraHeld:
    return VerraHeld(HoldingRow(entityId=1, projectId=7, **columns), HERE, 0)


def cancelled(**columns: Any) -> VerraCancelled:
    return VerraCancelled(CancellationRow(entityId=1, projectId=7, **columns), HERE, 0)


def project(**columns: Any) -> VerraProject:
    return VerraProject(ProjectRow(entityId=1, projectId=7, **columns), HERE, 0)


@pytest.mark.parametrize(
    ("columns", "status"),
    [
        ({"status": "Active", "isBuffer": False}, UnitStatus.HELD),
        ({"status": "Listed"}, UnitStatus.HELD),
        ({"status": "Active", "isBuffer": True}, UnitStatus.BUFFER),
        ({"status": "On Hold"}, UnitStatus.INACTIVE),
        ({"status": "Retired"}, None),
        ({"status": "Something new"}, None),
        ({}, None),
    ],
)
def test_a_holding_is_held_or_buffer_or_unknown(
    columns: dict[str, Any], status: UnitStatus | None
) -> None:
    assert held(**columns).unit_status is status
    assert held(**columns).unit_status_raw == columns.get("status")


def test_an_account_is_named_only_where_the_row_says_that_it_is_public() -> None:
    assert held(accountName="A").unit_owner is None
    assert held(accountName="A", accountPublicVisibility=False).unit_owner is None
    assert held(accountName="A", accountPublicVisibility=True).unit_owner == "A"
    hidden = held(accountName="A", accountPublicVisibility=True, considerAccountPrivate=True)
    assert hidden.unit_owner is None


def test_facts_of_a_retirement_that_are_withheld_stay_withheld() -> None:
    told = {"beneficialOwner": "B", "retirementReason": "R", "retirementReasonDetails": "D"}
    open_row = retired(**told)
    assert open_row.unit_retirement_beneficiary == "B"
    assert (open_row.unit_status_reason, open_row.unit_retirement_detail) == ("R", "D")
    flags = dict.fromkeys(
        ("makeBeneficialOwnerPublic", "makeRetirementReasonPublic",
         "makeRetirementReasonDetailsPublic"), False,
    )  # fmt: skip
    closed = retired(**told, **flags)
    assert closed.unit_retirement_beneficiary is None
    assert closed.unit_status_reason is None
    assert closed.unit_retirement_detail is None
    assert retired(**told, **flags, retirementRemarks="X").unit_retirement_detail == "X"


def test_facts_of_a_cancellation_that_are_withheld_stay_withheld() -> None:
    told = {"cancellationReason": "R", "cancellationReasonDetails": "D"}
    assert cancelled(**told).unit_status_reason == "R"
    assert cancelled(**told).unit_retirement_detail == "D"
    flags = {"makeCancellationReasonPublic": False, "makeCancellationReasonDetailsPublic": False}
    assert cancelled(**told, **flags).unit_status_reason is None
    closed = cancelled(**told, **flags, cancellation_purpose="P", cancellation_remarks="X")
    assert (closed.unit_status_reason, closed.unit_retirement_detail) == ("P", "X")


def test_the_address_of_a_person_is_not_decoded() -> None:
    body = b'{"entityId": 1, "projectId": 7, "emailNotification": "somebody@registry.example"}'
    row = msgspec.json.decode(body, type=RetirementRow)
    assert "somebody" not in repr(row)
    assert not hasattr(row, "emailNotification")


def test_a_cancellation_has_its_serial_and_labels_under_other_names() -> None:
    serial = "9-1-5-VCS-VCU-500-VER-CL-14-1175-04112003-03112004-1"
    unit = cancelled(serial_no=serial, additional_certification="CCBS-Gold; CCB-Gold")
    assert unit.key == unit.unit_serial_id == serial
    assert (unit.unit_block_start, unit.unit_block_end) == ("1", "5")
    assert unit.vintage_start_date == "2003-11-04"
    assert unit.vintage_start_date_raw == serial
    assert unit.labels is not None
    assert {label.label for label in unit.labels} == {"CCB-Gold"}
    assert [identifier.value for identifier in unit.identifiers] == [serial]


def test_quantities_are_exact_and_whole_ones_print_without_a_fraction() -> None:
    row = msgspec.json.decode(
        b'{"entityId": 1, "projectId": 7, "holdingQuantity": 18962.0}', type=HoldingRow
    )
    unit = VerraHeld(row, HERE, 0)
    assert str(unit.unit_count) == "18962"
    assert unit.unit_count_raw == "18962.0"


def test_coordinates_of_nothing_are_no_coordinates() -> None:
    nowhere = project(countryName="Chile", latitude=Decimal("0.0"), longitude=Decimal("0.0"))
    assert nowhere.project_locations is not None
    assert nowhere.project_locations[0].latitude is None
    assert nowhere.project_locations[0].country == "CL"
    equator = project(latitude=Decimal("0.0"), longitude=Decimal("6.5"))
    assert equator.project_locations is not None
    assert (equator.project_locations[0].latitude, equator.project_locations[0].longitude) == (
        Decimal(0),
        Decimal("6.5"),
    )
    assert project().project_locations == ()


def test_an_estimate_is_one_number_or_reductions_and_removals_together() -> None:
    one = project(avgAnnualVolVcu=Decimal("1200.0"))
    two = project(
        estimatedEmissionsAnnualReduction=Decimal("10.5"),
        estimatedAnnualCarbonDioxideRemovals=Decimal(2),
    )
    period = project(creditPeriodStartDate="2020-01-01T00:00:00")
    for record, count, annual in ((one, 1200, True), (two, Decimal("12.5"), True)):
        assert record.estimations is not None
        assert record.estimations[0].unit_count == count
        assert record.estimations[0].is_annual is annual
    assert period.estimations is not None
    assert period.estimations[0].crediting_period_start == "2020-01-01"
    assert (period.estimations[0].unit_count, period.estimations[0].is_annual) == (None, None)
    assert project().estimations == ()


def test_goals_keep_the_text_that_names_none() -> None:
    record = project(sdContributions="07: Affordable and Clean Energy; Something kind;")
    assert record.co_benefits is not None
    assert [goal.sdg for goal in record.co_benefits] == [7, None]
    assert record.co_benefits[1].co_benefit is None
    assert record.co_benefits[1].co_benefit_raw == "Something kind"


def test_a_proponents_role_is_not_part_of_its_name() -> None:
    assert project(proponents="Example Power (PP)").project_developer == "Example Power"
    assert project(proponents="Example (Cooks) Ltd").project_developer == "Example (Cooks) Ltd"
    assert project(proponents="").project_developer is None


def test_activities_tell_the_type_and_scopes_only_where_they_are_one_activity() -> None:
    wood = "Agriculture Forestry and Other Land Use"
    assert project(afoluNames="ARR; WRC", sectoralScope=wood).project_type == "Reforestation"
    assert project(sectoralScope="Transport").project_type == "Transport"
    power = project(sectoralScope="Energy industries (renewable/non-renewable sources)")
    assert (power.project_type, power.project_types) == (None, None)
    assert power.sector is not None


def test_a_status_that_nobody_knows_is_null_with_its_text_beside_it() -> None:
    record = project(status="Under a new moon")
    assert record.project_status is None
    assert record.project_status_raw == "Under a new moon"
    on_hold = project(status="On Hold - see notification letter")
    assert on_hold.project_status is ProjectStatus.INACTIVE


def test_the_project_in_another_programme_is_named() -> None:
    record = project(otherGhgProgramName="CDM", otherGhgProgramId="1234")
    assert record.related_projects is not None
    assert record.related_projects[0].related_project_id == "1234"
    assert project(otherGhgProgramName="CDM").related_projects == ()


def test_an_issuance_repeats_its_project_and_its_verification() -> None:
    row = IssuanceRow(
        entityId=1, projectId=7, projectName="P", countryName="Chile", methodologies="VM0007",
        periodStartDate="2020-01-01T00:00:00", verifierName="V",
    )  # fmt: skip
    issuance = VerraIssuance(row, HERE, 0)
    assert issuance.parent is not None
    assert (issuance.parent.key, issuance.parent.project_name) == ("7", "P")
    assert issuance.parent.methodology == "VM0007"
    assert issuance.verification is not None
    assert issuance.verification.verification_body == "V"
    assert issuance.location is not None
    assert issuance.location.country == "CL"
    bare = VerraIssuance(IssuanceRow(entityId=1, projectId=7), HERE, 0)
    assert (bare.verification, bare.location, bare.key) == (None, None, "1")
    assert bare.identifiers == ()
