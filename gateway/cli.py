"""`cgw`: the command line. Commands import what they need when they run, so `--help` is quick."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from gateway import __version__
from gateway.errors import ConfigError, GatewayError

T = TypeVar("T")

# The codes of sysexits.h, and of the verifier.
USAGE, UNAVAILABLE, CONFIG_ERROR = 64, 69, 78

app = typer.Typer(
    name="cgw",
    help="One signed GraphQL schema over carbon credit registries, asked live.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
)
schema_app = typer.Typer(
    help="Print the GraphQL schema, or check the committed one.", no_args_is_help=True
)
app.add_typer(schema_app, name="schema")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option("--version", help="print the version", is_eager=True, callback=_print_version),
    ] = False,
) -> None:
    """Options of the program itself."""


@app.command()
def serve(
    config: Annotated[
        Path | None, typer.Option("--config", envvar="CGW_CONFIG", help="settings (TOML)")
    ] = None,
    host: Annotated[str | None, typer.Option("--host", help="address to listen on")] = None,
    port: Annotated[int | None, typer.Option("--port", help="port to listen on")] = None,
) -> None:
    """Serve the gateway over the configured registries."""
    from gateway.running import serve_configured

    _run(lambda: serve_configured(config, os.environ, host=host, port=port))


@app.command()
def demo(
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="port to listen on; 0: any free one")
    ] = 8000,
    host: Annotated[str, typer.Option("--host", help="address to listen on")] = "127.0.0.1",
    scale: Annotated[int, typer.Option("--scale", min=1, help="size of the market")] = 1,
    once: Annotated[bool, typer.Option("--once", help="ask one question and stop")] = False,
) -> None:
    """Serve an invented market: no account, no key, no internet. Asks one question and verifies
    its answer to begin with."""
    from rich.console import Console

    from gateway import log
    from gateway.demo import demo as run_demo
    from gateway.serve import run

    log.configure("warning")
    console = Console(width=None if sys.stdout.isatty() else 110)
    code = _run(lambda: run(run_demo(console, host=host, port=port, scale=scale, once=once)))
    raise typer.Exit(code)


@app.command()
def check(
    registry: Annotated[
        list[str] | None, typer.Argument(help="keys of registries; none: all that are served")
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", envvar="CGW_CONFIG", help="settings (TOML)")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON instead of a table")] = False,
    rows: Annotated[int, typer.Option("--rows", min=1, max=500, help="rows of a sample")] = 100,
    timeout: Annotated[
        float, typer.Option("--timeout", min=1, max=600, help="seconds for one sample")
    ] = 60.0,
) -> None:
    """Ask each configured registry live and report: reachable, auth, latency, rows, drift, clock,
    certificate, and what a full scan would cost. Exits with 0 where all is well, 1 where something
    is wrong, 78 where the settings are."""
    from rich.console import Console

    from gateway.check_cli import run_check

    out = Console(width=None if sys.stdout.isatty() else 180)
    code = _run(
        lambda: run_check(
            registry or (),
            config,
            os.environ,
            as_json=as_json,
            rows=rows,
            seconds=timeout,
            out=out,
            progress=Console(stderr=True),
        )
    )
    raise typer.Exit(code)


@app.command()
def query(
    document: Annotated[
        str | None, typer.Argument(help="the GraphQL document; - or nothing: standard input")
    ] = None,
    file: Annotated[Path | None, typer.Option("--file", help="read the document here")] = None,
    variables: Annotated[str, typer.Option("--variables", help="variables, as JSON")] = "{}",
    url: Annotated[
        str, typer.Option("--url", envvar="CGW_URL", help="origin of the gateway")
    ] = "http://127.0.0.1:8000",
    jwks: Annotated[
        Path | None, typer.Option("--jwks", help="key set to trust; else the gateway's own")
    ] = None,
    save: Annotated[Path | None, typer.Option("--save", help="keep the whole answer here")] = None,
    bundle: Annotated[
        Path | None,
        typer.Option(
            "--bundle",
            help="keep an evidence bundle (zip) here: bodies, recipes, log proof, settings",
        ),
    ] = None,
    wait: Annotated[
        float, typer.Option("--wait", min=0, help="seconds to wait for the log's proof")
    ] = 10.0,
    stamp_wait: Annotated[
        float, typer.Option("--stamp-wait", min=0, help="seconds to wait for a time stamp over it")
    ] = 0.0,
) -> None:
    """Ask a running gateway, verify the answer, print it. Exits like `cgw verify`."""
    from gateway.asking import ask_and_verify

    text = _document(document, file)
    code = _run(
        lambda: ask_and_verify(
            url,
            text,
            _variables(variables),
            jwks=jwks,
            save=save,
            bundle=bundle,
            wait=wait,
            stamp_wait=stamp_wait,
        )
    )
    raise typer.Exit(code)


@schema_app.command("print")
def schema_print(
    output: Annotated[Path | None, typer.Option("--output", help="write it here instead")] = None,
) -> None:
    """Print the schema in GraphQL's own language."""
    from gateway.schema.build import print_schema

    if output is None:
        sys.stdout.write(print_schema())
    else:
        try:
            output.write_text(print_schema(), "utf-8")
        except OSError as error:
            typer.echo(f"cgw schema print: {output}: {error.strerror}", err=True)
            raise typer.Exit(1) from None


