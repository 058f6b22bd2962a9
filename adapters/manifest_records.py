"""One kind of record of a manifest, ready to be read: its view, its rows, what is odd of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import Any

from adapters.below import LINKS
from adapters.contract import InvalidPayload, RegistryInfo, Unread
from adapters.manifest_pattern import fits
from adapters.manifest_problem import Problem
from adapters.manifest_resource import Expect, From, Resource
from adapters.manifest_rows import Shape
from adapters.manifest_views import Views
from adapters.manifest_vocabulary import RECORDS, Kind, vocabulary
from adapters.odd_row import Unreadable
from gateway.harmonise.numbers import groups_by_dots, reads_two_ways
from gateway.harmonise.table import Table
from gateway.model.entity import Entity
from gateway.model.field import Mapped, computed, silent
from gateway.model.record import Identifier, Origin, Record

SUBJECT = "manifest"
_ALL = "*"


@dataclass(slots=True, eq=False)
class Rows:
    """Decoded rows, each with its place in the body, how many came that could not be read and why
    the first of them, and names that nobody declared."""

    rows: list[tuple[Any, int | str]] = field(default_factory=list)
    lost: int = 0
    why: str = ""
    unknown: tuple[str, ...] = ()

    @property
    def received(self) -> int:
        """How many rows came: what pages and totals are counted by."""
        return len(self.rows) + self.lost


class Records:
    """The records of one kind. `place` is where the manifest speaks of them.

    Raises:
        Problem: from the first field that cannot be.
    """

    def __init__(
        self, info: RegistryInfo, entity: Entity, resource: Resource, views: Views, *, table: bool
    ) -> None:
        self.entity = entity
        self.place = ("resources", entity.value)
        self.resource = resource
        name = f"{info.key.title().replace('-', '')}{entity.value.title()}"
        self.shape = Shape(name, table=table, nulls=resource.nulls)
        here = (*self.place, "fields")
        self.keyed: type[Record[Any]] = views.record(
            RECORDS[entity], resource.fields, self.shape, here, self._extra(resource)
        )
        self.view = self._listed(resource)
        self._views = views
        self._ignored = frozenset(resource.ignored)
        filters = getattr(resource, "filters", {})
        self._closed = tuple(name for name, said in filters.items() if said.closed)

    def _listed(self, resource: Resource) -> type[Record[Any]]:
        """The view of a list's rows, where a row asked for by its key has more than they."""
        adds = frozenset(getattr(getattr(resource, "by_key", None), "adds", ()))
        for name in sorted(adds):
            if not self.keyed.publishes(name.partition(".")[0]):
                told = f"{name} is no field of these records"
                raise Problem((*self.place, "by_key", "adds"), told)
        if not adds:
            return self.keyed
        told_later = {"__slots__": (), "late": adds, "not_read": property(lambda record: adds)}
        return type(self.keyed.__name__, (self.keyed,), told_later)

    def _extra(self, resource: Resource) -> dict[str, Any]:
        known = resource.identifier
        if known is None:
            return {}
        column = self.shape.column(self.sources("key"), "text", (*self.place, "fields", "key"))
        scheme, name = known.scheme, column.name
        looks = known.pattern
        column.required.append(lambda key: isinstance(key, str) and fits(looks, key.strip()))

        def identifiers(row: Any) -> tuple[Identifier, ...]:
            return (Identifier(scheme, getattr(row, name)),)

        return {"identifiers": computed(identifiers, name)}

    def sources(self, name: str) -> tuple[str, ...]:
        """Where the field comes from; empty for one that is not read from the row."""
        spec = self.resource.fields.get(name)
        if isinstance(spec, str):
            return (spec,)
        return spec.source if isinstance(spec, From) else ()

    def column(self, name: str) -> str:
        """The one place that a field comes from, for those who ask by it.

        Raises:
            Problem: there is none, or there are several.
        """
        found = self.sources(name)
        if len(found) != 1:
            told = f"{name} does not come from one place: say `column`"
            raise Problem((*self.place, "fields", name), told)
        return found[0]

    def table(self, name: str, lookup: str | None, place: tuple[str, ...]) -> Table[Any] | None:
        """The lookup that a filter goes backwards through: its own, else its field's."""
        spec = self.resource.fields.get(name)
        lookup = lookup or (spec.lookup if isinstance(spec, From) else None)
        if lookup is None:
            return None
        declared = self.view.fields.get(name)
        own = isinstance(spec, From) and spec.lookup == lookup
        if own and isinstance(declared, Mapped) and isinstance(declared.convert, Table):
            return declared.convert
        known = vocabulary(RECORDS[self.entity])
        kind = Kind("country") if name == "country" else known.get(name, Kind("text"))
        return self._views.table(lookup, name, kind, place)

    def make(
        self,
        raws: Iterable[Any],
        unread: Unread,
        pointer: str = "",
        check: Callable[[Any], None] | None = None,
        *,
        least: bool = True,
    ) -> Rows:
        """The rows of a list at `pointer`; those that are none are noted in `unread`. `check`
        raises `Unreadable` for what the source alone knows to be none; `least` is whether at least
        one of several has to be a row.

        Raises:
            InvalidPayload: none of them is one, and there are several, or it is of something else.
        """
        made = Rows()
        seen: set[str] = set()
        foreign = False
        for place, raw in enumerate(raws):
            where = f"{pointer}/{place}"
            try:
                if check is not None:
                    check(raw)
                made.rows.append((self.shape.make(raw, unread, where), place))
                seen.update(raw)
            except Unreadable as error:
                made.why, foreign = made.why or f"{where}: {error}", foreign or error.foreign
                unread.add(where, str(error))
                made.lost += 1
        if not made.rows and (foreign or (least and made.lost > 1)):
            raise self.nothing(made.why)
        self.doubt([row for row, _ in made.rows])
        made.unknown = self.unknown(seen)
        return made

    def doubt(self, rows: Sequence[Any]) -> None:
        """Takes no number of a text that two conventions read differently, such as `1.500` in a
        column that elsewhere groups by dots: which of them holds, the source has to say."""
        for column in self.shape.columns:
            if not column.grouped:
                continue
            texts = [getattr(row, column.name) for row in rows]
            if not any(isinstance(text, str) and groups_by_dots(text) for text in texts):
                continue
            for row, text in zip(rows, texts, strict=True):
                if isinstance(text, str) and reads_two_ways(text):
                    setattr(row, column.name, None)
                    row.odd = {**(row.odd or {}), column.name: text}

    def nothing(self, why: str) -> InvalidPayload:
        """For a list of which no row can be read: the source has changed, or the manifest is not
        for it."""
        return InvalidPayload(f"{self.entity.value}: no row can be read; {why}")

    def unknown(self, seen: Collection[str]) -> tuple[str, ...]:
        """The names that the rows have and nobody declared."""
        if _ALL in self._ignored:
            return ()
        return tuple(sorted(set(seen) - self.shape.looked_at() - self._ignored))

    def records(
        self, rows: Iterable[tuple[Any, int | str]], origin: Origin, *, keyed: bool = False
    ) -> list[Record[Any]]:
        """The rows as records of one exchange, which asked for them by key, or for a list."""
        view = self.keyed if keyed else self.view
        return [view(row, origin, place) for row, place in rows]

    def link(self, row: Any, entity: Entity) -> str | None:
        """The key of the row's parent of that kind, where the row says it."""
        declared = self.view.fields.get(LINKS[entity])
        return None if declared is None else declared.read(row)

    def key(self, row: Any) -> str:
        """The row's own key."""
        return str(self.view.fields["key"].read(row))

    def told(self, rows: Rows, count: int | None) -> tuple[str, ...]:
        """Warnings: what is new in the rows, and a count that nobody expected."""
        found = []
        if rows.unknown:
            names = ", ".join(rows.unknown[:20])
            found.append(f"{self.entity.value}: not in the manifest: {names}")
        found += self._not_closed(rows)
        if count is not None:
            found += self.drift(count)
        return tuple(found)

    def _not_closed(self, rows: Rows) -> list[str]:
        """Warnings for words of filters that are said to be closed and are not: an answer that was
        narrowed by one of them lacks such a row, and says that it is whole."""
        found: dict[str, None] = {}
        for name in self._closed:
            unmapped = self.view.texts.get(name, silent)
            for row, _ in rows.rows:
                found.update(
                    dict.fromkeys(
                        f"{self.entity.value}: the filter {name} is said to be closed, and a row "
                        f"says {text[:60]!r}: add it to the lookup, or leave `closed` out"
                        for text in unmapped(row)
                    )
                )
        return list(found)[:5]

    def nowhere(self, above: Entity, told: Mapping[str, int]) -> tuple[str, ...]:
        """A warning for rows that name parents which are not there; how many name which."""
        if not told:
            return ()
        distinct = ", ".join(repr(one) for one in nsmallest(5, told))
        return (
            f"{self.entity.value}: {sum(told.values())} of the rows name a {above.value} that is "
            f"not in the list, such as {distinct}",
        )

    @property
    def expected(self) -> tuple[int, int | None] | None:
        """How many rows there should be, where the manifest says it."""
        expect = self.resource.expect
        return None if expect == Expect() else (expect.min, expect.max)

    def short(self, count: int | None) -> str | None:
        """Why a list of so many rows is not whole: there have to be more. None where it may be."""
        least = self.resource.expect.min
        if count is None or count >= least:
            return None
        return f"{self.entity.value}: {count} rows, where at least {least} are expected"

    def drift(self, count: int) -> tuple[str, ...]:
        """A warning where there are more rows than expected."""
        expect = self.resource.expect
        if expect.max is not None and count > expect.max:
            return (f"{self.entity.value}: {count} rows, where at most {expect.max} are expected",)
        return ()
