"""Real time from a database: SELECTs with bound parameters, a page at a time, in order of keys.

What stands in a statement's text comes from the manifest; what clients ask stands in parameters.
A page goes on after the last key, and asks for one row more than it gives: so rows that came or
went meanwhile move none out of sight, and two rows with one key are seen. Rows behind that key
whose own is none (null, of another type, too long) are passed by their number.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.apart import Apart
from adapters.below import LINKS
from adapters.contract import Collection, InvalidPayload, Page, Reply, Request, Source
from adapters.manifest_apart import Sent, apart, received, sent
from adapters.manifest_filters import Asked, holds, is_open
from adapters.manifest_problem import Problem
from adapters.manifest_records import Records, Rows
from adapters.manifest_resource import From, SqlResource
from adapters.manifest_select import read_json
from adapters.manifest_where import Where, value_of
from adapters.odd_row import Unreadable
from gateway.errors import BadCursor
from gateway.model.entity import Entity
from gateway.model.globalid import MAX_KEY
from gateway.model.link import Links, link_form
from gateway.model.question import Question
from gateway.model.record import Origin, Record

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)?")
_PLACE = re.compile(r"\x00(\d{1,9})\.(.*)", re.DOTALL)
_MANY = 100
_FOREIGN = "the cursor does not belong to this registry's paging"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the order of keys: after the row with this key, and so many more."""

    key: str = ""
    past: int = 0

    def __str__(self) -> str:
        return f"\x00{self.past}.{self.key}" if self.past else self.key


@dataclass(slots=True, eq=False)
class Chunk:
    """The decoded rows of one page, the keys of all that came as the database has them (None
    where one is none), whether there are more, and the key of the next one."""

    rows: Rows
    keys: list[str | None]
    more: bool
    ahead: str | None = None

    def end(self, here: Place) -> Place:
        """The place after the page that begins here."""
        for past, key in enumerate(reversed(self.keys)):
            if key is not None:
                return Place(key, past)
        return Place(here.key, here.past + len(self.keys))


class Decoder:
    """What reads pages of so many rows, and one more that only shows that there are more."""

    def __init__(
        self,
        records: Records,
        key: str,
        kind: str,
        size: int,
        *,
        first: bool,
        manifest: str,
    ) -> None:
        self._manifest = manifest
        self._records = records
        self._key = key
        self._kind = kind
        self._size = size
        # Rows whose key is none stand together, where the order of keys ends.
        self._first = first

    @property
    def apart(self) -> Apart | None:
        """How another process decodes these rows: by the manifest's own text."""
        if not self._manifest:
            return None
        name = f"{self._size}-{self._first:d}"
        return apart(self._manifest, self._records, name, send=_sent, receive=_received)

    def decode(self, reply: Reply) -> Chunk:
        """The rows of a statement. One whose key is of another type is none.

        Raises:
            InvalidPayload: none of them is what the manifest says.
        """
        found = read_json(reply.body)
        if not isinstance(found, list):
            raise InvalidPayload("the database gave no rows")
        given = found[: self._size]
        made = self._records.make(given, reply.unread, check=self._check, least=self._first)
        keys = [self._text(row) for row in found[: self._size + 1]]
        ahead = keys.pop() if len(keys) > self._size else None
        return Chunk(made, keys, len(found) > self._size, ahead)

    def _check(self, row: Any) -> None:
        if not self._fits(row):
            told = f"the key column {self._key} holds no {self._kind}"
            told = f"{told}: say so in endpoint.key_type, where no row has one"
            raise Unreadable(told, foreign=self._records.shape.foreign(row))

    def _fits(self, row: Any) -> bool:
        key = row.get(self._key) if isinstance(row, dict) else None
        return key is None or type(key) is (int if self._kind == "integer" else str)

    def _text(self, row: Any) -> str | None:
        """The key, where a page can go on after it."""
        key = row.get(self._key) if isinstance(row, dict) and self._fits(row) else None
        if key is None or value_of(key, self._kind) is None:
            return None
        return str(key) if 0 < len(str(key)) <= MAX_KEY else None


