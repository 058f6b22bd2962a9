"""CAD Trust's picklists: as converters and as data."""

from __future__ import annotations

from enum import Enum

import pytest

from gateway.harmonise.picklist import by_value, picklist, picklist_names
from gateway.model import picklists as pick

ENFORCED: dict[str, type[Enum]] = {
    "projectStatus": pick.ProjectStatus,
    "coveredByNDC": pick.CoveredByNDC,
    "unitMetric": pick.UnitMetric,
    "unitType": pick.UnitType,
    "unitStatus": pick.UnitStatus,
    "correspondingAdjustmentDeclaration": pick.CorrespondingAdjustmentDeclaration,
    "correspondingAdjustmentStatus": pick.CorrespondingAdjustmentStatus,
    "labelType": pick.LabelType,
    "ratingType": pick.RatingType,
    "validationType": pick.ValidationType,
    "stakeholderType": pick.StakeholderType,
    "locationMapType": pick.LocationMapType,
}


@pytest.mark.parametrize("name", ENFORCED)
def test_every_value_of_an_enforced_list_reads_as_its_enum(name: str) -> None:
    table = by_value(ENFORCED[name], name)
    found = picklist(name)
    assert found is not None
    assert found.enforced
    assert {table(value.value) for value in found.values} == set(ENFORCED[name])
    assert {value.value for value in found.values} == {member.value for member in ENFORCED[name]}


def test_case_and_punctuation_of_a_value_do_not_count() -> None:
    table = by_value(pick.ProjectStatus, "status")
    assert table("de registered") is pick.ProjectStatus.DE_REGISTERED
    assert table("DE_REGISTERED") is pick.ProjectStatus.DE_REGISTERED


def test_aliases_are_read_beside_the_values() -> None:
    table = by_value(pick.UnitStatus, "status", {"Active": pick.UnitStatus.HELD})
    assert table("active") is pick.UnitStatus.HELD
    assert table("Retired") is pick.UnitStatus.RETIRED
    assert table("Sleeping") is None


def test_values_tell_the_versions_that_have_them_and_what_they_mean() -> None:
    found = picklist("projectStatus")
    assert found is not None
    versions = {value.value: value.versions for value in found.values}
    assert versions["Transitioned"] == ("v1",)
    assert versions["Certified"] == ("v2",)
    assert versions["Registered"] == ("v1", "v2")
    assert all(value.description for value in found.values)


def test_advisory_lists_are_there_and_say_so() -> None:
    found = picklist("methodology")
    assert found is not None
    assert not found.enforced
    assert len(found.values) == 381


def test_names_are_listed_in_order_and_unknown_ones_are_none() -> None:
    names = picklist_names()
    assert list(names) == sorted(names)
    assert {"country", "registry", "coBenefit", "projectSector"} <= set(names)
    assert picklist("no such list") is None
