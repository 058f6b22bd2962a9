"""Every raw string of the reference data: protocols, types, CDOP's lists, CAD Trust's picklists."""

from __future__ import annotations

import csv
import io

from gateway.harmonise import statuses, unit_status_data
from gateway.harmonise.countries import country, is_not_a_country
from gateway.harmonise.labels import label
from gateway.harmonise.methodologies import methodologies, methodologies_of
from gateway.harmonise.methodology_codes import find_codes
from gateway.harmonise.picklist import picklist
from gateway.harmonise.project_status_data import UNMAPPED
from gateway.harmonise.project_types import PROJECT_TYPES, names_no_type, project_type
from gateway.harmonise.registries import registry_key
from gateway.harmonise.sdgs import sdg
from gateway.harmonise.sectors import SECTORS, sector
from gateway.harmonise.table import words
from gateway.harmonise.unit_types import kind, unit_type
from tests.harmonise.shared import data, needs_shared, text

pytestmark = needs_shared

# The peer's keys that are no code, or a slip of the pen, and ours for them.
OUR_KEYS = {
    "ams-ii-am": "AMS-II.M",
    "ams-iii-iv": "AMS-III.AV",
    "vmd00038": "VMD0038",
    "ccb-redd": "M/LU-REDD+",
    "ccb-refor": "M/UT/F-A01",
    "ccb-renewables-eg": "M/EE-EG001",
    "ccb-renewables-er": "M/E-ER01",
}

# Lists in which the peer names fewer protocols than the text does, or another one.
THE_TEXT_DECIDES = {
    "ACM0003; VM0042": {"ACM0003", "VM0042"},
    "AM0014; VM0007; AR-ACM0003": {"AM0014", "VM0007", "AR-ACM0003"},
    "AMS-I.C.; AMS-III.AO.; VM0042": {"AMS-I.C", "AMS-III.AO", "VM0042"},
    "AMS-I.D.; AMS-III.H": {"AMS-I.D", "AMS-III.H"},
    "AMS-I.F.; AMS-III.E.; VM0044": {"AMS-I.F", "AMS-III.E", "VM0044"},
    "AMS I.D Version 18 & ACM0002 , version 20.0": {"AMS-I.D", "ACM0002"},
    "AR-AMS0007; AR-ACM0003": {"AR-AMS0007", "AR-ACM0003"},
    "VM0018; ACM0022": {"VM0018", "ACM0022"},
    "ACM0022; Methodology Under Development": {"ACM0022"},
}
BOTH_LANDFILL = {"ACM0001", "ACM0022"}


def our_key(key: str) -> str:
    found = find_codes(key)
    return OUR_KEYS.get(key) or (found[0].code if found else key.upper())


def test_every_known_protocol_string_gives_its_protocols() -> None:
    protocols = data("domain", "data", "all-protocol-mapping.json")
    expected: dict[str, set[str]] = {}
    programs: dict[str, str] = {}
    for key, protocol in protocols.items():
        for raw in protocol["known-strings"]:
            expected.setdefault(raw, set()).update(() if key == "unknown" else (our_key(key),))
            programs[raw] = key.split("-")[0].upper()
    assert len(protocols) == 251
    assert sum(len(protocol["known-strings"]) for protocol in protocols.values()) == 1036
    for raw, keys in expected.items():
        found = {one.code for one in methodologies_of(programs[raw])(raw)}
        if raw in THE_TEXT_DECIDES:
            assert found == THE_TEXT_DECIDES[raw], raw
        elif find_codes(raw)[1:] and "Flaring" in raw:
            assert found == BOTH_LANDFILL, raw
        else:
            assert found == keys, raw


def test_every_known_protocol_is_canonical_and_says_its_programme() -> None:
    for key, protocol in data("domain", "data", "all-protocol-mapping.json").items():
        for raw in protocol["known-strings"]:
            for one in methodologies_of(key.split("-")[0].upper())(raw):
                assert one.canonical, raw
                assert one.program, raw


def test_every_methodology_of_the_project_lists_is_known() -> None:
    rows = list(csv.DictReader(io.StringIO(text("domain", "data", "methodology_mapping.csv"))))
    assert len(rows) >= 444
    nameless = {"other", "not provided", "methodology under development"}
    nameless |= {"vcs v1 project specific"}
    for row in rows:
        raw = row["Methodology Name"]
        program = {"Gold": "GS"}.get(row["Registry"], row["Registry"])
        found = methodologies_of(program)(raw)
        assert bool(found) is (words(raw) not in nameless), raw
        assert all(one.code and one.canonical for one in found), raw
        category = row["Project Type Category"]
        assert (project_type(category) in PROJECT_TYPES) is not names_no_type(category), category
        code = row["Methodology Code"]
        if code and words(code) not in nameless and find_codes(code):
            assert find_codes(code)[0].code in {one.code for one in found}, raw


