"""Every status word of the registries' notes: read out of the notes, and mapped as they say."""

from __future__ import annotations

import re

import pytest

from gateway.harmonise import statuses
from gateway.harmonise.countries import country, is_not_a_country
from gateway.harmonise.labels import labels
from gateway.harmonise.project_status_data import UNMAPPED
from gateway.harmonise.project_types import CODES, PROJECT_TYPES, project_type
from gateway.harmonise.table import words
from gateway.harmonise.unit_status_data import UNMAPPED as UNMAPPED_UNITS
from gateway.model.picklists import ProjectStatus as S
from gateway.model.picklists import UnitStatus as U
from tests.harmonise.shared import needs_shared, text

pytestmark = needs_shared

COUNTED = re.compile(r"\*{0,2}([A-Z][A-Za-z .-]*[a-z])\*{0,2} \(\d+\)")


def rows(note: str, heading: str) -> list[list[str]]:
    """The cells of the markdown table that follows the heading."""
    body = note[note.index(heading) :].split("\n")[1:]
    found: list[list[str]] = []
    for line in body:
        if line.startswith("|"):
            found.append([cell.strip() for cell in line.strip("|").split("|")])
        elif found:
            break
    return found[2:]


def between(note: str, start: str, end: str) -> str:
    begin = note.index(start) + len(start)
    return note[begin : note.index(end, begin)]


def test_verras_table_of_statuses() -> None:
    table = rows(text("registries", "verra.md"), "## Status vocabulary")
    decided = {"Units Transferred from Approved GHG Program": S.TRANSITIONED}
    seen = 0
    for raws, _, proposed in table:
        for raw in COUNTED.findall(raws.replace(" - see notification letter", "")):
            found = statuses.VERRA_PROJECT(raw)
            assert found is not None, raw
            assert found.value in proposed or found is decided.get(raw), raw
            seen += 1
    assert seen >= 16


def test_verras_state_codes_and_older_statuses() -> None:
    note = text("registries", "verra.md")
    codes = between(note, "`stateCode` UPPER_SNAKE (", ", ... full list")
    for raw in codes.split(", "):
        assert statuses.VERRA_PROJECT(raw) is not None, raw
    older = set(re.findall(r"VCS_EX_[A-Z_]+", note))
    assert len(older) == 13
    for raw in older:
        assert statuses.VERRA_PROJECT(raw) is not None, raw


def test_verras_unit_states() -> None:
    note = text("registries", "verra.md")
    states = between(note, "Unit states: ", ", PENDING")
    for part in states.split(", "):
        first, *rest = part.split("/")
        prefix = first.split("_")[0]
        for raw in (first, *(f"{prefix}_{tail}" for tail in rest)):
            assert statuses.VERRA_UNIT(raw) is not None, raw
    assert "PENDING" in UNMAPPED_UNITS["verra-unit"]


def test_gold_standards_table() -> None:
    for raw, _, proposed in rows(text("registries", "gold-standard.md"), "## Vocabulary"):
        found = statuses.GOLD_STANDARD_PROJECT(raw)
        assert found is not None
        assert proposed.startswith(found.value)
    for raw, expected in (("ISSUED", U.HELD), ("RETIRED", U.RETIRED), ("Canceled", U.CANCELLED)):
        assert f"{raw}->{expected.value}" in text("registries", "gold-standard.md")
        assert statuses.GOLD_STANDARD_UNIT(raw) is expected


def test_gold_standards_types() -> None:
    note = text("registries", "gold-standard.md")
    listed = between(note, "type: 20 values (", ").")
    listed = listed.replace('"Small, Low - Impact Hydro"', "Small Low - Impact Hydro")
    listed = listed.replace("Biomass, or Liquid Biofuel - Heat/Electricity/Cogeneration", "")
    listed = listed.replace("Transport/Industrial/Commercial/Public/Agriculture Sector", "Public")
    for raw in filter(None, (part.strip() for part in listed.split(","))):
        assert (project_type(raw) in PROJECT_TYPES) is not (raw == "Other"), raw
    for end in ("Heat", "Electricity", "Cogeneration"):
        assert project_type(f"Biomass, or Liquid Biofuel - {end}") == "Biomass Energy"
    for end in ("Transport", "Industrial", "Commercial", "Public", "Agriculture"):
        assert project_type(f"Energy Efficiency - {end} Sector") or end == "Industrial"


