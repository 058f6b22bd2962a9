"""Social Carbon's rows as records."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from adapters.activities import sector_fields, sector_words_of, type_fields, type_words_of
from adapters.children import Label, Method, goal_name, numbered_goal
from adapters.social_carbon_rows import (
    IssuanceRow,
    ProjectRow,
    UnitRow,
    block,
    issued_on,
    noted,
)
from gateway.harmonise import numbers
from gateway.harmonise.countries import country
from gateway.harmonise.dates import iso_date, iso_datetime
from gateway.harmonise.labels import flag
from gateway.harmonise.methodologies import methodologies
from gateway.harmonise.statuses import SOCIAL_CARBON_PROJECT
from gateway.harmonise.table import Table, words
from gateway.harmonise.unit_types import typed
from gateway.model import picklists as pick
from gateway.model.field import computed, constant, mapped, raw, wire
from gateway.model.issuance import IssuanceRecord
from gateway.model.project import (
    CoBenefitView,
    EstimationView,
    LocationView,
    ProjectRecord,
)
from gateway.model.record import Identifier
from gateway.model.unit import UnitRecord
from gateway.model.values import Date

SUBJECT = "social-carbon"
NAME = "Social Carbon"
PAGE = "https://registry.socialcarbon.org/project_details/"
CODE = "social-carbon.code"
SERIAL = "social-carbon.serial"
CORSIA = "CORSIA eligible"
NON_PERMANENCE = "Non-Permanence"

# Nobody has validated yet what says so.
_NOBODY = frozenset(("", "TBC", "TBD", "N/A"))

# Whether an asset is nature's, its project's type says; of algae in lakes nobody has said it.
NATURE: Final[Table[bool]] = Table(
    "social-carbon-nature",
    {"Agriculture Forestry and Other Land Use": True, "AFOLU": True},
    fold=words,
)


def local_day(raw: object) -> Date | None:
    """The day that was meant by an instant: the form's dates are midnights of its user's place.

    So an instant in the second half of a day in UTC is the next day, east of Greenwich.
    """
    moment = iso_datetime(raw)
    if moment is None:
        return None
    day = date.fromisoformat(moment[:10])
    if moment[11:13] < "12" or day == date.max:
        return Date(moment[:10])
    return Date(str(day + timedelta(days=1)))


class Location(LocationView[ProjectRow]):
    __slots__ = ()
    country = mapped("country", country)
    latitude = mapped("latitude", numbers.decimal)
    longitude = mapped("longitude", numbers.decimal)


class Estimation(EstimationView[ProjectRow]):
    """Reductions a year, over the crediting period."""

    __slots__ = ()
    crediting_period_start = mapped("period_start", local_day)
    crediting_period_end = mapped("period_end", local_day)
    unit_count = mapped("estimate", numbers.decimal)
    is_annual = constant(True)


class Goal:
    """One text of the list of goals."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class CoBenefit(CoBenefitView[Goal]):
    __slots__ = ()
    co_benefit = mapped("text", goal_name)
    sdg = computed(numbered_goal("text"), "text")


def identifiers(row: ProjectRow) -> tuple[Identifier, ...]:
    return (Identifier(CODE, row.code),) if row.code else ()


def project_link(row: ProjectRow) -> str:
    return f"{PAGE}{row.id}"


def developer(row: ProjectRow) -> str | None:
    return "; ".join(name for name in row.proponents or () if name) or None


def validator(row: ProjectRow) -> str | None:
    text = row.validator or ""
    return None if text.strip().upper() in _NOBODY else text


def first_methodology(row: ProjectRow) -> str | None:
    found = methodologies(row.methodology)
    return found[0].code if found else None


def methods(row: ProjectRow) -> tuple[Method, ...]:
    return tuple(map(Method, methodologies(row.methodology)))


def locations(row: ProjectRow) -> tuple[Location, ...]:
    return (Location(row),) if row.country or row.latitude is not None else ()


def goals(row: ProjectRow) -> tuple[CoBenefit, ...]:
    return tuple(CoBenefit(Goal(text)) for text in row.goals or ())


def estimations(row: ProjectRow) -> tuple[Estimation, ...]:
    said = row.estimate is not None or row.period_start or row.period_end
    return (Estimation(row),) if said else ()


