"""Batch and real time over HTTP: REST and GraphQL lists, paged, filtered and read by key.

A list is believed only as far as it can be counted: totals must be kept, rows must be other ones
on every page, and rows that an exact filter should have left out are a filter that was ignored.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from adapters.apart import Apart
from adapters.below import LINKS
from adapters.contract import Answer, Collection, InvalidPayload, Page, Reply, Request, Source
from adapters.manifest_apart import Sent, apart, received, sent
from adapters.manifest_filters import PARENT, PERSONAL, Asked
from adapters.manifest_list import by_key, into, placed, pointer, shown
from adapters.manifest_paging import Ended, Paginator, SinglePage, Turn, count
from adapters.manifest_pattern import fits
from adapters.manifest_problem import Problem
from adapters.manifest_records import Records, Rows
from adapters.manifest_request import Parts, parts
from adapters.manifest_resource import (
    GraphqlKey,
    GraphqlResource,
    RestKey,
    RestParent,
    RestResource,
)
from adapters.manifest_select import has_odd, read_json, selector
from adapters.manifest_success import Success
from adapters.manifest_tally import Tally
from adapters.one_by_one import AnotherRecord, one_by_one
from adapters.trouble import of_graphql
from gateway.errors import BadCursor
from gateway.model.entity import Entity
from gateway.model.link import Links
from gateway.model.question import Question
from gateway.model.record import Origin, Record

_TOKEN = re.compile(r"(\d{1,12})(?:-(\d{1,12}))?\.(.*)", re.DOTALL)
_CLIMBS = re.compile(r"(?:^|[/\\])\.{1,2}(?:$|[/\\])")
_MOST_KEYS = 100_000


@dataclass(slots=True, eq=False)
class Batch:
    """The decoded rows of one page and where they stand, the total, and what the paginator found
    in the body."""

    rows: Rows
    pointer: str = ""
    total: int | None = None
    found: Any = None


class RestReader:
    """The records of one list. `secret` is the query parameter that holds the credential."""

    def __init__(
        self,
        records: Records,
        resource: RestResource | GraphqlResource,
        paginator: Paginator | None,
        secret: str = "",
    ) -> None:
        self.records = records
        self.manifest = ""
        self._secret = secret
        self._list = shown(resource)
        self._paginator = resource.endpoint.paginator or paginator or SinglePage(type="single_page")
        self._data = selector(self._list.data_selector)
        endpoint = resource.endpoint
        self._success = Success(endpoint.success_selector, endpoint.error_selector)
        total = self._list.total_selector
        self._total = None if total is None else selector(total)
        self._filters = {
            name: Asked(records, name, declared) for name, declared in resource.filters.items()
        }
        self._placed = {
            name: placed(declared, self._filters[name], resource)
            for name, declared in resource.filters.items()
        }
        self._parents: dict[Entity, RestParent] = {}
        for name, declared in resource.parents.items():
            here = (*records.place, "parents", name)
            if LINKS[Entity(name)] not in resource.fields:
                raise Problem(here, f"the rows do not tell their {name}: give {name}_key")
            self._parents[Entity(name)] = into(declared, here, resource)
        self._by_key = by_key(resource, records)
        self._public = self._known_names()
        size = self._paginator.size() or 100
        expected = resource.expect.max
        single = isinstance(self._paginator, SinglePage)
        scan = 1 if single else None if expected is None else max(1, -(-expected // size))
        most = self._by_key.most if self._by_key else _MOST_KEYS
        self.collection = Collection(
            filters={name: asked.pushdown for name, asked in self._filters.items()},
            parents=frozenset(self._parents),
            parents_per_call=min((p.most for p in self._parents.values()), default=1),
            keys_per_call=most,
            totals=self._total is not None,
            page_size=size,
            full_scan_calls=scan,
            expected=records.expected,
        )

    def _known_names(self) -> frozenset[str]:
        """Parameters that provenance may print: all but those that may hold a person's name."""
        found = {*self._list.params}
        for name, declared in self._placed.items():
            if name.removeprefix(PARENT) not in PERSONAL:
                found |= {n for n in (declared.param, *declared.params.values()) if n}
        for where in (*self._parents.values(), *([self._by_key] if self._by_key else ())):
            found |= {where.param} if where.param else set()
        paging = self._paginator.model_dump()
        found |= {str(v) for k, v in paging.items() if k.endswith("_param") and v}
        return frozenset(found)

    @property
    def apart(self) -> Mapping[str, Apart]:
        """How another process decodes these pages: by the manifest's own text."""
        if not self.manifest:
            return {}
        return {
            name: apart(self.manifest, self.records, name, send=_sent, receive=_received)
            for name in ("decode", "decode_found")
        }

    def decode(self, reply: Reply) -> Batch:
        """The rows of a page.

        Raises:
            InvalidPayload: it is no page of this list.
        """
        body = self._body(reply)
        self._success.check(body)
        rows = self._data(body)
        if not isinstance(rows, list):
            raise InvalidPayload(f"there are no rows at {self._list.data_selector}")
        _sound(body, rows)
        total = None if self._total is None else count(self._total(body))
        made, where = self._made(rows, self._list.data_selector, reply)
        return Batch(made, where, total, self._paginator.look(body))

    def _made(self, rows: list[Any], expression: str, reply: Reply) -> tuple[Rows, str]:
        """The rows, and where they are; no place in the body where a selection moved them."""
        where = pointer(expression)
        made = self.records.make(rows, reply.unread, expression if where is None else where)
        if where is None:
            made.rows = [(row, "") for row, _ in made.rows]
        return made, where or ""

    def decode_found(self, reply: Reply) -> Batch:
        """The rows that were asked for by key: several, one, or none.

        Raises:
            InvalidPayload: neither.
        """
        if reply.status == 404:
            return Batch(Rows())
        body = self._body(reply)
        chosen = self._by_key.data_selector if self._by_key else None
        expression = chosen or self._list.data_selector
        rows = selector(expression)(body)
        self._success.check(body, row=rows is body)
        if rows is None and self._list.graphql:
            rows = []
        if isinstance(rows, dict):
            made = self.records.make([rows], reply.unread)
            made.rows = [(row, "") for row, _ in made.rows]
            return Batch(made, pointer(expression) or "")
        if not isinstance(rows, list):
            raise InvalidPayload("there is no row where one was asked for")
        _sound(body, rows)
        if chosen is None and self._total is not None and self._by_parameter:
            total = count(self._total(body))
            if len(rows) < total:
                raise InvalidPayload(f"{len(rows)} rows came, where there are {total}")
        return Batch(*self._made(rows, expression, reply))

    @property
    def _by_parameter(self) -> bool:
        """Whether records are read by key out of the same list."""
        where = self._by_key
        return isinstance(where, RestKey) and where.path is None

    def _body(self, reply: Reply) -> Any:
        body = read_json(reply.body)
        if self._list.graphql and isinstance(body, dict) and body.get("errors"):
            raise of_graphql(body["errors"])
        return body

    async def pages(
        self, source: Source, question: Question, token: str | None
    ) -> AsyncIterator[Page]:
        """The pages of the list that answer the question, from a token on."""
        asked = self._asked(question)
        if asked is None:
            # The registry has no word for what is asked, so no row can have it.
            yield Page((), total=0)
            return
        seen, first, place = self._resume(token)
        everything = not (question.predicates or question.parent)
        whole = everything and not seen
        tally = Tally(seen, self._paginator.most_empty(), first)
        unread = False
        while True:
            turn = self._paginator.turn(place)
            request = self._request(asked, turn)
            answer = await source.read(request, self.decode)
            batch = answer.value
            if unread and not batch.rows.rows and batch.rows.lost:
                # One page of nothing but a row that is none may be the last; two are no list.
                raise self.records.nothing(batch.rows.why)
            unread = not batch.rows.rows and batch.rows.lost > 0
            following = self._after(place, answer, tally)
            records = tally.fresh(self._records(source, answer, question))
            here, tally.seen = tally.seen, tally.seen + batch.rows.received
            ended = tally.given if following is None else batch.total
            # Whoever comes back with a token has had the rows before it.
            count = tally.seen if following is None else batch.total
            yield Page(
                [r for r in records if self._below(r, question)],
                token=tally.place(here, place),
                next=None if following is None else tally.place(tally.seen, following),
                total=batch.total if self._narrowed(question) else None,
                warnings=self.records.told(batch.rows, ended if whole else None),
                whole=self.records.short(count if everything else None)
                or (tally.left() if following is None else None),
                unknown=batch.rows.unknown,
            )
            if following is None:
                return
            place = following

    async def by_keys(self, source: Source, keys: Sequence[str]) -> Page:
        """The records of these keys, where the interface can be asked by key, else by reading the
        list until all are found.

        Raises:
            InvalidPayload: records of other keys came.
        """
        wanted = [key for key in dict.fromkeys(keys) if self._possible(key)]
        if not wanted:
            return Page(())
        if self._by_key is None:
            return Page(await self._until(source, frozenset(wanted)))

        async def read(part: list[str]) -> list[Record[Any]]:
            answer = await source.read(self._key_request(part), self.decode_found)
            origin = Origin(source.registry, answer.source, answer.value.pointer)
            records = self.records.records(answer.value.rows.rows, origin, keyed=True)
            if not {record.key for record in records} <= set(part):
                told = "the registry answered with other records"
                raise AnotherRecord(told, source=answer.source)
            return records

        most = self._by_key.most
        parts = [wanted[at : at + most] for at in range(0, len(wanted), most)]
        others = set(keys).difference(wanted)
        return await one_by_one(((part, part) for part in parts), read, others)

    async def _until(self, source: Source, wanted: frozenset[str]) -> list[Record[Any]]:
        found: list[Record[Any]] = []
        async for page in self.pages(source, Question(self.records.entity, want=500), None):
            found += [record for record in page.records if record.key in wanted]
            if len({record.key for record in found}) == len(wanted):
                break
        return found

    def _possible(self, key: str) -> bool:
        """Whether the key can be one of the registry's, and stand in a path."""
        known = self.records.resource.identifier
        if known is not None and not fits(known.pattern, key):
            return False
        plain = key
        for _ in range(3):
            plain = unquote(plain)
        return not _CLIMBS.search(plain) and plain.isprintable()

    def _asked(self, question: Question) -> Parts | None:
        made = parts(self._list.params, self._list.body)
        for predicate in question.predicates:
            asked, placed = self._filters[predicate.field], self._placed[predicate.field]
            words = [word for value in predicate.values() for word in asked.words(value)]
            if not words:
                return None
            name = placed.params.get(predicate.op) or placed.body_paths.get(predicate.op)
            if predicate.op in placed.body_paths:
                made.set(str(name), words[0])
            else:
                made.put(placed, words, name)
        parent = question.parent
        if parent is not None and parent.entity in self._parents:
            made.put(self._parents[parent.entity], list(parent.keys))
        return made

    def _request(self, asked: Parts, turn: Turn) -> Request:
        made = Parts(list(asked.query), parts({}, asked.body).body)
        return made.request(self._list.path, turn, self._public)

    def _key_request(self, keys: list[str]) -> Request:
        where = self._by_key
        missing = frozenset((404,))
        if isinstance(where, RestKey) and where.path is not None:
            path = where.path.replace("{key}", quote(keys[0], safe=""))
            return Request(f"/{path.lstrip('/')}", allowed=missing)
        body = self._list.body
        if isinstance(where, GraphqlKey) and where.query is not None:
            body = {"query": where.query, "variables": {}}
        made = parts(self._list.params, body)
        if where is not None:
            made.put(where, list(keys))
        return made.request(
            self._list.path, self._paginator.turn(self._paginator.first()), self._public
        )

    def _resume(self, token: str | None) -> tuple[int, int | None, str]:
        """The rows before the place, how long the list was when its walk began, and the place."""
        if not token:
            return 0, None, self._paginator.first()
        found = _TOKEN.fullmatch(token)
        if found is None:
            raise BadCursor("the cursor does not belong to this registry's paging")
        self._paginator.turn(found[3])
        return int(found[1]), int(found[2]) if found[2] else None, found[3]

    def _after(self, place: str, answer: Answer[Batch], tally: Tally) -> str | None:
        batch = answer.value
        rows, total = batch.rows.received, batch.total
        tally.counted(total)
        reached = tally.seen + rows
        following = self._paginator.after(
            place,
            Ended(rows, batch.found, answer.headers, self._list.path, total, reached, self._secret),
        )
        if total is not None and following is None and reached < total:
            raise InvalidPayload(f"the list ends after {reached} of {total} rows")
        if following is not None and not rows and total is not None:
            raise InvalidPayload(f"a page is empty after {reached} of {total} rows")
        tally.moved(rows, following)
        return following

    def _records(
        self, source: Source, answer: Answer[Batch], question: Question
    ) -> list[Record[Any]]:
        origin = Origin(source.registry, answer.source, answer.value.pointer)
        records = self.records.records(answer.value.rows.rows, origin)
        for record in records:
            for predicate in question.predicates:
                self._filters[predicate.field].check(record, predicate)
            if self._narrowed(question) and not self._below(record, question):
                raise InvalidPayload("the registry ignored which parents were asked for")
        return records

    def _narrowed(self, question: Question) -> bool:
        """Whether all that comes is meant: no parent, or one that the registry is asked by."""
        return question.parent is None or question.parent.entity in self._parents

    def _below(self, record: Record[Any], question: Question) -> bool:
        parent = question.parent
        if parent is None:
            return True
        told = getattr(record, LINKS[parent.entity], None)
        # A row that names no parent may belong to any: it is counted where it is asked for.
        return told is None or told in Links(parent.keys)


def _sent(batch: Batch) -> Sent[Any]:
    return sent(batch.rows, [batch.pointer, batch.total, batch.found])


def _received(told: Sent[Any]) -> Batch:
    pointer, total, found = told.beside
    # What a paginator finds is a text, a number, or several of them.
    return Batch(received(told), pointer, total, tuple(found) if type(found) is list else found)


def _sound(body: Any, rows: list[Any]) -> None:
    """An odd value costs the row that it stands in; where there is none, it is the answer's.

    Raises:
        InvalidPayload: there is no row, and a value that no JSON has.
    """
    if not rows and has_odd(body):
        raise InvalidPayload("the body is not JSON, and there is no row in it")