def test_acrs_voluntary_and_compliance_statuses() -> None:
    note = text("registries", "acr-art-greentrace.md")
    voluntary = between(note, "APX Voluntary Status: ", "; compliance: ")
    compliance = between(note, "; compliance: ", ". offsets-db")
    compliance = compliance.replace("Ecology Completed/Inactive", "Ecology Completed")
    for raw in (*voluntary.split(", "), *compliance.split(", "), "Ecology Inactive", "Submitted"):
        unmapped = raw in UNMAPPED["acr-project"]
        assert (statuses.ACR_PROJECT(raw) is None) is unmapped, raw


def test_acrs_type_codes_are_known_or_left_open() -> None:
    note = text("registries", "acr-art-greentrace.md")
    codes = between(note, "Type codes: ", ".").split(", ")
    assert set(CODES.entries) <= set(codes)
    assert {code for code in codes if CODES(code) is None} == {
        "CCS",
        "EE",
        "IGS",
        "IPE",
        "REF",
        "REN",
    }


def test_cars_statuses() -> None:
    note = text("registries", "car.md")
    line = between(note, "## Status mapping\n", "Project type 32")
    for raw in re.findall(r"([A-Z][a-z]+)\(\d+\)->", line):
        assert statuses.CAR_PROJECT(raw) is not None, raw
    assert statuses.CAR_PROJECT("Transitioned") is S.TRANSITIONED


def test_ecoregistrys_stages() -> None:
    note = text("registries", "ecoregistry-cercarbono.md")
    stages = between(note, "## Status (projectStage): ", " -> CADT proposed: ").split(", ")
    assert len(stages) == 11
    for raw in stages:
        unmapped = raw in UNMAPPED["cercarbono-project"]
        assert (statuses.CERCARBONO_PROJECT(raw) is None) is unmapped, raw
        assert (statuses.ECOREGISTRY_PROJECT(raw) is None) is unmapped, raw
    proposed = between(note, "CADT proposed: ", ". offsets-db")
    for pair in proposed.split(", "):
        raws, _, value = pair.partition("->")
        for raw in raws.split("/"):
            assert statuses.CERCARBONO_PROJECT(raw) is S(value), raw


def test_biocarbons_statuses() -> None:
    note = text("registries", "biocarbon.md")
    for raw in between(note, "\nStatus: ", " -> CADT").split(", "):
        assert statuses.BIOCARBON_PROJECT(raw) is not None, raw
    for raw in between(note, "destination(", ")").split("|"):
        assert statuses.BIOCARBON_UNIT(raw) is not None, raw


def test_undps_stages_and_transactions() -> None:
    note = text("registries", "undp-national.md")
    for raw in between(note, "ProjectProposalStage ", " (both spellings)").split(", "):
        assert statuses.UNDP_PROJECT(raw) is not None, raw
    for raw in between(note, "currentStage(", ")").split("|"):
        assert statuses.UNDP_PROJECT(raw) is not None, raw
    for raw in between(note, "Tx types ", ". Company roles").replace("(sic)", "").split("|"):
        assert statuses.UNDP_UNIT(raw) is not None, raw
    for raw in between(note, "retirementType(", ")").replace('"', "").split("|"):
        assert statuses.UNDP_UNIT(raw) is not None, raw


def test_isometrics_and_icrs_statuses() -> None:
    note = text("registries", "isometric.md")
    line = between(note, "Statuses: project ", " (REST lowercase)")
    for raw in line.split(", "):
        assert statuses.ISOMETRIC_PROJECT(raw) is not None, raw
        assert statuses.ISOMETRIC_PROJECT(raw.lower()) is statuses.ISOMETRIC_PROJECT(raw)
    for raw in ("ACTIVE", "SPLIT", "RETIRED"):
        assert raw in note
        assert statuses.ISOMETRIC_UNIT(raw) is not None
    assert '"under development"' in text("registries", "icr.md")
    assert statuses.ICR_PROJECT("under development") is S.LISTED


