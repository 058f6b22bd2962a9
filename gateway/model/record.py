"""A record: a lazy view over one registry row that knows where the row came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from gateway.model.entity import Entity
from gateway.model.field import Field, Mapped, Raw
from gateway.model.globalid import format_id

Row = TypeVar("Row")


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


class View(Generic[Row]):
    """Anything read from a row by declared fields: a record, or a child inside one."""

    __slots__ = ("row",)

    fields: ClassVar[dict[str, Field]] = {}
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

    @classmethod
    def publishes(cls, name: str) -> bool:
        """Whether this registry ever gives the field."""
        return name in cls.fields

    @classmethod
    def recipe(cls) -> dict[str, Any]:
        """The mapping of every declared field, in name order."""
        return {name: cls.fields[name].recipe() for name in sorted(cls.fields)}


class Record(View[Row]):
    """A view with an identity: a Node of the schema."""

    __slots__ = ("origin", "place")

    entity: ClassVar[Entity]

    key: str = ""
    identifiers: tuple[Identifier, ...] = ()

    def __init__(self, row: Row, origin: Origin, place: str | int = "") -> None:
        self.row = row
        self.origin = origin
        self.place = place

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
