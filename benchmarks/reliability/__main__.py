"""Measures how reliable the gateway is, and writes the figures into docs/reliability.md.

    python -m benchmarks.reliability            measure and print
    python -m benchmarks.reliability --write    and write the page

Takes about three minutes, on loopback and in memory only. Exit code 1 where a promise or an
invariant did not hold; then nothing is written.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter, defaultdict

from benchmarks.reliability import document, load
from gateway.errors import RegistryError
from tests.upstream.faults import FAULTS
from tests.upstream.matrix import REGISTRIES, cell
from tests.upstream.test_chaos import BLOCKS, EACH, play
from tests.upstream.test_fault_matrix import judge


def chaos() -> str:
    """Play every schedule; an invariant that does not hold raises and names its seed."""
    seen: Counter[str] = Counter()
    began = time.perf_counter()
    schedules = BLOCKS * EACH
    registries = 0
    for seed in range(schedules):
        played = play(seed)
        registries = len(played.registries)
        for told in played.told:
            seen.update(exchange.outcome.value for exchange in told.terms.evidence.exchanges)
    return document.chaos_section(schedules, time.perf_counter() - began, seen, registries)


async def matrix() -> str:
    """Play every fault for every registry that is emulated."""
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    slowest: dict[str, float] = defaultdict(float)
    well: Counter[str] = Counter()
    for fault in FAULTS:
        for registry in REGISTRIES:
            found = await cell(registry, fault)
            judge(fault, found.told, found.evidence)
            told = found.told.outcome if isinstance(found.told, RegistryError) else "OK"
            outcomes[fault][str(told)] += 1
            slowest[fault] = max(slowest[fault], found.seconds)
            well[fault] += found.neighbour == "well"
    rows = [
        (
            fault,
            document.shown(dict(outcomes[fault])),
            f"{1000 * slowest[fault]:.0f} ms",
            "well" if well[fault] == len(REGISTRIES) else "**harmed**",
        )
        for fault in FAULTS
    ]
    return document.matrix_section(rows, len(REGISTRIES))


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="write docs/reliability.md")
    options = parser.parse_args()
    report = asyncio.run(asyncio.wait_for(load.measure(), 300))
    promises = [(promise.text, promise.kept) for promise in report.promises]
    sections = {
        "numbers": document.numbers(),
        "load": document.load_section(report.figures, promises),
        "chaos": chaos(),
        "matrix": asyncio.run(matrix()),
    }
    for name, text in sections.items():
        print(f"## {name}\n\n{text}\n")
    if not report.kept:
        return 1
    if options.write:
        document.write(sections)
    return 0


if __name__ == "__main__":
    sys.exit(main())
