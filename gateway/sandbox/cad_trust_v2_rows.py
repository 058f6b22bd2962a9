"""The sandbox's records as a CAD Trust node's `/v2` tables, after data dictionary 2.0.2.

No answers of a live node were captured: keys and types follow the published schema.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator

from gateway.model.picklists import StakeholderType, ValidationType
from gateway.sandbox.cad_trust_rows import Row, country, instant
from gateway.sandbox.world import Issuance, Label, Location, Methodology, Project, Telling, Unit

_NAMESPACE = uuid.UUID("0b7bb4a8-0d7c-4f2b-8f0e-6a4f6b1f4c55")


def made_key(*parts: str) -> str:
    """The UUID of a row that the world has no key for; the same for the same parts."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(parts)))


def tables(telling: Telling) -> dict[str, list[Row]]:
    """Every table by its resource name, in the order in which a node takes them in."""
    projects, found = telling.projects, dict[str, list[Row]]()
    by_key = {project.key: project for project in projects}
    found["program"] = _once(map(_program, (p for p in projects if p.program)))
    found["methodology"] = _once(_methodology(m) for p in projects for m in p.methodologies)
    found["stakeholder"] = [_stakeholder(p) for p in projects]
    found["label"] = _once(_label(label) for p in projects for label in p.labels)
    found["project"] = [_project(p) for p in projects]
    found["project-methodology"] = [
        _link(p, m, turn) for p in projects for turn, m in enumerate(p.methodologies)
    ]
    found["validation"] = [_validation(p) for p in projects if p.validation_body]
    found["location"] = [_location(p, place) for p in projects for place in p.project_locations]
    found["estimation"] = list(_estimations(projects))
    found["rating"] = list(_ratings(projects))
    found["co-benefit"] = list(_co_benefits(projects))
    found["verification"] = [_verification(i) for i in telling.issuances]
    found["issuance"] = [_issuance(i, by_key[i.project_key]) for i in telling.issuances]
    found["unit"] = [_unit(unit) for unit in telling.units]
    found["unit-label"] = [_unit_label(u, label) for u in telling.units for label in u.labels]
    return found


def _once(rows: Iterable[Row]) -> list[Row]:
    return list({next(iter(row.values())): row for row in rows}.values())


def _stamps(updated: str = "2026-01-01") -> Row:
    return {"createdAt": instant(updated), "updatedAt": instant(updated)}


def program_key(project: Project) -> str:
    return made_key("program", project.program or "")


def _program(project: Project) -> Row:
    return {
        "cadTrustProgramId": program_key(project),
        "programName": project.program,
        "programRegistry": project.current_registry,
        "programRegistryId": f"{project.program} programme",
        "programDescription": None,
        **_stamps(),
    }


def methodology_key(methodology: Methodology) -> str:
    version = methodology.methodology_version or ""
    return made_key("methodology", methodology.methodology_code, version)


def _methodology(methodology: Methodology) -> Row:
    return {
        "cadTrustMethodologyId": methodology_key(methodology),
        "methodologyCode": methodology.methodology_code,
        "methodologyName": methodology.methodology_name,
        "methodologyType": None,
        "methodologyVersion": methodology.methodology_version,
        "methodologyDate": None,
        "methodologyLink": None,
        **_stamps(),
    }


def _link(project: Project, methodology: Methodology, turn: int) -> Row:
    return {
        "cadTrustProjectMethodologyId": made_key(project.key, methodology.methodology_code),
        "cadTrustProjectId": project.key,
        "cadTrustMethodologyId": methodology_key(methodology),
        "projectMethodologyDate": None,
        "projectMethodologyDescription": None,
        **_stamps(f"2026-01-01T00:00:{turn:02d}Z"),
    }


def stakeholder_key(project: Project) -> str:
    return made_key("stakeholder", project.key)


def _stakeholder(project: Project) -> Row:
    return {
        "cadTrustStakeholderId": stakeholder_key(project),
        "stakeholderName": project.project_developer,
        "stakeholderType": StakeholderType.DEVELOPER.value,
        "stakeholderLink": None,
        "cadTrustProjectId": project.key,
        **_stamps(),
    }


def validation_key(project: Project) -> str:
    return made_key("validation", project.key)


def _validation(project: Project) -> Row:
    return {
        "cadTrustValidationId": validation_key(project),
        "validationId": f"VAL-{project.number}",
        "validationType": ValidationType.PROJECT_DESIGN_DOCUMENT.value,
        "validationBody": project.validation_body,
        "validationDate": project.validation_date,
        "validationCreditPeriodStartDate": project.crediting_period_start,
        "validationCreditPeriodEndDate": project.crediting_period_end,
        "cadTrustProjectId": project.key,
        **_stamps(),
    }


def verification_key(issuance: Issuance) -> str:
    return made_key("verification", issuance.key)


def _verification(issuance: Issuance) -> Row:
    return {
        "cadTrustVerificationId": verification_key(issuance),
        "verificationId": f"VER-{issuance.batch}",
        "verificationStartDate": issuance.issuance_start_date,
        "verificationEndDate": issuance.issuance_end_date,
        "verificationBody": issuance.verification_body,
        "cadTrustProjectId": issuance.project_key,
        "cadTrustValidationId": None,
        **_stamps(),
    }


