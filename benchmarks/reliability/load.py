"""The load test: many questions at once, and ten times more than the gateway can answer.

    python -m benchmarks.reliability.load            figures, and whether every promise was kept
    python -m benchmarks.reliability.load --json     the same for programs

Loopback only, bounded in time, ends by itself; exit code 1 where a promise was not kept.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from statistics import quantiles
from typing import Any

from benchmarks.reliability.requests import Got, connect, post
from gateway.web.example import SANDBOX

CALLERS = 200
POOL = 2000
# How much closer two calls may arrive than they were let go, on a busy machine.
JITTER = 0.1

Call = dict[str, Any]


@dataclass
class Rig:
    """A running rig and what it said of itself."""

    process: asyncio.subprocess.Process
    port: int
    politeness: dict[str, dict[str, float]]

    async def ask(self, word: str) -> Any:
        """The rig's answer to one word."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(word.encode() + b"\n")
        return json.loads(await self.process.stdout.readline())


@dataclass
class Promise:
    """What is promised, and whether it was kept."""

    text: str
    kept: bool


@dataclass
class Report:
    """The figures by name, and the promises."""

    figures: dict[str, dict[str, Any]] = field(default_factory=dict)
    promises: list[Promise] = field(default_factory=list)

    def promise(self, text: str, kept: bool) -> None:
        """Note whether this was kept."""
        self.promises.append(Promise(text, kept))

    @property
    def kept(self) -> bool:
        """Whether all were."""
        return all(promise.kept for promise in self.promises)


