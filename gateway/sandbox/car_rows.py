"""The world's projects, issuances and units as rows of the Reserve's reports, all of them text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from gateway.model.picklists import ProjectStatus, UnitStatus
from gateway.sandbox.greentrace_rows import arb_id
from gateway.sandbox.world import Issuance, Label, Project, Telling, Unit

Row = dict[str, str]

STATUSES = {
    ProjectStatus.REGISTERED: "Registered",
    ProjectStatus.LISTED: "Listed",
    ProjectStatus.COMPLETED: "Completed",
    ProjectStatus.TRANSITIONED: "Transitioned",
}
TYPES = {
    "Landfill gas": "Landfill Gas Capture/Combustion",
    "Coal bed/mine methane": "Coal Mine Methane - Drainage",
    "Agriculture": "Soil Enrichment",
}
CONVERTED, CANCELED = "ARB", "Canceled"
PILOT = "Eligible for CORSIA 2021-2023 Compliance Period"
FIRST = "Eligible for CORSIA 2024-2026 Compliance Period"
CCP = "ICVCM CCP Eligible"
_LABELS = {"ICVCM CCP": CCP, "CORSIA - First Phase, 2024-2026 Eligible": FIRST}

PROJECT_COLUMNS = (
    "Project ID",
    "Compliance Program ID",
    "Cooperative/ Aggregate ID",
    "Project Developer",
    "Project Owner",
    "Project Name",
    "Offset Project Operator",
    "Authorized Project Designee",
    "Verification Body",
    "Project Type",
    "Status",
    "Compliance Program Status",
    "Project Site Location",
    "Project Site State",
    "Project Site Country",
    "Additional Certification(s)",
    "SDG Impact",
    "Project Notes",
    "Total Number of Offset Credits Registered ",
    "Project Listed Date",
    "Project Registered Date",
    "Documents",
    "Data",
    "Project Website",
)
ISSUED_COLUMNS = (
    "Date Issued",
    "Project ID",
    "Cooperative/ Aggregate ID",
    "Project Name",
    "Project Developer",
    "Project Owner",
    "Project Type",
    "Reduction/Removal",
    "Reversible/Non-Reversible",
    "Protocol and Version",
    "ARB Eligible",
    "WA ECO Eligible",
    PILOT,
    FIRST,
    "Corresponding Adjustment",
    CCP,
    "Crediting Period",
    "Vintage",
    "Total Offset Credits Issued",
    "Zero-Credit Reporting Period",
    "Offset Credits Currently in Reserve Buffer Pool",
    "Offset Credits Intended for Compliance Buffer Pool",
    "Offset Credits Converted to VCUs",
    "Canceled for Compliance",
    "Canceled",
    "Project Site Location",
    "Project Site State",
    "Project Site Country",
    "Activity Area Type",
    "Additional Certification(s)",
    "Verification Body",
    "Project Website",
    "Documents",
)
RETIRED_COLUMNS = (
    "Vintage",
    "Offset Credit Serial Numbers",
    "Quantity of Offset Credits",
    "Status Effective",
    "Project ID",
    "Project Name",
    "Project Type",
    "Reduction/Removal",
    "Reversible/Non-Reversible",
    "Protocol and Version",
    "Project Site Location",
    "Project Site State",
    "Project Site Country",
    "Activity Area Type",
    "Additional Certification(s)",
    PILOT,
    FIRST,
    "Corresponding Adjustment",
    CCP,
    "Account Holder",
    "Retirement Reason",
    "Retirement Reason Details",
)
CANCELLED_COLUMNS = (
    *(c for c in RETIRED_COLUMNS[:15] if c != "Activity Area Type"),
    "Cancellation Reason",
    "Export Notes",
)


@dataclass(frozen=True, slots=True)
class Report:
    """One report: its title, its columns, and its rows. `hidden` columns show in exports only."""

    number: int
    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    hidden: int = 0


def reports(telling: Telling) -> dict[int, Report]:
    """The four reports by number."""
    rows = _Rows(telling)
    left = telling.units
    retired = (u for u in left if u.unit_status is UnitStatus.RETIRED)
    gone = (u for u in left if u.unit_status in (UnitStatus.CANCELLED, UnitStatus.EXPORTED))
    made = (
        Report(111, "Projects", PROJECT_COLUMNS, tuple(map(rows.project, telling.projects))),
        Report(
            112,
            "Project Offset Credits Issued",
            ISSUED_COLUMNS,
            tuple(map(rows.issued, telling.issuances)),
        ),
        Report(206, "Retired Offset Credits", RETIRED_COLUMNS, tuple(map(rows.retired, retired))),
        Report(
            308, "Canceled Offset Credits", CANCELLED_COLUMNS, tuple(map(rows.cancelled, gone)), 1
        ),
    )
    return {report.number: report for report in made}


class _Rows:
    def __init__(self, telling: Telling) -> None:
        self._projects = {project.key: project for project in telling.projects}
        self._issued: dict[str, Decimal] = {}
        for issuance in telling.issuances:
            so_far = self._issued.get(issuance.project_key, Decimal(0))
            self._issued[issuance.project_key] = so_far + issuance.unit_count
        self._pooled: dict[str, Decimal] = {}
        for unit in telling.units:
            if unit.unit_status is UnitStatus.BUFFER:
                self._pooled[unit.issuance_key] = unit.unit_count

    def project(self, project: Project) -> Row:
        listed = project.project_status is ProjectStatus.LISTED
        first = project.project_status_date if listed else project.crediting_period_start
        issued = self._issued.get(project.key)
        return _site(project) | {
            "Compliance Program ID": arb_id(project) or "N/A",
            "Project Developer": project.project_developer,
            "Project Owner": project.project_developer,
            "Status": STATUSES[project.project_status],
            "Compliance Program Status": "Not ARB or WA ECO Eligible",
            "SDG Impact": ";".join(
                f"{benefit.sdg}. {benefit.co_benefit.partition(' - ')[2].title()}"
                for benefit in project.co_benefits
            ),
            "Total Number of Offset Credits Registered ": "" if issued is None else str(issued),
            "Project Listed Date": us_date(first),
            "Project Registered Date": us_date(project.registration_date),
            "Documents": "View",
            "Data": "View",
        }

    def issued(self, issuance: Issuance) -> Row:
        project = self._projects[issuance.project_key]
        pooled = self._pooled.get(issuance.key)
        return (
            _site(project)
            | _batch(project, issuance.labels, _kind(TYPES[project.project_type]))
            | {
                "Date Issued": us_date(issuance.issuance_date),
                "Project Developer": project.project_developer,
                "Project Owner": project.project_developer,
                "ARB Eligible": "No",
                "WA ECO Eligible": "No",
                "Crediting Period": "Initial",
                "Vintage": str(issuance.vintage_year),
                "Total Offset Credits Issued": str(issuance.unit_count),
                "Offset Credits Currently in Reserve Buffer Pool": str(pooled or ""),
                "Verification Body": str(issuance.verification_body),
                "Documents": "View",
            }
        )

    def retired(self, unit: Unit) -> Row:
        return self._left(unit) | {
            "Account Holder": str(unit.unit_owner),
            "Retirement Reason": str(unit.unit_status_reason),
            "Retirement Reason Details": unit.unit_retirement_detail or "",
        }

    def cancelled(self, unit: Unit) -> Row:
        converted = unit.unit_status is UnitStatus.EXPORTED
        return self._left(unit) | {
            "Cancellation Reason": CONVERTED if converted else CANCELED,
            "Export Notes": (unit.unit_retirement_detail or "") if converted else "",
        }

    def _left(self, unit: Unit) -> Row:
        project = self._projects[unit.project_key]
        return (
            _site(project)
            | _batch(project, unit.labels, _kind(TYPES[project.project_type]))
            | {
                "Vintage": str(unit.vintage_year),
                "Offset Credit Serial Numbers": unit.unit_serial_id,
                "Quantity of Offset Credits": str(unit.unit_count),
                "Status Effective": us_date(unit.unit_status_date),
            }
        )


def us_date(day: str | None) -> str:
    """`2024-04-05` as `04/05/2024`."""
    return f"{day[5:7]}/{day[8:10]}/{day[:4]}" if day else ""


def page_date(day: str) -> str:
    """`2024-04-05` as `4/5/2024`, as pages write it."""
    return f"{int(day[5:7])}/{int(day[8:10])}/{day[:4]}"


def sent(text: str) -> str:
    """The text as it arrives: what Windows-1252 has no character for is a question mark."""
    return text.encode("cp1252", "replace").decode("cp1252")


def _site(project: Project) -> Row:
    place = project.project_locations[0]
    return {
        "Project ID": project.project_id,
        "Project Name": project.project_name,
        "Project Type": TYPES[project.project_type],
        "Project Site Location": f"Near Exampleton, {place.in_country_region}",
        "Project Site State": str(place.in_country_region),
        "Project Site Country": place.country,
    }


def _batch(project: Project, labels: Iterable[Label], kind: str) -> Row:
    said = {_LABELS[label.label] for label in labels}
    return {
        "Reduction/Removal": kind,
        "Protocol and Version": f"{TYPES[project.project_type]} - Version 1.0",
        PILOT: "N/A",
        FIRST: "Eligible" if FIRST in said else "N/A",
        "Corresponding Adjustment": "No",
        CCP: "Yes" if CCP in said else "",
    }


def _kind(project_type: str) -> str:
    return "Removal" if project_type == TYPES["Agriculture"] else "Reduction"
