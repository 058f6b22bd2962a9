"""Status tables: every registry's own words, and the decisions behind them."""

from __future__ import annotations

import pytest

from gateway.harmonise import project_status_data, unit_status_data
from gateway.harmonise import statuses as tables
from gateway.harmonise.statuses import PROJECT_TABLES, UNIT_TABLES
from gateway.model.picklists import ProjectStatus as S
from gateway.model.picklists import UnitStatus as U

PROJECTS: dict[str, dict[S, tuple[str, ...]]] = {
    "verra": {
        S.REGISTERED: (
            "Registered",
            "Late to verify",
            "Late to Verify",
            "LATE_TO_VERIFY",
            "Verification approval requested",
            "Verification approval request denied",
            "Crediting Period Renewal Requested",
            "Crediting Period Renewal and Verification Approval Requested",
            "Requantification Requested",
        ),
        S.LISTED: ("Under development", "Under validation", "UNDER_VAL_COMMENT_PERIOD_ON"),
        S.VALIDATED: (
            "Registration requested",
            "Registration and verification approval requested",
        ),
        S.REJECTED: (
            "Registration request denied",
            "Registration and verification approval request denied",
            "Rejected by Administrator",
        ),
        S.WITHDRAWN: ("Withdrawn",),
        S.INACTIVE: ("Inactive", "On Hold - see notification letter", "ON_HOLD"),
        S.TRANSITIONED: ("Units Transferred from Approved GHG Program",),
    },
    "gold-standard": {
        S.LISTED: ("LISTED", "Listed"),
        S.VALIDATED: ("GOLD_STANDARD_CERTIFIED_DESIGN", "Gold Standard Certified Design"),
        S.REGISTERED: ("GOLD_STANDARD_CERTIFIED_PROJECT", "Gold Standard Certified Project"),
    },
    "acr": {
        S.REGISTERED: ("Registered", "Listed - Active ARB Project"),
        S.LISTED: ("Listed", "Listed - Proposed Project", "Listed - Active Registry Project"),
        S.COMPLETED: ("Completed", "COMPLETED", "ARB Completed", "Ecology Completed"),
        S.INACTIVE: ("Inactive", "ARB Inactive", "Ecology Inactive", "ARB Terminated"),
        S.WITHDRAWN: ("Canceled",),
        S.TRANSITIONED: ("Transferred ARB or Ecology Project", "TRANSFERRED"),
    },
    "art": {S.LISTED: ("Listed",), S.REGISTERED: ("Registered",)},
    "car": {
        S.REGISTERED: ("Registered", "Active ARB Project"),
        S.COMPLETED: ("Completed",),
        S.LISTED: ("Listed", "Proposed Project", "Active Registry Project"),
        S.TRANSITIONED: ("Transitioned",),
        S.INACTIVE: ("Inactive", "Terminated"),
    },
    "cdm": {
        S.REGISTERED: ("Registered",),
        S.LISTED: ("Validation", "Validation Public"),
        S.VALIDATED: ("Registering",),
        S.WITHDRAWN: ("Withdrawn", "Validation Terminated", "Validation Replaced"),
        S.REJECTED: ("Rejected",),
        S.DE_REGISTERED: ("Deregistered",),
        S.COMPLETED: ("End of crediting period",),
    },
    "ecoregistry": {
        S.REGISTERED: ("Certified", "Verification", "Registration"),
        S.LISTED: ("Validation", "Public comments"),
        S.COMPLETED: ("Finished", "Retired"),
        S.INACTIVE: ("Suspended",),
        S.WITHDRAWN: ("Cancelled",),
        S.REJECTED: ("Rejected",),
    },
    "cercarbono": {S.REGISTERED: ("Certified",), S.LISTED: ("Validation",)},
    "biocarbon": {
        S.REGISTERED: ("Registered",),
        S.LISTED: ("Listed",),
        S.REJECTED: ("Declined",),
        S.DE_REGISTERED: ("De-registered",),
        S.VALIDATED: ("Registration Request Under Review",),
        S.WITHDRAWN: ("Withdrawn",),
    },
    "gcc": {S.REGISTERED: ("Registered",), S.LISTED: ("Under development",)},
    "plan-vivo": {S.REGISTERED: ("Active", "ACTIVE"), S.VALIDATED: ("Validated",)},
    "uk-land-carbon": {S.LISTED: ("Under development",), S.VERIFIED: ("Verified",)},
    "undp": {
        S.LISTED: ("New", "AwaitingAuthorization", "SUBMITTED_INF", "PDD_SUBMITTED", "PENDING"),
        S.APPROVED: ("Approved", "APPROVED"),
        S.AUTHORIZED: ("Authorised", "AUTHORISED", "AUTHORIZED"),
        S.REJECTED: ("Rejected", "REJECTED_INF", "PDD_REJECTED_BY_DNA"),
        S.VALIDATED: ("VALIDATION_REPORT_APPROVED",),
    },
    "isometric": {
        S.VALIDATED: ("VALIDATED", "validated"),
        S.LISTED: ("UNDER_VALIDATION", "under_validation"),
        S.REJECTED: ("VALIDATION_UNSUCCESSFUL", "validation_unsuccessful"),
        S.WITHDRAWN: ("CANCELLED", "cancelled"),
    },
    "puro": {S.REGISTERED: ("Certified project",)},
    "social-carbon": {
        S.LISTED: ("Listed",),
        S.VALIDATED: ("Certified Design",),
        S.REGISTERED: ("Certified Project",),
    },
    "icr": {
        S.LISTED: ("under development", "under_development", "under_validation"),
        S.VALIDATED: ("validated",),
        S.WITHDRAWN: ("retracted",),
        S.COMPLETED: ("closed",),
    },
    "jcm": {
        S.LISTED: ("Validation",),
        S.REGISTERED: ("Project registered",),
        S.WITHDRAWN: ("Request for Registration withdrawn",),
    },
    "cdop": {S.VERIFIED: ("Verified and issuing",), S.LISTED: ("Validation", "Listed")},
    "cad-trust": {
        **{member: (member.value,) for member in S},
        S.DE_REGISTERED: ("De-registered", "Deregistered"),
        S.AUTHORIZED: ("Authorized", "Authorised"),
    },
}

