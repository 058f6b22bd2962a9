"""EcoRegistry's rows as records: what every standard on the platform says.

What being in one registry says by itself is declared by that registry, in its own module.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

from adapters.activities import sector_fields
from adapters.children import Method, goal_name, numbered_goal
from adapters.ecoregistry_rows import (
    DetailRow,
    GoalRow,
    Issued,
    PlaceRow,
    Project,
    RatingRow,
    Retired,
    period,
)
from gateway.harmonise import numbers
from gateway.harmonise.countries import country
from gateway.harmonise.dates import iso_date
from gateway.harmonise.methodologies import methodologies_of
from gateway.harmonise.picklist import by_value
from gateway.harmonise.registries import registry_name
from gateway.harmonise.sectors import sector_words
from gateway.harmonise.table import fold
from gateway.harmonise.wordlist import Words
from gateway.model import picklists as pick
from gateway.model.field import computed, constant, mapped, wire
from gateway.model.issuance import IssuanceRecord
from gateway.model.project import (
    CoBenefitView,
    EstimationView,
    LocationView,
    ProjectRecord,
    RatingView,
    RelatedProjectView,
)
from gateway.model.rule import numbered
from gateway.model.unit import UnitRecord
from gateway.model.values import raw_text

SUBJECT = "ecoregistry"
METHODOLOGIES = methodologies_of("CCB")
CONVERTED = "Converted from"
# Where a converted project's link leads, and the registry that lives there.
ORIGINS = {"biocarbonregistry.com": "biocarbon", "globalcarbontrace.io": "biocarbon"}
# What the platform stores where no region was entered, and where nobody was named.
_NO_WORDS = frozenset(("worldwide", "no definido", "not defined", "no definido/not defined"))
RATING_TYPE = by_value(pick.RatingType, "ecoregistry-rating-company")


def known(text: str | None) -> str | None:
    """The text, unless it is the platform's word for none."""
    return text if text and fold(text) not in _NO_WORDS else None


def region(row: PlaceRow) -> str | None:
    return known(row.regionDescription)


def latitude(row: PlaceRow) -> Decimal | None:
    return row.dataMap.latitude if row.dataMap else None


def longitude(row: PlaceRow) -> Decimal | None:
    return row.dataMap.longitude if row.dataMap else None


def latitude_text(row: PlaceRow) -> str | None:
    return raw_text(latitude(row))


def longitude_text(row: PlaceRow) -> str | None:
    return raw_text(longitude(row))


class Location(LocationView[PlaceRow]):
    """Countries go by their English names; there are no codes."""

    __slots__ = ()
    country = mapped("countryDescription", country)
    in_country_region = computed(region, "regionDescription")
    latitude = computed(latitude, "dataMap.latitude")
    latitude_raw = computed(latitude_text, "dataMap.latitude")
    longitude = computed(longitude, "dataMap.longitude")
    longitude_raw = computed(longitude_text, "dataMap.longitude")


class CoBenefit(CoBenefitView[GoalRow]):
    __slots__ = ()
    co_benefit = mapped("description", goal_name)
    sdg = computed(numbered_goal("description"), "description")


class Period(EstimationView[DetailRow]):
    """The crediting period alone: no amounts are estimated."""

    __slots__ = ()
    crediting_period_start = mapped("periodInit", iso_date)
    crediting_period_end = mapped("periodEnd", iso_date)


class Rating(RatingView[RatingRow]):
    __slots__ = ()
    rating_type = mapped("company", RATING_TYPE)
    rating_name = wire("name")
    rating = wire("rate")


def origin_number(row: Project) -> str | None:
    """The number of the project in the registry that it was converted from."""
    link = row.listed.convertedFromLink
    numbers_named = parse_qs(urlsplit(link).query).get("id") if link else None
    return numbers_named[0] if numbers_named else None


def origin_registry(row: Project) -> str | None:
    link = row.listed.convertedFromLink
    host = (urlsplit(link).hostname or "").removeprefix("www.") if link else ""
    return ORIGINS.get(host)


