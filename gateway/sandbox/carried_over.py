"""Gold Standard blocks that were CERs before: they keep the CDM's serials, each written in another
way, and the last number of a serial is the CDM's reference for the project.

One of them, and one of the registry's own blocks, is listed twice: one serial, two rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from gateway.sandbox.world import Telling, Unit

# So many projects that have issued came from the CDM, after so many that are planted otherwise.
MOVED, AFTER = 3, 2
SECOND_ROWS: Final = 3_000_001

Pair = Callable[[str, int, int, int], str]


def plain(country: str, first: int, last: int, reference: int) -> str:
    """The usual form, both ends inclusive."""
    return f"{country}-5-{first}-2-2-0-{reference} - {country}-5-{last}-2-2-0-{reference}"


def glued(country: str, first: int, last: int, reference: int) -> str:
    """Track and reference in one number, and `to` between the ends."""
    return f"{country}-5-{first}-2-2-0{reference} to {country}-5-{last}-2-2-0{reference}"


def padded(country: str, first: int, last: int, reference: int) -> str:
    """Every part with its zeros."""
    ends = (f"{country}-05-00-{n}-01-01-000-{reference}" for n in (first, last))
    return "-".join(ends)


def spaced(country: str, first: int, last: int, reference: int) -> str:
    """A blank and a no-break space where none belong: no range that can be searched for."""
    return (
        f"{country}-5- {first}-2-2-0-{reference} -\u00a0{country}-5-{last}-2-2\u00a0-0-{reference}"
    )


FORMS: Final[tuple[Pair, ...]] = (plain, glued, padded, spaced)


def carried_over(gold: Telling, cdm: Telling) -> Telling:
    """The telling with its CERs, and with what is listed twice."""
    first: dict[str, str] = {}
    for issuance in gold.issuances:
        first.setdefault(issuance.project_key, issuance.key)
    for project in gold.projects[:AFTER]:
        first.pop(project.key, None)
    origin = {key: cdm.projects[turn].number for turn, key in enumerate(list(first)[:MOVED])}
    country = {p.key: p.project_locations[0].country for p in gold.projects}
    units: list[Unit] = []
    for unit in gold.units:
        if unit.project_key not in origin or unit.issuance_key != first[unit.project_key]:
            units.append(unit)
            continue
        form = FORMS[unit.number % len(FORMS)]
        ends = int(unit.unit_block_start), int(unit.unit_block_end)
        serial = form(str(country[unit.project_key]), *ends, origin[unit.project_key])
        units.append(replace(unit, unit_serial_id=serial, key=_key(serial, unit.number)))
    twice = list(first)[MOVED - 1 : MOVED + 1]
    for number, of in enumerate(twice, SECOND_ROWS):
        found = (u for u in units if u.project_key == of and "~" in u.key)
        block = next(found, None)
        if block is None:
            continue
        again = replace(block, number=number, key=_key(block.unit_serial_id, number))
        units.append(replace(again, issued_on=f"{int(block.issued_on[:4]) - 1}-06-15"))
    return replace(gold, units=tuple(units))


def is_cer(serial: str) -> bool:
    """Whether the block is one that was carried over."""
    return not serial.startswith("GS1-")


def is_again(unit: Unit) -> bool:
    """Whether the row tells a block that another row tells already."""
    return unit.registry == "gold-standard" and unit.number in range(SECOND_ROWS, SECOND_ROWS + 9)


def _key(serial: str, row: int) -> str:
    """A serial with blanks inside cannot be searched for, so the row's number stands alone."""
    return str(row) if "\u00a0" in serial else f"{serial}~{row}"