@asynccontextmanager
async def running(pause: float) -> AsyncIterator[Rig]:
    """A rig whose registries take so many seconds for an answer."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.reliability.rig",
        str(pause),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 26,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        said = json.loads(await asyncio.wait_for(process.stdout.readline(), 60))
        yield Rig(process, said["port"], said["politeness"])
    finally:
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 20)
        except TimeoutError:
            process.kill()
            await process.wait()


async def at_once(rig: Rig, raws: list[bytes]) -> list[Got]:
    """All these questions at the same moment, each on a connection of its own."""
    connections = [await connect(rig.port) for _ in raws]
    asked = [connection.ask(raw) for connection, raw in zip(connections, raws, strict=True)]
    answers = await asyncio.gather(*asked)
    for connection in connections:
        connection.close()
    return list(answers)


def mixed() -> list[str]:
    """Twenty different questions, wide and narrow, over all registries."""
    countries = ("KE", "BR", "IN", "ID", "CO", "PE", "GB", "US", "MX", "GH")
    projects = [
        f'{{ projects(where: {{ country: {{ eq: "{country}" }} }}, first: 10) '
        "{ nodes { id projectName } coverage { registry outcome } } }"
        for country in countries
    ]
    units = [
        f"{{ units(where: {{ vintageYear: {{ eq: {year} }} }}, first: 5) "
        "{ nodes { id unitCount } coverage { registry outcome } } }"
        for year in range(2014, 2024)
    ]
    return projects + units


def outcomes(answers: Iterable[Got]) -> Counter[str]:
    """The coverage rows of all answers, by outcome."""
    found: Counter[str] = Counter()
    for got in answers:
        if got.status == 200:
            for connection in (got.json().get("data") or {}).values():
                found.update(row["outcome"] for row in (connection or {}).get("coverage", ()))
    return found


def grouped(calls: Iterable[Call], *names: str) -> dict[tuple[Any, ...], list[Call]]:
    """The calls by the values under these names."""
    found: dict[tuple[Any, ...], list[Call]] = defaultdict(list)
    for call in calls:
        found[tuple(call[name] for name in names)].append(call)
    return found


def over_rate(calls: list[Call], rate: float, burst: float) -> bool:
    """Whether any span of time saw more calls than the declared rate and burst allow."""
    times = sorted(call["began"] for call in calls)
    return any(
        last - first + 1 > burst + (times[last] - times[first] + JITTER) * rate
        for first in range(len(times))
        for last in range(first, len(times))
    )


def most_at_once(calls: Iterable[Call]) -> int:
    """How many of the calls were under way at the same moment, at most."""
    events = [event for call in calls for event in ((call["began"], 1), (call["ended"], -1))]
    most = now = 0
    for _, step in sorted(events):
        now += step
        most = max(most, now)
    return most


def politely(report: Report, name: str, rig: Rig, calls: list[Call]) -> None:
    """Judge what the registries saw."""
    polite = rig.politeness
    over = [
        registry
        for (registry,), seen in grouped(calls, "registry").items()
        if over_rate(seen, polite[registry]["rate"], polite[registry]["burst"])
    ]
    questions = grouped(calls, "registry", "question")
    alike = max(most_at_once(same) for same in questions.values())
    refused = sum(call["status"] == 429 for call in calls)
    report.figures[name] |= {
        "upstream_calls": len(calls),
        "distinct_questions": len(questions),
        "most_alike_in_flight": alike,
        "refused_by_registries": refused,
        "registries_over_rate": len(over),
    }
    report.promise(f"{name}: every registry is asked within its declared rate", not over)
    report.promise(f"{name}: no registry had to refuse a call", refused == 0)
    report.promise(f"{name}: at most one call per distinct question in flight", alike <= 1)


async def crowds(report: Report) -> None:
    """Two hundred at once: the same question, then twenty different ones; cold gateways both."""
    for name, raws in (
        ("identical", [post(SANDBOX)] * CALLERS),
        ("mixed", [post(mixed()[n % 20]) for n in range(CALLERS)]),
    ):
        async with running(0.05) as rig:
            began = time.perf_counter()
            answers = await at_once(rig, raws)
            took = time.perf_counter() - began
            calls = await rig.ask("calls")
        statuses = Counter(str(got.status) for got in answers)
        report.figures[name] = {
            "questions": len(answers),
            "seconds": round(took, 2),
            "statuses": dict(statuses),
            "outcomes": dict(outcomes(answers)),
        }
        report.promise(f"{name}: every question is answered", set(statuses) == {"200"})
        politely(report, name, rig, calls)


async def pull(port: int, raw: bytes, seconds: float, hands: int) -> list[Got]:
    """So many hands, each asking again as soon as it has its answer."""
    until = time.perf_counter() + seconds
    found: list[Got] = []

    async def hand() -> None:
        connection = await connect(port)
        while time.perf_counter() < until:
            found.append(await connection.ask(raw))
        connection.close()

    await asyncio.gather(*(hand() for _ in range(hands)))
    return found


async def push(port: int, raw: bytes, rate: float, seconds: float) -> tuple[list[Got], float]:
    """So many questions a second, whether or not they are answered; the answers, and seconds
    until the last of them. Connections are kept, as a load balancer does, and opened before."""
    idle = [await connect(port) for _ in range(POOL)]
    waiting: set[asyncio.Task[None]] = set()
    found: list[Got] = []

    async def one() -> None:
        connection = idle.pop() if idle else await connect(port)
        found.append(await connection.ask(raw))
        if connection.open:
            idle.append(connection)

    began = time.perf_counter()
    sent = 0
    while (passed := time.perf_counter() - began) < seconds:
        while sent < rate * passed:
            task = asyncio.create_task(one())
            waiting.add(task)
            task.add_done_callback(waiting.discard)
            sent += 1
        await asyncio.sleep(0.002)
    await asyncio.gather(*waiting)
    took = time.perf_counter() - began
    for connection in idle:
        connection.close()
    return found, took


async def flood(report: Report, seconds: float) -> None:
    """Find the capacity, then offer ten times as much.

    Both are judged by the processor time that the gateway got, which is what an answer costs
    and does not depend on what else the machine does meanwhile.
    """
    raw = post(SANDBOX)
    async with running(0.0) as rig:
        await pull(rig.port, raw, 1.0, 2)
        began, used = time.perf_counter(), await rig.ask("cpu")
        calm = await pull(rig.port, raw, seconds, 8)
        capacity = len(calm) / (time.perf_counter() - began)
        calm_cpu = (await rig.ask("cpu")) - used
        used = await rig.ask("cpu")
        answers, took = await push(rig.port, raw, capacity * 10, seconds)
        flood_cpu = (await rig.ask("cpu")) - used
    good = [got for got in answers if got.status == 200]
    shed = [got for got in answers if got.status == 503]
    goodput = (len(good) / flood_cpu) / (len(calm) / calm_cpu)
    offered = len(answers) / seconds
    report.figures["overload"] = {
        "capacity_per_second": round(capacity, 1),
        "offered_per_second": round(offered, 1),
        "answered_per_second": round(len(good) / took, 1),
        "goodput_percent": round(100 * goodput),
        "answered": len(good),
        "shed": len(shed),
        "neither": len(answers) - len(good) - len(shed),
        "calm_p50_ms": milliseconds(calm, 50),
        "answered_p50_ms": milliseconds(good, 50),
        "answered_p99_ms": milliseconds(good, 99),
        "shed_p50_ms": milliseconds(shed, 50),
        "shed_p99_ms": milliseconds(shed, 99),
    }
    told = bool(shed) and all(got.retry_after for got in shed)
    report.promise("overload: ten times the capacity was really offered", offered >= 9.5 * capacity)
    report.promise("overload: goodput stays at 80 % of capacity or more", goodput >= 0.8)
    report.promise(
        "overload: the rest is told 503 and when to return",
        told and len(good) + len(shed) == len(answers),
    )


def milliseconds(answers: list[Got], percent: int) -> int | None:
    """A percentile of the answers' times."""
    if len(answers) < 2:
        return None
    return round(1000 * quantiles([got.seconds for got in answers], n=100)[percent - 1])


async def measure(seconds: float = 8.0) -> Report:
    """All of it, in about a minute."""
    report = Report()
    await crowds(report)
    await flood(report, seconds)
    return report


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="figures for programs")
    parser.add_argument("--seconds", type=float, default=8.0, help="for each part of the flood")
    options = parser.parse_args()
    report = asyncio.run(asyncio.wait_for(measure(min(options.seconds, 60.0)), 300))
    if options.json:
        print(json.dumps({**report.figures, "promises": [asdict(p) for p in report.promises]}))
    else:
        for name, figures in report.figures.items():
            print(name)
            for key, value in figures.items():
                print(f"  {key:24} {value}")
        for promise in report.promises:
            print(f"{'kept  ' if promise.kept else 'BROKEN'} {promise.text}")
    return 0 if report.kept else 1


if __name__ == "__main__":
    sys.exit(main())