def origin_link(row: Project) -> str | None:
    return row.listed.convertedFromLink or None


class OriginOf:
    """The rule for a project's registry of origin: this one, or what its link says.

    Null where a project was converted from a registry that we do not know.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.rule = numbered(f"origin.{name.lower()}", 1)

    def __call__(self, row: Project) -> str | None:
        if not row.listed.convertedFromLink:
            return self.name
        known = origin_registry(row)
        return registry_name(known) if known else None


class OriginText:
    """The text beside it: the link, or the name that being in this registry says."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rule = numbered(f"origin-text.{name.lower()}", 1)

    def __call__(self, row: Project) -> str:
        return row.listed.convertedFromLink or self.name


class Conversion(RelatedProjectView[Project]):
    """The project that this one was before, in another registry."""

    __slots__ = ()
    related_project_id = computed(origin_number, "listed.convertedFromLink")
    relationship_type = constant(CONVERTED)
    related_registry = computed(origin_registry, "listed.convertedFromLink")
    related_registry_raw = computed(origin_link, "listed.convertedFromLink")


def origin_project(row: Project) -> str | None:
    return origin_number(row) if row.listed.convertedFromLink else row.listed.code


def distinct(texts: Iterable[str | None]) -> tuple[str, ...]:
    """Each text once: they are repeated for every verification."""
    return tuple(dict.fromkeys(text for text in map(known, texts) if text))


def sector_texts(row: Project) -> tuple[str, ...]:
    return distinct(sector.description for sector in row.listed.sectors)


def sectors_said(row: Project) -> Words[str]:
    return sector_words("; ".join(sector_texts(row)))


def sector_text(row: Project) -> str | None:
    return "; ".join(sector_texts(row)) or None


def method_texts(row: Project) -> tuple[str, ...]:
    return distinct(method.description for method in row.listed.methodology)


def methods(row: Project) -> tuple[Method, ...]:
    found: dict[str, Method] = {}
    for text in method_texts(row):
        for fact in METHODOLOGIES(text):
            found.setdefault(fact.code or fact.raw, Method(fact))
    return tuple(found.values())


def first_methodology(row: Project) -> str | None:
    found = methods(row)
    return found[0].methodology_code if found else None


def methodology_text(row: Project) -> str | None:
    return "; ".join(method_texts(row)) or None


def description(row: Project) -> str | None:
    """The English text, else the Spanish one."""
    return row.detail.descriptionProjectIng or row.detail.descriptionProject or None


def validator(row: Project) -> str | None:
    return known(row.detail.validator)


def locations(row: Project) -> tuple[Location, ...]:
    """The places of the detail; the list names countries only."""
    listed = (PlaceRow(countryDescription=name) for name in dict.fromkeys(row.listed.location))
    return tuple(map(Location, row.places or listed))


def goals(row: Project) -> tuple[CoBenefit, ...]:
    return tuple(map(CoBenefit, dict.fromkeys(row.listed.projectsGlobalGoal)))


def periods(row: Project) -> tuple[Period, ...]:
    said = row.detail.periodInit or row.detail.periodEnd
    return (Period(row.detail),) if said else ()


def ratings(row: Project) -> tuple[Rating, ...]:
    """The ratings that are marked as public."""
    return tuple(Rating(rating) for rating in row.ratings if rating.isPublic == 1 and rating.rate)


def conversions(row: Project) -> tuple[Conversion, ...]:
    return (Conversion(row),) if row.listed.convertedFromLink else ()


