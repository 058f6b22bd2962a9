"""The soak: everything mixed for twenty minutes, a moment of harm after each hundred answers.

    python -m benchmarks.reliability.soak                   twenty minutes
    python -m benchmarks.reliability.soak --minutes 2       a shorter one
    python -m benchmarks.reliability.soak --write           and write docs/reliability.md

A gateway and its registries in processes of their own. Eight clients, each from an address of its
own, ask ordinary questions without a pause and verify every answer; a ninth does harm for half a
second for each hundred of theirs, each time by another of the attacks. Every ten seconds it is
noted what the gateway holds. Exit code 1 where an answer is not signed or not valid, where one of
the attacks had no moment, or where resident memory, open files or tasks grow: the median of the
last fifth may be over that of the second fifth (the first fills the caches) by a tenth, for files
and tasks by a tenth and twenty.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle
from statistics import median
from typing import Any

from benchmarks.markdown import table
from benchmarks.reliability import document
from benchmarks.reliability.apart import Apart, State, apart
from benchmarks.reliability.friend import health
from benchmarks.reliability.hostile import ATTACKS, HEAD, Foe
from benchmarks.reliability.load import mixed
from benchmarks.reliability.verifying import KeySet, fault, signed
from gateway.web.example import SANDBOX

CLIENTS = 8
EVERY = 10.0
# Seconds that a client gives a connection for up to twenty questions.
PATIENCE = 40
GROWTH = 1.1
SPARE = 20
HOSTILE = 100
# Seconds that one hostile client goes on each time.
MOMENT = 0.5


@dataclass
class Seen:
    """What the clients saw."""

    statuses: Counter[int] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    hostile: Counter[str] = field(default_factory=Counter)
    moments: Counter[str] = field(default_factory=Counter)
    lost: int = 0

    @property
    def asked(self) -> int:
        """Ordinary requests that were answered."""
        return sum(self.statuses.values())


def questions(chance: random.Random) -> list[str]:
    """Ordinary questions, among them wide ones, pages, lookups and the schema."""
    wide = [
        f"{{ projects(first: {n}) {{ nodes {{ id projectName projectStatus sector }} }} }}"
        for n in (50, 100, 200)
    ]
    nested = [
        f"{{ projects(first: {n}) {{ nodes {{ id units(first: 3) {{ nodes {{ id }} }} }} }} }}"
        for n in (2, 5)
    ]
    schema = [
        '{ __type(name: "Project") { fields { name type { name } } } }',
        "{ registries { key } }",
    ]
    found = [*mixed() * 3, *wide, *nested, *schema, SANDBOX]
    chance.shuffle(found)
    return found


async def client(port: int, number: int, until: float, seen: Seen, keys: KeySet) -> None:
    """One ordinary client: asks, verifies, asks again; comes back where it was told to."""
    chance = random.Random(number)
    for query in cycle(questions(chance)):
        if time.monotonic() > until:
            return
        foe = Foe(port, f"127.0.0.{20 + number}", until)
        writer: asyncio.StreamWriter | None = None
        try:
            async with asyncio.timeout(PATIENCE):
                reader, writer = await foe.connect()
                for _ in range(chance.randint(1, 20)):
                    body = json.dumps({"query": query}).encode()
                    writer.write(HEAD + b"content-length: %d\r\n\r\n" % len(body) + body)
                    status, said, closes = await _whole(reader)
                    seen.statuses[status] += 1
                    if status == 200:
                        await _verify(said, query, seen, keys)
                    else:
                        await asyncio.sleep(1)
                    if closes:
                        break
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            seen.lost += 1
            await asyncio.sleep(0.5)
        finally:
            if writer is not None:
                writer.close()


async def _verify(said: bytes, query: str, seen: Seen, keys: KeySet) -> None:
    try:
        kept = signed(said, query)
    except (KeyError, ValueError):
        seen.faults["an answer is not signed"] += 1
        return
    if wrong := fault(kept, await keys.holding(kept.kid)):
        seen.faults[wrong] += 1


async def _whole(reader: asyncio.StreamReader) -> tuple[int, bytes, bool]:
    """The status, the body, and whether the gateway says that it closes the connection now."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    size = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    body = await reader.readexactly(size)
    return int(head.split(b" ", 2)[1]), body, b"\r\nconnection: close" in head


