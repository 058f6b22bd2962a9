"""UNDP's rows as records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adapters.activities import sector_fields, sector_words_of, type_fields
from adapters.children import Method
from adapters.undp_rows import (
    ActionRow,
    BalanceRow,
    BlockRow,
    ProgrammeRow,
    ProjectRow,
    RetirementRow,
    block,
    unit_key,
)
from gateway.harmonise import numbers, sectors
from gateway.harmonise.countries import country
from gateway.harmonise.dates import (
    epoch_ms,
    epoch_ms_date,
    epoch_seconds_date,
    iso_datetime,
)
from gateway.harmonise.methodologies import methodologies
from gateway.harmonise.project_types import type_words
from gateway.harmonise.statuses import UNDP_PROJECT, UNDP_UNIT
from gateway.harmonise.wordlist import Words
from gateway.model import picklists as pick
from gateway.model.field import computed, constant, mapped, raw, wire
from gateway.model.project import (
    EstimationView,
    LocationView,
    ProjectRecord,
)
from gateway.model.record import Identifier
from gateway.model.unit import UnitRecord
from gateway.model.values import DateTime

SUBJECT = "undp"
SERIAL = "undp.serial"


class Place:
    """A region's name with the country of its project."""

    __slots__ = ("code", "region")

    def __init__(self, code: str | None, region: str | None) -> None:
        self.code = code
        self.region = region


class Location(LocationView[Place]):
    __slots__ = ()
    country = mapped("code", country)
    in_country_region = wire("region")


class Estimation(EstimationView[ProgrammeRow]):
    """All credits that are expected over the programme's time."""

    __slots__ = ()
    crediting_period_start = mapped("start_time", epoch_seconds_date)
    crediting_period_end = mapped("end_time", epoch_seconds_date)
    unit_count = mapped("credit_est", numbers.decimal)
    is_annual = constant(False)


def locations(row: ProgrammeRow) -> tuple[Location, ...]:
    """The regions; the corners of its areas are written in a form that nobody has described."""
    told = row.programme_properties.geographical_location if row.programme_properties else None
    regions: tuple[str | None, ...] = tuple(told or ()) or (None,)
    said = row.country_code_a2 or told
    return tuple(Location(Place(row.country_code_a2, r)) for r in regions) if said else ()


def estimations(row: ProgrammeRow) -> tuple[Estimation, ...]:
    said = (row.credit_est, row.start_time, row.end_time)
    return (Estimation(row),) if any(value is not None for value in said) else ()


def developers(row: ProgrammeRow) -> str | None:
    return "; ".join(one.name for one in row.company or () if one.name) or None


def actions(row: ProgrammeRow) -> tuple[ActionRow, ...]:
    return row.mitigation_actions or ()


def type_text(row: ProgrammeRow) -> str | None:
    """The first action's type: UNDP itself publishes that one to CAD Trust."""
    return next((one.type_of_mitigation for one in actions(row) if one.type_of_mitigation), None)


def type_said(row: ProgrammeRow) -> Words[str]:
    return type_words(type_text(row))


def method_texts(row: ProgrammeRow) -> str | None:
    texts = [one.properties.methodology for one in actions(row) if one.properties]
    return "; ".join(dict.fromkeys(text for text in texts if text)) or None


def first_methodology(row: ProgrammeRow) -> str | None:
    found = methodologies(method_texts(row))
    return found[0].code if found else None


def methods(row: ProgrammeRow) -> tuple[Method, ...]:
    return tuple(map(Method, methodologies(method_texts(row))))


def instant(raw: Any) -> DateTime | None:
    """Milliseconds since 1970, or text: deployments differ."""
    return epoch_ms(raw) or iso_datetime(raw)


