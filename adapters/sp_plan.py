"""From a question to searches on the S&P Global registry platform.

Only filter types that are proven to narrow are used: equality on text, numbers and booleans, and
lists of texts. Dates and ranges are ignored by the platform, so they are never sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from adapters.sp_rows import Ledger
from adapters.sp_search import Criterion
from gateway.harmonise.statuses import VERRA_UNIT
from gateway.harmonise.table import Table
from gateway.model.entity import Entity
from gateway.model.picklists import UnitStatus
from gateway.model.question import Collection, Op, Predicate, about, pushdown

# The longest vintage seen is 23 years (planned units of a reforestation project).
LONGEST_VINTAGE = 50
_SMALL_WORDS = frozenset(("and", "by", "for", "from", "of", "or", "see", "the", "to"))

# What a row of the holdings can be. The other statuses have ledgers of their own.
HOLDING_STATUSES = (UnitStatus.HELD, UnitStatus.INACTIVE)
STATUS = "status"
UNIT_LEDGERS = (Ledger.HOLDINGS, Ledger.RETIREMENTS, Ledger.CANCELLATIONS)

Step = tuple[Ledger, tuple[Criterion, ...]]


def collections(ledgers: Iterable[Ledger], rows: dict[Ledger, int]) -> dict[Entity, Collection]:
    """What can be asked; `rows` is how many rows a ledger had when it was last counted."""
    present = set(ledgers)

    def calls(*parts: Ledger) -> int | None:
        counted = [-(-rows[part] // 400) for part in parts if part in present and part in rows]
        return sum(counted) if counted else None

    one = pushdown(Op.EQ, Op.IN, most=50)
    of_project = pushdown(Op.EQ, Op.IN, most=100)
    named = pushdown(Op.EQ, Op.IN, exact=False, most=50)
    vintage = pushdown(Op.EQ, Op.IN, most=3)
    found = {
        Entity.PROJECT: Collection(
            filters={"project_id": of_project, "project_status": named, "country": named},
            keys_per_call=100,
            totals=True,
            page_size=400,
            full_scan_calls=calls(Ledger.PROJECT),
            expected=about(rows.get(Ledger.PROJECT)),
        )
    }
    if Ledger.ISSUANCES in present:
        found[Entity.ISSUANCE] = Collection(
            filters={
                "issuance_id": one,
                "unit_serial_id": one,
                "vintage_year": vintage,
                "project.project_id": of_project,
            },
            parents=frozenset((Entity.PROJECT,)),
            parents_per_call=100,
            keys_per_call=50,
            totals=True,
            page_size=400,
            full_scan_calls=calls(Ledger.ISSUANCES),
            expected=about(rows.get(Ledger.ISSUANCES)),
        )
    found[Entity.UNIT] = Collection(
        filters={
            "unit_serial_id": one,
            "unit_status": pushdown(Op.EQ, Op.IN, exact=False, most=len(UnitStatus)),
            "vintage_year": vintage,
            "project.project_id": of_project,
        },
        parents=frozenset((Entity.PROJECT,)),
        parents_per_call=100,
        keys_per_call=50,
        totals=True,
        page_size=400,
        full_scan_calls=calls(*UNIT_LEDGERS),
    )
    return found


def of_projects(keys: Iterable[str]) -> Criterion | None:
    """Rows of these projects; None where no key can be a project's."""
    numbers = tuple(dict.fromkeys(key for key in keys if key.isdecimal() and key.isascii()))
    if not numbers:
        return None
    return Criterion("projectId", numbers, "Number")


def of_serials(ledger: Ledger, serials: Sequence[str]) -> Criterion:
    """Rows with these serials, as they are given or in capitals."""
    column = "serial_no" if ledger is Ledger.CANCELLATIONS else "serialNo"
    texts = (text.strip() for text in serials)
    return Criterion(
        column, tuple(dict.fromkeys(t for text in texts for t in (text, text.upper())))
    )


def of_vintages(years: Iterable[int]) -> Criterion:
    """Rows whose vintage ends in one of the years: written `2004` or `2003 - 2004`."""
    texts: list[str] = []
    for year in years:
        texts.append(str(year))
        texts += [f"{start} - {year}" for start in range(year, year - LONGEST_VINTAGE - 1, -1)]
    return Criterion("vintage", tuple(texts))


def unit_steps(ledgers: Sequence[Ledger], status: Predicate | None) -> list[Step]:
    """The ledgers that hold units of the wanted statuses; all of them where none is named."""
    units = [ledger for ledger in UNIT_LEDGERS if ledger in ledgers]
    if status is None:
        return [(ledger, ()) for ledger in units]
    wanted = set(status.values())
    steps: list[Step] = []
    for ledger in units:
        if ledger is Ledger.HOLDINGS:
            steps += [(ledger, criteria) for criteria in _holdings(wanted)]
        elif _STATUS_OF[ledger] in wanted:
            steps.append((ledger, ()))
    return steps


def _holdings(wanted: set[UnitStatus]) -> list[tuple[Criterion, ...]]:
    found: list[tuple[Criterion, ...]] = []
    plain = wanted.intersection(HOLDING_STATUSES)
    texts = spellings(VERRA_UNIT, plain)
    if texts:
        outside = Criterion("isBuffer", ("false",), "Boolean")
        found.append((outside, Criterion(STATUS, texts, exact=False)))
    if UnitStatus.BUFFER in wanted:
        found.append((Criterion("isBuffer", ("true",), "Boolean"),))
    return found


_STATUS_OF = {
    Ledger.RETIREMENTS: UnitStatus.RETIRED,
    Ledger.CANCELLATIONS: UnitStatus.CANCELLED,
}


def spellings(table: Table[Any], wanted: Iterable[object] | None = None) -> tuple[str, ...]:
    """The texts that the table reads as one of the wanted values (None: as any value).

    Notes write statuses in sentence case and the platform in title case: both are given.
    """
    accepted = None if wanted is None else set(wanted)
    return tuple(
        dict.fromkeys(
            text
            for raw, title, value in _titled(table)
            if accepted is None or value in accepted
            for text in (raw, title)
        )
    )


@cache
def _titled(table: Table[Any]) -> tuple[tuple[str, str, Any], ...]:
    """Each text of a table with its title case and its value: worked out once, since the names of
    all countries take milliseconds."""
    return tuple((raw, _title(raw), value) for raw, value in table.entries.items())


def _title(text: str) -> str:
    words = text.split()
    return " ".join(
        word if at and word.lower() in _SMALL_WORDS else word[:1].upper() + word[1:]
        for at, word in enumerate(words)
    )
