"""How a row of the world is compared with the record that came back from it.

Everything here is data: which record field stands for which part of the world. What one wire
cannot say is declared by its emulator (`says`, `told`, `by_key`), never here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from inspect import get_annotations
from typing import Any

from gateway.harmonise.methodology_activity_data import SECTORS, TYPES
from gateway.model.entity import Entity
from gateway.model.field import Constant
from gateway.model.issuance import IssuanceRecord
from gateway.model.picklists import ValueBasis
from gateway.model.project import (
    CoBenefitView,
    EstimationView,
    LabelView,
    LocationView,
    MethodologyView,
    ProgramView,
    ProjectRecord,
    RatingView,
    RelatedProjectView,
    StakeholderView,
    ValidationView,
    VerificationView,
)
from gateway.model.record import Record, View
from gateway.model.unit import UnitRecord
from gateway.sandbox.emulator import Emulator
from gateway.sandbox.world import Issuance, Location, Project, Telling, Unit

RECORDS: dict[Entity, type[Record[Any]]] = {
    Entity.PROJECT: ProjectRecord,
    Entity.ISSUANCE: IssuanceRecord,
    Entity.UNIT: UnitRecord,
}
# Fields that hold views, one or several, with the view's vocabulary.
CHILDREN: dict[str, type[View[Any]]] = {
    "project_locations": LocationView,
    "project_ratings": RatingView,
    "co_benefits": CoBenefitView,
    "estimations": EstimationView,
    "related_projects": RelatedProjectView,
    "labels": LabelView,
    "methodologies": MethodologyView,
    "validations": ValidationView,
    "verifications": VerificationView,
    "stakeholders": StakeholderView,
    "cad_trust_program": ProgramView,
    "location": LocationView,
    "unit_issuance_location": LocationView,
    "verification": VerificationView,
}
# Fields that a wire says by saying another one.
IMPLIED = {
    "methodology": "methodologies.methodology_code",
    "sector_basis": "sector",
    "sectors": "sector",
    "project_type_basis": "project_type",
    "project_types": "project_type",
}
# Fields whose registry's text stands beside another one: one text tells a label and its type.
TOLD_BESIDE = {"label_type": "label_raw"}
# Checked by tests of their own: they are links, not values.
LINKS = frozenset({"project_key", "issuance_key", "parent"})


@dataclass(frozen=True, slots=True)
class Truth:
    """One registry's telling, indexed: what the gateway must give back."""

    telling: Telling
    projects: Mapping[str, Project]
    issuances: Mapping[str, Issuance]
    units: Mapping[str, Unit]

    @classmethod
    def of(cls, telling: Telling) -> Truth:
        return cls(
            telling,
            {row.key: row for row in telling.projects},
            {row.key: row for row in telling.issuances},
            {row.key: row for row in telling.units},
        )

    def rows(self, entity: Entity) -> Mapping[str, Any]:
        """The world's rows of one kind, by key."""
        if entity is Entity.PROJECT:
            return self.projects
        return self.issuances if entity is Entity.ISSUANCE else self.units

    def project(self, row: Any) -> Project:
        """The project that the row is of."""
        return row if isinstance(row, Project) else self.projects[row.project_key]


def _first(values: Iterable[Any]) -> Any:
    return next(iter(values), None)


def _place(truth: Truth, unit: Unit) -> tuple[Location, ...]:
    """The location that the unit names, else its project's first one."""
    places = truth.project(unit).project_locations
    named = [p for p in places if p.project_location_id == unit.unit_issuance_location]
    return tuple(named or places)[:1]


@dataclass(frozen=True, slots=True)
class Verification:
    """What the world says of an issuance's verification, in the view's words."""

    verification_start_date: str
    verification_end_date: str
    verification_body: str | None


def _verification(truth: Truth, row: Issuance) -> tuple[Verification, ...]:
    return (Verification(row.issuance_start_date, row.issuance_end_date, row.verification_body),)


# Record fields that the world holds under another name or not as such.
DERIVED: dict[tuple[Entity, str], Callable[[Truth, Any], Any]] = {
    (Entity.PROJECT, "methodology"): lambda truth, row: _first(
        m.methodology_code for m in row.methodologies
    ),
    (Entity.ISSUANCE, "cad_trust_project_id"): lambda truth, row: (
        truth.project(row).cad_trust_project_id
    ),
    (Entity.ISSUANCE, "vintage_start_date"): lambda truth, row: row.issuance_start_date,
    (Entity.ISSUANCE, "vintage_end_date"): lambda truth, row: row.issuance_end_date,
    (Entity.ISSUANCE, "location"): lambda truth, row: truth.project(row).project_locations[:1],
    (Entity.ISSUANCE, "verification"): _verification,
    (Entity.UNIT, "unit_issuance_location"): _place,
}


def vocabulary(view: type[View[Any]]) -> tuple[str, ...]:
    """The value fields of a record type or child type, without their raw siblings."""
    return tuple(name for name in get_annotations(view) if not name.endswith("_raw"))


def says(emulated: Emulator, entity: Entity, name: str) -> bool:
    """Whether the wire can say the field, or any field of these children."""
    said = emulated.says.get(entity, frozenset())
    if name in said or IMPLIED.get(name) in said:
        return True
    return any(other.startswith(f"{name}.") for other in said)