class SqlReader:
    """The records of one table, view or SELECT. `key_types` are those of all resources."""

    def __init__(
        self, records: Records, resource: SqlResource, key_types: Mapping[Entity, str]
    ) -> None:
        self.records = records
        self.manifest = ""
        self._endpoint = resource.endpoint
        self._key_types = key_types
        self._key = records.column("key")
        self._from = _from(resource, records.place)
        self._links = {
            entity: records.column(link)
            for entity, link in LINKS.items()
            if isinstance(resource.fields.get(link), (str, From)) and records.sources(link)
        }
        self._filters: dict[str, tuple[Asked, Where]] = {}
        for name, declared in resource.filters.items():
            asked = Asked(records, name, declared)
            column = declared.column or records.column(name)
            where = Where(quoted(column), declared, asked)
            self._filters[name] = (asked, where)
        names = dict.fromkeys(s for c in records.shape.columns for s in c.sources)
        self._decoders: dict[tuple[int, bool], Decoder] = {}
        self._columns = ", ".join(quoted(name) for name in names)
        expected = resource.expect.max
        limit = resource.endpoint.limit
        self.collection = Collection(
            filters={name: asked.pushdown for name, (asked, _) in self._filters.items()},
            parents=frozenset(self._links),
            parents_per_call=_MANY,
            keys_per_call=_MANY,
            page_size=limit,
            full_scan_calls=None if expected is None else max(1, -(-expected // limit)),
            expected=records.expected,
        )

    def decoder(self, size: int, *, first: bool = True) -> Decoder:
        """What reads pages of so many rows; the same one for the same size."""
        if (size, first) not in self._decoders:
            kind = self._endpoint.key_type
            made = Decoder(self.records, self._key, kind, size, first=first, manifest=self.manifest)
            self._decoders[size, first] = made
        return self._decoders[size, first]

    async def pages(
        self, source: Source, question: Question, token: str | None
    ) -> AsyncIterator[Page]:
        """The rows that satisfy the question, from the key `token` on.

        Raises:
            InvalidPayload: a key stands on two rows.
        """
        conditions: list[str] = []
        values: list[Any] = []
        for predicate in question.predicates:
            if not self._filters[predicate.field][1].add(predicate, conditions, values):
                # The registry has no word for what is asked, so no row can have it.
                yield Page((), total=0)
                return
        parent = question.parent
        if parent is not None and parent.entity in self._links:
            column = quoted(self._links[parent.entity])
            kind = self._key_types.get(parent.entity, "text")
            keys = parent.keys if kind == "integer" else _spellings(parent.keys)
            if not _among(column, kind, keys, conditions, values, trimmed=kind == "text"):
                yield Page((), total=0)
                return
        size = max(1, min(question.want, self._endpoint.limit))
        here, count = _place(token), 0
        while True:
            chunk, origin = await self._ask(source, conditions, values, here, size)
            told = [key for key in (*chunk.keys, chunk.ahead) if key is not None]
            if len(set(told)) != len(told) or here.key in told:
                raise InvalidPayload(f"one key of {self._endpoint.table or 'query'} stands twice")
            records = self.records.records(chunk.rows.rows, origin)
            count += len(records)
            following = chunk.end(here) if chunk.more else None
            whole = following is None and not (token or question.predicates or parent)
            yield Page(
                [r for r in records if self._meant(r, question)],
                token=str(here),
                next=None if following is None else str(following),
                warnings=self.records.told(chunk.rows, count if whole else None),
                whole=self.records.short(count if whole else None),
                unknown=chunk.rows.unknown,
            )
            if following is None:
                return
            here = following

    def _meant(self, record: Record[Any], question: Question) -> bool:
        """Whether the row is one that was asked for: conditions let too much through."""
        parent = question.parent
        if parent is not None:
            told = getattr(record, LINKS[parent.entity])
            if told is not None and told not in Links(parent.keys):
                return False
        return all(
            holds(record, predicate) or is_open(record, predicate)
            for predicate in question.predicates
            if self.collection.exact(predicate)
        )

    async def by_keys(self, source: Source, keys: Sequence[str]) -> Page:
        """The records of these keys.

        Raises:
            InvalidPayload: rows of other keys came, or one key came twice.
        """
        distinct = list(dict.fromkeys(keys))
        found: list[Record[Any]] = []
        for at in range(0, len(distinct), _MANY):
            part = distinct[at : at + _MANY]
            conditions: list[str] = []
            values: list[Any] = []
            key = quoted(self._key)
            if _among(key, self._endpoint.key_type, part, conditions, values):
                chunk, origin = await self._ask(source, conditions, values, Place(), len(part))
                given = [told for told in chunk.keys if told is not None]
                if chunk.more or len(set(given)) != len(given) or not set(given) <= set(part):
                    raise InvalidPayload("the database gave other keys than it was asked for")
                found += self.records.records(chunk.rows.rows, origin)
        return Page(found)

    async def _ask(
        self,
        source: Source,
        conditions: Sequence[str],
        values: Sequence[Any],
        here: Place,
        size: int,
    ) -> tuple[Chunk, Origin]:
        key, where, bound = quoted(self._key), list(conditions), list(values)
        if here.key:
            start = value_of(here.key, self._endpoint.key_type)
            if start is None:
                raise BadCursor(_FOREIGN)
            bound.append(start)
            # A row without a key would be passed over in silence.
            where.append(f"({key} > ${len(bound)} OR {key} IS NULL)")
        bound.append(size + 1)
        sql = f"SELECT {self._columns} FROM {self._from} AS t"  # noqa: S608  names of the manifest
        if where:
            sql += f" WHERE {' AND '.join(where)}"
        # As PostgreSQL has it by itself, and SQLite has not.
        sql += f" ORDER BY {key} NULLS LAST LIMIT ${len(bound)}"
        if here.past:
            bound.append(here.past)
            sql += f" OFFSET ${len(bound)}"
        request = Request(
            f"/{self.records.entity.value}",
            method="POST",
            json={"sql": sql, "parameters": bound},
        )
        answer = await source.read(request, self.decoder(size, first=here == Place()).decode)
        return answer.value, Origin(source.registry, answer.source)


def _place(token: str | None) -> Place:
    """The place that a token of ours names.

    Raises:
        BadCursor: it names none.
    """
    if not token or "\x00" not in token:
        return Place(token or "")
    found = _PLACE.fullmatch(token)
    if found is None:
        raise BadCursor(_FOREIGN)
    return Place(found[2], int(found[1]))


def quoted(name: str) -> str:
    """A column in a statement. It is qualified, since SQLite takes an unknown name in quotation
    marks for a text, unless it says whose column it is."""
    doubled = name.replace('"', '""')
    return f't."{doubled}"'


def _among(
    column: str,
    kind: str,
    keys: Sequence[str],
    conditions: list[str],
    values: list[Any],
    *,
    trimmed: bool = False,
) -> bool:
    """Adds "the column is one of the keys"; False where it cannot be any of them. `trimmed`
    passes over blanks at the ends of what stands there, where the texts as they are do not fit."""
    bound = [value for key in keys if (value := value_of(key, kind)) is not None]
    if not bound:
        return False
    marks = []
    for value in bound:
        values.append(value)
        marks.append(f"${len(values)}")
    among = f"IN ({', '.join(marks)})"
    either = f"({column} {among} OR TRIM({column}) {among})"
    conditions.append(either if trimmed else f"{column} {among}")
    return True


def _spellings(keys: Sequence[str]) -> tuple[str, ...]:
    """The keys, and how their links are spelt by those who lose or add something."""
    forms = [link_form(key) for key in keys]
    numbers = [f"{form}.0" for form in forms if form.isascii() and form.isdigit()]
    return tuple(dict.fromkeys([*keys, *forms, *numbers]))


def _from(resource: SqlResource, place: tuple[str, ...]) -> str:
    endpoint = resource.endpoint
    here = (*place, "endpoint")
    if (endpoint.table is None) == (endpoint.query is None):
        raise Problem(here, "say either table or query")
    if endpoint.table is not None:
        if not _NAME.fullmatch(endpoint.table):
            raise Problem((*here, "table"), f"{endpoint.table!r} is no name of a table or view")
        return ".".join(f'"{part}"' for part in endpoint.table.split("."))
    query = str(endpoint.query).strip().rstrip(";").strip()
    if not re.match(r"(?:select|with)\b", query, re.IGNORECASE) or ";" in query or "$" in query:
        told = "must be one SELECT without parameters; conditions are added to it"
        raise Problem((*here, "query"), told)
    return f"({query})"


def _sent(chunk: Chunk) -> Sent[Any]:
    return sent(chunk.rows, [chunk.keys, chunk.more, chunk.ahead])


def _received(told: Sent[Any]) -> Chunk:
    return Chunk(received(told), *told.beside)
