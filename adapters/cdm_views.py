"""CDM activities as records: what the workbook and the map say."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from adapters.activities import sector_fields, sector_words_of, type_fields, type_words_of
from adapters.cdm_map import Point
from adapters.cdm_rows import ActivityRow, Span
from gateway.harmonise import numbers
from gateway.harmonise.countries import country
from gateway.harmonise.dates import excel_serial
from gateway.harmonise.methodologies import Methodology, methodologies_of
from gateway.harmonise.statuses import CDM_PROJECT
from gateway.model import picklists as pick
from gateway.model.field import computed, constant, mapped, raw, wire
from gateway.model.project import EstimationView, LocationView, MethodologyView, ProjectRecord
from gateway.model.record import Identifier
from gateway.model.values import raw_text

SUBJECT = "cdm"
NAME = "CDM Registry"
SITE = "https://cdm.unfccc.int/Projects"
REFERENCE = "cdm.ref"
METHODOLOGIES = methodologies_of("CDM")
_DECIDED = frozenset((pick.ProjectStatus.REGISTERED, pick.ProjectStatus.REJECTED))


@dataclass(frozen=True, slots=True)
class Place:
    """A point of the map, the country that it must be in, or both."""

    country: str | None
    point: Point | None


def latitude(place: Place) -> Decimal | None:
    degrees = place.point.degrees() if place.point else None
    return degrees[0] if degrees else None


def latitude_text(place: Place) -> str | None:
    return place.point.latitude if place.point else None


def longitude(place: Place) -> Decimal | None:
    degrees = place.point.degrees() if place.point else None
    return degrees[1] if degrees else None


def longitude_text(place: Place) -> str | None:
    return place.point.longitude if place.point else None


def site(place: Place) -> str | None:
    return place.point.site if place.point else None


class Location(LocationView[Place]):
    """Host countries are ISO codes: `NA` is Namibia."""

    __slots__ = ()
    country = mapped("country", country)
    in_country_region = computed(site, "point.site")
    latitude = computed(latitude, "point.latitude", "point.longitude")
    latitude_raw = computed(latitude_text, "point.latitude")
    longitude = computed(longitude, "point.latitude", "point.longitude")
    longitude_raw = computed(longitude_text, "point.longitude")


def is_annual(span: Span) -> bool | None:
    return None if span.amount is None else True


class Estimation(EstimationView[Span]):
    """One crediting period, with the reductions expected in each of its years."""

    __slots__ = ()
    crediting_period_start = mapped("start", excel_serial)
    crediting_period_end = mapped("end", excel_serial)
    unit_count = mapped("amount", numbers.decimal)
    is_annual = computed(is_annual, "amount")


class Method(MethodologyView[Methodology]):
    __slots__ = ()
    methodology_code = wire("code")
    methodology_name = wire("name")
    methodology_raw = wire("raw")
    methodology_version = wire("version")


def identifiers(row: ActivityRow) -> tuple[Identifier, ...]:
    return (Identifier(REFERENCE, row.key),) if row.reference is not None else ()


def link(row: ActivityRow) -> str:
    if row.reference is not None:
        return f"{SITE}/redirector?ref={row.reference}"
    return f"{SITE}/Validation/DB/{row.identifier}/view.html"


def methods(row: ActivityRow) -> tuple[Method, ...]:
    return tuple(map(Method, METHODOLOGIES(row.methodologies)))


def first_methodology(row: ActivityRow) -> str | None:
    found = METHODOLOGIES(row.methodologies)
    return found[0].code if found else None


def kinds(row: ActivityRow) -> str | None:
    """Whether it is a programme, and of which scale."""
    return "; ".join(filter(None, (row.kind, row.scale))) or None


def decided(row: ActivityRow) -> str | None:
    """The day of the board's decision, where that decision made the present status."""
    return excel_serial(row.decided) if CDM_PROJECT(row.status) in _DECIDED else None


def decided_text(row: ActivityRow) -> str | None:
    return raw_text(row.decided) if CDM_PROJECT(row.status) in _DECIDED else None


def locations(row: ActivityRow) -> tuple[Location, ...]:
    """The points of the map; which of several host countries a point is in is not said."""
    hosts = [part.strip() for part in (row.countries or "").split(";") if part.strip()]
    points = row.points or ()
    if len(hosts) == 1 and points:
        return tuple(Location(Place(hosts[0], point)) for point in points)
    places = [*(Place(host, None) for host in hosts), *(Place(None, point) for point in points)]
    return tuple(map(Location, places))


def estimations(row: ActivityRow) -> tuple[Estimation, ...]:
    return tuple(map(Estimation, row.spans))


class CdmProject(ProjectRecord[ActivityRow]):
    """The places on the map come with reading by key; only who has a reference number has any."""

    __slots__ = ()
    late = frozenset(
        f"project_locations.{name}" for name in ("in_country_region", "latitude", "longitude")
    )
    key = wire("key")
    identifiers = computed(identifiers, "reference")
    current_registry = constant(NAME)
    project_id = wire("key")
    origin_project_id = wire("key")
    registry_of_origin = constant(NAME)
    program = constant("CDM")
    project_name = wire("title")
    project_link = computed(link, "reference", "identifier")
    sector, sectors, sector_basis = sector_fields(
        sector_words_of("scopes"), methods, "scopes", "methodologies"
    )
    sector_raw = wire("scopes")
    project_type, project_types, project_type_basis = type_fields(
        type_words_of("activity"), methods, "activity", "methodologies"
    )
    project_type_raw = raw("activity")
    project_subtype = wire("subtype")
    project_tags = computed(kinds, "kind", "scale")
    project_status = mapped("status", CDM_PROJECT)
    project_status_date = computed(decided, "decided", "status")
    project_status_date_raw = computed(decided_text, "decided", "status")
    unit_metric = constant(pick.UnitMetric.TCO2E)
    methodology = computed(first_methodology, "methodologies")
    methodology_raw = wire("methodologies")
    methodologies = computed(methods, "methodologies")
    validation_body = wire("validator")
    project_locations = computed(locations, "countries", "points")
    estimations = computed(estimations, "spans")

    @property
    def not_read(self) -> frozenset[str]:
        mapped = self.row.points is not None or self.row.reference is None
        return frozenset() if mapped else self.late