UNITS: dict[str, dict[U, tuple[str, ...]]] = {
    "verra": {
        U.HELD: ("ISSUED", "Active", "Listed"),
        U.RETIRED: ("RETIRED", "Retired"),
        U.CANCELLED: ("Cancelled", "UNIT_CANCELLED", "BUFFER_CANCELLED"),
        U.BUFFER: ("BUFFER_DEPOSITED", "BUFFER_ON_HOLD"),
        U.INACTIVE: ("UNIT_ON_HOLD",),
    },
    "gold-standard": {
        U.HELD: ("ISSUED",),
        U.RETIRED: ("RETIRED",),
        U.CANCELLED: ("Canceled",),
    },
    "acr": {
        U.HELD: ("ISSUED", "ACTIVE"),
        U.INACTIVE: ("INACTIVE",),
        U.RETIRED: ("RETIRED",),
        U.CANCELLED: ("CANCELED",),
    },
    "art": {U.RETIRED: ("RETIRED",)},
    "car": {
        U.RETIRED: ("Retired",),
        U.CANCELLED: ("Canceled",),
        U.BUFFER: ("Reserve Buffer Pool",),
        U.EXPORTED: ("Canceled for Compliance", "Converted to VCUs"),
    },
    "arb": {U.RETIRED: ("Retired",), U.CANCELLED: ("Invalidated",), U.BUFFER: ("Buffer",)},
    "cdm": {U.CANCELLED: ("Voluntary cancellation",), U.HELD: ("Issued",)},
    "ecoregistry": {U.RETIRED: ("Retired",), U.BUFFER: ("is_buffer", "BF")},
    "cercarbono": {U.RETIRED: ("Retirement",)},
    "biocarbon": {U.BUFFER: ("Reserva", "reserved"), U.HELD: ("Voluntario", "Impuesto")},
    "gcc": {U.RETIRED: ("Retired",)},
    "plan-vivo": {U.HELD: ("Active", "ISSUED")},
    "uk-land-carbon": {U.CANCELLED: ("Cancelled",)},
    "undp": {
        U.HELD: ("Issued", "received", "Transfered"),
        U.RETIRED: ("Retired",),
        U.EXPORTED: ("Cross-Border Transactions",),
        U.CANCELLED: ("Voluntary Cancellations",),
    },
    "isometric": {U.HELD: ("ACTIVE",), U.RETIRED: ("RETIRED",), U.INACTIVE: ("SPLIT",)},
    "puro": {U.HELD: ("Issuance",), U.RETIRED: ("Retirement",)},
    "social-carbon": {U.RETIRED: ("Retirement",), U.CANCELLED: ("Cancellation",)},
    "icr": {U.HELD: ("issued",), U.RETIRED: ("retired",)},
    "jcm": {U.RETIRED: ("Retired",)},
    "cdop": {
        U.HELD: ("Active",),
        U.RETIRED: ("Retired",),
        U.CANCELLED: ("Cancelled",),
        U.INACTIVE: ("On Hold",),
        U.PENDING_EXPORT: ("Pending Transfer",),
    },
    "cad-trust": {
        **{member: (member.value,) for member in U},
        U.HELD: ("Held", "Active"),
        U.CANCELLED: ("Cancelled", "Canceled"),
    },
}


