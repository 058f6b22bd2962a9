"""The sandbox's records as the rows of a CAD Trust node's `/v1`: its exact keys and JSON types."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gateway.harmonise.countries import country_name
from gateway.harmonise.methodologies import methodologies
from gateway.sandbox.world import Issuance, Label, Methodology, Project, Telling, Unit

Row = dict[str, Any]

# CAD Trust's v1 picklist of countries, where it is not ISO's own short name.
_COUNTRIES = {
    "CD": "Democratic Republic of Congo",
    "CI": "Cote d'Ivoire",
    "TR": "Turkey",
    "TZ": "United Republic of Tanzania",
    "US": "United States of America",
}
_NAMESPACE = uuid.UUID("5a0d6c1e-8f0b-4c39-9a55-0f5f6f1d2b77")


def project_rows(telling: Telling) -> list[Row]:
    """Every project with its children."""
    issuances: dict[str, list[Issuance]] = {}
    for issuance in telling.issuances:
        issuances.setdefault(issuance.project_key, []).append(issuance)
    return [_project(p, issuances.get(p.key, [])) for p in telling.projects]


def unit_rows(telling: Telling) -> list[Row]:
    """Every unit with its issuance and labels."""
    projects = {project.key: project for project in telling.projects}
    issuances = {
        issuance.key: _issuance(issuance, projects[issuance.project_key])
        for issuance in telling.issuances
    }
    return [_unit(unit, issuances, projects[unit.project_key]) for unit in telling.units]


def country(code: str | None) -> str | None:
    """A country in the picklist's spelling."""
    return None if code is None else _COUNTRIES.get(code) or country_name(code)


def instant(day: str | None) -> str | None:
    """A date or an instant of the world with the wire's milliseconds."""
    if day is None:
        return None
    return f"{day}T00:00:00.000Z" if len(day) == 10 else day.replace("Z", ".000Z")


def methodology_text(methodology: Methodology) -> str:
    """The one text that stands for a methodology in v1: programme, code and version."""
    code, version = methodology.methodology_code, methodology.methodology_version
    program = next((one.program for one in methodologies(code)), None)
    text = f"{program} - {code}" if program else code
    return f"{text} --- Version {version}" if version else text


def _stamps(updated: str) -> Row:
    return {"createdAt": instant(updated), "updatedAt": instant(updated)}


def _child(project: Project, key: str | None, *parts: str) -> Row:
    made = uuid.uuid5(_NAMESPACE, "/".join((project.key, *parts)))
    return {
        "id": key or str(made),
        "warehouseProjectId": project.key,
        "orgUid": project.org_uid,
    }


def _project(project: Project, issuances: list[Issuance]) -> Row:
    named = [methodology_text(m) for m in project.methodologies]
    updated = project.updated_at
    tail = {"timeStaged": None, **_stamps(updated)}
    return {
        "warehouseProjectId": project.key,
        "orgUid": project.org_uid,
        "currentRegistry": project.current_registry,
        "projectId": project.project_id,
        "originProjectId": project.origin_project_id,
        "registryOfOrigin": project.registry_of_origin,
        "program": project.program,
        "projectName": project.project_name,
        "projectLink": project.project_link,
        "projectDeveloper": project.project_developer,
        "sector": project.sector,
        "projectType": project.project_type,
        "projectTags": project.project_tags,
        "coveredByNDC": project.covered_by_ndc.value,
        "ndcInformation": project.ndc_information,
        "projectStatus": project.project_status.value,
        "projectStatusDate": instant(project.project_status_date),
        "unitMetric": project.unit_metric.value,
        "methodology": named[0] if named else "",
        "methodology2": named[1] if len(named) > 1 else None,
        "validationBody": project.validation_body,
        "validationDate": instant(project.validation_date),
        "timeStaged": str(int(datetime.fromisoformat(updated).timestamp())),
        "description": project.project_description,
        **_stamps(updated),
        "projectLocations": [
            {
                **_child(project, place.project_location_id, "location", str(number)),
                "country": country(place.country),
                "inCountryRegion": place.in_country_region,
                "geographicIdentifier": place.geographic_identifier or "",
                "timeStaged": None,
                "createdAt": instant(updated),
                "fileId": None,
                "updatedAt": instant(updated),
            }
            for number, place in enumerate(project.project_locations)
        ],
        "labels": [_label(project, label) for label in project.labels],
        "issuances": [_issuance(issuance, project) for issuance in issuances],
        "coBenefits": [
            {
                **_child(project, one.co_benefit_id, "co-benefit", str(number)),
                "cobenefit": one.co_benefit,
                **tail,
            }
            for number, one in enumerate(project.co_benefits)
        ],
        "relatedProjects": [
            {
                **_child(project, None, "related", str(number)),
                "relatedProjectId": other.related_project_id,
                "relationshipType": other.relationship_type,
                "registry": other.related_registry,
                **tail,
            }
            for number, other in enumerate(project.related_projects)
        ],
        "projectRatings": [
            {
                **_child(project, rating.project_rating_id, "rating", str(number)),
                "ratingType": rating.rating_type.value,
                "ratingRangeHighest": rating.rating_range_highest,
                "ratingRangeLowest": rating.rating_range_lowest,
                "rating": rating.rating,
                "ratingLink": rating.rating_link,
                **tail,
            }
            for number, rating in enumerate(project.project_ratings)
        ],
        "estimations": [
            {
                **_child(project, one.estimation_id, "estimation", str(number)),
                "creditingPeriodStart": instant(one.crediting_period_start),
                "creditingPeriodEnd": instant(one.crediting_period_end),
                "unitCount": int(one.unit_count),
                **tail,
            }
            for number, one in enumerate(project.estimations)
        ],
    }


