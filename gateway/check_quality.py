"""What a sample of records says of a registry's data: its links, keys, numbers and filters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from adapters.contract import Adapter, RegistryInfo, Source
from gateway.errors import GatewayError
from gateway.harmonise import numbers
from gateway.model.entity import Entity
from gateway.model.field import Computed, Mapped
from gateway.model.globalid import MAX_KEY
from gateway.model.link import Links, link_form
from gateway.model.question import FILTERS
from gateway.model.record import Record, View
from gateway.stitch.coverage import camel
from gateway.stitch.filters import published, said

# So many parents are looked for by their keys, in so many calls at the most.
MOST_PARENTS = 40
MOST_CALLS = 10
# So many examples are shown of anything.
SHOWN = 5
# Keys have a form of their own where so many of so many rows share it.
FORM_ROWS, FORM_SHARE = 20, 0.9

_QUANTITIES: Final = frozenset({"unit_count", "unit_quantity"})
# One sign and three digits behind it: thousands to one reader, thousandths to another.
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_LINKS: Final = {Entity.PROJECT: "project_key", Entity.ISSUANCE: "issuance_key"}
_RUNS = re.compile(r"(9+|a+)")


@dataclass(frozen=True, slots=True)
class Parents:
    """How the sample's records name their parents of one kind.

    `orphans` are those that name one that is not there, by what they name; `silent` counts those
    that name none, although others of the sample do. `looked_for` is how many distinct parents
    were looked for of how many `named` ones; `why_not` says why it was not more.
    """

    named: int = 0
    looked_for: int = 0
    orphans: Mapping[str, int] = field(default_factory=dict)
    silent: int = 0
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Open:
    """How many records of the sample a filter does not decide: in words that no table knows, or
    since another page says it."""

    rows: int
    unmapped: int
    not_read: int


@dataclass(frozen=True, slots=True)
class Quality:
    """What a sample of one kind of record says.

    `childless` are parents of the sample that no child names, where both lists came whole.
    `off_pattern` are keys that do not look as the adapter says, `odd_keys` those that do not look
    as the others do. `ambiguous` has quantities that may be read in two ways, by field and text,
    with how many records have them and what they are read as. `undecided` is by the filter's name,
    `unfiltered` names the filters on what the registry never says, and `by_words` those that it
    applies to words of its own.
    """

    parents: Mapping[Entity, Parents] = field(default_factory=dict)
    childless: tuple[str, ...] = ()
    off_pattern: tuple[str, ...] = ()
    odd_keys: tuple[str, ...] = ()
    ambiguous: Mapping[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    undecided: Mapping[str, Open] = field(default_factory=dict)
    unfiltered: tuple[str, ...] = ()
    by_words: tuple[str, ...] = ()


def off_pattern(records: Iterable[Record[Any]], info: RegistryInfo) -> tuple[str, ...]:
    """Keys and identifiers that the registry's patterns do not fit, and keys with blanks around."""
    found: dict[str, None] = {}
    for record in records:
        if record.key != " ".join(record.key.split()):
            found[record.key] = None
        for one in record.identifiers:
            code = info.codes.get(one.scheme)
            if code is None or not code.pattern or code.entity is not record.entity:
                continue
            if len(one.value) > MAX_KEY or re.fullmatch(code.pattern, one.value) is None:
                found[one.value] = None
    return tuple(found)


def odd_keys(records: Sequence[Record[Any]]) -> tuple[str, ...]:
    """Keys of another form than nearly all others have, such as `P-17` among numbers."""
    forms = {record.key: _form(record.key) for record in records}
    if len(forms) < FORM_ROWS:
        return ()
    form, count = Counter(forms.values()).most_common(1)[0]
    if count < FORM_SHARE * len(forms):
        return ()
    return tuple(key for key, other in forms.items() if other != form)


def _form(key: str) -> str:
    """Digits as 9, letters as a, runs of either as one."""
    plain = "".join("9" if c.isdigit() else "a" if c.isalpha() else c for c in key)
    return _RUNS.sub(lambda run: run[0][0], plain)


def ambiguous_numbers(
    records: Iterable[View[Any]],
) -> dict[tuple[str, str], tuple[int, str]]:
    """Quantities written with one sign before their last three digits, as `1.000`."""
    found: dict[tuple[str, str], tuple[int, str]] = {}
    for record in records:
        for name, text, value in _texts(record):
            if _AMBIGUOUS.fullmatch(text.strip()):
                count, _ = found.get((camel(name), text), (0, ""))
                found[camel(name), text] = count + 1, "nothing" if value is None else str(value)
    return found


def _texts(view: View[Any]) -> Iterable[tuple[str, str, Any]]:
    for name, declared in type(view).fields.items():
        if name in _QUANTITIES:
            value = getattr(view, name)
            for path in declared.inputs if isinstance(declared, Mapped | Computed) else ():
                raw = _at(view.row, path)
                if isinstance(raw, str):
                    yield name, raw, value
        elif isinstance(declared, Computed) and name != "parent":
            value = getattr(view, name)
            for child in value if isinstance(value, tuple) else (value,):
                if isinstance(child, View):
                    yield from _texts(child)


def _at(row: Any, path: str) -> Any:
    for name in path.split("."):
        row = getattr(row, name, None)
    return row