class PlatformProject(ProjectRecord[Project]):
    """Description, places, period and ratings come with reading by key."""

    __slots__ = ()
    # What only the detail says.
    late = frozenset(
        (
            "project_description",
            "validation_body",
            "project_locations.in_country_region",
            "project_locations.latitude",
            "project_locations.longitude",
            "project_ratings",
            "estimations",
        )
    )
    key = wire("listed.code")
    project_id = wire("listed.code")
    origin_project_id = computed(origin_project, "listed.code", "listed.convertedFromLink")
    project_name = wire("listed.name")
    project_description = computed(
        description, "detail.descriptionProjectIng", "detail.descriptionProject"
    )
    project_developer = wire("listed.developer")
    sector, sectors, sector_basis = sector_fields(
        sectors_said, methods, "listed.sectors", "listed.methodology"
    )
    sector_raw = computed(sector_text, "listed.sectors")
    methodology = computed(first_methodology, "listed.methodology")
    methodology_raw = computed(methodology_text, "listed.methodology")
    methodologies = computed(methods, "listed.methodology")
    validation_body = computed(validator, "detail.validator")
    project_locations = computed(locations, "listed.location", "places")
    project_ratings = computed(ratings, "ratings")
    co_benefits = computed(goals, "listed.projectsGlobalGoal")
    estimations = computed(periods, "detail.periodInit", "detail.periodEnd")
    related_projects = computed(conversions, "listed.convertedFromLink")

    @property
    def not_read(self) -> frozenset[str]:
        return frozenset() if self.row.detail.id is not None else self.late


def credited_from(text: str) -> str | None:
    found = period(text)
    return iso_date(found[0]) if found else None


def credited_to(text: str) -> str | None:
    found = period(text)
    return iso_date(found[1]) if found else None


def credited_year(text: str) -> int | None:
    found = period(text)
    return numbers.year(found[1]) if found else None


class PlatformIssuance(IssuanceRecord[Issued]):
    """A serial; it has no range. What goes to the buffer is a serial of its own."""

    __slots__ = ()
    key = wire("row.serial")
    project_key = wire("project.code")
    issuance_id = wire("row.serial")
    issuance_date = mapped("row.issuance_date", iso_date)
    issuance_start_date = mapped("row.vintage_of_credits", credited_from)
    issuance_end_date = mapped("row.vintage_of_credits", credited_to)
    unit_count = mapped("row.issued_quantity", numbers.decimal)
    vintage_year = mapped("row.vintage_of_credits", credited_year)
    vintage_start_date = mapped("row.vintage_of_credits", credited_from)
    vintage_end_date = mapped("row.vintage_of_credits", credited_to)
    unit_serial_id = wire("row.serial")


class PlatformBuffered(UnitRecord[Issued]):
    """An issuance to the buffer."""

    __slots__ = ()
    key = wire("row.serial")
    project_key = wire("project.code")
    issuance_key = wire("row.serial")
    unit_serial_id = wire("row.serial")
    unit_count = mapped("row.issued_quantity", numbers.decimal)
    vintage_year = mapped("row.vintage_of_credits", credited_year)
    vintage_start_date = mapped("row.vintage_of_credits", credited_from)
    vintage_end_date = mapped("row.vintage_of_credits", credited_to)
    unit_status = constant(pick.UnitStatus.BUFFER)


def retired_key(row: Retired) -> str:
    return str(row.row.id)


def tonnes(row: Retired) -> Decimal | None:
    """Some standards count kilograms, and say so."""
    quantity = numbers.decimal(row.row.quantity)
    return quantity / 1000 if quantity is not None and row.row.is_kg else quantity


def quantity_text(row: Retired) -> str | None:
    return raw_text(row.row.quantity)


def purpose(row: Retired) -> str | None:
    return (row.row.reason_using.description or None) if row.row.reason_using else None


class PlatformRetired(UnitRecord[Retired]):
    """A retirement. Which units of the serial it took is not said."""

    __slots__ = ()
    key = computed(retired_key, "row.id")
    project_key = wire("project.code")
    issuance_key = wire("row.serial")
    unit_serial_id = wire("row.serial")
    unit_count = computed(tonnes, "row.quantity", "row.is_kg")
    unit_count_raw = computed(quantity_text, "row.quantity")
    vintage_year = mapped("row.vintage", numbers.year)
    unit_status = constant(pick.UnitStatus.RETIRED)
    unit_status_reason = computed(purpose, "row.reason_using.description")
    unit_status_date = mapped("row.date", iso_date)
    unit_retirement_beneficiary = wire("row.final_user")
