"""A record: a lazy view over one registry row that knows where the row came from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from gateway.model.entity import Entity
from gateway.model.field import Computed, Constant, Field, Listed, Mapped, Raw, Unmapped, beside
from gateway.model.globalid import format_id
from gateway.model.odd import Watch, texts, texts_below

Row = TypeVar("Row")

# Fields whose own text stands beside another one.
TOLD_BESIDE = {
    "sectors": "sector_raw",
    "project_types": "project_type_raw",
    "methodology_code": "methodology_raw",
}


@dataclass(frozen=True, slots=True)
class Identifier:
    """A code by which some system knows a record."""

    scheme: str
    value: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a page of rows came from: the upstream exchange and the place inside its body."""

    registry: str
    source: int
    pointer: str = ""


def same_row(one: Any, other: Any) -> bool:
    """Whether two rows say the same in all that is read of them."""
    if one is other or one == other:
        return True
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(same_row, one, other))
    kind: Any = type(one)
    plain: Any = object.__eq__
    if kind is not type(other) or kind.__eq__ is not plain:
        return False
    # Rows of a manifest are plain objects, made of the columns that it names.
    names = getattr(kind, "__slots__", ())
    return bool(names) and all(same_row(getattr(one, n), getattr(other, n)) for n in names)


def distinct_rows(records: Iterable[Record[Row]]) -> list[Record[Row]]:
    """The records without those that say the very same as another one of their key."""
    rows: dict[str, list[Any]] = {}
    found = []
    for record in records:
        known = rows.setdefault(record.key, [])
        if not any(same_row(record.row, row) for row in known):
            known.append(record.row)
            found.append(record)
    return found


class View(Generic[Row]):
    """Anything read from a row by declared fields: a record, or a child inside one."""

    __slots__ = ("row",)

    fields: ClassVar[dict[str, Field]] = {}
    # What may be said but not mapped, and those of them where a part may be beside a value.
    texts: ClassVar[dict[str, Unmapped]] = {}
    parted: ClassVar[frozenset[str]] = frozenset()
    # What tells whether a registry wrote values into the row that could not be read. Not annotated:
    # it is no field.
    watch = Watch(())
    row: Row

    def __init__(self, row: Row) -> None:
        self.row = row

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name, field in list(cls.__dict__.items()):
            beside = f"{name}_raw"
            if isinstance(field, Mapped) and beside not in cls.__dict__ and hasattr(cls, beside):
                made = Raw(*field.inputs)
                made.name = beside
                setattr(cls, beside, made)
        found: dict[str, Field] = {}
        for base in reversed(cls.__mro__):
            found.update({n: f for n, f in base.__dict__.items() if isinstance(f, Field)})
        cls.fields = found
        cls.texts = {n: told for n, f in found.items() if (told := _told(n, f, found))}
        cls.parted = frozenset(
            n
            for n, f in found.items()
            if isinstance(f, Listed) or (isinstance(f, Computed) and f.unmapped is not None)
        )
        cls.watch = Watch(path for field in found.values() for path in field.inputs)

    def unmapped(self, name: str) -> tuple[str, ...]:
        """What the registry says for the field and no rule has a value for, in its own words."""
        told = type(self).texts.get(name)
        found = told(self.row) if told else ()
        if not type(self).watch(self.row):
            return found
        return tuple(dict.fromkeys((*found, *self.odd(name))))

    def odd(self, name: str) -> tuple[str, ...]:
        """What the registry wrote for the field in another kind than it should be."""
        field = type(self).fields.get(name)
        if field is None or isinstance(field, (Constant, Raw)):
            return ()
        value = field.read(self.row)
        # Children have odd values of their own, and are asked themselves.
        inner = value if isinstance(value, tuple) else (value,)
        look = texts if any(isinstance(one, View) for one in inner) else texts_below
        return tuple(text for path in field.inputs for text in look(self.row, path))

    @classmethod
    def publishes(cls, name: str) -> bool:
        """Whether this registry ever gives the field."""
        return name in cls.fields

    @classmethod
    def recipe(cls) -> dict[str, Any]:
        """The mapping of every declared field, in name order."""
        return {name: cls.fields[name].recipe() for name in sorted(cls.fields)}


def _told(name: str, field: Field, fields: dict[str, Field]) -> Unmapped | None:
    if isinstance(field, (Constant, Raw)):
        return None
    if isinstance(field, Mapped):
        return field.unmapped
    if isinstance(field, Computed) and field.unmapped is not None:
        return field.unmapped
    raw = fields.get(TOLD_BESIDE.get(name, f"{name}_raw"))
    return None if raw is None else beside(field.read, raw.read)


class Record(View[Row]):
    """A view with an identity: a Node of the schema."""

    __slots__ = ("origin", "place")

    entity: ClassVar[Entity]
    # All that `not_read` may name for a record of this type. Not annotated: it is no field.
    late = frozenset[str]()

    key: str = ""
    identifiers: tuple[Identifier, ...] = ()

    def __init__(self, row: Row, origin: Origin, place: str | int = "") -> None:
        self.row = row
        self.origin = origin
        self.place = place

    @property
    def former_keys(self) -> tuple[str, ...]:
        """Keys that ids of this record were made of before; other records may have them too."""
        return ()

    @property
    def not_read(self) -> frozenset[str]:
        """Fields that the registry tells elsewhere, as on a project's own page, and that were not
        read for this record: what it says of them here decides nothing. A field of a child is
        named with it, `project_locations.latitude`."""
        return frozenset()

    @property
    def registry(self) -> str:
        """The key of the registry that told this record."""
        return self.origin.registry

    @property
    def id(self) -> str:
        """The global id, `cgw:<registry>:<kind>:<key>`."""
        return format_id(self.origin.registry, self.entity, self.key)

    @property
    def pointer(self) -> str:
        """The JSON pointer (RFC 6901) of the row inside the upstream body."""
        place = self.place
        return self.origin.pointer if place == "" else f"{self.origin.pointer}/{place}"