# What is told together: the first value, all of them, and what they rest on.
ACTIVITY = {
    **dict.fromkeys(("sector", "sectors", "sector_basis"), ("sector", SECTORS)),
    **dict.fromkeys(
        ("project_type", "project_types", "project_type_basis"), ("project_type", TYPES)
    ),
}


def _activity(emulated: Emulator, row: Project, name: str) -> Any:
    """The registry's own word, else what its methodologies imply, where the wire has both."""
    single, implied = ACTIVITY[name]
    rule = emulated.told.get(Entity.PROJECT, {}).get(single)
    own = rule(row) if rule else getattr(row, single)
    values: tuple[Any, ...] = (own,) if own else ()
    basis = ValueBasis.REGISTRY if own else None
    if not own and says(emulated, Entity.PROJECT, "methodology"):
        codes = [method.methodology_code for method in row.methodologies]
        found = [v for code in codes for v, known in implied.items() if code in known]
        values = tuple(dict.fromkeys(found))
        basis = ValueBasis.METHODOLOGY if found else None
    return basis if name.endswith("_basis") else values if name.endswith("s") else _first(values)


def expected(truth: Truth, emulated: Emulator, entity: Entity, row: Any, name: str) -> Any:
    """What the record's field must be, given what the wire can say."""
    if not says(emulated, entity, name):
        return None
    if entity is Entity.PROJECT and name in ACTIVITY:
        return _activity(emulated, row, name)
    told = emulated.told.get(entity, {}).get(name)
    if told is not None:
        return told(row)
    derived = DERIVED.get((entity, name))
    return derived(truth, row) if derived else getattr(row, name)


def differences(
    truth: Truth,
    emulated: Emulator,
    entity: Entity,
    record: Record[Any],
    *,
    listed: bool | frozenset[str] = True,
    partly: bool = False,
) -> list[str]:
    """What is wrong with the record, one line per field; empty where all is as the world says.

    `listed` records may leave null what only reading by key fills, or these fields of it.
    `partly` ones, such as the parent that a row repeats, may leave anything null.
    """
    row = truth.rows(entity).get(record.key)
    if row is None:
        return [f"{record.key!r} is not a key of the world"]
    late = emulated.by_key.get(entity, frozenset())
    if isinstance(listed, frozenset):
        late = listed
    wrong: list[str] = []
    for name in vocabulary(RECORDS[entity]):
        if name in LINKS:
            continue
        got = getattr(record, name)
        want = expected(truth, emulated, entity, row, name)
        if not got and got is not False and (partly or (listed and name in late)):
            continue
        if name in CHILDREN:
            silent = frozenset(late if listed else ())
            wrong += _children(emulated, entity, name, got, want, partly, silent)
        elif not _same(got, want):
            wrong.append(f"{record.key}: {name} is {got!r}, the world says {want!r}")
        if name not in late:
            # What is only known after reading several rows is no one row's text.
            wrong += _silent_raw(record, name, got)
    return wrong


def _same(got: Any, want: Any) -> bool:
    if got in (None, (), "") and want in (None, (), ""):
        return True
    return bool(got == want) and isinstance(got, bool) == isinstance(want, bool)


def _children(
    emulated: Emulator,
    entity: Entity,
    name: str,
    got: Any,
    want: Any,
    partly: bool,
    silent: frozenset[str] = frozenset(),
) -> list[str]:
    views = list(got) if isinstance(got, tuple) else [got] if got is not None else []
    wrong: list[str] = []
    for view in views:
        for field in vocabulary(CHILDREN[name]):
            wrong += _silent_raw(view, field, getattr(view, field))
    told = emulated.told.get(entity, {})
    said = {
        field
        for field in vocabulary(CHILDREN[name])
        if f"{name}.{field}" in emulated.says.get(entity, frozenset())
    }
    rows = want if isinstance(want, tuple) else () if want is None else (want,)

    def value(row: Any, field: str) -> Any:
        if field not in said:
            return None
        rule = told.get(f"{name}.{field}")
        return rule(row) if rule else getattr(row, field, None)

    names = vocabulary(CHILDREN[name])
    names = tuple(
        field
        for field in names
        if not (partly or f"{name}.{field}" in silent)
        or any(getattr(view, field) is not None for view in views)
    )
    ours = sorted(repr([_plain(getattr(view, field)) for field in names]) for view in views)
    theirs = sorted(repr([_plain(value(row, field)) for field in names]) for row in rows)
    if ours != theirs:
        wrong.append(f"{name} {list(names)} are {ours}, the world says {theirs}")
    return wrong


def _plain(value: Any) -> Any:
    """A value in the one form in which equal values print alike."""
    return None if value == "" else str(value) if value is not None else None


def _silent_raw(view: View[Any], name: str, value: Any) -> list[str]:
    """A mapped value without the registry's own text beside it."""
    beside = f"{name}_raw"
    declared = type(view).fields.get(name)
    if value is None or value == () or not hasattr(type(view), beside):
        return []
    if getattr(view, f"{name}_basis", None) is ValueBasis.METHODOLOGY:
        return []
    if declared is None or isinstance(declared, Constant) or not declared.inputs:
        return []
    text = getattr(view, beside) or getattr(view, TOLD_BESIDE.get(name, beside))
    if isinstance(text, str) and text:
        return []
    return [f"{type(view).__name__}.{name} is {value!r}, but {beside} is {text!r}"]