@pytest.mark.parametrize("registry", PROJECT_TABLES)
def test_project_statuses_of_a_registry(registry: str) -> None:
    for status, raws in PROJECTS[registry].items():
        for raw in raws:
            assert PROJECT_TABLES[registry](raw) is status, raw


@pytest.mark.parametrize("registry", UNIT_TABLES)
def test_unit_statuses_of_a_registry(registry: str) -> None:
    for status, raws in UNITS[registry].items():
        for raw in raws:
            assert UNIT_TABLES[registry](raw) is status, raw


@pytest.mark.parametrize("registry", PROJECT_TABLES)
def test_no_project_on_hold_reads_registered(registry: str) -> None:
    table = PROJECT_TABLES[registry]
    held = [raw for raw in table.entries if "hold" in raw.casefold()]
    assert not [raw for raw in held if table(raw) is S.REGISTERED]


@pytest.mark.parametrize("registry", PROJECT_TABLES)
def test_what_went_to_another_programme_is_transitioned(registry: str) -> None:
    table = PROJECT_TABLES[registry]
    for raw in table.entries:
        if "transferred" in raw.casefold() or "transitioned" in raw.casefold():
            assert table(raw) is S.TRANSITIONED


@pytest.mark.parametrize("name", [*project_status_data.UNMAPPED, *unit_status_data.UNMAPPED])
def test_words_that_are_left_unmapped_on_purpose_stay_none(name: str) -> None:
    registry, _, entity = name.rpartition("-")
    if entity == "project":
        for raw in project_status_data.UNMAPPED[name]:
            assert PROJECT_TABLES[registry](raw) is None, raw
    else:
        for raw in unit_status_data.UNMAPPED[name]:
            assert UNIT_TABLES[registry](raw) is None, raw


def test_each_table_has_a_rule_of_its_own() -> None:
    rules = [table.rule for table in PROJECT_TABLES.values()]
    rules += [table.rule for table in UNIT_TABLES.values()]
    assert len(set(rules)) == len(rules)
    assert tables.VERRA_PROJECT.rule == "table.verra-project-status/1"
    assert tables.GOLD_STANDARD_UNIT.rule == "table.gold-standard-unit-status/1"


