"""Every mapped word in the captured payloads: none unmapped that is not known to be."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gateway.harmonise import dates, numbers, statuses
from gateway.harmonise.countries import country
from gateway.harmonise.labels import labels
from gateway.harmonise.methodologies import methodologies, methodologies_of
from gateway.harmonise.project_status_data import UNMAPPED
from gateway.harmonise.project_types import CODES, names_no_type, project_type
from gateway.harmonise.sdgs import sdg, sdgs
from gateway.harmonise.sectors import sectors
from gateway.harmonise.unit_types import kind
from tests.harmonise.shared import data, needs_shared
from tests.paths import SHARED

pytestmark = needs_shared

Rule = Callable[[Any], object]


def values(payload: Any, *path: str) -> Iterator[Any]:
    """What stands at the end of the path, through every list and every key where it says `*`."""
    if isinstance(payload, list):
        for item in payload:
            yield from values(item, *path)
    elif not path:
        yield payload
    elif isinstance(payload, dict):
        first, *rest = path
        if first == "*":
            for value in payload.values():
                yield from values(value, *rest)
        elif first in payload:
            yield from values(payload[first], *rest)


# file: path in it, rule, and the raw texts that are unmapped on purpose
CASES: dict[str, tuple[tuple[str, Rule, tuple[str, ...]], ...]] = {
    "acr/acr-projects.json": (
        ("datasets/*/rows/projectStatus", statuses.ACR_PROJECT, ("ACTIVE",)),
        ("datasets/*/rows/country", country, ()),
        ("datasets/*/rows/projectMethodology", methodologies, ()),
        (
            "datasets/*/rows/projectType",
            project_type,
            ("Refrigerants", "Industrial Process Emissions"),
        ),
    ),
    "acr/acr-details.json": (
        ("*/projectDetail/projectListingStatus", statuses.ACR_PROJECT, ("N/A",)),
    ),
    "acr/acr-issuances.json": (
        ("datasets/*/rows/projectTypeCode", CODES, ("REF", "IPE")),
        ("datasets/*/rows/issuanceDate", dates.iso_date, ()),
        ("datasets/*/rows/holdingQuantity", numbers.decimal, ()),
    ),
    "acr/acr-retirements.json": (
        ("datasets/*/rows/holdingStatus", statuses.ACR_UNIT, ()),
        ("datasets/*/rows/registryLabels/labelDisplayName", labels, ()),
        ("datasets/*/rows/holdingStatusEffectiveTimestamp", dates.iso_datetime, ()),
    ),
    "acr/acr-cancellations.json": (
        ("datasets/*/rows/holdingStatus", statuses.ACR_UNIT, ()),
        ("datasets/*/rows/cancellationReason", statuses.ACR_CANCELLATION, ()),
        ("datasets/*/rows/cancellationReasonDescription", statuses.ACR_CANCELLATION, ()),
    ),
    "biocarbon/biocarbon-details.json": (
        ("*/initiative/status", statuses.BIOCARBON_PROJECT, ()),
        ("*/initiative/country", country, ()),
        ("*/initiative/sector_name", sectors, ()),
        ("*/initiative/type_project_name", project_type, ()),
        ("*/initiative/methodologies/name", methodologies, ()),
    ),
    "biocarbon/biocarbon-carbon-credits.json": (
        ("data/amount", numbers.grouped, ()),
        ("data/destination", statuses.BIOCARBON_UNIT, ()),
    ),
    "biocarbon/biocarbon-retreats-page1.json": (("data/created_at", dates.day_first, ()),),
    "cercarbono-ecoregistry/cercarbono-projects.json": (
        ("projects/projectStage", statuses.CERCARBONO_PROJECT, ()),
        ("projects/sectors/description", sectors, ()),
        ("projects/methodology/description", methodologies, ()),
        ("projects/methodology/type_avoidance_removals", kind, ()),
        ("projects/projectsGlobalGoal/description", sdg, ()),
    ),
    "cercarbono-ecoregistry/cercarbono-retirements.json": (
        ("retirements/country_final_user", country, ()),
    ),
    "cercarbono-ecoregistry/cercarbono-analytics.json": (
        ("project/locations/country", country, ()),
    ),
    "gold-standard/gs-projects.json": (
        ("status", statuses.GOLD_STANDARD_PROJECT, ()),
        ("country", country, ()),
        ("type", project_type, ("Other",)),
        ("sustainable_development_goals/name", sdg, ()),
    ),
    "gold-standard/gs-credits.json": (
        ("status", statuses.GOLD_STANDARD_UNIT, ()),
        ("project/methodology", methodologies_of("GS"), ()),
        ("labels", kind, ()),
    ),
    "icr/carbonmark-mock-project-v0.json": (
        ("project/status", statuses.ICR_PROJECT, ()),
        ("project/otherBenefits/title", sdg, ()),
        ("project/estimatedAnnualMitigations/date", dates.rfc1123, ()),
        ("project/methodology/title", methodologies, ()),
        ("project/sector/title", sectors, ()),
    ),
    "isometric/graphql-issuances-node-2026-04.json": (
        ("data/issuances/nodes/project/status", statuses.ISOMETRIC_PROJECT, ()),
        ("data/issuances/nodes/supplierCreditBatches/status", statuses.ISOMETRIC_UNIT, ()),
        ("data/issuances/nodes/project/country/isoAlpha3Code", country, ()),
        ("data/issuances/nodes/project/process/pathway/name", methodologies_of("ISO"), ()),
    ),
    "plan-vivo-spglobal/planvivo-projects.json": (
        ("entities/status", statuses.PLAN_VIVO_PROJECT, ()),
        ("entities/projectType", project_type, ()),
    ),
    "plan-vivo-spglobal/planvivo-holdings.json": (
        ("entities/status", statuses.PLAN_VIVO_UNIT, ()),
    ),
    "socialcarbon/socialcarbon-projects.json": (
        ("response/results/Project Status", statuses.SOCIAL_CARBON_PROJECT, ()),
        ("response/results/Project Type", project_type, ("Harmful Algae Bloom Treatment",)),
        ("response/results/Methodology", methodologies, ()),
        ("response/results/Country", country, ()),
        ("response/results/SDGs", sdg, ()),
    ),
    "socialcarbon/socialcarbon-issuances.json": (
        ("response/results/Asset type", kind, ()),
        ("response/results/Vintage", numbers.year, ()),
    ),
    "verra/spglobal-first-entities-2026-07-27.json": (
        ("project/first_entity/stateCode", statuses.VERRA_PROJECT, ()),
        ("*/first_entity/countryName", country, ()),
        ("*/first_entity/sectoralScope", sectors, ()),
        ("*/first_entity/methodologies", methodologies, ()),
    ),
    "verra/legacy-uiapi-asset-search-2026-04.json": (
        ("value/additionalCertifications", labels, ()),
        ("value/programObjectives", sdgs, ()),
    ),
}
FIELDS = [(file, *case) for file, cases in CASES.items() for case in cases]


@pytest.mark.parametrize(("file", "path", "rule", "unmapped"), FIELDS)
def test_a_captured_field_maps_whole(
    file: str, path: str, rule: Rule, unmapped: tuple[str, ...]
) -> None:
    payload = data("registries", "samples", *file.split("/"))
    raws = [raw for raw in values(payload, *path.split("/")) if raw not in (None, "")]
    assert raws
    assert {str(raw) for raw in raws if rule(raw) in (None, ())} <= set(unmapped)
    for raw in unmapped:
        assert rule(raw) is None
        assert names_no_type(raw) or CODES(raw) is None or raw in UNMAPPED["acr-project"]


def test_every_methodology_in_the_captured_payloads_has_a_code() -> None:
    seen = 0
    for file, path, rule, _ in FIELDS:
        if "ethodology" in path or "methodologies" in path:
            for raw in values(data("registries", "samples", *file.split("/")), *path.split("/")):
                found = rule(raw) if raw else ()
                if isinstance(found, tuple):
                    assert all(one.code for one in found), raw
                    seen += len(found)
    assert seen > 20


def test_the_reserves_own_export_maps_whole() -> None:
    body = SHARED.joinpath("registries", "samples", "car", "car-projects.csv").read_bytes()
    rows = list(csv.DictReader(io.StringIO(body.decode("cp1252"))))
    assert rows
    for row in rows:
        status, compliance = row["Status"], row["Compliance Program Status"]
        assert statuses.apx_project_status(status, compliance) is not None
        assert country(row["Project Site Country"]) is not None
        assert project_type(row["Project Type"]) is not None
        assert all(one.code for one in methodologies_of("CAR")(row["Project Type"]))
        assert len(sdgs(row["SDG Impact"])) == row["SDG Impact"].count(".")
        for column in ("Project Listed Date", "Project Registered Date"):
            assert not row[column] or dates.month_first(row[column])


def test_the_reserves_retirements_map_whole() -> None:
    body = SHARED.joinpath("registries", "samples", "car", "car-retirements.csv").read_bytes()
    rows = list(csv.DictReader(io.StringIO(body.decode("cp1252"))))
    assert rows
    for row in rows:
        assert dates.month_first(row["Status Effective"])
        assert numbers.year(row["Vintage"])
        assert numbers.integer(row["Quantity of Offset Credits"])
        (found,) = methodologies_of("CAR")(row["Protocol and Version"])
        assert found.code, row["Protocol and Version"]
        assert found.version
        assert not row["Reduction/Removal"] or kind(row["Reduction/Removal"])
