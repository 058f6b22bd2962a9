"""Whether bodies behave in a run as the page says: changed ones change, unchanged ones are asked
for and found the same, fresh ones are not asked for. A run in which they do not is no run."""

from __future__ import annotations

import hashlib
import re
import urllib.request
from collections.abc import Mapping, Sequence

from benchmarks.caller import Caller, Heard
from benchmarks.place import BenchError
from benchmarks.process import Process
from benchmarks.upstream import Mode

FETCHES = 200
ANSWERS = 20
_PART = re.compile(r'"([^"]+)"((?:;\s*[^;,]+)*)')


def behaves(
    mode: Mode,
    upstream: str,
    bodies: Sequence[str],
    gateway: Process,
    questions: Mapping[str, str],
) -> list[str]:
    """What was seen, in sentences for the page.

    Raises:
        BenchError: bodies behave differently from what the mode says.
    """
    seen = [_rotates(upstream, bodies)] if mode is Mode.CHANGED else []
    with Caller(gateway.port) as caller:
        for name, text in questions.items():
            caller.ask(text)
            answers = [caller.ask(text) for _ in range(ANSWERS)]
            parts = [part for heard in answers for part in cache_status(heard)]
            wanted = {Mode.CHANGED: "fwd-status=200", Mode.UNCHANGED: "fwd-status=304"}
            expected = wanted.get(mode, "hit")
            if not parts or any(expected not in part for part in parts):
                odd = next((part for part in parts if expected not in part), "no Cache-Status")
                raise BenchError(f"{mode.value} bodies, {name}: {odd} instead of {expected}")
            told = f"{name}: {ANSWERS} answers, {len(parts)} reads, all `{expected}`"
            if mode is Mode.CHANGED:
                different = len({digest for heard in answers for digest in digests(heard)})
                if different != len(parts):
                    raise BenchError(f"{name}: {len(parts)} reads named {different} bodies")
                told += f", {different} different bodies named in the signed statements"
            seen.append(told)
    return seen


def cache_status(heard: Heard) -> list[str]:
    """The parameters of each part of the header Cache-Status (RFC 9211)."""
    header = ", ".join(heard.headers.get_all("cache-status", []))
    return [found[2].lstrip("; ") for found in _PART.finditer(header)]


def digests(heard: Heard) -> list[str]:
    """The SHA-256 of every body that the answer's statement names."""
    statement = heard.parsed()["extensions"]["provenance"]["statement"]
    return [source["digest"]["sha256"] for source in statement["predicate"]["sources"]]


def _rotates(upstream: str, bodies: Sequence[str]) -> str:
    for name in bodies:
        found = set()
        for _ in range(FETCHES):
            with urllib.request.urlopen(f"{upstream}/{name}.json", timeout=10) as response:
                found.add(hashlib.sha256(response.read()).digest())
        if len(found) != FETCHES:
            raise BenchError(f"{FETCHES} fetches of {name} gave {len(found)} different bodies")
    return f"{FETCHES} fetches of each of {len(bodies)} bodies gave {FETCHES} different ones each"