async def harm(port: int, until: float, seen: Seen) -> None:
    """One moment of harm for each hundred others' requests, by each way in turn: some send one
    request in it and some thousands, and none keeps the next way from its turn."""
    for number, (name, attack) in enumerate(cycle(ATTACKS.items())):
        while seen.asked < HOSTILE * sum(seen.moments.values()):
            if time.monotonic() > until:
                return
            await asyncio.sleep(0.1)
        if time.monotonic() > until:
            return
        foe = Foe(port, f"127.0.0.{40 + number % 50}", time.monotonic() + MOMENT)
        await _once(attack, foe)
        seen.moments[name] += 1
        seen.hostile[name] += foe.sent


async def _once(attack: Callable[[Foe], Awaitable[None]], foe: Foe) -> None:
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(MOMENT + 10):
            await attack(foe)


async def watch(here: Apart, until: float) -> list[State]:
    """What the gateway takes, every ten seconds."""
    found = []
    while time.monotonic() < until:
        await asyncio.sleep(min(EVERY, max(0.1, until - time.monotonic())))
        found.append(await here.state())
    return found


def grown(states: list[State]) -> list[str]:
    """What was not flat."""
    fifth = max(1, len(states) // 5)
    early, late = states[fifth : 2 * fifth] or states[:1], states[-fifth:]
    broken = []
    for name, spare in (("rss", 0), ("files", SPARE), ("tasks", SPARE)):
        before, after = (median(getattr(one, name) for one in part) for part in (early, late))
        if after > GROWTH * before + spare:
            broken.append(f"{name} grew from {before:,.0f} to {after:,.0f}")
    return broken


async def main(minutes: float, write: bool) -> int:
    """Run, print, and judge."""
    seen = Seen()
    async with apart() as here:
        keys = KeySet(here.port)
        until = time.monotonic() + 60 * minutes
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(watch(here, until))
            probing = group.create_task(health(here.port, 60 * minutes))
            group.create_task(harm(here.port, until, seen))
            for number in range(CLIENTS):
                group.create_task(client(here.port, number, until, seen, keys))
    states, probe = watching.result(), probing.result()
    rows = [
        (
            f"{number * EVERY:.0f} s",
            f"{one.rss / 1e6:.0f} MB",
            f"{one.kept / 1e6:.1f} MB",
            str(one.files),
            str(one.tasks),
            str(one.connections),
        )
        for number, one in enumerate(states, 1)
        if number % max(1, len(states) // 20) == 0
    ]
    text = "\n".join(
        (
            document.place(),
            f"{minutes:g} minutes, {CLIENTS} clients and the hostile one.",
            "",
            table(("after", "resident", "kept", "files", "tasks", "connections"), rows),
            f"- Answers by status: {_counted(seen.statuses)}; connections that clients left after "
            f"{PATIENCE} seconds, or lost: {seen.lost}.",
            f"- Moments of harm: {_counted(seen.moments)}.",
            f"- Requests in them: {_counted(seen.hostile)}.",
            f"- `/healthz`: p99 {1000 * probe.p99:.0f} ms, by status: {_counted(probe.statuses)}.",
        )
    )
    print(text)
    broken = [*grown(states), *(f"{count} x {what}" for what, count in seen.faults.items())]
    broken += [f"there was no moment of {name}" for name in ATTACKS if not seen.moments[name]]
    if not seen.statuses[200]:
        broken.append("nothing was answered")
    for one in broken:
        print(f"FAULT {one}")
    if write:
        faults = "".join(f"\n- Not kept: {one}." for one in broken)
        document.write({"soak": text + faults})
    return 1 if broken else 0


def _counted(many: Mapping[Any, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(many.items()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--write", action="store_true", help="write docs/reliability.md")
    options = parser.parse_args()
    sys.exit(asyncio.run(main(options.minutes, options.write)))
