"""`cgw manifest`: what is wrong with a manifest and its files, before anybody is served them."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from adapters.manifest import load
from adapters.manifest_adapter import ManifestAdapter
from adapters.manifest_check import Checked, check_files, folder_of
from gateway.errors import ConfigError

app = typer.Typer(
    name="manifest",
    help="Check a manifest and the files that it names.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

CONFIG_ERROR, WRONG = 78, 1


@app.callback()
def main() -> None:
    """Check a manifest and the files that it names."""


@app.command("check")
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="the manifest (TOML)")],
    files: Annotated[
        Path | None, typer.Option("--files", help="the folder of the files it names")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
    ask: Annotated[
        bool, typer.Option("--ask", help="ask a registry that is elsewhere for a sample")
    ] = False,
) -> None:
    """Say what is wrong with a manifest and its files: file, row, column, remedy.

    Nothing is asked of anybody but with --ask: of a registry that is elsewhere only the manifest is
    checked. Exits with 0 where all is well, 1 where rows or values are lost, 78 where the manifest
    is wrong.
    """
    try:
        adapter = load(file)
    except ConfigError as problem:
        typer.echo(problem.message, err=True)
        raise typer.Exit(CONFIG_ERROR) from None
    folder = files if files is not None else folder_of(adapter, file)
    found = check_files(adapter, folder) if folder is not None and adapter.files else []
    if ask and not found:
        raise typer.Exit(_asked(adapter, as_json=as_json))
    if as_json:
        typer.echo(json.dumps(_document(adapter, found), indent=2, ensure_ascii=False))
    else:
        _print(file, adapter, found)
    if any(one.wrong for checked in found for one in checked.findings):
        raise typer.Exit(WRONG)


def _asked(adapter: ManifestAdapter, *, as_json: bool) -> int:
    """Asks the registry for a sample, as `cgw check` does; the exit code."""
    from rich.console import Console

    from gateway.check import check as sample
    from gateway.check_cli import document, exit_code, print_reports
    from gateway.clock import SystemChance, SystemClock
    from gateway.configfile import load as settings

    key, clock = adapter.info.key, SystemClock()
    given = settings(None, os.environ)
    reports = asyncio.run(sample(given, {key: adapter}, [key], clock=clock, chance=SystemChance()))
    if as_json:
        typer.echo(json.dumps(document(reports, clock), indent=2, ensure_ascii=False))
    else:
        print_reports(reports, Console())
    return exit_code(reports)


def _print(file: Path, adapter: ManifestAdapter, found: list[Checked]) -> None:
    typer.echo(f"{file}: the manifest of {adapter.info.key} can be used.")
    if not found:
        typer.echo("Its records are elsewhere, and were not asked for: --ask does that.")
    for checked in found:
        typer.echo(f"{checked.file}: {checked.rows} {checked.entity.value} rows")
        for finding in checked.findings:
            typer.echo(f"{'wrong' if finding.wrong else 'note'}  {finding.line()}")


def _document(adapter: ManifestAdapter, found: list[Checked]) -> dict[str, object]:
    return {
        "registry": adapter.info.key,
        "ok": not any(one.wrong for checked in found for one in checked.findings),
        "files": [{**asdict(checked), "entity": checked.entity.value} for checked in found],
    }
