"""Judging rows: whether each satisfies what is checked here, read more closely where it must be.

A list row may leave open what the record's own page says. Such a record is read by its key, as
far as the budget goes; then its page decides, and is what is shown. What is still open after
that is nobody's match and nobody's miss: coverage counts it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gateway.model.question import Predicate
from gateway.model.record import Record
from gateway.stitch.closer import Closer
from gateway.stitch.filters import PARENT, Doubt, Verdict, decide, elsewhere
from gateway.stitch.parents import parents_match

Judged = tuple[Record[Any], Verdict]


async def judged(
    closer: Closer,
    rows: Sequence[Record[Any]],
    residual: tuple[Predicate, ...],
    above: tuple[Predicate, ...],
    keep: Callable[[Record[Any]], bool] | None = None,
    applied: tuple[Predicate, ...] = (),
) -> list[Judged]:
    """Each row with its verdict, in order; one that was read more closely as it was read then.

    `applied` is what the registry has checked already: of a row with odd values it is not known
    by which of them.
    """
    every = (*(one for one in applied if one not in residual), *residual)

    def judge(row: Record[Any]) -> Judged:
        verdict = decide(row, every if is_odd(row) else residual)
        return row, verdict if keep is None or (verdict and keep(row)) else False

    found = await closer.ask.federation.steps.each(judge, rows)
    open_ = [row for row, verdict in found if elsewhere(verdict)]
    if open_:
        read = await closer.read(open_)
        found = [
            (read[row.key], decide(read[row.key], every if is_odd(read[row.key]) else residual))
            if elsewhere(verdict) and row.key in read
            else (row, verdict)
            for row, verdict in found
        ]
    return await _with_parents(closer, found, above) if above else found


def is_odd(row: Record[Any]) -> bool:
    """Whether the registry wrote values into the row that could not be read."""
    return row.watch(row.row)


def own(predicates: Sequence[Predicate]) -> tuple[Predicate, ...]:
    """Those that look at the record's own fields, not at its project's."""
    return tuple(one for one in predicates if not one.field.startswith(PARENT))


async def _with_parents(
    closer: Closer, found: list[Judged], above: tuple[Predicate, ...]
) -> list[Judged]:
    asked = [row for row, verdict in found if verdict]
    told = iter(await parents_match(closer, asked, above))
    return [(row, _both(verdict, next(told)) if verdict else False) for row, verdict in found]


def _both(one: Verdict, other: Verdict) -> Verdict:
    """Kleene's "and"."""
    if not one or not other:
        return False
    return (*_doubts(one), *_doubts(other)) or True


def _doubts(verdict: Verdict) -> tuple[Doubt, ...]:
    return verdict if isinstance(verdict, tuple) else ()
