"""What the gateway's processor time is spent on: samples of it under load, by part and by place."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks import load, ours, process
from benchmarks.place import ROOT, BenchError, Cores, free_port
from benchmarks.process import Process
from benchmarks.site import APPS, Site

AT_ONCE = 16
# Where the stack ends when no part of ours is at work.
_RUNNING = ("gateway.running", "gateway.serve", "gateway.cli", "uvicorn.server", "benchmarks.apps")
LOOP = "event loop, sockets"
_MOST = 9


@dataclass(frozen=True, slots=True)
class Profile:
    """One question under load: milliseconds of processor time per answer, and how the samples
    share them, by part and by the places that took most."""

    question: str
    ms: float
    samples: int
    parts: dict[str, float]
    places: dict[str, float]


def profile(
    site: Site, questions: Mapping[str, str], cores: Cores, seconds: float
) -> list[Profile]:
    """Serves as usual but for the samples, and asks one question after the other.

    Raises:
        BenchError: the gateway failed, or told nothing.
    """
    told = site.folder / "samples.json"
    port = free_port()
    command = [sys.executable, str(APPS / "sampled.py"), str(told), "serve"]
    command += ["--config", str(ours.config(site)), "--port", str(port)]
    found = []
    with process.start(
        "sampled", command, port, site.core, site.folder, environ=ours.environ(), cwd=ROOT
    ) as gateway:
        for question, text in questions.items():
            load.run(port, text, AT_ONCE, 1.0, cores.rest, site.folder)
            _samples(gateway, told)
            before = gateway.cpu_seconds()
            answers = load.run(port, text, AT_ONCE, seconds, cores.rest, site.folder).answers
            spent = gateway.cpu_seconds() - before
            ms = spent / max(1, answers) * 1000
            found.append(shared(question, ms, _samples(gateway, told)))
    return found


def shared(question: str, ms: float, samples: Mapping[str, int]) -> Profile:
    """The samples as shares of one."""
    total = max(1, sum(samples.values()))
    parts: Counter[str] = Counter()
    for place, count in samples.items():
        parts[part(place)] += count
    places = Counter(dict(samples)).most_common(_MOST)
    return Profile(
        question,
        ms,
        sum(samples.values()),
        {name: count / total for name, count in parts.most_common()},
        {name: count / total for name, count in places if part(name) != LOOP},
    )


def part(place: str) -> str:
    """The part that a place belongs to: our packages, or the library."""
    module = place.partition(":")[0]
    if module.startswith(_RUNNING) or module == "python":
        return LOOP
    if module.startswith("projection of "):  # written by the engine for an operation
        return "gateway.engine"
    names = module.split(".")
    if names[0] == "gateway" and len(names) > 2:
        return f"gateway.{names[1]}"
    return names[0]


def _samples(gateway: Process, told: Path) -> dict[str, int]:
    told.unlink(missing_ok=True)
    gateway.popen.send_signal(signal.SIGUSR1)
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if told.exists():
            found: dict[str, int] = json.loads(told.read_text())
            return found
        time.sleep(0.01)
    raise BenchError(f"the gateway told no samples: {gateway.said()}")