class UndpProgramme(ProjectRecord[ProgrammeRow]):
    """A programme, with the id of its record in CAD Trust where it was published there.

    Which registry this is, the row does not say: the operator's configuration does.
    """

    __slots__ = ()
    key = wire("programme_id")
    cad_trust_project_id = wire("cadt_id")
    project_id = wire("programme_id")
    origin_project_id = wire("programme_id")
    project_name = wire("title")
    project_developer = computed(developers, "company.name")
    sector, sectors, sector_basis = sector_fields(
        sector_words_of("sectoral_scope"), methods, "sectoral_scope", "mitigation_actions"
    )
    sector_raw = raw("sectoral_scope")
    project_type, project_types, project_type_basis = type_fields(
        type_said, methods, "mitigation_actions"
    )
    project_type_raw = computed(type_text, "mitigation_actions.type_of_mitigation")
    project_status = mapped("current_stage", UNDP_PROJECT)
    project_status_date = mapped("status_update_time", epoch_ms_date)
    unit_metric = constant(pick.UnitMetric.TCO2E)
    methodology = computed(first_methodology, "mitigation_actions.properties.methodology")
    methodology_raw = computed(method_texts, "mitigation_actions.properties.methodology")
    methodologies = computed(methods, "mitigation_actions.properties.methodology")
    updated_at = mapped("updated_at", instant)
    project_locations = computed(
        locations, "country_code_a2", "programme_properties.geographical_location"
    )
    estimations = computed(estimations, "credit_est", "start_time", "end_time")


def owner(row: ProjectRow) -> str | None:
    return row.name or (row.company.name if row.company else None)


class UndpProject(ProjectRecord[ProjectRow]):
    """A project of the second generation, whose list says little."""

    __slots__ = ()
    key = wire("ref_id")
    project_id = wire("ref_id")
    origin_project_id = wire("ref_id")
    project_name = wire("title")
    project_developer = computed(owner, "name", "company.name")
    sector = mapped("sectoral_scope", sectors.sector)
    project_status = mapped("project_proposal_stage", UNDP_PROJECT)
    unit_metric = constant(pick.UnitMetric.TCO2E)


def identifiers(row: BlockRow) -> tuple[Identifier, ...]:
    serial = row.serial_number
    return (Identifier(SERIAL, serial),) if serial and block(serial) else ()


def part(index: int, name: str) -> Callable[[BlockRow], str | None]:
    """A rule that writes one number of the serial as text."""

    def rule(row: BlockRow) -> str | None:
        found = block(row.serial_number)
        return str(found[index]) if found else None

    rule.__qualname__ = name
    return rule


def vintage(row: BlockRow) -> int | None:
    found = block(row.serial_number)
    return numbers.year(found[0]) if found else None


class _Unit(UnitRecord[Any]):
    """What a block says wherever it stands."""

    __slots__ = ()
    key = computed(unit_key, "id")
    identifiers = computed(identifiers, "serial_number")
    project_key = wire("project_id")
    unit_serial_id = wire("serial_number")
    unit_block_start = computed(part(1, "block_start"), "serial_number")
    unit_block_end = computed(part(2, "block_end"), "serial_number")
    unit_count = mapped("credit_amount", numbers.decimal)
    vintage_year = computed(vintage, "serial_number")
    vintage_year_raw = raw("serial_number")
    unit_metric = constant(pick.UnitMetric.TCO2E)
    is_ex_ante = constant(False)

    @property
    def former_keys(self) -> tuple[str, ...]:
        """The serial, which ids were made of before and which several rows may share."""
        serial = self.row.serial_number
        return (serial,) if serial and block(serial) else ()


class UndpBalance(_Unit):
    """A block that somebody holds."""

    __slots__ = ()
    row: BalanceRow
    unit_status = mapped("type", UNDP_UNIT)
    unit_owner = wire("receiver_name")


class UndpRetirement(_Unit):
    """A block that went abroad or was cancelled.

    Whose `country` and `organizationName` are is not said anywhere, so they are not read.
    """

    __slots__ = ()
    row: RetirementRow
    unit_status = mapped("retirement_type", UNDP_UNIT)
    unit_status_date = mapped("created_date", epoch_ms_date)
    unit_retirement_detail = wire("remarks")
    unit_owner = wire("sender_name")
