"""From a question to UNDP's lists and the conditions of their QueryDto."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from adapters.undp_rows import (
    BALANCE,
    COMPLETED,
    PROGRAMME,
    PROJECT,
    RETIREMENT,
    BlockRow,
    Kind,
    ProgrammeRow,
    RetirementRow,
    numbers_of,
    project_code,
)
from adapters.undp_walk import Ask, Where
from gateway.harmonise.statuses import UNDP_PROJECT, UNDP_UNIT
from gateway.model.entity import Entity
from gateway.model.picklists import UnitStatus
from gateway.model.question import Collection, Op, Predicate, Question, pushdown

SIZE = 100
AT_ONCE = 50

# The column is an enumeration, and no other word may be compared with it: these five are all that
# it holds in the published software. A newer one may add to them.
STAGES = ("New", "AwaitingAuthorization", "Authorised", "Rejected", "Approved")
# Date filters with their column, how many of its ticks a second has, and how a row holds it.
_DATES: dict[str, tuple[str, int, Callable[[ProgrammeRow], Decimal | None]]] = {
    "project_status_date": ("statusUpdateTime", 1000, lambda row: row.status_update_time),
    "crediting_period_start": ("startTime", 1, lambda row: row.start_time),
    "crediting_period_end": ("endTime", 1, lambda row: row.end_time),
}
_EPOCH = date(1970, 1, 1).toordinal()
_DAY = 86_400
_DAYS = pushdown(Op.EQ, Op.GTE, Op.LTE)
_CODE = pushdown(Op.EQ, Op.IN, most=AT_ONCE, exact=False)
_STATES = {
    BALANCE: frozenset((UnitStatus.HELD,)),
    RETIREMENT: frozenset((UnitStatus.EXPORTED, UnitStatus.CANCELLED, UnitStatus.RETIRED)),
}
COLLECTIONS: dict[Entity, Collection] = {
    Entity.PROJECT: Collection(
        filters={
            "project_id": _CODE,
            "origin_project_id": _CODE,
            "project_status": pushdown(Op.EQ, Op.IN, exact=False, most=13),
            **dict.fromkeys(_DATES, _DAYS),
        },
        keys_per_call=AT_ONCE,
        totals=True,
        page_size=SIZE,
    ),
    Entity.UNIT: Collection(
        filters={
            "unit_status": pushdown(Op.EQ, Op.IN, exact=False, most=10),
            "unit_serial_id": pushdown(Op.EQ, exact=False),
        },
        parents=frozenset((Entity.PROJECT,)),
        parents_per_call=AT_ONCE,
        keys_per_call=AT_ONCE,
        page_size=SIZE,
    ),
}


def programme_asks(question: Question) -> list[Ask[Any]]:
    """The one list of programmes, narrowed.

    A status is asked for as "none of the other words": a word that nobody knows comes as well.
    """
    where: list[Where[ProgrammeRow]] = []
    for asked in question.predicates:
        if asked.field == "project_status":
            others = tuple(text for text in STAGES if UNDP_PROJECT(text) not in asked.values())
            where += _without("currentStage", others, lambda row: row.current_stage)
        elif asked.field in _DATES:
            where += _days(asked)
        elif keys := _plain_codes(asked):
            where.append(_within("programmeId", keys, lambda row: row.programme_id))
    return [Ask(PROGRAMME, tuple(where))]


def project_asks(question: Question) -> list[Ask[Any]]:
    """The second generation's list of projects, narrowed by their ids alone.

    Statuses and dates are looked at here: its columns have not been described.
    """
    where = tuple(
        _within("refId", keys, lambda row: row.ref_id)
        for asked in question.predicates
        if (keys := _plain_codes(asked))
    )
    if any(asked.field in _DATES for asked in question.predicates):
        # Dates are not in its rows, so no row of it has the date that is asked for.
        return []
    return [Ask(PROJECT, where)]


def unit_asks(question: Question) -> list[Ask[Any]]:
    """Balances, then retirements that were completed.

    Of a list that has none of the asked statuses, the blocks come whose word nobody knows.
    """
    statuses = [p.values() for p in question.predicates if p.field == "unit_status"]
    where: list[Where[BlockRow]] = []
    if question.parent is not None:
        keys = tuple(key for key in question.parent.keys if project_code(key) == key)
        if not keys:
            return []
        where.append(_within("projectId", keys, lambda row: row.project_id))
    serial = question.where("unit_serial_id")
    numbers = None if serial is None else numbers_of(str(serial.value).strip())
    if numbers is not None:
        where.append(_ending("serialNumber", numbers, lambda row: row.serial_number))
    return [
        Ask(kind, (*where, *_not_known(kind, statuses)), _kept(kind))
        for kind in (BALANCE, RETIREMENT)
    ]


def _not_known(kind: Kind[Any], statuses: Sequence[Sequence[Any]]) -> list[Where[Any]]:
    if all(_STATES[kind] & set(values) for values in statuses):
        return []
    known = [text for text, status in UNDP_UNIT.entries.items() if status in _STATES[kind]]
    spelled = tuple(dict.fromkeys(form for text in known for form in (text, text.lower())))
    if kind is BALANCE:
        return _without("type", spelled, lambda row: row.type)
    return _without("retirementType", spelled, lambda row: row.retirement_type)


def of_keys(
    kind: Kind[Any], column: str, keys: Sequence[str], read: Any
) -> list[tuple[Sequence[str], Ask[Any]]]:
    """The rows of one list that have these values, in as many asks as that takes, each with the
    values that it is made for."""
    keeps = _kept(kind)
    parts = [tuple(keys[at : at + AT_ONCE]) for at in range(0, len(keys), AT_ONCE)]
    return [(part, Ask(kind, (_within(column, part, read),), keeps)) for part in parts]


def _kept(kind: Kind[Any]) -> Callable[[Any], bool] | None:
    """Which rows are units: requests that were never carried out are none."""

    def retirement(row: RetirementRow) -> bool:
        return row.status == COMPLETED

    return retirement if kind is RETIREMENT else None


def _within(column: str, values: tuple[str, ...], read: Callable[[Any], Any]) -> Where[Any]:
    def fits(row: Any) -> bool:
        return read(row) in values

    # The software writes texts between quotes into its SQL as they come.
    quoted = [value.replace("'", "''") for value in values]
    if len(values) == 1:
        return Where(column, "=", quoted[0], fits)
    return Where(column, "in", quoted, fits)


def _ending(column: str, end: str, read: Callable[[Any], Any]) -> Where[Any]:
    """Texts with this end: the registry compares letter by letter, and nobody types capitals."""
    return Where(column, "like", f"%{end}", lambda row: str(read(row)).endswith(end))


def _without(column: str, values: Sequence[str], read: Callable[[Any], Any]) -> list[Where[Any]]:
    """None of these words; as in SQL, a row that says nothing is not among them either."""

    def unlike(value: str) -> Callable[[Any], bool]:
        return lambda row: read(row) not in (None, value)

    return [Where(column, "!=", value, unlike(value)) for value in values]


def _plain_codes(asked: Predicate) -> tuple[str, ...]:
    """The ids that are asked for, unless case could matter: SQL compares letter by letter."""
    if asked.field not in ("project_id", "origin_project_id"):
        return ()
    keys = tuple(str(value).strip() for value in asked.values())
    plain = all(key.isascii() and key.replace("-", "").isdigit() for key in keys)
    return keys if plain else ()


def _days(asked: Predicate) -> list[Where[ProgrammeRow]]:
    """Whole days in UTC, between the instants just outside them."""
    column, ticks, read = _DATES[asked.field]
    day = date.fromisoformat(str(asked.value)).toordinal() - _EPOCH
    before, after = day * _DAY * ticks - 1, (day + 1) * _DAY * ticks

    def begun(row: ProgrammeRow) -> bool:
        told = read(row)
        return told is not None and told > before

    def ended(row: ProgrammeRow) -> bool:
        told = read(row)
        return told is not None and told < after

    found = []
    if asked.op in (Op.EQ, Op.GTE):
        found.append(Where(column, ">", before, begun))
    if asked.op in (Op.EQ, Op.LTE):
        found.append(Where(column, "<", after, ended))
    return found