def undecided_filters(records: Sequence[Record[Any]]) -> dict[str, Open]:
    """The filters that cannot decide some of the records, by their names in the schema."""
    found: dict[str, Open] = {}
    if not records:
        return found
    for name in FILTERS[records[0].entity]:
        told = [one for record in records if not (one := said(record, name)).decided]
        if told:
            unmapped = sum(bool(one.unmapped) for one in told)
            not_read = sum(one.not_read for one in told)
            found[camel(name)] = Open(len(told), unmapped, not_read)
    return found


def unfiltered(adapter: Adapter, entity: Entity) -> tuple[str, ...]:
    """The filters on what the registry never says: nothing of it can match them."""
    views, asked = adapter.views.get(entity, ()), adapter.collections[entity].filters
    return tuple(
        camel(name)
        for name in FILTERS[entity]
        if name not in asked and not published(views, entity, name)
    )


def by_words(adapter: Adapter, entity: Entity) -> tuple[str, ...]:
    """The filters that the registry applies to words of its own, leaving out nobody knows what."""
    filters = adapter.collections[entity].filters
    return tuple(camel(name) for name, pushed in filters.items() if pushed.by_words)


def childless(
    parents: Sequence[Record[Any]], children: Sequence[Record[Any]], above: Entity
) -> tuple[str, ...]:
    """The parents that none of the children names, where there are children at all."""
    named = {link_form(key) for child in children if (key := getattr(child, _LINKS[above], None))}
    if not named:
        return ()
    return tuple(one.key for one in parents if link_form(one.key) not in named)


async def parents_of(
    adapter: Adapter,
    source: Source,
    records: Sequence[Record[Any]],
    above: Entity,
    seen: Iterable[str],
    *,
    whole: bool,
) -> Parents | None:
    """How the records name their parents of this kind; None where none of them names any.

    `seen` are keys of parents that are known to be there, `whole` says that there are no others.
    The rest is looked for by key, within bounds.
    """
    told = Counter(key for one in records if (key := getattr(one, _LINKS[above], None)))
    if not told:
        return None
    silent = len(records) - sum(told.values())
    there = Links(seen)
    missing = [key for key in told if key not in there]
    if whole or not missing:
        orphans = {key: told[key] for key in missing}
        return Parents(len(told), len(told), orphans, silent)
    collection = adapter.collections.get(above)
    if collection is None or not collection.by_keys:
        return Parents(len(told), len(told) - len(missing), {}, silent, "it takes no keys")
    most = min(MOST_PARENTS, MOST_CALLS * collection.keys_per_call)
    asked = missing[:most]
    looked_for = len(told) - len(missing)
    try:
        page = await adapter.by_keys(source, above, tuple({*asked, *map(link_form, asked)}))
    except GatewayError as error:
        return Parents(len(told), looked_for, {}, silent, f"{error.code}: {error.message}")
    there = Links(record.key for record in page.records)
    looked = [key for key in asked if not {key, link_form(key)} & page.refused.keys()]
    orphans = {key: told[key] for key in looked if key not in there}
    why_not = "" if len(asked) == len(missing) else f"{most} are looked for at most"
    for refused in page.refused.values():
        why_not = f"{refused.code}: {refused.message}"
    return Parents(len(told), looked_for + len(looked), orphans, silent, why_not)


def sentences(quality: Quality) -> Iterable[str]:
    """What is worth knowing, one sentence each."""
    for above, parents in quality.parents.items():
        rows = sum(parents.orphans.values())
        if rows:
            yield f"{rows} rows name a {above.value} that is not there: {_some(parents.orphans)}"
        if parents.silent:
            yield f"{parents.silent} rows name no {above.value}, where others do"
        if parents.why_not:
            yield (
                f"{parents.looked_for} of {parents.named} named {above.value}s were looked for: "
                f"{parents.why_not}"
            )
    if quality.off_pattern:
        count = len(quality.off_pattern)
        yield f"{count} keys do not fit the registry's pattern: {_some(quality.off_pattern)}"
    if quality.odd_keys:
        count = len(quality.odd_keys)
        yield f"{count} keys have another form than the others: {_some(quality.odd_keys)}"
    for (name, text), (rows, value) in sorted(
        quality.ambiguous.items(), key=lambda item: (-item[1][0], item[0])
    ):
        other = re.sub(r"[.,]", "", text.strip())
        thousand = value == other
        read = f"is read as {value}, and may mean {_fraction(text) if thousand else other}"
        yield f"{name} {text!r} {read} ({rows} rows)"
    for name, open_ in sorted(quality.undecided.items(), key=lambda item: (-item[1].rows, item[0])):
        reasons = []
        if open_.unmapped:
            reasons.append(f"{open_.unmapped} in words that no table knows")
        if open_.not_read:
            reasons.append(f"{open_.not_read} told elsewhere than in the list")
        yield f"a filter on {name} cannot decide {open_.rows} rows: {', '.join(reasons)}"
    if quality.by_words:
        names = ", ".join(quality.by_words)
        yield f"answers that the registry narrows by {names} are never complete: by its own words"


def _fraction(text: str) -> str:
    return str(numbers.decimal(text.strip().replace(",", ".")))


def _some(texts: Iterable[str]) -> str:
    found = [repr(text) for text in texts]
    return ", ".join(found[:SHOWN]) + (", ..." if len(found) > SHOWN else "")
