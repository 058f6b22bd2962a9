"""Methodologies: one key for every spelling of a protocol, versions apart, lists as lists."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.harmonise.methodologies import (
    Methodology,
    methodologies,
    methodologies_of,
    methodology,
    methodology_key,
    methodology_keys,
)
from gateway.harmonise.methodology_codes import find_codes


@pytest.mark.parametrize(
    ("raw", "code", "version"),
    [
        ("ACM0002", "ACM0002", None),
        ("acm0002", "ACM0002", None),
        ("ACM 0002, Version 21", "ACM0002", "21.0"),
        ("ACM0002.: Grid-connected electricity generation, Version 21.0 ", "ACM0002", "21.0"),
        ("ACM0002 ver: 21.0", "ACM0002", "21.0"),
        ("ACM0002 v21.0", "ACM0002", "21.0"),
        ("ACM0002 V20", "ACM0002", "20.0"),
        ("ACM0002, Version-21", "ACM0002", "21.0"),
        ("ACM0002 & v20.0", "ACM0002", "20.0"),
        ("ACM0002&20.0", "ACM0002", "20.0"),
        ("ACM0008 version8.0", "ACM0008", "8.0"),
        ("ACM0008 v08.0", "ACM0008", "8.0"),
        ("Version 20.0 of ACM0002 \u201cGrid-connected\u201d", "ACM0002", "20.0"),
        ("ACM0002 (Version NA)", "ACM0002", None),
        ("VM0007 (Version 1.3)", "VM0007", "1.3"),
        ("AM0001 2.0", "AM0001", "2.0"),
        ("AMS-I.D. 11.0", "AMS-I.D", "11.0"),
        ("CDM - ACM0002: Grid-connected electricity generation", "ACM0002", None),
        ("VCS - VM0007", "VM0007", None),
        ("VCS-VM0007", "VM0007", None),
        ("VCS-ACM0010", "ACM0010", None),
        ("VCS - VMR006", "VMR0006", None),
        ("VM00015", "VM0015", None),
        ("VMD0038", "VMD0038", None),
        ("AMS-I.D.", "AMS-I.D", None),
        ("AMS I D, Version 18.0", "AMS-I.D", "18.0"),
        ("AMSI.D.: Grid connected Version18.0", "AMS-I.D", "18.0"),
        ("AMS-1. D- Grid connected, Version -18", "AMS-I.D", "18.0"),
        ("ASM-I.D: Grid connected, Version 18.0", "AMS-I.D", "18.0"),
        ("AMD ID (Version-18)", "AMS-I.D", "18.0"),
        ("ams-i-d", "AMS-I.D", None),
        ("AMS III BD \u2013 Version 01.0", "AMS-III.BD", "1.0"),
        ("AMS-III.AU", "AMS-III.AU", None),
        ("AMS-III.A", "AMS-III.A", None),
        ("AMS.I.J1", "AMS-I.J1", None),
        ("AR-ACM0003", "AR-ACM0003", None),
        ("ACM0003", "ACM0003", None),
        ("CDM - AR-ACM0003_CDM Afforestation and reforestation", "AR-ACM0003", None),
        ("AR-AMS0007", "AR-AMS0007", None),
        ("JCM - VN_AM015", "VN_AM015", None),
        ("SCM0010-M1", "SCM0010-M1", None),
        ("BCR0001_Actividades ARR", "BCR0001", None),
        ("PV - PM001", "PM001", None),
        ("CCER - Mangrove Afforestation (CCER-14-002)", "CCER-14-002", None),
        ("TERO.001", "TERO.001", None),
        ("NTC 6208", "NTC 6208", None),
        ("CCB - M/LU-REDD+: Methodology for REDD+ Projects", "M/LU-REDD+", None),
        ("CCB - M/UT/F-A01: Methodology To Implement GHG Removal", "M/UT/F-A01", None),
        ("GS TPDDTEC v3.1", "GS-TPDDTEC", "3.1"),
        ("GS TPDDTEC v 1.", "GS-TPDDTEC", "1.0"),
        ("Forestry - MX - Version 2.0", "CAR-FOREST-MX", "2.0"),
        ("CAR - U.S. Landfill", "CAR-LANDFILL", None),
        ("Landfill Gas Capture/Combustion", "CAR-LANDFILL", None),
        ("ACR - Truck Stop Electrification", "ACR-IDLING", None),
        ("art-trees", "ART-TREES", None),
        ("C06000000", "PURO-BIOMASS-STORAGE", None),
        ("direct-air-capture", "ISO-DAC", None),
    ],
)
def test_one_methodology(raw: str, code: str, version: str | None) -> None:
    found = methodologies(raw)
    assert [(one.code, one.version) for one in found] == [(code, version)]
    assert found[0].raw == raw.strip()


@pytest.mark.parametrize(
    ("raw", "codes"),
    [
        ("ACM0001; AMS-I.D.", ["ACM0001", "AMS-I.D"]),
        ("AMS-I.D.; AMS-III.D.; AMS-III.AQ", ["AMS-I.D", "AMS-III.D", "AMS-III.AQ"]),
        ("VM0005; VM0015; Methodology Under Development", ["VM0005", "VM0015"]),
        ("ACM0002: Grid-connected / ACM0006: Biomass", ["ACM0002", "ACM0006"]),
        ("ACM0001 v19 and ACM0022 v3", ["ACM0001", "ACM0022"]),
        ("AMS I.D Version 18 & ACM0002 , version 20.0", ["AMS-I.D", "ACM0002"]),
        ("AR-ACM0003; ACM0003", ["AR-ACM0003", "ACM0003"]),
        ("ACM0002; ACM0002 v21", ["ACM0002"]),
        ("SCM0003, SCM0009", ["SCM0003", "SCM0009"]),
    ],
)
def test_lists_are_kept_as_lists(raw: str, codes: list[str]) -> None:
    assert [one.code for one in methodologies(raw)] == codes


def test_each_methodology_of_a_list_has_its_own_version_and_text() -> None:
    first, second = methodologies("ACM0001: Flaring Version 19.0 and ACM0022: Waste Version 3.0")
    assert (first.version, first.raw) == ("19.0", "ACM0001: Flaring Version 19.0 and")
    assert (second.version, second.raw) == ("3.0", "ACM0022: Waste Version 3.0")


def test_a_version_after_a_semicolon_belongs_to_the_methodology_before_it() -> None:
    (found,) = methodologies("AMS-I.D. Grid connected electricity; Version 18.0")
    assert (found.code, found.version) == ("AMS-I.D", "18.0")
    (found,) = methodologies("ACM0002 v20; Version 21.0")
    assert found.version == "20.0"


@pytest.mark.parametrize(
    "raw",
    ["Other", "Not provided", "Methodology Under Development", "Not defined", "--", "", None],
)
def test_texts_that_name_none_give_an_empty_list(raw: Any) -> None:
    assert methodologies(raw) == ()
    assert methodology(raw) is None
    assert methodology_key(raw) is None


def test_an_unknown_title_keeps_its_text_and_has_no_code() -> None:
    (found,) = methodologies(" Perpetual motion, version 2 ")
    assert found == Methodology(
        code=None,
        name="Perpetual motion, version 2",
        program=None,
        version="2.0",
        raw="Perpetual motion, version 2",
        canonical=False,
    )
    assert methodology("Perpetual motion") is None
    assert found.picklist_value is None


def test_a_code_that_no_list_has_is_a_code_but_not_canonical() -> None:
    (found,) = methodologies("VM0999")
    assert (found.code, found.program, found.canonical) == ("VM0999", "VCS", False)


def test_a_known_code_brings_its_programme_title_and_cad_trusts_spelling() -> None:
    (found,) = methodologies("AMS I.D. version 18")
    assert found.program == "CDM"
    assert found.name == "Grid connected renewable electricity generation"
    assert found.canonical
    assert found.picklist_value == "CDM - AMS-I.D."


@pytest.mark.parametrize(
    ("program", "raw", "code"),
    [
        ("CAR", "Biochar", "CAR-BIOCHAR"),
        ("ISO", "biochar", "ISO-BIOCHAR"),
        ("PURO", "Biochar, 2022", "PURO-BIOCHAR"),
        ("CAR", "Reforestation", "CAR-FOREST"),
        ("ISO", "reforestation", "ISO-REFOR"),
        ("CAR", "ACM0002", "ACM0002"),
        ("GS", "Biochar", None),
    ],
)
def test_a_title_that_programmes_share_needs_the_programme(
    program: str, raw: str, code: str | None
) -> None:
    assert [one.code for one in methodologies_of(program)(raw)] == [code]
    if code and not find_codes(raw):
        assert [one.code for one in methodologies(raw)] == [None]


def test_a_prefix_in_the_text_names_the_programme() -> None:
    assert methodology("CAR - Biochar") == "CAR-BIOCHAR"
    assert methodology("PURO - Biochar") == "PURO-BIOCHAR"


def test_the_rule_of_a_programme_is_named_and_reads_null() -> None:
    rule = methodologies_of("CAR")
    assert rule.rule == "table.methodologies-car/1"
    assert rule(None) == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("VCS - VM0007", "VM0007 (Version 1.6)"),
        ("CDM - AMS-III.AU.", "ams-iii.au"),
        ("GS TPDDTEC v3.1", "GS TPDDTEC v 2."),
        ("Perpetual  Motion", "perpetual motion"),
    ],
)
def test_filters_compare_any_spelling_of_a_protocol_as_equal(one: str, other: str) -> None:
    assert methodology_key(one) == methodology_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("AR-ACM0003", "ACM0003"), ("AMS-III.AU", "AMS-III.A"), ("AMS-I.D", "AMS-II.D")],
)
def test_protocols_that_look_alike_stay_apart(one: str, other: str) -> None:
    assert methodology_key(one) != methodology_key(other)


def test_the_keys_of_a_list_are_all_there_and_the_first_is_the_key() -> None:
    raw = "ACM0001; AMS-I.D.; Perpetual motion"
    assert methodology_keys(raw) == ("ACM0001", "AMS-I.D", "perpetual motion")
    assert methodology_key(raw) == "ACM0001"


@pytest.mark.parametrize(
    "raw",
    ["", "AMS-II.AB", "AMS-III.CA", "AMS 0001", "ACM 12", "VM000001", "8 AM 2024", "AMS-I.Demand"],
)
def test_what_only_looks_like_a_code_is_none(raw: str) -> None:
    assert find_codes(raw) == ()


@given(st.text())
def test_no_text_makes_the_reader_raise_or_repeat_itself(text: str) -> None:
    found = methodologies(text)
    assert len({one.code or one.raw for one in found}) == len(found)


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (
            "AMS-I.D. (Version NA), AMS-III.G. (Version 4)",
            [("AMS-I.D", None), ("AMS-III.G", "4.0")],
        ),
        (
            "VM0007 (Version 1.3), Climate Action Reserve Landfill Project Protocol (Version NA)",
            [("VM0007", "1.3"), ("CAR-LANDFILL", None)],
        ),
        (
            "Climate Action Reserve Landfill Project Protocol (Version NA), Methodology Under "
            "Development (Version NA), AMS-I.C. (Version 19)",
            [("CAR-LANDFILL", None), ("AMS-I.C", "19.0")],
        ),
        ("Methodology Under Development (Version NA)", []),
        (
            "GS PAA: Methodology for Metered & Measured Energy Cooking Devices, V2.0",
            [("GS-METERED-COOKSTOVES", "2.0")],
        ),
    ],
)
def test_a_version_closes_each_methodology_of_a_list_and_na_is_none(
    raw: str, found: list[tuple[str, str | None]]
) -> None:
    assert [(one.code, one.version) for one in methodologies(raw)] == found


def test_titles_parted_by_commas_are_read_by_the_longest_known_one() -> None:
    landfill = "Climate Action Reserve Landfill Project Protocol"
    titles = f"{landfill}, Improved Agricultural Land Management"
    assert [one.code for one in methodologies(titles)] == ["CAR-LANDFILL", "VM0042"]
    unknown = f"{landfill}, Cooking, heating and such"
    assert [(one.code, one.raw) for one in methodologies(unknown)] == [
        ("CAR-LANDFILL", landfill),
        (None, "Cooking, heating and such"),
    ]
