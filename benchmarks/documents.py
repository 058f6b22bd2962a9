"""What reading a document costs: time by its length, time on the event loop, and memory.

    python -m benchmarks.documents            print
    python -m benchmarks.documents --json     the same for programs

All figures are ratios within the run, or seconds of processor time. Exit code 1 where a kind of
document takes more than linear time, where one holds the event loop for more than 50 ms, or where
what a kept document takes is not what the cache believes.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import sys
import time
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from benchmarks.markdown import table
from gateway.assemble import assemble
from gateway.config import LimitSettings
from gateway.demo import settings
from gateway.engine.document import Documents
from gateway.engine.operation import GraphQLRequest
from gateway.errors import GatewayError
from gateway.provenance.keys import throw_away_signer
from gateway.sandbox.runner import Sandbox
from gateway.schema.build import core_schema
from gateway.stitch.ask import Ask
from gateway.upstream.terms import Terms
from tests.adversarial.bombs import BOMBS, NAMED, sized

SMALL, LARGE = 6_000, 12_000
# Twice the text may take twice the time; the rest is what small things cost beside that.
MOST_GROWTH = 3.0
MOST_ON_LOOP = 0.05
# What is believed, over what is taken.
BELIEVED = (0.5, 3.0)
LIMITS = LimitSettings()


def took(work: Callable[[], Any], clock: Callable[[], float], times: int = 5) -> float:
    """The least seconds of several tries."""
    found = []
    for _ in range(times):
        began = clock()
        with suppress(GatewayError):
            work()
        found.append(clock() - began)
    return min(found)


def growth() -> list[dict[str, Any]]:
    """For each kind, how much longer twice the text takes, and the processor time of it."""
    schema = core_schema()
    rows = []
    for name, make in BOMBS.items():
        asked = "Asked" if name in NAMED else None
        seconds = []
        for chars in (SMALL, LARGE):
            text = sized(make, chars)
            seconds.append(
                took(lambda: Documents(schema, LIMITS).operation(text, asked), time.process_time)  # noqa: B023
            )
        # Below a few milliseconds, growth says nothing.
        grown = seconds[1] / max(seconds[0], 0.004)
        again = Documents(schema, LIMITS)
        with suppress(GatewayError):
            again.operation(text, asked)
        second = took(lambda: again.operation(text, asked), time.process_time)  # noqa: B023
        rows.append(
            {
                "kind": name,
                "ms": round(1000 * seconds[1], 1),
                "growth": round(grown, 2),
                "again": round(second / seconds[1], 3),
            }
        )
    return rows


async def on_loop() -> dict[str, float]:
    """The longest time for which the event loop's own thread was busy with one document."""
    schema = core_schema()
    found: dict[str, float] = {}
    for name, make in BOMBS.items():
        text = sized(make, 30_000)
        best = 1.0
        for _ in range(3):
            documents = Documents(schema, LIMITS)
            began = time.thread_time()
            with suppress(GatewayError):
                await documents.prepared(text, "Asked" if name in NAMED else None)
            best = min(best, time.thread_time() - began)
        found[name] = best
    return found


async def memory(many: int = 40) -> dict[str, float]:
    """What documents take that are kept, as a ratio of what the cache believes; and what is left
    of as many that are asked once."""
    async with Sandbox() as sandbox:
        gateway = assemble(settings(sandbox, "127.0.0.1", 0), signer=throw_away_signer())
        await gateway.start()
        executor: Any = gateway.endpoint.executor

        async def ask(query: str) -> None:
            terms = Terms(gateway.clock.monotonic() + 20)
            await executor.execute(GraphQLRequest(query), Ask(gateway.federation, terms))

        wide = "id projectName projectStatus sector { id } projectType registry projectId"
        fields = wide.replace("sector { id }", "sector")
        question = (
            "{ a: projects(first: 40) { nodes { %s units(first: 2) { nodes { id unitStatus "
            "unitCount vintageYear } } } } b: units(first: 40) { nodes { id unitStatus project { "
            "id projectName } } } } # %d"
        )
        try:
            for number in range(3):
                await ask(question % (fields, -1 - number % 2))
            gc.collect()
            tracemalloc.start()
            before, size = tracemalloc.get_traced_memory()[0], executor.documents.size
            for number in range(many):
                await ask(question % (fields, number))
            gc.collect()
            once = tracemalloc.get_traced_memory()[0] - before
            for number in range(many):
                await ask(question % (fields, number))
            gc.collect()
            taken = tracemalloc.get_traced_memory()[0] - before
            believed = executor.documents.size - size
        finally:
            tracemalloc.stop()
            await gateway.close()
    return {
        "believed_by_taken": round(believed / (taken - once), 2),
        "once_by_kept": round(once / (taken - once), 2),
        "kb_each": round((taken - once) / many / 1000, 1),
    }


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    rows = growth()
    loop = asyncio.run(on_loop())
    kept = asyncio.run(memory())
    kind, longest = max(loop.items(), key=lambda item: item[1])
    faults = [
        f"{row['kind']} grows by {row['growth']}" for row in rows if row["growth"] > MOST_GROWTH
    ]
    if longest > MOST_ON_LOOP:
        faults.append(f"{kind} holds the event loop for {1000 * longest:.0f} ms")
    if not BELIEVED[0] <= kept["believed_by_taken"] <= BELIEVED[1]:
        faults.append(f"what is kept takes another {kept['believed_by_taken']} of what is believed")
    if options.json:
        print(json.dumps({"kinds": rows, "on_loop": loop, "memory": kept, "faults": faults}))
        return 1 if faults else 0
    shown = [(row["kind"], f"{row['ms']} ms", row["growth"], row["again"]) for row in rows]
    print(table(("kind", f"{LARGE:,} characters", "by half of it", "the second time"), shown))
    print(f"\nlongest on the event loop: {1000 * longest:.1f} ms ({kind})")
    print(f"memory: {kept}")
    for fault in faults:
        print(f"FAULT {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
