"""An invented national registry whose database may be read, over the sandbox's world."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from gateway.model.entity import Entity
from gateway.model.picklists import ProjectStatus, UnitStatus
from gateway.sandbox.database_file import Damage, Database, loosen
from gateway.sandbox.emulator import Emulator
from gateway.sandbox.national import kept, scheme
from gateway.sandbox.world import Issuance, Project, Telling, Unit

REGISTRY = "example-national-sql"
NAME = "Example National Registry, by database (invented)"
STATUSES = {
    ProjectStatus.LISTED: "applied",
    ProjectStatus.REGISTERED: "registered",
    ProjectStatus.COMPLETED: "completed",
}
STATES = {
    UnitStatus.HELD: "held",
    UnitStatus.RETIRED: "retired",
    UnitStatus.CANCELLED: "cancelled",
}
# In words that SQLite and PostgreSQL both understand.
TABLES = (
    """CREATE TABLE verifiers (id INTEGER PRIMARY KEY, name TEXT NOT NULL)""",
    """CREATE TABLE projects (
        code TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT, developer TEXT,
        status TEXT NOT NULL, status_date DATE, sector TEXT, ndc TEXT, registered_on DATE,
        updated_at TEXT, country TEXT, region TEXT, latitude NUMERIC, longitude NUMERIC,
        remarks TEXT)""",
    """CREATE TABLE issuances (
        id INTEGER PRIMARY KEY, number TEXT NOT NULL, project_code TEXT NOT NULL,
        verifier_id INTEGER, issued_on DATE NOT NULL, period_from DATE, period_to DATE,
        quantity NUMERIC NOT NULL, vintage INTEGER)""",
    """CREATE TABLE units (
        serial TEXT PRIMARY KEY, issuance_id INTEGER NOT NULL, project_code TEXT NOT NULL,
        block_start TEXT, block_end TEXT, quantity NUMERIC NOT NULL, vintage INTEGER,
        period_from DATE, period_to DATE, unit_type TEXT, planned BOOLEAN NOT NULL,
        state TEXT NOT NULL, state_date DATE, reason TEXT, beneficiary TEXT, holder TEXT)""",
)
Row = tuple[object, ...]


def verifiers(telling: Telling) -> dict[str, int]:
    """Every verifier with its number."""
    found = {i.verification_body for i in telling.issuances if i.verification_body}
    return {name: number for number, name in enumerate(sorted(found), 1)}


def project_row(project: Project) -> Row:
    """A row of `projects`."""
    place = project.project_locations[0]
    return (
        project.project_id,
        project.project_name,
        project.project_description,
        project.project_developer,
        STATUSES[project.project_status],
        project.project_status_date,
        project.sector,
        project.covered_by_ndc.value,
        project.registration_date,
        project.updated_at,
        place.country,
        place.in_country_region,
        place.latitude,
        place.longitude,
        "kept by the office",
    )


def issuance_row(issuance: Issuance, verifier_ids: Mapping[str, int]) -> Row:
    """A row of `issuances`."""
    return (
        int(issuance.key),
        issuance.issuance_id,
        issuance.project_key,
        verifier_ids.get(issuance.verification_body or ""),
        issuance.issuance_date,
        issuance.issuance_start_date,
        issuance.issuance_end_date,
        issuance.unit_count,
        issuance.vintage_year,
    )


def unit_row(unit: Unit) -> Row:
    """A row of `units`."""
    return (
        unit.key,
        int(unit.issuance_key),
        unit.project_key,
        unit.unit_block_start,
        unit.unit_block_end,
        unit.unit_count,
        unit.vintage_year,
        unit.vintage_start_date,
        unit.vintage_end_date,
        unit.unit_type.value,
        unit.is_ex_ante,
        STATES[unit.unit_status],
        unit.unit_status_date,
        unit.unit_status_reason,
        unit.unit_retirement_beneficiary,
        unit.unit_owner,
    )


def rows(telling: Telling) -> dict[str, list[Row]]:
    """Every table's rows, in the order of its columns."""
    verifier_ids = verifiers(telling)
    return {
        "verifiers": [(number, name) for name, number in verifier_ids.items()],
        "projects": [project_row(project) for project in telling.projects],
        "issuances": [issuance_row(one, verifier_ids) for one in telling.issuances],
        "units": [unit_row(unit) for unit in telling.units],
    }


def application(telling: Telling) -> Database:
    """The database."""

    def fill(connection: sqlite3.Connection) -> None:
        for table in TABLES:
            connection.execute(table)
        for name, found in rows(telling).items():
            if found:
                marks = ", ".join("?" * len(found[0]))
                # Quantities and coordinates as their texts: SQLite knows no Decimal.
                plain = [tuple(_plain(value) for value in row) for row in found]
                connection.executemany(f"INSERT INTO {name} VALUES ({marks})", plain)  # noqa: S608

    return Database(fill)


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, (str, int)) else str(value)


def _statement(*statements: str) -> Damage:
    def damage(connection: sqlite3.Connection) -> None:
        for statement in statements:
            connection.execute(statement)

    return damage


def _loosened(*statements: str) -> Damage:
    """Statements on tables without their constraints."""

    def damage(connection: sqlite3.Connection) -> None:
        for name in ("projects", "issuances", "units"):
            loosen(connection, name)
        _statement(*statements)(connection)

    return damage


TRAPS: Mapping[str, Damage] = {
    "a column has another name": _statement(
        "ALTER TABLE projects RENAME COLUMN name TO title",
        "ALTER TABLE issuances RENAME COLUMN issued_on TO issued",
        "ALTER TABLE units RENAME COLUMN holder TO owner",
    ),
    "every row stands twice": _loosened(
        "INSERT INTO projects SELECT * FROM projects",
        "INSERT INTO issuances SELECT * FROM issuances",
        "INSERT INTO units SELECT * FROM units",
    ),
    "an amount is a word": _loosened(
        "UPDATE issuances SET quantity = 'many'", "UPDATE units SET quantity = 'many'"
    ),
}

EMULATOR = Emulator(
    registry=REGISTRY,
    application=application,
    says={
        Entity.PROJECT: kept(
            """project_id origin_project_id current_registry registry_of_origin project_name
            project_description project_link project_developer project_status project_status_date
            sector unit_metric covered_by_ndc registration_date updated_at
            project_locations.country project_locations.in_country_region
            project_locations.latitude project_locations.longitude"""
        ),
        Entity.ISSUANCE: kept(
            """project_key issuance_id issuance_date issuance_start_date issuance_end_date
            vintage_year unit_count verification_body"""
        ),
        Entity.UNIT: kept(
            """project_key issuance_key unit_serial_id unit_block_start unit_block_end unit_count
            vintage_year vintage_start_date vintage_end_date unit_type unit_metric is_ex_ante
            unit_status unit_status_date unit_status_reason unit_retirement_beneficiary
            unit_owner"""
        ),
    },
    told={
        Entity.PROJECT: {
            # A number in a database has no zeros at its end.
            "project_locations.latitude": lambda place: place.latitude.normalize(),
            "project_locations.longitude": lambda place: place.longitude.normalize(),
        }
    },
    traps=TRAPS,
    scheme=scheme(
        REGISTRY,
        NAME,
        "XS-",
        "GH",
        (ProjectStatus.REGISTERED, ProjectStatus.LISTED, ProjectStatus.COMPLETED),
        lambda b: str(b.batch),
        planned=True,
    ),
    listens=False,
)