def _label(project: Project, label: Label) -> Row:
    return {
        **_child(project, label.label_id, "label", label.label),
        "label": label.label,
        "labelType": label.label_type.value,
        "creditingPeriodStartDate": instant(label.crediting_period_start_date),
        "creditingPeriodEndDate": instant(label.crediting_period_end_date),
        "validityPeriodStartDate": instant(label.validity_start_date),
        "validityPeriodEndDate": instant(label.validity_end_date),
        "unitQuantity": None if label.unit_quantity is None else int(label.unit_quantity),
        "labelLink": label.label_link,
        "timeStaged": None,
        **_stamps(project.updated_at),
    }


def _issuance(issuance: Issuance, project: Project) -> Row:
    return {
        "id": issuance.key,
        "orgUid": project.org_uid,
        "warehouseProjectId": issuance.project_key,
        "startDate": instant(issuance.issuance_start_date),
        "endDate": instant(issuance.issuance_end_date),
        "verificationApproach": issuance.verification_approach,
        "verificationReportDate": instant(issuance.verification_report_date),
        "verificationBody": issuance.verification_body or "",
        "timeStaged": None,
        **_stamps(project.updated_at),
    }


def _unit(unit: Unit, issuances: Mapping[str, Row], project: Project) -> Row:
    updated = unit.updated_at
    return {
        "warehouseUnitId": unit.key,
        "issuanceId": unit.issuance_key,
        "projectLocationId": unit.unit_issuance_location,
        "orgUid": unit.org_uid,
        "unitOwner": unit.unit_owner,
        "countryJurisdictionOfOwner": country(unit.country_jurisdiction_of_owner),
        "inCountryJurisdictionOfOwner": unit.in_country_jurisdiction_of_owner,
        "serialNumberBlock": unit.unit_serial_id,
        "unitBlockStart": unit.unit_block_start,
        "unitBlockEnd": unit.unit_block_end,
        "unitCount": int(unit.unit_count),
        "vintageYear": unit.vintage_year,
        "unitType": unit.unit_type.value,
        "marketplace": unit.marketplace,
        "marketplaceLink": unit.marketplace_link,
        "marketplaceIdentifier": unit.marketplace_identifier,
        "unitTags": unit.unit_tags,
        "unitStatus": unit.unit_status.value,
        "unitStatusReason": unit.unit_status_reason,
        "unitRegistryLink": unit.unit_registry_link,
        "correspondingAdjustmentDeclaration": unit.corresponding_adjustment_declaration.value,
        "correspondingAdjustmentStatus": unit.corresponding_adjustment_status.value,
        "timeStaged": str(int(datetime.fromisoformat(updated).timestamp())),
        **_stamps(updated),
        "labels": [
            {**_label(project, label), "label_unit": _label_unit(unit, label, project)}
            for label in unit.labels
        ],
        "issuance": issuances.get(unit.issuance_key),
    }


def _label_unit(unit: Unit, label: Label, project: Project) -> Row:
    key = _child(project, label.label_id, "label", label.label)["id"]
    return {
        "id": str(uuid.uuid5(_NAMESPACE, f"{unit.key}/{key}")),
        "orgUid": unit.org_uid,
        "warehouseUnitId": unit.key,
        "labelId": key,
        "timeStaged": None,
        **_stamps(unit.updated_at),
    }