def test_social_carbons_statuses() -> None:
    note = text("registries", "socialcarbon.md")
    for pair in note[note.index("CADT: ") + 6 :].strip().rstrip(".").split(", "):
        raw, _, value = pair.partition("->")
        assert statuses.SOCIAL_CARBON_PROJECT(raw) is S(value), raw


def test_the_table_of_the_harmonisation_notes() -> None:
    tables = {
        "Verra": statuses.VERRA_PROJECT,
        "GS": statuses.GOLD_STANDARD_PROJECT,
        "CAR": statuses.CAR_PROJECT,
        "CDM": statuses.CDM_PROJECT,
        "Cercarbono": statuses.CERCARBONO_PROJECT,
    }
    seen = 0
    for registry, cell, *_ in rows(text("domain", "harmonisation.md"), "## 3. Status"):
        if registry not in tables:
            continue
        raws = re.sub(r"\d+|\*\*|->.*?(?=;|$)|; CADT shows.*", "", cell)
        raws = raws.replace("/ denied", "; Verification approval request denied")
        raws = raws.replace("Public/Replaced/Terminated", "Public; Validation Replaced")
        raws = raws.replace("Reg. and verif.", "Registration and verification")
        raws = raws.replace('"', "").replace("Crediting Period Renewal ...", "")
        raws = raws.split(" One project")[0].split(". API spelling")[0]
        for raw in re.split(r"[;,]", raws):
            name = raw.strip(" .")
            if not name or "(OffsetsDB" in name:
                continue
            unmapped = name in UNMAPPED.get(f"{registry.lower()}-project", ())
            assert (tables[registry](name) is None) is unmapped, (registry, name)
            seen += 1
    assert seen > 30


def test_the_country_names_of_the_harmonisation_notes() -> None:
    note = between(text("domain", "harmonisation.md"), "## 4. Countries", "## 5.")
    quoted = set(re.findall(r'"([^"]+)"', note)) - {"Democratic", "BI; ET; KE;...", "NA"}
    assert "Tanzania United Republic of" in quoted
    for raw in quoted:
        assert (country(raw) is None) is is_not_a_country(raw), raw
    for raw in ("Turkey", "Cote D'Ivoire", "Cape Verde", "Scotland", "England", "Wales"):
        assert raw in note
        assert country(raw) is not None, raw


@pytest.mark.parametrize(
    ("raw", "spelled"),
    [
        ("Article 6 Authorized \u2013 Intl mitigation purposes", ["Article 6 Authorized - IMP"]),
        ("Article 6 Authorized \u2013 NDC Use", ["Article 6 Authorized - NDC"]),
        ("Article 6 Authorized \u2013 Other purposes", ["Article 6 Authorized - OP"]),
        (
            "CORSIA - First Phase, 2024-2026 Scope",
            ["CORSIA - First Phase, 2024-2026 Scope"],
        ),
        ("ICVCM CCP, Emission Reduction", ["ICVCM CCP", "Emission Reduction"]),
        (
            "Eligible for CORSIA 2024-2026 Compliance Period (First Phase)",
            ["CORSIA - First Phase, 2024-2026 Eligible"],
        ),
        ("CCP Approved", ["ICVCM CCP"]),
    ],
)
def test_the_label_strings_of_the_notes_on_double_counting(raw: str, spelled: list[str]) -> None:
    assert raw in text("domain", "doublecounting.md")
    assert [found.label for found in labels(raw)] == spelled


def test_the_crosswalk_of_types_in_the_harmonisation_notes() -> None:
    note = between(text("domain", "harmonisation.md"), "csv): ", ".\nGS type")
    understood = 0
    for pair in note.split("; "):
        found = re.match(r"([A-Za-z/ -]+)=([A-Za-z/ ]+?) \d+", pair)
        if found is None:
            continue
        ours = project_type(found[1])
        assert ours in PROJECT_TYPES, pair
        peer = project_type(found[2])
        assert words(ours) == words(peer or ""), pair
        understood += 1
    assert understood >= 14