class SocialCarbonProject(ProjectRecord[ProjectRow]):
    """A project; its public code is not unique, so its key is the row's id."""

    __slots__ = ()
    key = wire("id")
    identifiers = computed(identifiers, "code")
    current_registry = constant(NAME)
    project_id = wire("code")
    origin_project_id = wire("code")
    registry_of_origin = constant(NAME)
    program = constant("SOCIALCARBON")
    project_name = wire("name")
    project_description = wire("description")
    project_link = computed(project_link, "id")
    project_developer = computed(developer, "proponents")
    sector, sectors, sector_basis = sector_fields(
        sector_words_of("kind"), methods, "kind", "methodology"
    )
    sector_raw = raw("kind")
    project_type, project_types, project_type_basis = type_fields(
        type_words_of("kind"), methods, "kind", "methodology"
    )
    project_type_raw = raw("kind")
    project_status = mapped("status", SOCIAL_CARBON_PROJECT)
    unit_metric = constant(pick.UnitMetric.TCO2E)
    methodology = computed(first_methodology, "methodology")
    methodology_raw = raw("methodology")
    methodologies = computed(methods, "methodology")
    validation_body = computed(validator, "validator")
    updated_at = mapped("modified", iso_datetime)
    project_locations = computed(locations, "country", "latitude", "longitude")
    co_benefits = computed(goals, "goals")
    estimations = computed(estimations, "estimate", "period_start", "period_end")


def is_issued(row: IssuanceRow) -> bool:
    """Whether the request became an issuance."""
    return row.approved is True and row.complete is True


def issuance_labels(row: IssuanceRow) -> tuple[Label, ...]:
    found = flag(CORSIA, row.corsia)
    return (Label(found),) if found else ()


class SocialCarbonIssuance(IssuanceRecord[IssuanceRow]):
    """An issuance; the day that it was made on stands in its batch's stamp."""

    __slots__ = ()
    key = wire("id")
    project_key = wire("project")
    issuance_id = wire("batch")
    issuance_date = mapped("batch", issued_on)
    issuance_start_date = mapped("start", local_day)
    issuance_end_date = mapped("end", local_day)
    verification_body = wire("verifier")
    unit_count = mapped("quantity", numbers.decimal)
    vintage_year = mapped("vintage", numbers.year)
    unit_serial_id = wire("serial")
    labels = computed(issuance_labels, "corsia")


def unit_identifiers(row: UnitRow) -> tuple[Identifier, ...]:
    return (Identifier(SERIAL, row.serial),) if row.serial and block(row.serial) else ()


def block_start(row: UnitRow) -> str | None:
    found = block(row.serial)
    return str(found[1]) if found else None


def block_end(row: UnitRow) -> str | None:
    found = block(row.serial)
    return str(found[2]) if found else None


def unit_type(row: UnitRow) -> pick.UnitType | None:
    return typed(row.asset_kind, NATURE(row.project_kind))


def page(row: UnitRow) -> str | None:
    return f"{PAGE}{row.project}" if row.project else None


def beneficiary(row: UnitRow) -> str | None:
    return noted(row)[0]


def purpose(row: UnitRow) -> str | None:
    return noted(row)[1]


def why_cancelled(row: UnitRow) -> str | None:
    return NON_PERMANENCE if row.non_permanence else None


class _Unit(UnitRecord[UnitRow]):
    """What retirements and cancellations have in common."""

    __slots__ = ()
    key = wire("id")
    identifiers = computed(unit_identifiers, "serial")
    project_key = wire("project")
    unit_serial_id = wire("serial")
    unit_block_start = computed(block_start, "serial")
    unit_block_end = computed(block_end, "serial")
    unit_count = mapped("quantity", numbers.decimal)
    vintage_year = mapped("vintage", numbers.year)
    unit_type = computed(unit_type, "asset_kind", "project_kind")
    unit_type_raw = raw("asset_kind")
    unit_metric = constant(pick.UnitMetric.TCO2E)
    is_ex_ante = constant(False)
    unit_status_date = mapped("created", iso_date)
    unit_retirement_detail = wire("notes")
    unit_registry_link = computed(page, "project")
    updated_at = mapped("modified", iso_datetime)


class SocialCarbonRetirement(_Unit):
    """A retired block."""

    __slots__ = ()
    unit_status = constant(pick.UnitStatus.RETIRED)
    unit_status_reason = computed(purpose, "purpose", "notes")
    unit_retirement_beneficiary = computed(beneficiary, "beneficiary", "notes")
    unit_owner = wire("retiree")


class SocialCarbonCancellation(_Unit):
    """A cancelled block, most often for carbon that was lost again."""

    __slots__ = ()
    unit_status = constant(pick.UnitStatus.CANCELLED)
    unit_status_reason = computed(why_cancelled, "non_permanence")
    unit_owner = wire("canceller")
