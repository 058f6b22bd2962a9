"""The world's projects and units as Gold Standard's rows: its keys, its JSON types, its words."""

from __future__ import annotations

from typing import Any

from gateway.harmonise.countries import country_name
from gateway.model.picklists import ProjectStatus, UnitStatus, UnitType
from gateway.sandbox.carried_over import is_cer
from gateway.sandbox.world import Methodology, Project, Telling, Unit

Row = dict[str, Any]

DOCUMENTS = "https://assurance-platform.goldstandard.org/project-documents/"
CORSIA = "CORSIA Eligible"
REMOVALS = frozenset({UnitType.REMOVAL_NATURE, UnitType.REMOVAL_TECHNICAL})

STATUSES = {
    ProjectStatus.LISTED: "LISTED",
    ProjectStatus.VALIDATED: "GOLD_STANDARD_CERTIFIED_DESIGN",
    ProjectStatus.REGISTERED: "GOLD_STANDARD_CERTIFIED_PROJECT",
}
UNIT_STATUSES = {UnitStatus.HELD: "ISSUED", UnitStatus.RETIRED: "RETIRED"}
# The registry's type for each of the world's project types.
TYPES = {
    "Wind": "Wind",
    "Solar": "PV",
    "Hydro": "Small, Low - Impact Hydro",
    "Energy Efficiency households": "Energy Efficiency - Domestic",
    "Biogas": "Biogas - Heat",
    "Reforestation": "A/R",
}
# Its own methodologies go by their titles, in its own words.
TITLES = {
    "GS-TPDDTEC": "Reduced emissions from cooking and heating - technologies and practices to "
    "displace decentralized thermal energy consumption (TPDDTEC)"
}
GOALS = {
    1: "No Poverty",
    2: "Zero Hunger",
    3: "Good Health and Well-being",
    4: "Quality Education",
    5: "Gender Equality",
    6: "Clean Water and Sanitation",
    7: "Affordable and Clean Energy",
    8: "Decent Work and Economic Growth",
    9: "Industry, Innovation and Infrastructure",
    10: "Reduced Inequalities",
    11: "Sustainable Cities and Communities",
    12: "Responsible Consumption and Production",
    13: "Climate Action",
    14: "Life Below Water",
    15: "Life on Land",
    16: "Peace, Justice and Strong Institutions",
    17: "Partnerships for the Goals",
}
VERIFIED = {"name": "Verified Emission Reduction", "abbreviation": "VER"}
CERTIFIED = {"name": "Certified Emission Reduction", "abbreviation": "CER"}
PLANNED = {"name": "Planned Emission Reduction", "abbreviation": "PER"}


