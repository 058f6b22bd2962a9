"""Real time from a database: SELECTs with bound parameters, a page at a time, in order of keys.

What stands in a statement's text comes from the manifest; what clients ask stands in parameters.
A page goes on after the last key, and asks for one row more than it gives: so rows that came or
went meanwhile move none out of sight, and two rows with one key are seen.
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
from adapters.manifest_filters import Asked, holds
from adapters.manifest_problem import Problem
from adapters.manifest_records import Records, Rows
from adapters.manifest_resource import From, SqlResource
from adapters.manifest_select import read_json
from adapters.manifest_where import Where, value_of
from gateway.errors import BadCursor
from gateway.model.entity import Entity
from gateway.model.link import Links, link_form
from gateway.model.question import Question
from gateway.model.record import Origin, Record

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)?")
_MANY = 100


@dataclass(slots=True, eq=False)
class Chunk:
    """The decoded rows of one statement, and their keys as the database has them."""

    rows: Rows
    keys: list[str]

    def first(self, size: int) -> list[tuple[Any, int | str]]:
        """Those of the first so many rows that can be read."""
        return [placed for placed in self.rows.rows if int(placed[1]) < size]


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

    @property
    def apart(self) -> Mapping[str, Apart]:
        """How another process decodes these rows: by the manifest's own text."""
        if not self.manifest:
            return {}
        send, receive = _sent, _received
        return {"decode": apart(self.manifest, self.records, "decode", send=send, receive=receive)}

    def decode(self, reply: Reply) -> Chunk:
        """The rows of a statement.

        Raises:
            InvalidPayload: they are not what the manifest says.
        """
        found = read_json(reply.body)
        if not isinstance(found, list):
            raise InvalidPayload("the database gave no rows")
        rows = self.records.make(found, reply.unread)
        kind = int if self._endpoint.key_type == "integer" else str
        for _, place in rows.rows:
            if type(found[int(place)][self._key]) is not kind:
                told = f"the key column {self._key} holds no {self._endpoint.key_type}"
                raise InvalidPayload(f"{told}: say so in endpoint.key_type")
        return Chunk(rows, [self.records.key(row) for row, _ in rows.rows])

    async def pages(
        self, source: Source, question: Question, token: str | None
    ) -> AsyncIterator[Page]:
        """The rows that satisfy the question, from the key `token` on."""
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
        before, count = token or "", 0
        while True:
            chunk, origin = await self._ask(source, conditions, values, before, size + 1)
            given = [self.records.key(row) for row, _ in chunk.first(size)]
            if len(set(chunk.keys)) != len(chunk.keys) or before in chunk.keys:
                raise InvalidPayload(f"one key of {self._endpoint.table or 'query'} stands twice")
            records = self.records.records(chunk.first(size), origin)
            count += len(records)
            more = chunk.rows.received > size
            if more and not given:
                raise InvalidPayload("no row of a whole page has a key to go on from")
            following = given[-1] if more else None
            whole = following is None and not (token or question.predicates or parent)
            yield Page(
                [r for r in records if self._meant(r, question)],
                token=before,
                next=following,
                warnings=self.records.told(chunk.rows, count if whole else None),
                whole=self.records.short(count if whole else None),
                unknown=chunk.rows.unknown,
            )
            if following is None:
                return
            before = following

    def _meant(self, record: Record[Any], question: Question) -> bool:
        """Whether the row is one that was asked for: conditions let too much through."""
        parent = question.parent
        if parent is not None:
            told = getattr(record, LINKS[parent.entity])
            if told is not None and told not in Links(parent.keys):
                return False
        return all(
            holds(record, predicate)
            for predicate in question.predicates
            if self.collection.exact(predicate)
        )

    async def by_keys(self, source: Source, keys: Sequence[str]) -> list[Record[Any]]:
        """The records of these keys."""
        distinct = list(dict.fromkeys(keys))
        found: list[Record[Any]] = []
        for at in range(0, len(distinct), _MANY):
            part = distinct[at : at + _MANY]
            conditions: list[str] = []
            values: list[Any] = []
            key = quoted(self._key)
            if _among(key, self._endpoint.key_type, part, conditions, values):
                chunk, origin = await self._ask(source, conditions, values, "", len(part) + 1)
                if len(set(chunk.keys)) != len(chunk.keys) or not set(chunk.keys) <= set(part):
                    raise InvalidPayload("the database gave other keys than it was asked for")
                found += self.records.records(chunk.rows.rows, origin)
        return found

    async def _ask(
        self,
        source: Source,
        conditions: Sequence[str],
        values: Sequence[Any],
        before: str,
        limit: int,
    ) -> tuple[Chunk, Origin]:
        key, where, bound = quoted(self._key), list(conditions), list(values)
        if before:
            start = value_of(before, self._endpoint.key_type)
            if start is None:
                raise BadCursor("the cursor does not belong to this registry's paging")
            bound.append(start)
            # A row without a key would be passed over in silence, where nulls come last.
            where.append(f"({key} > ${len(bound)} OR {key} IS NULL)")
        bound.append(limit)
        sql = f"SELECT {self._columns} FROM {self._from} AS t"  # noqa: S608  names of the manifest
        if where:
            sql += f" WHERE {' AND '.join(where)}"
        sql += f" ORDER BY {key} LIMIT ${len(bound)}"
        request = Request(
            f"/{self.records.entity.value}",
            method="POST",
            json={"sql": sql, "parameters": bound},
        )
        answer = await source.read(request, self.decode)
        return answer.value, Origin(source.registry, answer.source)


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
    return sent(chunk.rows, chunk.keys)


def _received(told: Sent[Any]) -> Chunk:
    return Chunk(received(told), told.beside)
