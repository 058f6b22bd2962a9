"""`where`: small operator inputs per kind of value, and what they mean as predicates.

Fields are ANDed. A filter that a registry cannot apply is applied here; one on something that a
registry never publishes makes that registry `SKIPPED`, with the reason in its coverage row. One
that cannot be decided for a record, because no table knows the registry's word, leaves it out, and
coverage says so.
"""

from typing import Any

import strawberry
from strawberry import UNSET

from gateway.errors import BadInput
from gateway.model.question import Order, Predicate
from gateway.model.values import CountryCode, Date, DateTime
from gateway.schema.condition import given, operators, read
from gateway.schema.enums import (
    CorrespondingAdjustmentDeclaration,
    CorrespondingAdjustmentStatus,
    CoveredByNDC,
    ProjectStatus,
    UnitStatus,
    UnitType,
)
from gateway.schema.scalars import RegistryKey
from gateway.stitch.coverage import camel
from gateway.stitch.federation import Federation


def _op(description: str, name: str | None = None) -> Any:
    return strawberry.field(default=UNSET, description=description, name=name)


_EQ = "Equal to this."
_IN = "Equal to one of these."
_NULL = "True: the registry does not say; false: it does, in words that no table knows too."


@strawberry.input(description="Conditions on a text; case and outer blanks do not matter.")
class StringFilter:
    eq: str | None = _op(_EQ)
    in_: list[str] | None = _op(_IN, "in")
    contains: str | None = _op("Contains this.")
    starts_with: str | None = _op("Starts with this.")
    is_null: bool | None = _op(_NULL)


@strawberry.input(description="Conditions on a calendar day.")
class DateFilter:
    eq: Date | None = _op(_EQ)
    gte: Date | None = _op("On this day or later.")
    lte: Date | None = _op("On this day or earlier.")
    is_null: bool | None = _op(_NULL)


@strawberry.input(description="Conditions on an instant.")
class DateTimeFilter:
    gte: DateTime | None = _op("At this instant or later.")
    lte: DateTime | None = _op("At this instant or earlier.")
    is_null: bool | None = _op(_NULL)


@strawberry.input(description="Conditions on a whole number, such as a year.")
class IntFilter:
    eq: int | None = _op(_EQ)
    in_: list[int] | None = _op(_IN, "in")
    gte: int | None = _op("This or more.")
    lte: int | None = _op("This or less.")
    is_null: bool | None = _op(_NULL)


@strawberry.input(description="A condition on a yes or no.")
class BooleanFilter:
    eq: bool | None = _op(_EQ)
    is_null: bool | None = _op(_NULL)


@strawberry.input(description="Conditions on a country.")
class CountryFilter:
    eq: CountryCode | None = _op(_EQ)
    in_: list[CountryCode] | None = _op(_IN, "in")
    is_null: bool | None = _op(_NULL)


@strawberry.input(description="Conditions on the registry that tells a record.")
class RegistryFilter:
    eq: RegistryKey | None = _op(_EQ)
    in_: list[RegistryKey] | None = _op(_IN, "in")


@strawberry.input(description="Conditions on a project status.")
class ProjectStatusFilter:
    eq: ProjectStatus | None = _op(_EQ)
    in_: list[ProjectStatus] | None = _op(_IN, "in")
    is_null: bool | None = _op(_NULL)


@strawberry.input(description="Conditions on the relation to the host country's NDC.")
class CoveredByNDCFilter:
    eq: CoveredByNDC | None = _op(_EQ)
    in_: list[CoveredByNDC] | None = _op(_IN, "in")
    is_null: bool | None = _op(_NULL)


@strawberry.input(description="Conditions on a unit status.")
class UnitStatusFilter:
    eq: UnitStatus | None = _op(_EQ)
    in_: list[UnitStatus] | None = _op(_IN, "in")
    is_null: bool | None = _op(_NULL)


@strawberry.input(description="Conditions on a unit type.")
class UnitTypeFilter:
    eq: UnitType | None = _op(_EQ)
    in_: list[UnitType] | None = _op(_IN, "in")
    is_null: bool | None = _op(_NULL)


@strawberry.input(description="Conditions on a corresponding adjustment declaration.")
class AdjustmentDeclarationFilter:
    eq: CorrespondingAdjustmentDeclaration | None = _op(_EQ)
    in_: list[CorrespondingAdjustmentDeclaration] | None = _op(_IN, "in")
    is_null: bool | None = _op(_NULL)


@strawberry.input(description="Conditions on a corresponding adjustment status.")
class AdjustmentStatusFilter:
    eq: CorrespondingAdjustmentStatus | None = _op(_EQ)
    in_: list[CorrespondingAdjustmentStatus] | None = _op(_IN, "in")
    is_null: bool | None = _op(_NULL)


def _by(description: str) -> Any:
    return strawberry.field(default=UNSET, description=description)