class Rows:
    """A telling as rows."""

    def __init__(self, telling: Telling) -> None:
        self._known = {project.key: project for project in telling.projects}
        self._programmes = {
            related.related_project_id
            for project in telling.projects
            for related in project.related_projects
        }
        self._inside = {project.key: self._bare(project) for project in telling.projects}
        self._issuances = {issuance.key: issuance for issuance in telling.issuances}

    def project(self, project: Project) -> Row:
        """A row of `/projects`."""
        row = dict(self._inside[project.key])
        labels = row.pop("labels")
        row["sustainable_development_goals"] = [_goal(b.sdg) for b in project.co_benefits]
        row["labels"] = labels
        return row

    def credit(self, unit: Unit) -> Row:
        """A row of `/credits`: the project stands inside, without its goals."""
        issuance = self._issuances[unit.issuance_key]
        retired = unit.unit_status is UnitStatus.RETIRED
        planned = unit.is_ex_ante
        row: Row = {
            "id": str(unit.number),
            "created_at": f"{unit.issued_on}T00:00:00Z",
            "updated_at": unit.updated_at,
            "number_of_credits": int(unit.unit_count),
            "starting_credit_number": int(unit.unit_block_start),
            "ending_credit_number": int(unit.unit_block_end),
            "batch_number": unit.batch,
            "serial_number": unit.unit_serial_id,
            "certified_date": unit.issued_on,
            "monitoring_period_start_date": issuance.issuance_start_date,
            "monitoring_period_end_date": issuance.issuance_end_date,
            "status": UNIT_STATUSES[unit.unit_status],
            "vintage": str(unit.vintage_year),
            "is_active": True,
            "is_transferable": not retired,
            "is_retirable": not (retired or planned),
            "is_assignable": False,
            "is_convertable": planned,
            "is_cancelable": not retired,
            "is_flagged_for_transactional_approval": False,
            "is_note_displayable": retired,
            "is_using_entity_displayable": False,
            "is_undo_issuable": False,
            "is_undo_assignable": False,
            "is_undo_retirable": retired,
            "is_corsia_eligible": any(label.label == CORSIA for label in unit.labels),
        }
        if unit.unit_retirement_detail is not None:
            row["note"] = unit.unit_retirement_detail
        if unit.unit_status_reason is not None:
            row["retirement_use_case"] = unit.unit_status_reason
        row["project"] = self._inside[unit.project_key]
        row["product"] = (
            PLANNED if planned else CERTIFIED if is_cer(unit.unit_serial_id) else VERIFIED
        )
        row["labels"] = [_label(unit.unit_type)]
        return row

    def _bare(self, project: Project) -> Row:
        (place,) = project.project_locations
        programme = next(
            (self._known.get(r.related_project_id) for r in project.related_projects), None
        )
        role = "POA" if project.key in self._programmes else "Standalone"
        row: Row = {
            "id": str(project.row_id),
            "created_at": f"{project.project_status_date}T00:00:00Z",
            "updated_at": project.updated_at,
            "name": project.project_name,
            "description": project.project_description,
            "status": STATUSES[project.project_status],
            "gsf_standards_version": project.program,
            "estimated_annual_credits": project.annual_estimate,
            "crediting_period_start_date": project.crediting_period_start,
            "crediting_period_end_date": project.crediting_period_end,
            "methodology": methodology_text(project.methodologies),
            "type": TYPES[project.project_type],
            "size": _size(project.annual_estimate),
            "sustaincert_id": project.number,
            "sustaincert_url": f"{DOCUMENTS}GS{project.number}",
            "project_developer": project.project_developer,
            "carbon_stream": "GS_VER",
            "country": country_name(place.country),
            "country_code": place.country,
            "latitude": None if place.latitude is None else str(place.latitude),
            "longitude": None if place.longitude is None else str(place.longitude),
            "state": None,
            "crediting_periods": None,
            "programme_of_activities": "VPA" if programme else role,
        }
        if programme is not None:
            row["poa_project_id"] = programme.row_id
            row["poa_project_sustaincert_id"] = programme.number
            row["poa_project_name"] = programme.project_name
        row["labels"] = []
        return row


def methodology_text(methodologies: tuple[Methodology, ...]) -> str | None:
    """CDM's by code and title, the registry's own by title alone; VPAs name none."""
    texts = (
        f"{TITLES.get(m.methodology_code) or _coded(m)} v{m.methodology_version}"
        for m in methodologies
    )
    return "; ".join(texts) or None


def methodology_title(methodology: Methodology) -> str:
    """The title that the registry writes."""
    return TITLES.get(methodology.methodology_code) or methodology.methodology_name


def _coded(methodology: Methodology) -> str:
    return f"{methodology.methodology_code} {methodology.methodology_name}"


def _size(estimate: int) -> str:
    if estimate <= 10_000:
        return "Microscale"
    return "Small Scale" if estimate <= 60_000 else "Large Scale"


def _goal(number: int) -> Row:
    products = [VERIFIED, PLANNED] if number == 13 else []
    return {"name": f"Goal {number}: {GOALS[number]}", "issuable_products": products}


def _label(unit_type: UnitType) -> str:
    return "EMISSION_REMOVAL" if unit_type in REMOVALS else "EMISSION_REDUCTION"
