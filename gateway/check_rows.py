"""What a sample of rows tells of drift: columns nobody knows, values no table has, keys twice."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from gateway.model.picklists import ValueBasis
from gateway.model.record import Record
from gateway.provenance.evidence import Exchange
from gateway.stitch.coverage import camel, each_unmapped
from gateway.stitch.odd import each_odd


def unknown_fields(
    records: Iterable[Record[Any]],
    exchanges: Sequence[Exchange],
    known: frozenset[str] = frozenset(),
) -> Counter[str] | None:
    """Columns of the rows that no wire struct names, as dotted paths, with how many rows have
    them; None where the bodies are no JSON, so that nobody can tell."""
    bodies: dict[int, Any] = {}
    found: Counter[str] = Counter()
    looked = False
    for record in records:
        source = record.origin.source
        if source not in bodies:
            bodies[source] = _document(exchanges[source])
        raw = _at(bodies[source], record.pointer)
        struct = _struct(record.row, raw) if isinstance(raw, dict) else None
        if struct is not None:
            looked = True
            found.update(set(_unknown(raw, struct, "")) - known)
    return found if looked else None


def activity_shares(records: Sequence[Record[Any]]) -> tuple[str, ...]:
    """In how many projects the sector and the type are known, and how many of these rest on the
    methodology instead of the registry's own words."""
    told = []
    for name in ("sector", "project_type"):
        known = [record for record in records if getattr(record, name, None) is not None]
        basis = [getattr(record, f"{name}_basis", None) for record in known]
        by_methodology = basis.count(ValueBasis.METHODOLOGY)
        told.append(
            f"{camel(name)} is known in {len(known)} of {len(records)} rows, in "
            f"{by_methodology} of them by the methodology"
        )
    return tuple(told)


def unmapped_values(records: Iterable[Record[Any]]) -> Counter[tuple[str, str]]:
    """Raw texts that no table has a value for, by field as the schema spells it."""
    found: Counter[tuple[str, str]] = Counter()
    for record in records:
        found.update((camel(name), text) for name, text in each_unmapped(record))
        found.update(each_odd(record))
    return found


def duplicate_keys(exchanges: Iterable[Exchange]) -> Counter[str]:
    """Names that stand twice in one object of a JSON body; decoders keep the last of them."""
    found: Counter[str] = Counter()

    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(members)
        if len(made) != len(members):
            names = Counter(name for name, _ in members)
            found.update(name for name, count in names.items() if count > 1)
        return made

    for exchange in exchanges:
        if exchange.body is not None and "json" in (exchange.media_type or ""):
            try:
                json.loads(exchange.body, object_pairs_hook=pairs)
            except (ValueError, RecursionError):
                # What is no JSON is told by the decoder, as an outcome.
                continue
    return found


def _document(exchange: Exchange) -> Any:
    if exchange.body is None:
        return None
    try:
        return json.loads(exchange.body)
    except (ValueError, RecursionError):
        return None


def _at(document: Any, pointer: str) -> Any:
    """What stands at a JSON pointer (RFC 6901), None where nothing does."""
    found = document
    for part in pointer.split("/")[1:]:
        step = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict):
            found = found.get(step)
        elif isinstance(found, list) and step.isdigit() and int(step) < len(found):
            found = found[int(step)]
        else:
            return None
    return found


def _struct(row: Any, raw: Mapping[str, Any]) -> msgspec.Struct | None:
    """The struct that was read from the row: itself, or the part of a join that knows it best."""
    if isinstance(row, msgspec.Struct):
        parts: list[Any] = [row, *(getattr(row, name) for name in row.__struct_fields__)]
    elif is_dataclass(row):
        parts = [getattr(row, field.name) for field in fields(row)]
    else:
        return None
    structs = [part for part in parts if isinstance(part, msgspec.Struct)]
    return min(structs, key=lambda part: len(raw.keys() - _names(part).keys()), default=None)


def _names(struct: msgspec.Struct) -> dict[str, str]:
    """The wire names of a struct's fields, with what they are called here."""
    return {f.encode_name: f.name for f in msgspec.structs.fields(type(struct))}


def _unknown(raw: Mapping[str, Any], struct: msgspec.Struct, above: str) -> Iterator[str]:
    names = _names(struct)
    for name, value in raw.items():
        path = f"{above}{name}"
        if name not in names:
            yield path
            continue
        yield from _below(value, getattr(struct, names[name]), f"{path}.")


def _below(raw: Any, read: Any, above: str) -> Iterator[str]:
    if isinstance(raw, dict) and isinstance(read, msgspec.Struct):
        yield from _unknown(raw, read, above)
    elif isinstance(raw, list) and isinstance(read, (list, tuple)) and len(raw) == len(read):
        for one, other in zip(raw, read, strict=True):
            yield from _below(one, other, above)


def clock_skew(exchanges: Iterable[Exchange]) -> int | None:
    """Whole seconds that the registry's clock is ahead, by the answer that it dates best.

    It wrote its date between our call and the end of its answer: only what lies outside of that,
    and of the second that a date leaves open, is a difference of clocks.
    """
    found = []
    for exchange in exchanges:
        if exchange.upstream_date is None or exchange.fetched_at is None:
            continue
        try:
            told = parsedate_to_datetime(exchange.upstream_date)
            ahead = (told - exchange.fetched_at).total_seconds()
        except (ValueError, TypeError):
            continue
        behind = ahead + exchange.latency_ms / 1000 + 1
        found.append(int(ahead if ahead > 0 else min(behind, 0.0)))
    return min(found, key=abs, default=None)