def _location(project: Project, place: Location) -> Row:
    return {
        "cadTrustLocationId": place.project_location_id,
        "locationCountry": country(place.country),
        "locationRegion": place.in_country_region,
        "locationGis": place.geographic_identifier,
        "locationMapType": None,
        "locationMapFileLink": None,
        "cadTrustProjectId": project.key,
        **_stamps(),
    }


def _estimations(projects: Iterable[Project]) -> Iterator[Row]:
    for project in projects:
        for one in project.estimations:
            yield {
                "cadTrustEstimationId": one.estimation_id,
                "estimationStartDate": one.crediting_period_start,
                "estimationEndDate": one.crediting_period_end,
                "estimationUnitCount": int(one.unit_count),
                "estimationReferenceNo": None,
                "cadTrustProjectId": project.key,
                **_stamps(),
            }


def _ratings(projects: Iterable[Project]) -> Iterator[Row]:
    for project in projects:
        for rating in project.project_ratings:
            yield {
                "cadTrustRatingId": rating.project_rating_id,
                "ratingType": rating.rating_type.value,
                "ratingName": f"{rating.rating_type.value} rating",
                "ratingValue": rating.rating,
                "ratingLink": rating.rating_link,
                "cadTrustProjectId": project.key,
                **_stamps(),
            }


def _co_benefits(projects: Iterable[Project]) -> Iterator[Row]:
    """Every second project's in the schema's spelling, the others' in the code's."""
    for number, project in enumerate(projects):
        key, text = ("cadTrustCobenefitId", "cobenefit") if number % 2 else _CODE_SPELLING
        for one in project.co_benefits:
            yield {
                key: one.co_benefit_id,
                text: one.co_benefit,
                "cadTrustProjectId": project.key,
                **_stamps(),
            }


_CODE_SPELLING = ("cadTrustCoBenefitId", "coBenefitId")


def _project(project: Project) -> Row:
    return {
        "cadTrustProjectId": project.key,
        "orgUid": project.org_uid,
        "projectRegistryName": project.current_registry,
        "projectId": project.project_id,
        "projectCreditingProgram": project.program,
        "projectName": project.project_name,
        "projectLink": project.project_link,
        "projectDescription": project.project_description,
        "projectSector": [project.sector],
        "projectType": [project.project_type],
        "projectSubtype": None,
        "projectStatus": project.project_status.value,
        "projectStatusDate": project.project_status_date,
        "projectUnitMetric": project.unit_metric.value,
        "cadTrustReferenceProjectId": None,
        "cadTrustProgramId": program_key(project) if project.program else None,
        **_stamps(project.updated_at),
    }


def _issuance(issuance: Issuance, project: Project) -> Row:
    first = next(iter(project.methodologies), None)
    return {
        "cadTrustIssuanceId": issuance.key,
        "issuanceId": issuance.issuance_id,
        "issuanceDate": issuance.issuance_date,
        "cadTrustVerificationId": verification_key(issuance),
        "cadTrustProjectMethodologyId": (
            made_key(project.key, first.methodology_code) if first else None
        ),
        "cadTrustLocationId": project.project_locations[0].project_location_id,
        **_stamps(),
    }


def _unit(unit: Unit) -> Row:
    return {
        "cadTrustUnitId": unit.key,
        "orgUid": unit.org_uid,
        "unitSerialId": unit.unit_serial_id,
        "unitStartBlock": unit.unit_block_start,
        "unitEndBlock": unit.unit_block_end,
        "unitCount": int(unit.unit_count),
        "unitType": unit.unit_type.value,
        "unitVintageYear": unit.vintage_year,
        "unitStatus": unit.unit_status.value,
        "unitStatusReason": unit.unit_status_reason,
        "unitStatusDate": unit.unit_status_date,
        "unitRetirementDetail": unit.unit_retirement_detail,
        "unitRetirementBeneficiary": unit.unit_retirement_beneficiary,
        "unitRetirementBeneficiaryId": None,
        "unitLink": unit.unit_registry_link,
        "unitMetric": unit.unit_metric.value,
        "unitCurrentOwner": unit.unit_owner,
        "unitItmosReferenceId": None,
        "marketplace": unit.marketplace,
        "marketplaceLink": unit.marketplace_link,
        "marketplaceIdentifier": unit.marketplace_identifier,
        "cadTrustIssuanceId": unit.issuance_key,
        **_stamps(unit.updated_at),
    }


def _label(label: Label) -> Row:
    return {
        "cadTrustLabelId": label.label_id,
        "labelName": label.label,
        "labelType": label.label_type.value,
        "labelLink": label.label_link,
        "labelDate": None,
        **_stamps(),
    }


def _unit_label(unit: Unit, label: Label) -> Row:
    return {
        "cadTrustUnitLabelId": made_key("unit-label", unit.key, label.label_id or ""),
        "cadTrustLabelId": label.label_id,
        "cadTrustUnitId": unit.key,
        "labelUnitDate": label.validity_start_date,
        "labelUnitDescription": None,
        **_stamps(),
    }
