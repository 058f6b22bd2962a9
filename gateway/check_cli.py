"""`cgw check`: the registries' reports as a table or as JSON, and an exit code for monitoring."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

from adapters.catalogue import adapters, with_manifests
from adapters.contract import Adapter
from gateway import log
from gateway.assemble import registries
from gateway.check import check
from gateway.check_quality import Parents, Quality
from gateway.check_report import KindReport, RegistryReport, by_count, span
from gateway.clock import Clock, SystemChance, SystemClock, rfc3339
from gateway.config import Settings
from gateway.configfile import load
from gateway.errors import Outcome
from gateway.machine import refuse_unused
from gateway.model.entity import Entity

WELL, WRONG = 0, 1


def run_check(
    only: Sequence[str],
    config: Path | None,
    environ: Mapping[str, str],
    *,
    as_json: bool,
    rows: int,
    seconds: float,
    out: Console,
    progress: Console,
) -> int:
    """Checks and prints; gives the exit code: 0 where all is well, 1 where something is wrong.

    Raises:
        ConfigError: the settings cannot be used, or a named registry is not served.
    """
    settings = load(config, environ)
    log.configure(settings.server.log_level)
    known = with_manifests(adapters(), settings.manifests)
    # As the server's start does: a check that passes is to mean that it starts.
    refuse_unused(settings, registries(settings, known))
    clock = SystemClock()
    found = asyncio.run(_checked(settings, known, only, clock, rows, seconds, progress))
    if as_json:
        out.print_json(json.dumps(document(found, clock)), indent=2, highlight=False)
    else:
        print_reports(found, out)
    return exit_code(found)


def exit_code(found: Sequence[RegistryReport]) -> int:
    """1 where any registry has a problem."""
    return WRONG if any(report.problems for report in found) else WELL


def document(found: Sequence[RegistryReport], clock: Clock) -> dict[str, Any]:
    """The reports as one JSON object."""
    return {
        "checkedAt": rfc3339(clock.now()),
        "ok": exit_code(found) == WELL,
        "registries": [_registry(report) for report in found],
    }


def print_reports(found: Sequence[RegistryReport], out: Console) -> None:
    """The reports as a table, then what is wrong and what is worth knowing."""
    table = Table(title="Registries, asked just now", header_style="bold")
    heads = ("registry", "reachable", "auth", "latency", "kind", "rows", "expected", "unknown")
    for head in (*heads, "unmapped", "clock", "certificate", "full scan"):
        table.add_column(head, overflow="fold")
    for report in found:
        for line, kind in enumerate(report.kinds or (None,)):
            table.add_row(
                *(_own(report) if line == 0 else ("",) * 4),
                *_kind_cells(kind),
                *(_end(report) if line == 0 else ("",) * 2),
                _scan(kind),
            )
        table.add_section()
    out.print(table)
    out.print(_quality_table(found))
    for report in found:
        for problem in report.problems:
            out.print(
                f"[red]wrong[/]  {escape(report.registry)}: {escape(problem)}", soft_wrap=True
            )
    for report in found:
        for note in report.notes:
            out.print(f"[dim]note[/]   {escape(report.registry)}: {escape(note)}", soft_wrap=True)
    wrong = sum(bool(report.problems) for report in found)
    asked = sum(report.configured for report in found)
    told = f"{asked} of {len(found)} registries asked; "
    out.print(told + (f"{wrong} with problems." if wrong else "all is well."))


def _quality_table(found: Sequence[RegistryReport]) -> Table:
    """What is odd in the rows that came."""
    table = Table(title="Quality of the rows in the samples", header_style="bold")
    heads = (
        "registry",
        "kind",
        "orphans",
        "without parent",
        "childless",
        "odd keys",
        "ambiguous numbers",
    )
    for head in (*heads, "unmapped texts", "filters undecided"):
        table.add_column(head, overflow="fold")
    for report in found:
        for kind in report.kinds:
            if kind.outcome is Outcome.OK:
                table.add_row(escape(report.registry), kind.kind.value, *_quality_cells(kind))
    return table


def _quality_cells(kind: KindReport) -> tuple[str, ...]:
    quality = kind.quality
    parents = quality.parents.values()
    orphans = sum(sum(one.orphans.values()) for one in parents)
    unsure = "+?" if any(one.why_not for one in parents) else ""
    keys = len({*quality.off_pattern, *quality.odd_keys})
    ambiguous = sum(rows for rows, _ in quality.ambiguous.values())
    return (
        f"{orphans}{unsure}" if quality.parents else "",
        str(sum(one.silent for one in parents)) if quality.parents else "",
        str(len(quality.childless)),
        str(keys),
        str(ambiguous),
        str(sum(kind.unmapped.values())),
        ", ".join(quality.undecided) or "none",
    )


async def _checked(
    settings: Settings,
    known: Mapping[str, Adapter],
    only: Sequence[str],
    clock: Clock,
    rows: int,
    seconds: float,
    console: Console,
) -> list[RegistryReport]:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[step]}"),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        tasks = {
            key: bars.add_task(key, total=len(adapter.collections), step="")
            for key, adapter in registries(settings, known).items()
            if not only or key in only
        }

        def told(registry: str, kind: Entity | None) -> None:
            task = tasks[registry]
            if kind is None:
                total = bars.tasks[bars.task_ids.index(task)].total
                bars.update(task, completed=total, step="done")
            else:
                started = bars.tasks[bars.task_ids.index(task)].fields["step"] != ""
                bars.update(task, advance=1 if started else 0, step=f"{kind.value}s")

        return await check(
            settings,
            known,
            only,
            clock=clock,
            chance=SystemChance(),
            rows=rows,
            seconds=seconds,
            told=told,
        )


def _own(report: RegistryReport) -> tuple[str, str, str, str]:
    reachable = {True: "yes", False: "[red]no[/]", None: "not configured"}[report.reachable]
    auth = f"[red]{report.auth}[/]" if report.auth == "refused" else report.auth
    latency = "" if report.latency_ms is None else f"{report.latency_ms} ms"
    return escape(report.registry), reachable, auth, latency


def _kind_cells(kind: KindReport | None) -> tuple[str, ...]:
    if kind is None:
        return ("",) * 5
    if kind.outcome is not Outcome.OK:
        return kind.kind.value, f"[red]{kind.outcome.value}[/]", "", "", ""
    rows = str(kind.rows) if kind.total is None else f"{kind.rows} of {kind.total}"
    expected = {True: "yes", False: f"[red]{span(kind.expected)}[/]", None: "?"}[kind.as_expected]
    unknown = "?" if kind.unknown is None else str(len(kind.unknown))
    unmapped = f"{len(kind.unmapped)} in {sum(kind.unmapped.values())} rows"
    return kind.kind.value, rows, expected, unknown, unmapped if kind.unmapped else "0"


def _end(report: RegistryReport) -> tuple[str, str]:
    clock = "" if report.clock_skew is None else f"{report.clock_skew:+d} s"
    ends = report.certificate_ends
    return clock, "" if ends is None else f"until {ends.date()}"


def _scan(kind: KindReport | None) -> str:
    if kind is None or kind.scan_calls is None or kind.scan_minutes is None:
        return "" if kind is None else "?"
    calls = "1 call" if kind.scan_calls == 1 else f"{kind.scan_calls} calls"
    return f"{calls}, {kind.scan_minutes:.1f} min"


def _registry(report: RegistryReport) -> dict[str, Any]:
    ends = report.certificate_ends
    return {
        "registry": report.registry,
        "name": report.name,
        "configured": report.configured,
        "notConfiguredReason": report.why_not or None,
        "reachable": report.reachable,
        "auth": report.auth,
        "latencyMs": report.latency_ms,
        "clockSkewSeconds": report.clock_skew,
        "certificateEnds": None if ends is None else rfc3339(ends),
        "duplicateKeys": dict(sorted(report.duplicate_keys.items())),
        "kinds": [_kind(kind) for kind in report.kinds],
        "problems": report.problems,
        "notes": report.notes,
    }


def _kind(kind: KindReport) -> dict[str, Any]:
    least, most = kind.expected or (None, None)
    minutes = kind.scan_minutes
    return {
        "kind": kind.kind.value,
        "outcome": kind.outcome.value,
        "message": kind.message or None,
        "remedy": kind.remedy or None,
        "rows": kind.rows,
        "total": kind.total,
        "expected": {"least": least, "most": most},
        "asExpected": kind.as_expected,
        "unknownFields": None if kind.unknown is None else dict(sorted(kind.unknown.items())),
        "unmapped": [
            {"field": name, "raw": raw, "rows": rows}
            for (name, raw), rows in by_count(kind.unmapped)
        ],
        "warnings": list(kind.warnings),
        "quality": _quality(kind.quality),
        "fullScan": {
            "calls": kind.scan_calls,
            "minutes": None if minutes is None else round(minutes, 1),
        },
    }


def _quality(quality: Quality) -> dict[str, Any]:
    return {
        "parents": [_parents(above, parents) for above, parents in quality.parents.items()],
        "childless": list(quality.childless),
        "keysOffPattern": list(quality.off_pattern),
        "oddKeys": list(quality.odd_keys),
        "ambiguousNumbers": [
            {"field": name, "raw": raw, "readAs": value, "rows": rows}
            for (name, raw), (rows, value) in sorted(quality.ambiguous.items())
        ],
        "undecided": [
            {
                "filter": name,
                "rows": told.rows,
                "unmapped": told.unmapped,
                "notRead": told.not_read,
            }
            for name, told in quality.undecided.items()
        ],
        "neverMatching": list(quality.unfiltered),
        "byWords": list(quality.by_words),
    }


def _parents(above: Entity, parents: Parents) -> dict[str, Any]:
    return {
        "kind": above.value,
        "named": parents.named,
        "lookedFor": parents.looked_for,
        "orphans": [{"key": key, "rows": rows} for key, rows in sorted(parents.orphans.items())],
        "withoutParent": parents.silent,
        "whyNotAll": parents.why_not or None,
    }
