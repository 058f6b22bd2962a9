"""What a quiet client feels of others: two that abuse the gateway, and three attacks at once.

    python -m benchmarks.reliability.fairness              about a minute and a half
    python -m benchmarks.reliability.fairness --json       the same for programs

Ratios of the quiet client's median to that of an idle gateway, and the p99 of /healthz. Exit code
1 where a median is over three times that of idle, or /healthz over 250 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys

from benchmarks.markdown import table
from benchmarks.reliability.apart import apart
from benchmarks.reliability.attacks import HEALTH, LEAST, MEDIAN, hostile, idle
from benchmarks.reliability.friend import health, quiet
from benchmarks.reliability.verifying import KeySet

CROWDS = {
    "two that ask what is dear": ("dear", "large"),
    "two that send what is dear to read": ("bombs", "introspection"),
    "two that send as much as they can": ("rubbish", "variables"),
    "three attacks at once": ("bombs", "large", "slow_heads"),
}


async def measure(seconds: float) -> dict[str, dict[str, float]]:
    """The quiet client's median and the p99 of health, alone and in each crowd."""
    async with apart() as here:
        keys = KeySet(here.port)
        alone = await idle(here.port, seconds, keys)
        probe = await health(here.port, seconds)
        found = {"nobody else": {"ms": 1000 * alone.p50, "ratio": 1.0, "health": probe.p99}}
        for name, chosen in CROWDS.items():
            before = await here.state()
            attacking = asyncio.create_task(hostile(here.port, seconds + 4, chosen))
            await asyncio.sleep(3)
            other, probe = await asyncio.gather(
                quiet(here.port, seconds, keys), health(here.port, seconds)
            )
            await attacking
            after = await here.state()
            found[name] = {
                "ms": 1000 * other.p50,
                "ratio": max(other.p50, LEAST) / max(alone.p50, LEAST),
                "health": probe.p99,
                "told_later": after.limited - before.limited,
                "invalid": len(other.faults),
            }
            await asyncio.sleep(2)
    return found


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--seconds", type=float, default=12.0, help="in each crowd")
    options = parser.parse_args()
    found = asyncio.run(measure(options.seconds))
    if options.json:
        print(json.dumps(found))
    else:
        rows = [
            (
                name,
                f"{one['ms']:.1f} ms",
                f"{one['ratio']:.2f}",
                f"{1000 * one['health']:.0f} ms",
                f"{one.get('told_later', 0):.0f}",
            )
            for name, one in found.items()
        ]
        head = ("beside", "median of a quiet client", "of idle", "/healthz p99", "told later")
        print(table(head, rows))
    kept = all(
        one["ratio"] <= MEDIAN and one["health"] <= HEALTH and not one.get("invalid", 0)
        for one in found.values()
    )
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
