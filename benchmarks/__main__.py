"""`python -m benchmarks`: us beside the gateways that a user would pick instead, in one run."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from benchmarks import bodies, ours, peers, results, tools, upstream
from benchmarks.bodies import Bodies
from benchmarks.compare import compare
from benchmarks.growth import grow
from benchmarks.page import page, plots
from benchmarks.place import ROOT, WORK, BenchError, Cores, cores
from benchmarks.results import Results
from benchmarks.site import Site
from benchmarks.starts import starts
from benchmarks.upstream import Mode
from benchmarks.versions import machine, versions
from gateway.sandbox.market import make

PAGE = ROOT / "docs" / "performance.md"
KEPT = WORK / "results.json"


def main(argv: list[str] | None = None) -> int:
    """Runs, prints the page, and with `--write` keeps it as docs/performance.md."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    asked.add_argument("--quick", action="store_true", help="one round of 1 s at 1 and 16 at once")
    asked.add_argument("--no-peers", action="store_true", help="without what npm installs")
    asked.add_argument("--growth", action="store_true", help="only how cost grows")
    asked.add_argument("--no-growth", action="store_true", help="all but how cost grows")
    asked.add_argument("--page", action="store_true", help="only the page, of the last run")
    asked.add_argument("--write", action="store_true", help="renew docs/performance.md")
    asked.add_argument("--rounds", type=int, default=0, help="rounds (3; quick: 1)")
    asked.add_argument("--seconds", type=float, default=0.0, help="of each measurement (2; 1)")
    asked.add_argument("--connections", type=int, action="append", help="how many at once")
    asked.add_argument("--mode", choices=[m.value for m in Mode], action="append", help="of bodies")
    options = asked.parse_args(argv)
    try:
        found = results.kept(KEPT) if options.page or options.growth else Results()
        if not options.page:
            try:
                run(found, options)
            finally:
                found.keep(KEPT)  # a mode that was measured is not lost to one that failed
    except BenchError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    text = page(found)
    print(text)
    if options.write:
        write(found, text)
    return 0


def run(found: Results, options: argparse.Namespace) -> None:
    """Measures what was asked for.

    Raises:
        BenchError: something is missing, or the run cannot be trusted.
    """
    tools.programs()
    pinned = cores()
    # Who asks must not stand in the way of the gateway.
    os.sched_setaffinity(0, {pinned.rest})
    recorded = bodies.record(WORK / "bodies")
    found.machine = machine()
    if not options.growth:
        found.tables, found.starts = [], []
        _compared(found, recorded, pinned, options)
        found.versions = versions(npm=not options.no_peers)
    if not options.no_growth:
        found.growth = grow(recorded, pinned, quick=options.quick, say=_say)


def write(found: Results, text: str) -> None:
    """Keeps the page and its plots; plots that are of no run any more go away."""
    PAGE.write_text(text, "utf-8")
    folder = PAGE.with_suffix("")
    folder.mkdir(exist_ok=True)
    drawn = plots(found)
    for old in folder.glob("*.svg"):
        if old.name not in drawn:
            old.unlink()
    for name, plot in drawn.items():
        (folder / name).write_text(plot, "utf-8")


def _compared(found: Results, recorded: Bodies, pinned: Cores, options: argparse.Namespace) -> None:
    rounds = options.rounds or (1 if options.quick else 3)
    seconds = options.seconds or (1.0 if options.quick else 2.0)
    concurrency: Sequence[int] = options.connections or ((1, 16) if options.quick else (1, 16, 64))
    found.how = f"rounds: {rounds}, each {seconds:g} s"
    world = bodies.small(make(scale=bodies.SCALE))
    everyone = peers.everyone(npm=not options.no_peers)
    nginx = upstream.start(recorded, WORK / "nginx", pinned.rest)
    try:
        for mode in Mode:
            if options.mode and mode.value not in options.mode:
                continue
            table = compare(
                mode,
                everyone,
                world,
                recorded,
                nginx,
                pinned,
                concurrency=concurrency,
                rounds=rounds,
                seconds=seconds,
                say=_say,
            )
            found.tables.append(table)
        site = Site(nginx.url(Mode.UNCHANGED), Mode.UNCHANGED, pinned.gateway, recorded)
        found.starts = starts(lambda: ours.gateway(site))
    finally:
        nginx.stop()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
