"""Project types of every vocabulary, to CAD Trust's."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.harmonise.picklist import picklist
from gateway.harmonise.project_type_data import NO_TYPE
from gateway.harmonise.project_types import (
    CODES,
    PROJECT_TYPES,
    names_no_type,
    project_type,
    project_types,
    type_words,
)
from gateway.harmonise.wordlist import Words

AFOLU = "Agriculture, forestry and other land use (AFOLU)"


def test_the_vocabulary_is_cad_trusts_lists_and_two_values_of_the_first() -> None:
    project, activity = picklist("projectType"), picklist("aefT2AuthorizationsActivityType")
    assert project is not None
    assert activity is not None
    v2 = {value.value for value in project.values if "v2" in value.versions}
    v2 |= {value.value for value in activity.values}
    assert set(PROJECT_TYPES) == v2 | {"Energy Demand", "Ozone Depleting Substances"}


def test_every_value_of_the_picklist_of_both_versions_is_understood() -> None:
    project = picklist("projectType")
    assert project is not None
    assert {project_type(value.value) for value in project.values} <= set(PROJECT_TYPES)


@pytest.mark.parametrize("value", PROJECT_TYPES)
def test_a_picklist_value_is_itself(value: str) -> None:
    assert project_type(f"{value.lower()} ") == value


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Energy Efficiency - Domestic", "Energy Efficiency households"),
        ("Biogas - Heat", "Biogas"),
        ("Solar Thermal - Electricity", "Solar"),
        ("PV", "Solar"),
        ("Small, Low - Impact Hydro", "Hydro"),
        ("Biomass, or Liquid Biofuel - Cogeneration", "Biomass Energy"),
        ("A/R", "Reforestation"),
        ("ARR", "Reforestation"),
        ("REDD", AFOLU),
        ("ACoGS", AFOLU),
        ("ALM", "Agriculture"),
        ("EE households", "Energy Efficiency households"),
        ("EE own generation", "Energy Efficiency own generation"),
        ("Cookstoves", "Energy Efficiency households"),
        ("Landfill Methane", "Landfill gas"),
        ("Composting", "Landfill gas"),
        ("Biodigesters", "Methane avoidance"),
        ("Waste Heat Recovery", "Energy Efficiency own generation"),
        ("Natural Gas Electricity", "Fossil fuel switch"),
        ("Mine Methane", "Coal bed/mine methane"),
        ("Leak Detection", "Fugitive"),
        ("Improved Forest Management - ARB Compliance", AFOLU),
        ("Nitric Acid N2O- Tertiary Catalyst", "N2O"),
        ("Ozone Depleting Substances - U.S. - ARB Compliance", "Ozone Depleting Substances"),
        ("Wind Energy", "Wind"),
        ("Reduced emissions from deforestation & degradation", AFOLU),
        ("Forest Restoration", "Reforestation"),
        ("Afforestation / Reforestation", "Reforestation"),
        ("Forest Carbon", AFOLU),
        ("Orphaned Wells", "Fugitive"),
        ("Perpetual motion", None),
        (None, None),
    ],
)
def test_the_words_of_registries_and_market_lists(raw: Any, expected: str | None) -> None:
    assert project_type(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("ARR; WRC", ("Reforestation", AFOLU)),
        ("REDD; IFM", (AFOLU,)),
        ("REDD+: Reduced Emissions from Deforestation and Degradation", (AFOLU,)),
        ("Wind; Perpetual motion", ("Wind",)),
        ("", ()),
        (None, ()),
    ],
)
def test_lists_give_each_type_once(raw: Any, expected: tuple[str, ...]) -> None:
    assert project_types(raw) == expected


@pytest.mark.parametrize("raw", [*NO_TYPE, "", "  ", None])
def test_words_that_gather_several_activities_have_none_on_purpose(raw: Any) -> None:
    assert project_type(raw) is None
    assert names_no_type(raw)


def test_an_unknown_word_is_not_excused() -> None:
    assert not names_no_type("Perpetual motion")


def test_greentrace_codes_are_types_too() -> None:
    assert CODES("FC") == AFOLU
    assert CODES("LGCC") == "Landfill gas"
    assert CODES("IPE") is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("LandfillFlaring", "Landfill gas"),
        ("SolarPhotovoltaicsPV", "Solar"),
        ("Palm oil solid waste", "Biomass Energy"),
        ("WindPower", "Wind"),
    ],
)
def test_words_that_were_run_together_are_parted_at_their_capitals(text: str, found: str) -> None:
    assert type_words(text) == Words((found,), ())


def test_a_word_that_is_unknown_in_parts_too_is_told_as_it_came() -> None:
    assert type_words("MarineDreams").unknown == ("MarineDreams",)
