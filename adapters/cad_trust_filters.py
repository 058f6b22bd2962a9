"""From accepted predicates to the one filter that a CAD Trust node takes per request.

A filter is `column:value:op` over the table's own columns. Only one is taken, so the most
selective predicate is pushed down and the exact ones among the rest are checked on the rows; the
inexact ones are checked again by whoever asks. A predicate that needs several filters becomes
several `Leg`s, walked one after another.

The node's `eq` and `in` tell upper from lower case and its `like` does not (ASCII only, in
SQLite). So values of picklists, which nodes enforce in one spelling, go as `eq`
and `in`; free text goes as `like`, with `%` for whatever might be written otherwise.

Numbers and dates are asked for nowhere. Participants store "2016-2017" as a vintage and "n/a" as
a date, which no filter of the node finds or tells from what is beyond its bound: such a row is to
be counted as undecided, so it has to be read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gateway.harmonise.table import Table
from gateway.model.question import Op, Predicate, Pushdown, pushdown

# The node's own limit.
FILTER_CHARS = 100
# Shorter endings are those of too many other ids.
LEAST_ENDING = 3

_CASELESS = r"[0-9.,:;/()+&#@*=!?<>|~-]+"
_BRACKETS = re.compile(r"\[.*\]", re.S)
_SAFE = r"[A-Za-z0-9 .,:;/()+&#@*=!?<>|~-]"

Check = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Leg:
    """One walk: its filter (None: everything) and what each of its rows must satisfy.

    A row that fails `obeys` shows that the node did not apply the filter. One that fails
    `fresh` is left out: it was in an earlier leg already, or is more than was asked for.
    """

    filter: str | None = None
    obeys: Check | None = None
    fresh: Check | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """What is walked for a question: the legs, what each row must satisfy besides, and the rows
    that none of the legs finds although they may be meant."""

    legs: tuple[Leg, ...]
    checks: tuple[Check, ...] = ()
    strange: Strange | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """How one filter name is asked and checked; `rank` orders by selectivity, best first."""

    wire: str
    rank: int
    pushdown: Pushdown
    legs: Callable[[str, Predicate, int], Iterator[Leg]]
    check: Callable[[str, Predicate], Check] | None = None
    known: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Strange:
    """The rows whose word is none that is `known`: no filter that names words finds them."""

    wire: str
    known: frozenset[str]

    @property
    def leg(self) -> Leg:
        """All rows that say anything, of which those that say nothing known are meant."""
        return replace(self.said, fresh=lambda row: getattr(row, self.wire) not in self.known)

    @property
    def said(self) -> Leg:
        """All rows that say anything: "like" is never true of null."""
        return Leg(f"{self.wire}:%:like", lambda row: getattr(row, self.wire) is not None)

    def listed(self, room: int) -> tuple[Leg, ...]:
        """All rows that say a known word."""
        return tuple(one_of(self.wire, sorted(self.known), room))


def identifier(wire: str) -> Column:
    """A column of codes, nearly unique."""
    ops = (Op.EQ, Op.IN, Op.CONTAINS, Op.STARTS_WITH)
    return Column(wire, 0, pushdown(*ops, exact=False, most=50), _code_legs)


def words(wire: str, rank: int = 1) -> Column:
    """A column of free text."""
    ops = (Op.EQ, Op.CONTAINS, Op.STARTS_WITH)
    return Column(wire, rank, pushdown(*ops, exact=False), _word_legs)


def choice(wire: str, known: Table[Any]) -> Column:
    """A column of a picklist; `known` reads its values.

    Nodes hold what they write themselves to the list's spelling, but what other organisations
    send they store as it is. So the words that are known are asked for, and then whatever row
    says another one: see `Strange`.
    """

    def spelled(predicate: Predicate) -> frozenset[str]:
        wanted = predicate.values()
        return frozenset(text for text, value in known.entries.items() if value in wanted)

    def legs(wire: str, predicate: Predicate, room: int) -> Iterator[Leg]:
        return one_of(wire, sorted(spelled(predicate)), room)

    def check(wire: str, predicate: Predicate) -> Check:
        others = frozenset(known.entries) - spelled(predicate)
        return lambda row: getattr(row, wire) not in others

    narrows = pushdown(Op.EQ, Op.IN, exact=False, most=20)
    return Column(wire, 4, narrows, legs, check, frozenset(known.entries))


def plan(table: Mapping[str, Column], predicates: Sequence[Predicate], room: int) -> Route:
    """The legs to walk, the checks for the exact predicates that were not pushed down, and what
    the one that was does not find."""
    if any(p.op is Op.IN and not p.value for p in predicates):
        return Route(())
    ranked = sorted(predicates, key=lambda p: (table[p.field].rank, _breadth(p)))
    for pushed in ranked:
        column = table[pushed.field]
        legs = tuple(column.legs(column.wire, pushed, room))
        if legs:
            rest = checks(table, (p for p in ranked if p is not pushed))
            strange = Strange(column.wire, column.known) if column.known else None
            return Route(_disjoint(legs), rest, strange)
    return Route((Leg(),), checks(table, ranked))


def checks(table: Mapping[str, Column], predicates: Iterable[Predicate]) -> tuple[Check, ...]:
    """What rows must satisfy for predicates that are declared exact but not pushed down."""
    found = []
    for predicate in predicates:
        column = table[predicate.field]
        if column.check is not None:
            found.append(column.check(column.wire, predicate))
    return tuple(found)


def one_of(wire: str, values: Sequence[Any], room: int) -> Iterator[Leg]:
    """`eq` or `in` filters over exact values, as many as the node's limit makes necessary."""
    for chunk in _chunks(wire, list(dict.fromkeys(values)), room):
        wanted = _among(wire, frozenset(chunk))
        # A text in brackets is read as a list, whatever the operator.
        single = len(chunk) == 1 and not _BRACKETS.fullmatch(str(chunk[0]))
        text = str(chunk[0]) if single else _array(chunk)
        filter = f"{wire}:{text}:{'eq' if single else 'in'}"
        if len(filter) <= room:
            yield Leg(filter, wanted)
            continue
        # Too long for the node's filter: whatever holds its beginning, and the rows that are it.
        wide = _like(wire, f"%{_pattern(str(chunk[0]))}%", room)
        yield Leg(wide.filter, wide.obeys, wanted)


