"""`cgw adapters`: which adapters there are, a new one from nothing, and the suite for one."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from adapters import scaffold
from adapters.catalogue import adapters
from gateway.errors import ConfigError
from gateway.model.nearest import nearest, or_else

app = typer.Typer(
    name="adapters",
    help="List adapters, start a new one, hold one to the conformance suite.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

CONFIG_ERROR = 78
T = TypeVar("T")
Key = Annotated[str, typer.Argument(metavar="NAME", help="the registry's key, such as my-registry")]


@app.command("list")
def list_adapters() -> None:
    """Every adapter that is installed: key, name, where it reads."""
    for key, adapter in _run(adapters).items():
        info = adapter.info
        typer.echo(f"{key:<20}  {info.name}  {info.base_url or '(host to be configured)'}")


@app.command("matrix")
def matrix(
    output: Annotated[Path | None, typer.Option("--output", help="write it here instead")] = None,
) -> None:
    """Print what each registry can be asked, as a page in Markdown."""
    from gateway.schema.matrixdoc import matrix_document

    page = matrix_document(_run(adapters))
    if output is None:
        typer.echo(page, nl=False)
    else:
        output.write_text(page, "utf-8")


@app.command("new")
def new(
    key: Key,
    directory: Annotated[Path, typer.Option("--dir", help="where to write it")] = Path("."),
    name: Annotated[str | None, typer.Option("--name", help="the registry's name")] = None,
    manifest: Annotated[bool, typer.Option("--manifest", help="a manifest, no code")] = False,
) -> None:
    """Write a package with an adapter and its emulator, to be made the registry's own."""
    for path in _run(lambda: scaffold.scaffold(key, directory, name, manifest=manifest)):
        typer.echo(f"wrote {path}")
    typer.echo(f"next: pip install -e {directory / key} and cgw adapters test {key}")


@app.command("test")
def run_suite(key: Key) -> None:
    """Run the conformance suite on one adapter; exits as pytest does."""
    known = _run(adapters)
    if key not in known:
        meant = or_else(nearest(key, known))
        problem = f"there is no adapter {key}.{meant} There are: {', '.join(sorted(known))}"
        typer.echo(f"cgw adapters: {problem}", err=True)
        raise typer.Exit(CONFIG_ERROR)
    command = _run(lambda: scaffold.suite(key))
    # The command is ours; the key in it is that of an installed adapter.
    ended = subprocess.run(command, cwd=scaffold.SUITE.parents[2], check=False)  # noqa: S603
    raise typer.Exit(ended.returncode)


def _run(step: Callable[[], T]) -> T:
    try:
        return step()
    except ConfigError as problem:
        typer.echo(f"cgw adapters: {problem.message}", err=True)
        raise typer.Exit(CONFIG_ERROR) from None
