"""Reduction, removal and avoidance in the registries' own words."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.harmonise.unit_types import Kind, ex_ante, kind, typed, unit_type
from gateway.model.picklists import UnitType


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("EMISSION_REDUCTION", Kind.REDUCTION),
        ("REMOVAL", Kind.REMOVAL),
        ("SCU - Removal", Kind.REMOVAL),
        ("Verified Removal", Kind.REMOVAL),
        ("Reduction", Kind.REDUCTION),
        ("Avoidance", Kind.AVOIDANCE),
        ("Avoidance / Reduction", None),
        ("Wind", None),
        (None, None),
    ],
)
def test_the_kind_is_what_the_registry_says(raw: Any, expected: Kind | None) -> None:
    assert kind(raw) is expected


def test_cad_trusts_own_values_are_read_as_they_are() -> None:
    assert {unit_type(member.value) for member in UnitType} == set(UnitType)


@pytest.mark.parametrize(
    ("raw", "nature", "expected"),
    [
        ("EMISSION_REDUCTION", True, UnitType.REDUCTION_NATURE),
        ("EMISSION_REDUCTION", False, UnitType.REDUCTION_TECHNICAL),
        ("EMISSION_REDUCTION", None, None),
        ("Removal", True, UnitType.REMOVAL_NATURE),
        ("Removal", False, UnitType.REMOVAL_TECHNICAL),
        ("Avoidance", None, UnitType.AVOIDANCE),
        ("Avoidance", True, UnitType.AVOIDANCE_NATURE),
        ("Avoidance", False, UnitType.AVOIDANCE_TECHNICAL),
        ("Removal - nature", None, UnitType.REMOVAL_NATURE),
        ("Wind", True, None),
        (None, True, None),
    ],
)
def test_a_type_needs_both_halves(raw: Any, nature: bool | None, expected: UnitType | None) -> None:
    assert typed(raw, nature) is expected


def test_planned_units_are_told_from_issued_ones() -> None:
    assert [ex_ante(raw) for raw in ("PER", "PIU", "fPVC", "ExAnte")] == [True] * 4
    assert [ex_ante(raw) for raw in ("VER", "CER", "VCU", "rPVC", "ExPost")] == [False] * 5
    assert ex_ante("Future Risk Buffer") is None