def test_every_methodology_of_cdop_is_known() -> None:
    raws = data("domain", "data", "cdop_enums.json")["methodology"]
    assert len(raws) == 496
    for raw in raws:
        (found,) = methodologies(raw)
        assert found.code, raw
        assert found.canonical, raw


def test_cad_trusts_methodologies_come_back_in_its_own_spelling() -> None:
    for raw in data("cadtrust", "picklists.json")["v1"]["picklists"]["methodology"]:
        (found,) = methodologies(raw)
        assert found.picklist_value == raw


def test_every_market_type_has_an_activity_or_is_known_to_have_none() -> None:
    for raw, entry in data("domain", "data", "type-category-mapping.json").items():
        assert (project_type(raw) in PROJECT_TYPES) is not names_no_type(raw), raw
        assert entry["category"]


def test_cdops_types_statuses_registries_and_unit_words_are_understood() -> None:
    enums = data("domain", "data", "cdop_enums.json")
    for raw in enums["project_type"][1:]:
        assert project_type(raw) in PROJECT_TYPES, raw
    for raw in enums["project_sector"]:
        assert sector(raw) in SECTORS, raw
    for raw in enums["project_status"]:
        unmapped = raw.strip() in UNMAPPED["cdop-project"]
        assert (statuses.CDOP_PROJECT(raw) is None) is unmapped, raw
    for raw in enums["status"]:
        unmapped = raw in unit_status_data.UNMAPPED["cdop-unit"]
        assert (statuses.CDOP_UNIT(raw) is None) is unmapped, raw
    for raw in enums["origin_registry & current_registry & current_project_issuance_registry"]:
        assert registry_key(raw), raw
    for raw in enums["mitigation_type"]:
        assert unit_type(raw) or kind(raw), raw


def test_cdops_eligibilities_are_labels() -> None:
    schema = text("domain", "data", "cdop_schema", "Labels_Certifications.schema.json")
    for raw in ("CCB", "SD VISta", "W+ Standard", "Social Carbon", "ABACUS", "CCP"):
        assert f'"{raw}"' in schema
        found = label(raw)
        assert found is not None
        assert found.label_type is not None, raw
    for raw in ("CORSIA First Phase scope (2024-2026)", "CORSIA Second Phase scope (2033-2035)"):
        assert f'"{raw}"' in schema
        found = label(raw)
        assert found is not None
        assert found.label.endswith(" Scope")


def test_cad_trusts_picklists_are_kept_value_by_value() -> None:
    published = data("cadtrust", "picklists.json")
    names = {
        "countries": "country",
        "registries": "registry",
        "projectStatusValues": "projectStatus",
        "coBenefits": "coBenefit",
        "projectTags": "projectTag",
        "unitTags": "unitTag",
        "location_country": "country",
        "co_benefit_id": "coBenefit",
    }
    for version, lists in (
        ("v1", published["v1"]["picklists"]),
        ("v1", {k: v for k, v in published["v1"]["productionExamples"].items() if k != "source"}),
        ("v2", published["v2"]["picklists"]),
    ):
        for name, values in lists.items():
            first, *rest = name.split("_")
            camel = first + "".join(part.capitalize() for part in rest)
            found = picklist(names.get(name, camel))
            assert found is not None, name
            kept = {value.value for value in found.values if version in value.versions}
            assert set(values) <= kept, name


def test_every_country_sector_type_goal_and_registry_of_the_picklists_is_understood() -> None:
    published = data("cadtrust", "picklists.json")
    v1, v2 = published["v1"]["picklists"], published["v2"]["picklists"]
    for raw in {*v1["countries"], *v2["location_country"]}:
        assert (country(raw) is None) is is_not_a_country(raw), raw
        assert is_not_a_country(raw) is (raw == "European Union")
    for raw in {*v1["projectSector"], *v2["project_sector"]}:
        assert sector(raw) in SECTORS, raw
    for raw in {*v1["projectType"], *v2["project_type"]}:
        assert project_type(raw) in PROJECT_TYPES, raw
    for raw in {*v1["coBenefits"], *v2["co_benefit_id"]}:
        assert sdg(raw) is not None, raw
    for raw in v1["registries"]:
        assert registry_key(raw) is not None, raw
