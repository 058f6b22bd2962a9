"""Sectors of every vocabulary, to CAD Trust's."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.harmonise import sectors as names
from gateway.harmonise.picklist import picklist
from gateway.harmonise.sectors import SCOPES, SECTORS, sector, sectors


def test_the_vocabulary_is_cad_trusts_two_lists_of_sectors() -> None:
    project, authorisation = picklist("projectSector"), picklist("aefT2AuthorizationsSector")
    assert project is not None
    assert authorisation is not None
    v2 = {value.value for value in project.values if "v2" in value.versions}
    v2 |= {value.value for value in authorisation.values}
    assert set(SECTORS) == v2


def test_every_value_of_the_picklist_of_both_versions_is_understood() -> None:
    project = picklist("projectSector")
    assert project is not None
    assert {sector(value.value) for value in project.values} <= set(SECTORS)


@pytest.mark.parametrize("value", SECTORS)
def test_a_picklist_value_is_itself(value: str) -> None:
    assert sector(value) == value
    assert sector(f" {value.upper()} ") == value


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Energy industries (renewable/non-renewable sources)", names.ENERGY),
        ("Energy Industries (renewable - / non-renewable sources)", names.ENERGY),
        ("Energy industries (renewable sources / energy efficiency)", names.ENERGY),
        ("Energy industries", names.ENERGY),
        ("Agriculture Forestry and Other Land Use", names.AFOLU),
        ("Agriculture, forestry and other land uses (AFOLU)", names.AFOLU),
        ("Agriculture; forestry and fishing", names.AFOLU),
        ("Land use (AFOLU)", names.AFOLU),
        ("AFOLU", names.AFOLU),
        ("Forestry", names.AFOLU),
        ("Afforestation", names.AFFORESTATION),
        ("Livestock, enteric fermentation, and manure management", names.LIVESTOCK),
        ("Energy Demand", names.DEMAND),
        ("Waste handling and disposal", names.WASTE),
        ("Transport", names.TRANSPORT),
        ("Chemical industry", names.CHEMICAL),
        ("1", names.ENERGY),
        (13, names.WASTE),
        ("14", names.AFFORESTATION),
        ("A01 - Crop and animal production", names.AGRICULTURE),
        ("C24 - Manufacture of basic metals", names.METAL),
        ("C10 - Manufacture of food products", names.MANUFACTURING),
        ("D35 - Electricity, gas, steam and air conditioning supply", names.ENERGY),
        ("N72 - Scientific research and development\u00a0", names.OTHERS),
        ("17", None),
        ("Alchemy", None),
        ("", None),
        (None, None),
    ],
)
def test_variants_scopes_and_older_names(raw: Any, expected: str | None) -> None:
    assert sector(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Energy demand; Waste handling and disposal", (names.DEMAND, names.WASTE)),
        (
            "Livestock, enteric fermentation, and manure management; Energy demand",
            (names.LIVESTOCK, names.DEMAND),
        ),
        ("Agriculture; forestry and fishing", (names.AFOLU,)),
        ("1; 4", (names.ENERGY, names.MANUFACTURING)),
        ("Energy demand; Alchemy; Energy demand", (names.DEMAND,)),
        ("Alchemy", ()),
        ("", ()),
        (None, ()),
    ],
)
def test_lists_split_on_semicolons_only(raw: Any, expected: tuple[str, ...]) -> None:
    assert sectors(raw) == expected


def test_every_unfccc_scope_is_a_sector() -> None:
    assert set(SCOPES.values()) <= set(SECTORS)
    assert sorted(SCOPES) == list(range(1, 17))