@strawberry.input(description="Which projects; all conditions must hold.")
class ProjectWhere:
    registry: RegistryFilter | None = _by("The registry that tells the record (routing).")
    project_id: StringFilter | None = _by("The registry's public project id.")
    project_name: StringFilter | None = _by("The name.")
    text: StringFilter | None = _by("Name or description.")
    project_developer: StringFilter | None = _by("The developer.")
    program: StringFilter | None = _by("The programme.")
    registry_of_origin: StringFilter | None = _by("The registry of origin, by its name.")
    origin_project_id: StringFilter | None = _by("The id in the registry of origin.")
    country: CountryFilter | None = _by("Any country the project is in.")
    sector: StringFilter | None = _by("Any sector, in CAD Trust's spelling.")
    project_type: StringFilter | None = _by("Any project type, in CAD Trust's spelling.")
    methodology: StringFilter | None = _by("Any methodology, in any spelling of its code.")
    project_status: ProjectStatusFilter | None = _by("The status.")
    project_status_date: DateFilter | None = _by("The day of the status.")
    registration_date: DateFilter | None = _by("The day of registration.")
    covered_by_ndc: CoveredByNDCFilter | None = _by("The relation to the host country's NDC.")
    crediting_period_start: DateFilter | None = _by("First day of any crediting period.")
    crediting_period_end: DateFilter | None = _by("Last day of any crediting period.")
    label: StringFilter | None = _by("Any label of the project.")
    co_benefit: StringFilter | None = _by("Any co-benefit, in CAD Trust's spelling.")
    updated_at: DateTimeFilter | None = _by("When the registry last changed the record.")


@strawberry.input(description="Which issuances; all conditions must hold.")
class IssuanceWhere:
    registry: RegistryFilter | None = _by("The registry that tells the record (routing).")
    project: ProjectWhere | None = _by("Conditions on the project.")
    issuance_id: StringFilter | None = _by("The registry's issuance id.")
    issuance_date: DateFilter | None = _by("The day of issuance.")
    issuance_start_date: DateFilter | None = _by("First day of the period.")
    issuance_end_date: DateFilter | None = _by("Last day of the period.")
    vintage_year: IntFilter | None = _by("The vintage's last year.")
    verification_body: StringFilter | None = _by("Who verified.")
    unit_serial_id: StringFilter | None = _by("The serial of the issued block.")
    label: StringFilter | None = _by("Any label of the issuance.")


@strawberry.input(description="Which units; all conditions must hold.")
class UnitWhere:
    registry: RegistryFilter | None = _by("The registry that tells the record (routing).")
    project: ProjectWhere | None = _by("Conditions on the project.")
    unit_serial_id: StringFilter | None = _by("The serial of the block.")
    unit_status: UnitStatusFilter | None = _by("The status.")
    unit_status_date: DateFilter | None = _by("The day of the status, such as of a retirement.")
    unit_type: UnitTypeFilter | None = _by("The kind of mitigation.")
    vintage_year: IntFilter | None = _by("The vintage's last year.")
    vintage_start_date: DateFilter | None = _by("First day of the vintage.")
    vintage_end_date: DateFilter | None = _by("Last day of the vintage.")
    is_ex_ante: BooleanFilter | None = _by("Whether the units are planned, not yet achieved.")
    label: StringFilter | None = _by("Any label of the unit.")
    unit_owner: StringFilter | None = _by("The owner.")
    unit_retirement_beneficiary: StringFilter | None = _by("For whom the unit was retired.")
    unit_status_reason: StringFilter | None = _by("Why the unit has its status.")
    country_jurisdiction_of_owner: CountryFilter | None = _by("The owner's country.")
    corresponding_adjustment_declaration: AdjustmentDeclarationFilter | None = _by(
        "What the host country declared."
    )
    corresponding_adjustment_status: AdjustmentStatusFilter | None = _by(
        "How far the adjustment has come."
    )
    marketplace: StringFilter | None = _by("The marketplace.")
    marketplace_identifier: StringFilter | None = _by("The id there.")
    text: StringFilter | None = _by("Serial, beneficiary, retirement detail or owner.")


def predicates(where: Any, prefix: str = "") -> tuple[Predicate, ...]:
    """What a `where` input means; `registry` is routing and left out.

    Raises:
        BadInput: for a condition that nothing can satisfy, or that is longer than registries can
            be asked, naming its place and the nearest right word.
    """
    found: list[Predicate] = []
    for name, condition in given(where):
        if name == "registry":
            operators(f"where.{camel(prefix + name)}", condition)
        elif name == "project":
            if not given(condition):
                raise BadInput(
                    "`where.project` has no condition; give one, or leave it out.",
                    argument="where.project",
                )
            found.extend(predicates(condition, "project."))
        else:
            found.extend(read(name, condition, prefix))
    return tuple(found)


def routed(where: Any, federation: Federation) -> tuple[str, ...] | None:
    """The registries that `registry` in `where` and in `where.project` allow, or None where
    neither says anything. A record and its project are told by one registry.

    Raises:
        BadInput: where they allow none, or name one that is not served.
    """
    said = dict(given(where))
    own = _allowed("where.registry", said.get("registry"), federation)
    above = dict(given(said.get("project"))).get("registry")
    of_project = _allowed("where.project.registry", above, federation)
    if own is None or of_project is None:
        return of_project if own is None else own
    both = tuple(key for key in own if key in of_project)
    if not both:
        raise BadInput(
            f"`where.registry` allows only {', '.join(own)}, and `where.project.registry` only "
            f"{', '.join(of_project)}: a record and its project are of one registry.",
            argument="where.project.registry",
        )
    return both


def _allowed(place: str, condition: Any, federation: Federation) -> tuple[str, ...] | None:
    if condition is None:
        return None
    said = dict(operators(place, condition))
    one, many = said.get("eq"), said.get("in_")
    if one is not None and many is not None and one not in many:
        raise BadInput(f"`{place}` allows none: {one!r} is not in its list.", argument=place)
    allowed = (one,) if one is not None else tuple(many or ())
    federation.chosen(allowed, place)
    return allowed


def ordered(order: Any) -> Order | None:
    """What an `orderBy` input means."""
    if order is None or order is UNSET:
        return None
    return Order(order.field.value, order.direction.value == "DESC")