@schema_app.command("check")
def schema_check(
    file: Annotated[Path, typer.Argument(help="the committed schema")] = Path("schema.graphql"),
) -> None:
    """Fail with the difference where the committed schema is not the one in force."""
    import difflib

    from gateway.schema.build import print_schema

    try:
        committed = file.read_text("utf-8")
    except OSError as error:
        typer.echo(f"cgw schema check: {file}: {error.strerror}", err=True)
        raise typer.Exit(1) from None
    found = print_schema()
    if committed == found:
        typer.echo(f"{file} is the schema in force.")
        return
    lines = difflib.unified_diff(
        committed.splitlines(True), found.splitlines(True), str(file), "the schema in force"
    )
    sys.stdout.writelines(lines)
    typer.echo(f"{file} is out of date; run: cgw schema print --output {file}", err=True)
    raise typer.Exit(1)


@app.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
def verify(
    arguments: Annotated[list[str] | None, typer.Argument(help="see: cgw verify --help")] = None,
) -> None:
    """Check a signed answer, offline."""
    # The verifier has a command line of its own, since it can be installed without the server.
    from gateway.provenance.verify_cli import main as run_verifier

    given = arguments or []
    replayer = None
    if "--replay" in given:
        from gateway.configfile import load
        from gateway.replay import EvidenceReplayer

        settings = _run(lambda: load(os.environ.get("CGW_CONFIG"), os.environ))
        replayer = EvidenceReplayer(settings)
    raise typer.Exit(run_verifier(given, replayer=replayer))


def _document(document: str | None, file: Path | None) -> str:
    if document is not None and file is not None:
        raise typer.BadParameter("give the document or --file, not both")
    try:
        if file is not None:
            return file.read_text("utf-8")
        if document is None or document == "-":
            return sys.stdin.read()
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"the document cannot be read: {error}") from None
    return document


def _variables(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise typer.BadParameter(f"--variables is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise typer.BadParameter("--variables must be a JSON object")
    return value


def _run(step: Callable[[], T]) -> T:
    """Errors of ours become a sentence and an exit code; bugs stay bugs."""
    try:
        return step()
    except ConfigError as error:
        typer.echo(f"cgw: {error.message}", err=True)
        raise typer.Exit(CONFIG_ERROR) from None
    except GatewayError as error:
        typer.echo(f"cgw: {error.message}", err=True)
        raise typer.Exit(UNAVAILABLE) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


# Groups of commands that live elsewhere, imported only when they are called.
_GROUPS = {
    "keys": ("gateway.keys_cli", "Make, list, rotate, retire and revoke signing keys."),
    "manifest": ("gateway.manifest_cli", "Check a manifest and the files that it names."),
    "adapters": ("gateway.adapters_cli", "List adapters, start a new one, run the suite on one."),
}


def _mount(arguments: Sequence[str]) -> None:
    for name, (module, about) in _GROUPS.items():
        wanted = arguments[:1] == [name]
        group = import_module(module).app if wanted else typer.Typer(help=about)
        app.add_typer(group, name=name)


def main(arguments: Sequence[str] | None = None) -> None:
    """The console script."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    _mount(given)
    app(given, prog_name="cgw")