@pytest.mark.parametrize(
    ("status", "listing", "issued", "expected"),
    [
        ("ACTIVE", "Registered", 0, S.REGISTERED),
        ("ACTIVE", "Listed", 0, S.LISTED),
        ("ACTIVE", "Listed", 500, S.LISTED),
        ("ACTIVE", None, 500, S.REGISTERED),
        ("ACTIVE", None, 0, None),
        ("ACTIVE", "N/A", 0, None),
        ("COMPLETED", "N/A", 0, S.COMPLETED),
        ("COMPLETED", "Registered", 500, S.COMPLETED),
        ("TERMINATED", "N/A", 500, S.INACTIVE),
        ("TERMINATED", "Canceled", 500, S.WITHDRAWN),
        ("TERMINATED", "Transferred ARB or Ecology Project", 500, S.TRANSITIONED),
        ("TERMINATED", "ARB Terminated", 500, S.INACTIVE),
        ("ACTIVE", "Listed - Active ARB Project", 0, S.REGISTERED),
        ("ACTIVE", "Listed - Active Ecology Project", 0, S.REGISTERED),
        ("Listed", None, 0, S.LISTED),
        (None, None, 500, None),
    ],
)
def test_a_greentrace_project_is_registered_only_where_something_says_so(
    status: str | None, listing: str | None, issued: int, expected: S | None
) -> None:
    assert tables.greentrace_project_status(status, listing, issued) is expected


@pytest.mark.parametrize("registry", ["acr", "art"])
def test_what_a_list_of_greentrace_decides_no_page_contradicts(registry: str) -> None:
    table = PROJECT_TABLES[registry]
    for status in (*table.entries, "ACTIVE", "COMPLETED", "TERMINATED", "CANCELED", "new", None):
        if tables.greentrace_list_decides(status, table):
            for listing in (*table.entries, "N/A", "new", None):
                for issued in (0, 500):
                    told = tables.greentrace_project_status(status, listing, issued, table)
                    assert told is table(status), (status, listing)
    assert not tables.greentrace_list_decides("ACTIVE", table)
    assert not tables.greentrace_list_decides("TERMINATED", table)


def test_art_goes_by_a_table_of_its_own() -> None:
    told = tables.greentrace_project_status("ACTIVE", "Validated", 0, tables.ART_PROJECT)
    assert told is S.VALIDATED
    assert tables.greentrace_project_status("ACTIVE", "Validated", 0) is None
    assert tables.ART_PROJECT("ARB Completed") is None


@pytest.mark.parametrize(
    ("voluntary", "compliance", "expected"),
    [
        ("Registered", "Not ARB or Ecology Eligible", S.REGISTERED),
        ("N/A", "Listed - Active ARB Project", S.REGISTERED),
        ("", "ARB Completed", S.COMPLETED),
        ("Transitioned", "Not ARB or WA ECO Eligible", S.TRANSITIONED),
        ("", "Active ARB Project", S.REGISTERED),
        ("N/A", "Not ARB or Ecology Eligible", None),
        (None, None, None),
    ],
)
def test_the_voluntary_status_decides_and_the_compliance_status_stands_in(
    voluntary: str | None, compliance: str | None, expected: S | None
) -> None:
    assert tables.apx_project_status(voluntary, compliance) is expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("CONVERT_TO_ARB_OFFSET_CREDITS", U.EXPORTED),
        ("Convert to ARB Offset Credits", U.EXPORTED),
        ("Convert to Ecology", U.EXPORTED),
        ("COMPENSATION_FOR_INTENTIONAL_REVERSAL", U.CANCELLED),
        ("Compensation for Intentional Reversal", U.CANCELLED),
        ("Compensation for (Un)Intentional Reversal", U.CANCELLED),
        ("Removal from Registry", U.CANCELLED),
        ("Because", None),
    ],
)
def test_cancelling_to_convert_is_leaving_the_registry(raw: str, expected: U | None) -> None:
    assert tables.ACR_CANCELLATION(raw) is expected


def test_a_reserve_credit_cancelled_for_a_compliance_programme_is_exported() -> None:
    assert tables.CAR_CANCELLATION("ARB") is U.EXPORTED
    assert tables.CAR_CANCELLATION("WA ECO") is U.EXPORTED
    assert tables.CAR_CANCELLATION("Canceled for ARB") is U.EXPORTED
    assert tables.CAR_CANCELLATION("Owner's wish") is None