def _breadth(predicate: Predicate) -> int:
    return (Op.EQ, Op.IN, Op.STARTS_WITH, Op.CONTAINS).index(predicate.op)


def _disjoint(legs: tuple[Leg, ...]) -> tuple[Leg, ...]:
    made: list[Leg] = []
    for leg in legs:
        before = tuple(earlier.obeys for earlier in made if earlier.obeys)
        made.append(Leg(leg.filter, leg.obeys, _none_of(before) if before else None))
    return tuple(made)


def _none_of(tests: tuple[Check, ...]) -> Check:
    return lambda row: not any(test(row) for test in tests)


def _among(wire: str, wanted: frozenset[Any]) -> Check:
    return lambda row: getattr(row, wire) in wanted


def _code_legs(wire: str, predicate: Predicate, room: int) -> Iterator[Leg]:
    if predicate.op in (Op.CONTAINS, Op.STARTS_WITH):
        before = "%" if predicate.op is Op.CONTAINS else ""
        yield _like(wire, f"{before}{_pattern(predicate.value)}%", room)
        return
    listed: list[str] = []
    for code, alone in _endings(predicate.values()):
        if not alone:
            yield _like(wire, f"%{_pattern(code)}", room)
        elif re.fullmatch(_CASELESS, code) and _fits(wire, [code], room):
            listed.append(code)
        else:
            yield _like(wire, _pattern(code), room)
    yield from one_of(wire, listed, room)


def _endings(values: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """The values that no other value ends like, and whether none of the others ends like them.

    One project is written `GS4894`, `GS-4894`, `GS 4894` and `4894`: one call finds them all.
    """
    codes = sorted(dict.fromkeys(" ".join(value.split()) for value in values), key=len)
    kept: dict[str, bool] = {}
    for code in codes:
        short = next((k for k in kept if len(k) >= LEAST_ENDING and code.endswith(k)), None)
        if short is None:
            kept[code] = True
        else:
            kept[short] = False
    yield from kept.items()


def _word_legs(wire: str, predicate: Predicate, room: int) -> Iterator[Leg]:
    # Always "contains": stored texts may have blanks around them that are not compared here.
    yield _like(wire, f"%{_typed(predicate.value)}%", room)


# Letters that some language writes with a mark: all but b, f, m, p, q, v and x.
_MARKED = re.compile("[acdeghijklnorstuwyz'`_]", re.I)


def _pattern(text: str) -> str:
    """A LIKE pattern for every spelling of a code that compares equal here, and maybe for more.

    Letters beyond ASCII have case that SQLite does not know, or are written as two letters in
    capitals; blanks of any number and kind compare equal; quotes and brackets mean something to
    the node.
    """
    made = (
        "%" if c.isspace() or not c.isascii() else c if re.match(_SAFE, c) else "_"
        for c in text.strip()
    )
    return re.sub("ss", "%", "".join(made), flags=re.I)


def _typed(text: str) -> str:
    """The same for words, which compare equal with and without the marks on their letters."""
    return _MARKED.sub("%", _pattern(text))


def _like(wire: str, pattern: str, room: int) -> Leg:
    pattern = re.sub("%+", "%", pattern) or "%"
    most = room - len(f"{wire}::like")
    if len(pattern) > most:
        pattern = f"{pattern[: most - 1].rstrip('%')}%"
    alike = like(pattern)
    return Leg(f"{wire}:{pattern}:like", lambda row: alike(getattr(row, wire) or ""))


def like(pattern: str) -> Callable[[str], bool]:
    """SQL's LIKE without escapes, in linear time however many `%` the pattern has."""
    parts = [
        re.compile("".join("." if c == "_" else re.escape(c) for c in part), re.I | re.S)
        for part in pattern.split("%")
    ]
    tail = len(pattern) - pattern.rfind("%") - 1

    def matches(text: str) -> bool:
        if len(parts) == 1:
            return parts[0].fullmatch(text) is not None
        found = parts[0].match(text)
        for part in parts[1:-1]:
            found = part.search(text, found.end()) if found else None
        at = len(text) - tail
        return found is not None and at >= found.end() and parts[-1].match(text, at) is not None

    return matches


def _array(values: Sequence[Any]) -> str:
    return json.dumps(list(values), ensure_ascii=False, separators=(",", ":"))


def _fits(wire: str, values: Sequence[Any], room: int) -> bool:
    return len(f"{wire}:{_array(values)}:in") <= room


def _chunks(wire: str, values: Sequence[Any], room: int) -> Iterator[list[Any]]:
    chunk: list[Any] = []
    for value in values:
        if chunk and not _fits(wire, [*chunk, value], room):
            yield chunk
            chunk = []
        chunk.append(value)
    if chunk:
        yield chunk
