"""Where the time goes, as a part of the page: by stage as told, by part and by place as sampled."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.markdown import table
from benchmarks.profile import AT_ONCE, LOOP
from benchmarks.results import Table
from benchmarks.stages import WHOLE

# A share below this is noise: some ten samples.
_LEAST = 0.01
_HEAD = f"""
**By stage.** Each question asked with `extensions: {{ timing: true }}`, one after the other on one
connection: means in milliseconds, as the gateway tells them; of reads at the same time, the
longest. What the client sees beyond the total is HTTP, encoding and the wire.

**By part.** The same gateway at {AT_ONCE} connections, looked at a thousand times a second of its
processor time: milliseconds of processor time per answer, by the package at work. Code in C counts
for who called it; `gateway` alone is the HTTP face with its log, and `{LOOP}` where no
Python code is at work. Below, the places that took most.
"""


def time_page(tables: Sequence[Table]) -> str:
    """The section, mode by mode."""
    parts = [_HEAD]
    for one in tables:
        if one.stages or one.profiles:
            parts.append(f"\n### Bodies {one.mode.value}\n")
        parts += [_stages(one)] if one.stages else []
        parts += [_parts(one), _places(one)] if one.profiles else []
    return "".join(parts)


def _stages(one: Table) -> str:
    names = dict.fromkeys(name for found in one.stages for name in found.ms)
    rows = [
        [name, *(f"{f.ms[name]:.2f}" if name in f.ms else "" for f in one.stages)]
        for name in sorted(names, key=lambda name: (name != WHOLE, name != "total"))
    ]
    return "\n" + table(("stage, ms", *(found.question for found in one.stages)), rows)


def _parts(one: Table) -> str:
    most: dict[str, float] = {}
    for found in one.profiles:
        for name, share in found.parts.items():
            most[name] = max(share * found.ms, most.get(name, 0.0))
    names = sorted(most, key=lambda name: -most[name])
    rows = [["all of it", *(f"{found.ms:.2f}" for found in one.profiles)]]
    for name in names:
        if any(found.parts.get(name, 0.0) >= _LEAST for found in one.profiles):
            spent = (found.parts.get(name, 0.0) * found.ms for found in one.profiles)
            rows.append([name, *(f"{ms:.2f}" for ms in spent)])
    return "\n" + table(("part, ms", *(found.question for found in one.profiles)), rows)


def _places(one: Table) -> str:
    told = []
    for found in one.profiles:
        places = (
            f"`{name}` {share:.0%}" for name, share in found.places.items() if share >= _LEAST
        )
        told.append(f"- {found.question} ({found.samples:,} samples): {', '.join(places)}\n")
    return "\n" + "".join(told)
