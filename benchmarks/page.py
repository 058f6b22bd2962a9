"""The tables of a run as text, and as the page `docs/performance.md`."""

from __future__ import annotations

import platform
from collections.abc import Sequence

from benchmarks.compare import QUESTIONS, Table
from benchmarks.peers import OURS, Peer

_HEAD = """# Performance

Written by `python -m benchmarks --write`; nothing here is typed in. Every figure is a median of
interleaved rounds of one run on one machine ({machine}): each gateway is one process on one core,
nginx serves the registries' bodies and wrk asks from the other. Only ratios inside one run mean
anything; the same server varies by a third between runs.

- **Q1**: one project by id, 10 fields. **Q2**: three registries, 100 projects each, 20 fields, one
  page of 300. **Q3**: 100 projects with their retired blocks, batched.
- **changed**: every body differs from the one before. **unchanged**: the registry is asked each
  time and answers 304. **fresh**: bodies may be answered from the cache.
- Ours harmonises, covers, limits and signs; no peer does any of it. Hive answers with the
  registries' own fields and does not merge them.
"""


def page(tables: Sequence[Table], peers: Sequence[Peer]) -> str:
    """The page of a run."""
    parts = [_HEAD.format(machine=f"{platform.machine()}, Python {platform.python_version()}")]
    for table in tables:
        parts.append(f"\n## Bodies {table.mode.value}\n")
        asked = sorted({connections for _, _, connections in table.cells})
        parts += [_rates(table, peers, connections) for connections in asked]
        parts.append(_ratios(table))
        parts += [f"\n{name} is missing: {why}\n" for name, why in table.failed.items()]
    parts.append(
        "\n## Memory and start\n\n| | MiB after the run | seconds to ready |\n|---|---|---|\n"
    )
    for peer in peers:
        held = [t.memory[peer.name] for t in tables if peer.name in t.memory]
        began = [t.ready[peer.name] for t in tables if peer.name in t.ready]
        if held:
            parts.append(f"| {peer.title} | {max(held) / 2**20:.0f} | {min(began):.2f} |\n")
    return "".join(parts)


def _rates(table: Table, peers: Sequence[Peer], connections: int) -> str:
    lines = [f"\n{connections} connection{'s' if connections > 1 else ''}, answers per second:\n"]
    lines += ["", "| | Q1 | Q2 | Q3 |", "|---|---|---|---|"]
    for peer in peers:
        cells = [table.cells.get((peer.name, q, connections)) for q in QUESTIONS]
        if any(cells):
            shown = " | ".join(f"{cell.rate:,.0f}" if cell else "" for cell in cells)
            lines.append(f"| {peer.title} | {shown} |")
    return "\n".join(lines) + "\n"


def _ratios(table: Table) -> str:
    lines = ["", "Ours against each, over all concurrencies (lowest, then highest ratio):", ""]
    lines += ["| | Q1 | Q2 | Q3 |", "|---|---|---|---|"]
    for name in dict.fromkeys(n for n, _, _ in table.cells):
        if name == OURS:
            continue
        shown = []
        for question in QUESTIONS:
            found = ratios(table, name, question)
            shown.append(f"{min(found):.2f} to {max(found):.2f}" if found else "")
        lines.append(f"| {name} | {' | '.join(shown)} |")
    return "\n".join(lines) + "\n"


def ratios(table: Table, peer: str, question: str) -> list[float]:
    """Our rate over the peer's, per concurrency."""
    found = []
    for (name, asked, connections), cell in table.cells.items():
        if name == peer and asked == question and cell.rate:
            ours = table.cells.get((OURS, question, connections))
            if ours is not None:
                found.append(ours.rate / cell.rate)
    return found
