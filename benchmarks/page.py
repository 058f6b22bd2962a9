"""A run as the page `docs/performance.md`, with its plots."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median

from benchmarks.floors import floors, of_hive
from benchmarks.growth_page import growth_page, growth_plots
from benchmarks.markdown import table
from benchmarks.peers import HIVE, NAMES, OURS, STOCK, TITLES
from benchmarks.plot import Series, bars
from benchmarks.results import QUESTIONS, Results, Table
from benchmarks.time_page import time_page

_HEAD = """# Performance

Written by `python -m benchmarks --write` (`make bench`); no figure is typed in.

- Every gateway is one process on one core; nginx serves the registries' bodies from the other
  core, where wrk asks as well. Everybody is warmed up, then measured in turn, round by round; a
  figure is the median of the rounds. Only ratios inside one run mean anything: the same server
  varies by a third between runs.
- {how}
- **Q1**: one project by id, 10 fields. **Q2**: three registries, 100 projects each, 20 fields, one
  page of 300. **Q3**: 100 projects with their retired blocks, batched.
- **changed**: every body differs from the one before. **unchanged**: the registry is asked each
  time and answers 304. **fresh**: bodies may be answered from the cache; the peers' caches are on.
- carbon-gateway runs as `cgw serve` with its defaults: it harmonises, tells coverage, keeps
  limits and signs every answer. No peer does any of it. Hive answers with the registries' own
  fields and does not merge them.
- Identical reads that are under way at the same time share one call to the registry in
  carbon-gateway; the tables of reads say how often. At one connection nothing can be shared.
"""


def page(results: Results) -> str:
    """The whole page; what was not measured is left out."""
    parts = [_HEAD.format(how=_how(results))]
    rows = [(h.what, h.wanted, h.measured or "", h.verdict) for h in floors(results)]
    parts.append(
        "\n## What had to be reached\n\n"
        "Ratios of medians: over all concurrencies the median, in brackets each of them"
        f"{_concurrency(results)}.\n\n" + table(("", "wanted", "measured", ""), rows)
    )
    parts += map(_mode, results.tables)
    if results.tables:
        parts.append("\n## Memory and start\n\n" + _memory(results))
    if any(one.stages or one.profiles for one in results.tables):
        parts += ["\n## Where the time goes\n", time_page(results.tables)]
    if results.growth is not None:
        parts += ["\n## Growth\n", growth_page(results.growth)]
    return "".join(parts)


def plots(results: Results) -> Mapping[str, str]:
    """Every plot of the page by its file's name."""
    found = {_plot_name(one): _plot(one) for one in results.tables if one.cells}
    return found | (growth_plots(results.growth) if results.growth else {})


def _how(results: Results) -> str:
    made_of = ", ".join(f"{name} {version}" for name, version in results.versions.items())
    told = [part for part in (results.machine, results.how, made_of) if part]
    return "This run: " + "; ".join(told) + "." if told else "Nothing measured yet."


def _concurrency(results: Results) -> str:
    every = sorted({n for one in results.tables for n in one.concurrency})
    return f" ({', '.join(map(str, every))} connections)" if every else ""


def _mode(one: Table) -> str:
    name = one.mode.value
    parts = [f"\n## Bodies {name}\n"]
    if one.cells:
        parts.append(f"\n![Bodies {name}: see the tables](performance/{_plot_name(one)})\n")
    for connections in one.concurrency:
        several = "s" if connections > 1 else ""
        parts.append(f"\n{connections} connection{several}, answers per second:\n\n")
        parts.append(table(("", *QUESTIONS), _rates(one, connections)))
    if one.cells:
        head = ("carbon-gateway against", *_columns(one))
        parts += ["\nHow many times as fast:\n\n", table(head, _ratios(one))]
        parts.append("\nReads that reached the registries, per answer:\n\n")
        parts.append(table(("", *_columns(one, over_all=False)), _calls(one)))
    parts += [f"\n{TITLES[peer]} is missing: {why}\n" for peer, why in one.failed.items()]
    if one.seen:
        parts.append("\nHow the bodies behaved in this run:\n\n")
        parts += [f"- {told}\n" for told in one.seen]
    return "".join(parts)


def _columns(one: Table, *, over_all: bool = True) -> list[str]:
    columns = []
    for question in QUESTIONS:
        columns += [f"{question} at {connections}" for connections in one.concurrency]
        columns += [f"{question} median"] if over_all else []
    return columns


def _rates(one: Table, connections: int) -> list[list[str]]:
    rows: list[list[str]] = []
    for peer in one.peers:
        cells = [one.known(peer, question, connections) for question in QUESTIONS]
        rows.append([TITLES[peer], *(_figure(cell.rate) if cell else "" for cell in cells)])
    return rows


def _ratios(one: Table) -> list[list[str]]:
    rows: list[list[str]] = []
    for peer in one.peers:
        if peer == OURS:
            continue
        row = [TITLES[peer]]
        for question in QUESTIONS:
            found = one.ratios(OURS, peer, question)
            row += [f"{found[n]:.2f}" if n in found else "" for n in one.concurrency]
            row.append(f"**{median(found.values()):.2f}**" if found else "")
        rows.append(row)
    return rows


def _calls(one: Table) -> list[list[str]]:
    rows: list[list[str]] = []
    for peer in one.peers:
        row = [TITLES[peer]]
        for question in QUESTIONS:
            cells = [one.known(peer, question, n) for n in one.concurrency]
            row += [f"{median(c.calls):.2f}" if c and c.calls else "" for c in cells]
        rows.append(row)
    return rows


def _memory(results: Results) -> str:
    modes = [one for one in results.tables if one.memory]
    named = [one.mode.value for one in modes]
    head = ["MiB after the run", *named, *(f"{n}, of Hive's" for n in named), "ready after, s"]
    rows: list[list[str]] = []
    for peer in dict.fromkeys(peer for one in modes for peer in one.memory):
        held = [one.memory.get(peer) for one in modes]
        shares = [of_hive(one, peer) for one in modes]
        began = [one.ready[peer] for one in modes if peer in one.ready]
        row = [TITLES[peer], *(f"{size / 2**20:.0f}" if size else "" for size in held)]
        row += ["" if share is None else f"{share:.2f}" for share in shares]
        rows.append([*row, f"{median(began):.2f}" if began else ""])
    told = table(head, rows)
    if results.starts:
        each = ", ".join(f"{taken:.2f}" for taken in results.starts)
        told += (
            f"\n{len(results.starts)} warm starts of carbon-gateway one after the other, from the "
            f"command to ready: median {median(results.starts):.2f} s ({each}).\n"
        )
    return told


def _plot_name(one: Table) -> str:
    return f"bodies-{one.mode.value}.svg"


def _plot(one: Table) -> str:
    against = next((peer for peer in (HIVE, STOCK) if peer in one.peers), OURS)
    series = []
    for peer in one.peers:
        found = [one.ratios(peer, against, question) for question in QUESTIONS]
        points = [(n, median(f.values())) for n, f in enumerate(found) if f]
        series.append(Series(NAMES[peer], points))
    title = f"Bodies {one.mode.value}: answers per second, as a multiple of {NAMES[against]}"
    return bars(title, "question", f"times {NAMES[against]}", QUESTIONS, series)


def _figure(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 100 else f"{rate:.1f}"
