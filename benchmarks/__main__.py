"""`python -m benchmarks`: us beside the gateways that a user would pick instead, in one run."""

from __future__ import annotations

import argparse
import sys

from benchmarks import bodies, peers, tools, upstream
from benchmarks.compare import compare
from benchmarks.page import page
from benchmarks.place import ROOT, WORK, BenchError, cores
from benchmarks.upstream import Mode
from gateway.sandbox.market import make

PAGE = ROOT / "docs" / "performance.md"


def main(argv: list[str] | None = None) -> int:
    """Runs, prints the page, and with `--write` keeps it as docs/performance.md."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    asked.add_argument("--quick", action="store_true", help="one round of 1 s at 1 and 16 at once")
    asked.add_argument("--no-peers", action="store_true", help="without what npm installs")
    asked.add_argument("--write", action="store_true", help="renew docs/performance.md")
    asked.add_argument("--rounds", type=int, default=0, help="rounds (3; quick: 1)")
    asked.add_argument("--seconds", type=float, default=0.0, help="of each measurement (3; 1)")
    asked.add_argument("--connections", type=int, action="append", help="how many at once")
    options = asked.parse_args(argv)
    concurrency = options.connections or ((1, 16) if options.quick else (1, 16, 64))
    rounds = options.rounds or (1 if options.quick else 3)
    try:
        tools.programs()
        pinned = cores()
        recorded = bodies.record(WORK / "bodies")
        world = bodies.small(make(scale=bodies.SCALE))
        everyone = peers.everyone(npm=not options.no_peers)
        nginx = upstream.start(recorded, WORK / "nginx", pinned.rest)
        try:
            tables = [
                compare(
                    mode,
                    everyone,
                    world,
                    recorded,
                    nginx,
                    pinned,
                    concurrency=concurrency,
                    rounds=rounds,
                    seconds=options.seconds or (1.0 if options.quick else 3.0),
                    say=lambda text: print(text, file=sys.stderr, flush=True),
                )
                for mode in Mode
            ]
        finally:
            nginx.stop()
    except BenchError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    text = page(tables, everyone)
    print(text)
    if options.write:
        PAGE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
