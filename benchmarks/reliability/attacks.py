"""Every attack, one at a time and three at once: what it costs the others.

    python -m benchmarks.reliability.attacks                 all of them; about a quarter of an hour
    python -m benchmarks.reliability.attacks dear,bombs      these at once, and no others
    python -m benchmarks.reliability.attacks --seconds 20    longer under each
    python -m benchmarks.reliability.attacks --write         and write docs/reliability.md

A gateway and the registries that it asks run in processes of their own, and so does each attack,
from an address of its own. Meanwhile another client asks ordinary questions and verifies every
answer, and a probe asks for health. Times are ratios within the run. Exit code 1 where /healthz
has a p99 over 250 ms, where the other client's median is over three times that of an idle gateway,
where one of its answers does not verify, or where a minute later the memory is not back within a
fifth of what it was.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from dataclasses import dataclass

from benchmarks.markdown import table
from benchmarks.reliability import document
from benchmarks.reliability.apart import Apart, apart
from benchmarks.reliability.friend import Found, health, quiet
from benchmarks.reliability.hostile import ATTACKS
from benchmarks.reliability.verifying import KeySet

HEALTH = 0.25
MEDIAN = 3.0
MEMORY = 1.2
# Medians below this are not told apart on a busy machine.
LEAST = 0.01
MINUTE = 60
THREE = (
    ("bombs", "dear", "slow_heads"),
    ("large", "slow_readers", "rubbish"),
    ("introspection", "variables", "connections"),
    ("leavers", "slow_bodies", "pipelines"),
    ("headers", "dear", "large"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """What an attack cost."""

    attack: str
    median: float
    health: float
    memory: float
    after: int
    answered: int
    refused: int
    sent: int
    faults: tuple[str, ...]

    @property
    def broken(self) -> list[str]:
        """The limits that did not hold."""
        found = [f"{self.attack}: {fault}" for fault in self.faults]
        if self.median > MEDIAN:
            found.append(f"{self.attack}: the other client's median is {self.median:.1f} of idle")
        if self.health > HEALTH:
            found.append(f"{self.attack}: the p99 of /healthz is {1000 * self.health:.0f} ms")
        if self.memory > MEMORY:
            found.append(f"{self.attack}: memory is {self.memory:.2f} of what it was")
        return found


async def hostile(port: int, seconds: float, chosen: tuple[str, ...]) -> int:
    """The attacks at once, in a process of their own; gives how many requests they sent."""
    pairs = [word for n, name in enumerate(chosen) for word in (name, f"127.0.0.{11 + n}")]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.reliability.hostile", str(port), str(seconds), *pairs),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    said, _ = await process.communicate()
    return sum(json.loads(said).values()) if said else 0


async def idle(port: int, seconds: float, keys: KeySet) -> Found:
    """The other client alone, once the caches hold what they may: everything that it asks has been
    asked, and so has what attacks ask for, in vain or not."""
    await quiet(port, seconds, keys)
    for chosen in (("large", "dear"), ("bombs", "introspection")):
        await hostile(port, seconds, chosen)
    await asyncio.sleep(2)
    return await quiet(port, seconds, keys)


async def under(
    here: Apart, chosen: tuple[str, ...], seconds: float, alone: Found, keys: KeySet
) -> Row:
    """What the others find while these attacks go on, and the memory afterwards."""
    before = await here.state("collect")
    attacking = asyncio.create_task(hostile(here.port, seconds + 4, chosen))
    await asyncio.sleep(3)
    other, probe = await asyncio.gather(quiet(here.port, seconds, keys), health(here.port, seconds))
    sent = await attacking
    after = 0
    now = await here.state()
    while now.rss > MEMORY * before.rss and after < MINUTE:
        await asyncio.sleep(5)
        after += 5
        now = await here.state()
    shed = now.limited + now.shed - before.limited - before.shed
    return Row(
        " + ".join(chosen),
        max(other.p50, LEAST) / max(alone.p50, LEAST),
        probe.p99,
        now.rss / before.rss,
        after,
        other.statuses["200"],
        shed,
        sent,
        tuple(sorted(set(other.faults))),
    )


async def main(only: tuple[str, ...], seconds: float, write: bool) -> int:
    """Measure, print, and write where all were measured; the exit code."""
    plan = [only] if only else [*((name,) for name in ATTACKS), *THREE]
    rows: list[Row] = []
    async with apart() as here:
        keys = KeySet(here.port)
        alone = await idle(here.port, max(seconds, 6), keys)
        probe = await health(here.port, max(seconds, 6))
        for chosen in plan:
            rows.append(await under(here, chosen, seconds, alone, keys))
            print(_shown(rows[-1]), file=sys.stderr, flush=True)
            # What is told to come back later has done so.
            await asyncio.sleep(2)
    head = ("attack", "median", "/healthz p99", "memory", "after", "answered", "told later", "sent")
    text = (
        f"{document.place()}\nIdle: a median of {1000 * alone.p50:.1f} ms, "
        f"{alone.statuses['200']} answers, a p99 of /healthz of {1000 * probe.p99:.1f} ms; "
        f"{seconds:g} seconds under each.\n\n{table(head, [_cells(row) for row in rows])}"
    )
    print(text)
    broken = [fault for row in rows for fault in row.broken]
    for fault in broken:
        print(f"FAULT {fault}")
    if write and not only:
        faults = "".join(f"- Not kept: {fault}.\n" for fault in broken)
        document.write({"attacks": f"{text}\n{faults}".rstrip()})
    return 1 if broken else 0


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.attack,
        f"{row.median:.2f} of idle",
        f"{1000 * row.health:.0f} ms",
        f"{row.memory:.2f}",
        f"{row.after} s",
        f"{row.answered:,}",
        f"{row.refused:,}",
        f"{row.sent:,}",
    )


def _shown(row: Row) -> str:
    return "  ".join(_cells(row))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("attacks", nargs="?", default="", help=", ".join(ATTACKS))
    parser.add_argument("--seconds", type=float, default=12.0, help="under each")
    parser.add_argument("--write", action="store_true", help="write docs/reliability.md")
    options = parser.parse_args()
    named = tuple(word for word in options.attacks.split(",") if word)
    if unknown := [word for word in named if word not in ATTACKS]:
        parser.error(f"there is no attack {unknown[0]}; there are: {', '.join(ATTACKS)}")
    sys.exit(asyncio.run(main(named, options.seconds, options.write)))
