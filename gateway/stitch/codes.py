"""Records by a registry's own codes: by key where the code is one or tells it, else by a search."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import Any

from adapters.contract import Code, referring_of
from gateway.errors import BadInput, GatewayError, Incomplete, RegistryNotConfigured, unknown
from gateway.harmonise.table import fold
from gateway.model.entity import Entity
from gateway.model.globalid import GlobalId
from gateway.model.nearest import nearest
from gateway.model.question import Op, Predicate
from gateway.model.record import Record
from gateway.stitch.ask import Ask
from gateway.stitch.connection import connect
from gateway.stitch.federation import Federation
from gateway.stitch.nodes import Found, SeveralRecords, node, several_of
from gateway.stitch.serials import referring

# Codes that are no keys may be of several records; more than these are of none in particular.
MOST = 50


@dataclass(frozen=True, slots=True)
class Search:
    """A code of one registry that is no key; `filter` finds its records, the empty text reads all
    of them, `within` is the filter on a text that holds the code. `scheme` is that of an
    identifier; without one it is the shown id or serial."""

    registry: str
    entity: Entity
    filter: str
    text: str
    scheme: str = ""
    within: str = ""

    @property
    def predicates(self) -> tuple[Predicate, ...]:
        """What is asked of the registry."""
        if self.within:
            return (Predicate(self.within, Op.CONTAINS, self.text),)
        return (Predicate(self.filter, Op.EQ, self.text),) if self.filter else ()

    def fits(self, record: Record[Any]) -> bool:
        """Whether the record has the code."""
        wanted = fold(self.text)
        if self.scheme:
            return any(
                i.scheme == self.scheme and fold(i.value) == wanted for i in record.identifiers
            )
        return fold(getattr(record, self.filter) or "") == wanted


Wanted = GlobalId | Search


@dataclass(frozen=True, slots=True)
class Scheme:
    """A scheme of codes in one registry, as clients are told of it."""

    scheme: str
    registry: str
    kind: Entity | None
    example: str | None
    pattern: str | None


def schemes(federation: Federation) -> list[Scheme]:
    """Every scheme that can be looked up, once for each registry that knows it."""
    found = []
    for key, adapter in federation.adapters.items():
        for name in adapter.info.schemes:
            code = adapter.info.codes.get(name)
            kind = code.entity if code else None
            example, pattern = (code.example, code.pattern) if code else ("", "")
            found.append(Scheme(name, key, kind, example or None, pattern or None))
    return found


def named(federation: Federation, scheme: str, value: str) -> list[Wanted]:
    """What an identifier may mean, in each registry that knows the scheme.

    Raises:
        BadInput: for a scheme that none knows, or a value that no code of it can be.
    """
    wanted: list[Wanted] = []
    for key, adapter in federation.adapters.items():
        meant = adapter.lookup_key(scheme, value)
        code = adapter.info.codes.get(scheme)
        if meant is not None:
            wanted.append(GlobalId(key, *meant))
        elif code is not None and code.search is not None and _fits(code, value.strip()):
            wanted.append(Search(key, code.entity, code.search, value.strip(), scheme, code.within))
    if wanted:
        return wanted
    known = schemes(federation)
    names = dict.fromkeys(one.scheme for one in known)
    if scheme not in names:
        raise unknown(
            "scheme",
            scheme,
            nearest(scheme, names),
            "a scheme",
            listed="`lookupSchemes { scheme }` lists those there are.",
        )
    forms = [one for one in known if one.scheme == scheme]
    reads = dict.fromkeys(one.example or f"what fits {one.pattern}" for one in forms)
    raise BadInput(
        f"`value`: no {scheme} has this form; one reads {' or '.join(reads)}.", argument="value"
    )


def _fits(code: Code, value: str) -> bool:
    return not code.pattern or re.fullmatch(code.pattern, value) is not None


async def lookup(ask: Ask, wanted: list[Wanted]) -> list[Any]:
    """Every record that is meant, from each registry.

    A registry that could not be asked gives its error in the place of its record; one that is
    not configured gives nothing, and the statement says that it did not answer.
    """
    found = await asyncio.gather(*(_all(ask, one) for one in wanted))
    each = [one for some in found for one in some]
    return [one for one in each if one and not isinstance(one, RegistryNotConfigured)]


async def _all(ask: Ask, wanted: Wanted) -> list[Any]:
    try:
        return (
            await search(ask, wanted) if isinstance(wanted, Search) else [await node(ask, wanted)]
        )
    except SeveralRecords as several:
        return list(several.records)
    except GatewayError as error:
        return [error]


async def search(ask: Ask, wanted: Search) -> list[Record[Any]]:
    """The records that have the code.

    Raises:
        RegistryNotConfigured, Incomplete: where the registry could not be asked to the end.
        BadInput: where so many have it that it names none.
    """
    upstream = ask.federation.upstreams[wanted.registry]
    adapter = ask.federation.adapters[wanted.registry]
    asked = referring_of(adapter)
    if asked is not None and asked.refers == wanted.scheme and upstream.configured:
        return await referring(ask, wanted.registry, asked, wanted.text)
    page = await connect(
        ask,
        wanted.entity,
        registries=(wanted.registry,),
        predicates=wanted.predicates,
        first=MOST + 1,
        keep=wanted.fits,
    )
    (row,) = page.coverage
    if not upstream.configured:
        raise RegistryNotConfigured(upstream.why_not, registry=wanted.registry)
    if not row.complete:
        raise Incomplete(
            f"{wanted.registry} could not be read to the end for this code: {row.message}",
            registries=[wanted.registry],
        )
    if len(page.nodes) > MOST:
        raise BadInput(
            f"More than {MOST} records of {wanted.registry} have this code; filter by it.",
            argument="value",
        )
    return page.nodes


async def one(ask: Ask, wanted: list[Wanted], argument: str) -> Found:
    """The record of the first of these that finds any; None where none does.

    Raises:
        BadInput: where several have the code, naming their ids.
    """
    for each in wanted:
        if isinstance(each, GlobalId):
            try:
                found = await node(ask, each)
            except SeveralRecords as several:
                raise several_of(several.records, argument) from None
            if found is not None:
                return found
            continue
        some = await search(ask, each)
        if len(some) > 1:
            raise several_of(some, argument)
        if some:
            return some[0]
    return None
