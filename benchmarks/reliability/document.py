"""The figures of docs/reliability.md: each section is made here and written between markers."""

from __future__ import annotations

import os
import platform
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from gateway.upstream.tuning import Tuning

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"

SETTINGS = ("decoding", "memo_bytes", "large_bytes")

# What each number of the tuning is for, in the words of the page.
WORDS = {
    "margin": "seconds kept back from the deadline for answering",
    "floor": "seconds that must be left for an attempt to start",
    "fair": "seconds an attempt must have had for its timeout to count against a registry",
    "connect": "seconds for a connection",
    "idle": "seconds of silence in the middle of an answer",
    "redirects": "redirects followed, all within the registry",
    "queue": "calls that may wait for one registry",
    "retries": "attempts after the first",
    "backoff": "seconds, the first step of the full jitter",
    "backoff_max": "seconds, its last step",
    "budget_share": "of all calls that may be retries",
    "budget_floor": "retries beyond that share, per window",
    "budget_window": "seconds of that window",
    "gate_max": "seconds that a Retry-After can close a registry for",
    "gate_least": 'seconds that a "later" closes it for at least, doubled each time',
    "gate_backoff_max": "seconds of that at most",
    "gate_heal": "answers in a row that take one doubling back",
    "breaker_calls": "calls that the breaker looks back on",
    "breaker_window": "seconds that it looks back",
    "breaker_least": "calls that it needs to judge",
    "breaker_share": "of them failed: it opens",
    "breaker_open": "seconds it stays open at first, doubled each time",
    "breaker_open_max": "seconds at most",
    "breaker_heal": "good probes in a row that close it",
    "store_patience": "seconds for one word of the store that replicas share",
    "store_pause": "seconds that it is left alone when it fails, doubled each time",
    "store_pause_max": "seconds of that at most",
}


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A Markdown table."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(str(cell) for cell in row)} |" for row in rows]
    return "\n".join(lines)


def numbers() -> str:
    """The numbers that the door is run by."""
    tuning = Tuning()
    rows = [
        (f"`{field.name}`", f"{getattr(tuning, field.name):g}", WORDS[field.name])
        for field in fields(Tuning)
        # Settings of their own, and on the page of settings.
        if field.name not in SETTINGS
    ]
    return table(("number", "value", "what it is"), rows)


def place() -> str:
    """Where and on what the figures were made."""
    return (
        f"Python {platform.python_version()} on {platform.system()}, "
        f"{os.cpu_count()} processors shared by gateway, registries and callers."
    )


def load_section(figures: dict[str, dict[str, Any]], promises: list[tuple[str, bool]]) -> str:
    """Load and overload."""
    parts = [place()]
    crowds = ("identical", "mixed")
    names = list(figures["identical"])
    rows = [
        (name.replace("_", " "), *(shown(figures[crowd].get(name)) for crowd in crowds))
        for name in names
    ]
    parts.append(table(("200 callers at once", "the same question", "20 questions"), rows))
    rows = [(name.replace("_", " "), shown(v)) for name, v in figures["overload"].items()]
    parts.append(table(("ten times the capacity", ""), rows))
    rows = [(text, "kept" if kept else "**broken**") for text, kept in promises]
    parts.append(table(("promise", ""), rows))
    return "\n\n".join(parts)


def shown(value: Any) -> str:
    """A figure as the page prints it."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {count}" for name, count in sorted(value.items()))
    return "" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def rotation_section(figures: dict[str, Any], promises: list[tuple[str, bool]]) -> str:
    """Keys that change under load."""
    rows = [(name.replace("_", " "), shown(value)) for name, value in figures.items()]
    kept = [(text, "kept" if kept else "**broken**") for text, kept in promises]
    return "\n\n".join(
        (
            f"Python {platform.python_version()} on {platform.system()}, "
            f"{os.cpu_count()} processors shared by replicas, registry and callers.",
            table(("two replicas, one key directory", ""), rows),
            table(("promise", ""), kept),
        )
    )


def chaos_section(schedules: int, seconds: float, seen: Counter[str], registries: int) -> str:
    """The chaos suite."""
    asked = sum(seen.values())
    rows = [(outcome, f"{count:,}") for outcome, count in seen.most_common()]
    return (
        f"{schedules:,} schedules, {registries} registries each, {asked:,} exchanges, "
        f"{seconds:.0f} seconds of real time.\nEvery invariant held in every one.\n\n"
        + table(("exchanges", "count"), rows)
    )


def matrix_section(rows: Iterable[Sequence[Any]], registries: int) -> str:
    """The fault matrix."""
    return (
        f"{registries} registries under each fault. Callers have 400 ms where nothing else ends\n"
        "the call, else three seconds.\n\n"
        + table(("fault", "outcomes", "slowest", "neighbour"), rows)
    )


def write(sections: dict[str, str]) -> None:
    """Put each section between its markers.

    Raises:
        ValueError: for a section that the page has no place for.
    """
    page = PAGE.read_text()
    for name, text in sections.items():
        page = replaced(page, name, text)
    PAGE.write_text(page)


def replaced(page: str, name: str, text: str) -> str:
    """The page with this text between the markers of the name."""
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(\n<!-- /{name} -->)", re.DOTALL)
    if len(pattern.findall(page)) != 1:
        raise ValueError(f"docs/reliability.md needs one place for {name}")
    return pattern.sub(lambda match: match[1] + text + match[2], page)


def section(page: str, name: str) -> str:
    """What the page has between the markers of the name."""
    found = re.search(rf"<!-- {name} -->\n(.*?)\n<!-- /{name} -->", page, re.DOTALL)
    return found[1] if found else ""
