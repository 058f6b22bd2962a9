"""Resident memory over the walk of a market of real size, and when nothing is asked any more.

    python -m benchmarks.memory                  about six minutes
    python -m benchmarks.memory --share 0.1      a market of a tenth, for a look
    python -m benchmarks.memory --write          and write the section of docs/reliability.md

The registries are in a process of their own, the gateway is `cgw serve` with its usual settings,
and a client reads all projects and all units, 500 a page, verifying each answer. What counts is
the gateway's resident memory and, of the processes that decode for it, their share in proportion.
Exit code 1 where it is over 200 MB after a walk, over 150 MB when nothing was asked for a while,
or where an answer was not whole, not signed or not valid.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path
from typing import Any

from benchmarks.markdown import table
from benchmarks.memory.walk import FIRST, PROJECTS, UNITS, Client, Walked
from benchmarks.memory.watch import Held, Watch, held, settled
from benchmarks.ours import keys, served
from benchmarks.place import WORK, cores
from benchmarks.process import Process
from benchmarks.reliability import document

AFTER, IDLE = 200_000_000, 150_000_000
LEAST = {"projects": 10_574, "units": 20_895}
WALKS = {"projects": (PROJECTS, 5), "units": (UNITS, 0)}


@contextmanager
def market(share: float) -> Iterator[dict[str, Any]]:
    """The registries, in another process: their settings, and how many records they tell of."""
    command = [sys.executable, "-m", "benchmarks.memory.market", str(share)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.stdin.close()


def settings(told: dict[str, Any]) -> Path:
    """A file of settings that says nothing but where the registries are."""
    folder = WORK / "memory"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"only = {json.dumps(','.join(told))}", "[signing]", f'keys_dir = "{keys()}"']
    for key, one in told.items():
        lines.append(f"[registries.{key}]")
        lines += [f"{name} = {_toml(value)}" for name, value in one.items() if value]
    path = folder / "cgw.toml"
    path.write_text("\n".join(lines) + "\n")
    return path


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {_toml(v)}" for k, v in value.items()) + "}"
    return json.dumps(value)


class Report:
    """The rows of the table, and what was over its limit."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, ...]] = []
        self.broken: list[str] = []

    def note(self, when: str, seen: Held, peak: int | None = None, limit: int = 0) -> None:
        """A row, held to its limit where it has one."""
        verdict = "" if not limit else "kept" if seen.judged <= limit else "**over**"
        if limit and seen.judged > limit:
            self.broken.append(f"{when}: {_mb(seen.judged)} is over {_mb(limit)}")
        shown = "" if peak is None else _mb(peak)
        sizes = (_mb(seen.rss), _mb(seen.pss), _mb(seen.decoding), _mb(seen.judged), shown)
        bound = f"{_mb(limit)}: {verdict}" if limit else ""
        self.rows.append((when, *sizes, bound))
        print("  ".join(self.rows[-1]), flush=True)

    def walked(self, seen: Walked, expected: int) -> None:
        """What a walk brought, held to what there is."""
        print(
            f"{seen.name}: {seen.records:,} of {expected:,} records in {seen.pages} pages, "
            f"{seen.sent / 1e6:.0f} MB, {seen.seconds:.0f} s, {dict(seen.faults) or 'no fault'}",
            flush=True,
        )
        self.broken += [f"{seen.name}: {count} x {what}" for what, count in seen.faults.items()]

    @property
    def table(self) -> str:
        """The whole table."""
        head = ("when", "resident", "in proportion", "decoding", "counts", "peak", "limit")
        return table(head, self.rows)


def _mb(size: int) -> str:
    return f"{size / 1e6:.0f} MB"


def measure(
    process: Process, counted: dict[str, int], idle: float, most: float, report: Report
) -> list[Walked]:
    """The walks, one after the other, each followed by a time with nothing asked."""
    client, walks = Client(process.port), []
    report.note("at the start", held(process))
    for name, (query, issuances) in WALKS.items():
        with Watch(process) as watch:
            seen = client.walk(name, query, issuances=issuances, most=most)
        walks.append(seen)
        report.walked(seen, counted[name])
        report.note(f"at the most while walking {name}", watch.most, watch.peak)
        report.note(f"after walking {name}", held(process), limit=AFTER)
        quiet, first = settled(process, idle, IDLE)
        report.note(f"{idle:.0f} seconds later", quiet, limit=IDLE)
        print(f"  below {_mb(IDLE)} after {first:.0f} s", flush=True)
    return walks


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--share", type=float, default=1.0, help="of the market")
    parser.add_argument("--idle", type=float, default=90.0, help="seconds with nothing asked")
    parser.add_argument("--most", type=float, default=inf, help="records of each list to walk")
    parser.add_argument("--write", action="store_true", help="write docs/reliability.md")
    options = parser.parse_args()
    report = Report()
    with market(options.share) as told:
        counted = told["counted"]
        small = [name for name, least in LEAST.items() if counted[name] < least]
        with served("memory", settings(told["settings"]), cores().gateway) as process:
            walks = measure(process, counted, options.idle, options.most, report)
    if small:
        print(f"this market is smaller than a real one: {', '.join(small)}")
    print(report.table)
    for one in report.broken:
        print(f"FAULT {one}")
    if report.broken:
        return 1
    if options.write and not small:
        document.write({"memory": _section(walks, report)})
    return 0


def _section(walks: list[Walked], report: Report) -> str:
    said = " and ".join(f"{one.records:,} {one.name} in {one.pages} pages" for one in walks)
    return f"{document.place()}\n{said}, of up to {FIRST} each.\n\n{report.table}".rstrip()


if __name__ == "__main__":
    sys.exit(main())
