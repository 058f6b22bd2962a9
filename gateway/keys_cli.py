"""`cgw keys`: the life of signing keys, from a shell."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from gateway.clock import SystemClock
from gateway.errors import ConfigError, ProvenanceError
from gateway.provenance.bounded import SMALL_BYTES, read_bounded
from gateway.provenance.keyring import LIFETIME_DAYS, OVERLAP_DAYS, REASONS, Keyring, KeyRow
from gateway.provenance.strict import load_json

app = typer.Typer(
    name="keys",
    help="Make, list, rotate, retire and revoke signing keys.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

CONFIG_ERROR = 78

Directory = Annotated[
    Path,
    typer.Option("--dir", envvar="CGW_SIGNING__KEYS_DIR", help="directory of the keys"),
]
Kid = Annotated[str, typer.Argument(help="thumbprint, or enough of its beginning")]
Days = Annotated[int, typer.Option("--days", min=1, help="how long the key signs")]


@app.command("new")
def new(directory: Directory = Path("keys"), days: Days = LIFETIME_DAYS) -> None:
    """Make the first key, in force from now."""
    made = _run(lambda: _ring(directory).new(days=days))
    typer.echo(f"{made.kid} signs from now until {when(made.expires)}.")


@app.command("list")
def list_keys(
    directory: Directory = Path("keys"),
    as_json: Annotated[bool, typer.Option("--json", help="print the public key set")] = False,
) -> None:
    """Show every key there ever was, oldest first."""
    ring = _ring(directory)
    if as_json:
        typer.echo(json.dumps(_run(ring.jwks), indent=2))
        return
    for row in _run(ring.rows):
        typer.echo(line(row))
    _tell_end(ring)


@app.command("rotate")
def rotate(
    directory: Directory = Path("keys"),
    days: Days = LIFETIME_DAYS,
    overlap: Annotated[
        int, typer.Option("--overlap", min=0, help="days that the next key is published ahead")
    ] = OVERLAP_DAYS,
    now: Annotated[bool, typer.Option("--now", help="switch at once, without overlap")] = False,
) -> None:
    """Publish the next key; it takes over by itself."""
    ring = _ring(directory)
    made = _run(lambda: ring.rotate(overlap_days=0 if now else overlap, days=days))
    typer.echo(f"{made.kid} takes over at {when(made.not_before)}.")
    _wait(made.not_before)


@app.command("retire")
def retire(kid: Kid, directory: Directory = Path("keys")) -> None:
    """End a key now; what it signed stays valid."""
    ring = _ring(directory)
    key = _run(lambda: ring.retire(kid))
    _wait(key.expires)
    typer.echo(f"{key.kid} signs no more; its private part is deleted.")
    _tell_end(ring)


@app.command("revoke")
def revoke(
    kid: Kid,
    directory: Directory = Path("keys"),
    reason: Annotated[str, typer.Option("--reason", help=", ".join(REASONS))] = "keyCompromise",
    since: Annotated[
        datetime | None,
        typer.Option("--since", formats=["%Y-%m-%dT%H:%M:%SZ"], help="when it was lost, in UTC"),
    ] = None,
) -> None:
    """Mark a key as not to be trusted; its private part is deleted."""
    at = None if since is None else int(since.replace(tzinfo=UTC).timestamp())
    ring = _ring(directory)
    key = _run(lambda: ring.revoke(kid, reason=reason, since=at))
    typer.echo(f"{key.kid} is revoked since {when(key.revoked_at)} ({key.reason}).")
    _tell_end(ring)


@app.command("restore")
def restore(
    file: Annotated[
        Path | None,
        typer.Argument(help="a key set that was published; none: the copy in the directory"),
    ] = None,
    directory: Directory = Path("keys"),
) -> None:
    """Bring back keys, ends and revocations that were published and keys.json has lost."""
    ring = _ring(directory)
    keys = _run(lambda: ring.restore(None if file is None else _document(file)))
    typer.echo(f"{len(keys)} keys are in {directory}, each as strict as it was published.")
    _tell_end(ring)


def line(row: KeyRow) -> str:
    """One key as a line: thumbprint, state, time."""
    span = f"{when(row.not_before)} to {when(row.expires)}"
    notes = [row.reason] if row.reason else []
    if row.state in ("active", "next") and not row.can_sign:
        notes.append("PRIVATE KEY MISSING")
    return "  ".join([row.kid, f"{row.state:<7}", span, *notes])


def when(seconds: int | None) -> str:
    """Unix seconds as RFC 3339."""
    return "-" if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _wait(until: int | None) -> None:
    """Until an instant of the next two seconds, so that what the command did is so at its end."""
    clock = SystemClock()
    left = (until or 0) - clock.now().timestamp()
    if 0 < left < 2:
        asyncio.run(clock.sleep(left))


def _tell_end(ring: Keyring) -> None:
    """Says it where signing ends soon."""
    ends = _run(ring.ends_within)
    if ends is None:
        return
    if ends <= SystemClock().now().timestamp():
        typer.echo("NOTHING SIGNS NOW; run: cgw keys rotate --now", err=True)
    else:
        typer.echo(f"Signing ends at {when(ends)}, no key follows; run: cgw keys rotate", err=True)


def _document(file: Path) -> object:
    try:
        return load_json(read_bounded(file, SMALL_BYTES))
    except OSError as problem:
        raise ConfigError(f"{file} cannot be read: {problem.strerror}") from None
    except ProvenanceError as problem:
        raise ConfigError(f"{file} is not a key set: {problem.message}") from None


def _ring(directory: Path) -> Keyring:
    return Keyring(directory, SystemClock())


T = TypeVar("T")


def _run(step: Callable[[], T]) -> T:
    try:
        return step()
    except ConfigError as problem:
        typer.echo(f"cgw keys: {problem.message}", err=True)
        raise typer.Exit(CONFIG_ERROR) from None
