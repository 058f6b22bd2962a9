"""Records by id: batched per registry, read once per operation."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any

from gateway.errors import (
    BadInput,
    GatewayError,
    Incomplete,
    InvalidPayload,
    Outcome,
    RegistryNotConfigured,
)
from gateway.model.entity import Entity
from gateway.model.globalid import GlobalId
from gateway.model.link import Links, link_form
from gateway.model.record import Record
from gateway.model.values import shown
from gateway.stitch.ask import Ask
from gateway.stitch.batch import Batch
from gateway.stitch.coverage import Coverage
from gateway.stitch.lots import read_lots

Found = Record[Any] | None


class SeveralRecords(BadInput):
    """What was asked for as one record is several; `records` are they."""

    def __init__(self, records: Sequence[Record[Any]], argument: str = "id") -> None:
        ids = [record.id for record in records]
        shown = ", ".join(ids[:_SHOWN])
        super().__init__(
            f"`{argument}`: {len(ids)} records of {records[0].registry} have this code. "
            f"Ask by id: {shown}{', ...' if len(ids) > _SHOWN else ''}.",
            argument=argument,
            didYouMean=ids[:_SHOWN],
        )
        self.records = tuple(records)


class OneKey(SeveralRecords):
    """Several rows of a registry have the key of the id, which thus names none of them."""

    def __init__(self, records: Sequence[Record[Any]], argument: str = "id") -> None:
        # Not as SeveralRecords: the ids of these are one.
        rows = [f"{record.pointer or '/'} ({_facts(record)})" for record in records]
        shown = ", ".join(rows[:_SHOWN])
        BadInput.__init__(
            self,
            f"`{argument}`: {len(rows)} rows of {records[0].registry} have the key "
            f"{records[0].key!r}: {shown}{', ...' if len(rows) > _SHOWN else ''}. "
            "No id leads to one of them; a list shows each.",
            argument=argument,
            rows=rows[:_SHOWN],
        )
        self.records = tuple(records)


def several_of(records: Sequence[Record[Any]], argument: str) -> SeveralRecords:
    """The error for these records, where one was asked for."""
    one = len({record.id for record in records}) == 1
    return (OneKey if one else SeveralRecords)(records, argument)


_SHOWN = 5
_TELLING = ("unit_status", "unit_count", "issuance_date", "project_name", "project_status")


def _facts(record: Record[Any]) -> str:
    """What tells the row from another one of its key."""
    told = [getattr(record, name, None) for name in _TELLING]
    return ", ".join(str(getattr(one, "value", one)) for one in told if one is not None)


async def node(ask: Ask, wanted: GlobalId) -> Found:
    """The record of the id, or None where its registry has none such.

    Raises:
        RegistryError: when the registry could not be asked.
    """
    if wanted.registry not in ask.federation.adapters:
        return None
    found = await _loader(ask, wanted.registry, wanted.entity).load(wanted.key)
    if isinstance(found, GatewayError):
        raise found
    return found


async def linked(ask: Ask, wanted: GlobalId) -> Found:
    """The record that a row's link means: the one of that key, else the only one whose key is the
    same link, such as `P1` where the row says `P1` and a blank.

    Raises:
        RegistryError: when the registry could not be asked.
    """
    found = await _loader(ask, wanted.registry, wanted.entity, near=True).load(wanted.key)
    if isinstance(found, GatewayError):
        raise found
    return found


def _loader(
    ask: Ask, registry: str, entity: Entity, *, near: bool = False
) -> Batch[str, Found | GatewayError]:
    slot = ("node", registry, entity, near)
    loader: Batch[str, Found | GatewayError] | None = ask.loaders.get(slot)
    if loader is None:
        loader = ask.loaders[slot] = Batch(partial(_by_keys, ask, registry, entity, near))
    return loader


async def _by_keys(
    ask: Ask, registry: str, entity: Entity, near: bool, keys: Sequence[str]
) -> Sequence[Found | GatewayError]:
    adapter = ask.federation.adapters[registry]
    upstream = ask.federation.upstreams[registry]
    coverage = Coverage(registry, exhausted=True)
    if entity not in adapter.collections:
        return [None] * len(keys)
    if not upstream.configured:
        coverage.fail(RegistryNotConfigured(upstream.why_not, registry=registry), some=False)
        ask.covered.append(coverage)
        return [RegistryNotConfigured(upstream.why_not, registry=registry)] * len(keys)
    source = ask.source(registry)
    wanted = dict.fromkeys([*keys, *map(link_form, keys)]) if near else dict.fromkeys(keys)
    read = await read_lots(ask, source, adapter, entity, tuple(wanted))
    coverage.sources = tuple(dict.fromkeys(source.sources))
    if read.failed is not None:
        coverage.fail(read.failed, some=bool(read.records))
    elif read.unread:
        coverage.outcome, coverage.complete = Outcome.PARTIAL, False
        first = next(iter(read.unread.values()))
        coverage.message = shown(f"{first.code}: {first.message}")
    coverage.notes += read.warnings
    if read.failed is None:
        coverage.read(ask.terms.evidence)
    ask.covered.append(coverage)
    found: dict[str, Found | GatewayError] = {record.key: record for record in read.records}
    if len(found) < len(read.records):
        found |= _doubled(read.records)
    absent: Found | GatewayError = None
    if any(index in ask.terms.evidence.unread for index in coverage.sources):
        # Among the rows that could not be read may be the one that is asked for.
        absent = InvalidPayload(
            f"the record may be one that {registry} sent and that could not be read: "
            f"{coverage.message}",
            registry=registry,
        )
    if ask.require_all and not coverage.complete:
        absent = Incomplete(
            f"All registries were required, and {registry} did not answer in full: "
            f"{coverage.outcome.value} ({coverage.message})",
            registries=[registry],
        )
    means = Links(found)

    def one(key: str) -> Found | GatewayError:
        there = found.get(means.find(key) or "") if near else found.get(key)
        if there is None and not near:
            told = _before(read.records, key)
            if told is not None:
                return told
        if there is None:
            return read.unread.get(key) or read.unread.get(link_form(key)) or absent
        return there

    return [one(key) for key in keys]


def _doubled(records: Sequence[Record[Any]]) -> dict[str, GatewayError]:
    """The keys that several of the rows have, with an error that names these."""
    rows: dict[str, list[Record[Any]]] = {}
    for record in records:
        rows.setdefault(record.key, []).append(record)
    return {key: OneKey(several) for key, several in rows.items() if len(several) > 1}


def _before(records: Sequence[Record[Any]], key: str) -> Found | GatewayError:
    """The record whose id was made of this key before, where there is only one such."""
    had = {record.key: record for record in records if key in record.former_keys}
    if len(had) < 2:
        return next(iter(had.values()), None)
    return SeveralRecords(tuple(had.values()))


async def nodes(ask: Ask, wanted: Sequence[GlobalId]) -> list[Any]:
    """The records of the ids in their order, None for no such record.

    A registry that could not be asked gives its error in the place of each of its records.
    """
    return await asyncio.gather(*(node(ask, one) for one in wanted), return_exceptions=True)
