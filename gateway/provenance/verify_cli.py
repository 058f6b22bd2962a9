"""The command line of the verifier: plain words for people, `--json` for machines."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

from gateway.errors import ProvenanceError
from gateway.provenance.bounded import MOST_BYTES, SMALL_BYTES, read_bounded
from gateway.provenance.bundle import read_bundle
from gateway.provenance.bundle_verify import (
    Demands,
    Fetch,
    fetch_url,
    refetch,
    verify_bundle,
)
from gateway.provenance.disclosure import verify_record
from gateway.provenance.envelope import open_statement
from gateway.provenance.replay import Replayer
from gateway.provenance.replay_verify import replay
from gateway.provenance.stream_verify import verify_stream
from gateway.provenance.strict import load_json
from gateway.provenance.tlogproof import read_policy
from gateway.provenance.verdict import USAGE, Verdict
from gateway.provenance.verify import check_bodies, verify_response

_AGE = re.compile(r"(\d{1,6})(s|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class _Usage(Exception):
    """The command was called wrongly."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _Usage(message)


def run(argv: Sequence[str], *, replayer: Replayer | None = None, fetch: Fetch = fetch_url) -> int:
    """Runs the verifier and prints what it found; returns the exit code.

    `replayer` is what `--replay` runs; without one, as in a lone verifier, that is a usage error.
    """
    try:
        options = _parser().parse_args(list(argv))
        verdict = _check(options, replayer, fetch)
    except _Usage as problem:
        print(f"cgw verify: {problem}", file=sys.stderr)
        return USAGE
    except SystemExit as stop:  # --help
        return int(stop.code or 0)
    if options.json:
        print(json.dumps(verdict.as_json(), indent=2, ensure_ascii=False))
    else:
        print(verdict.as_text())
    return verdict.exit_code


def main(argv: Sequence[str] | None = None, *, replayer: Replayer | None = None) -> int:
    """The command line; returns 0 valid, 1 invalid, 2 valid but incomplete, 64 usage.

    `replayer` is what `--replay` runs; a verifier installed alone has none.
    """
    return run(sys.argv[1:] if argv is None else argv, replayer=replayer)


def _parser() -> _Parser:
    parser = _Parser(
        prog="cgw verify",
        description="Checks a signed answer, offline: a response, a disclosed record, a stream of "
        "responses (a JSON list, or one per line) or an evidence bundle (zip or directory). "
        "Exit codes: 0 valid, 1 invalid, 2 valid but incomplete evidence, 64 wrong usage.",
    )
    parser.add_argument("file", help="what to check; - reads standard input")
    parser.add_argument("--jwks", help="the issuer's key set that you trust: a file or an address")
    parser.add_argument("--pin", help="thumbprint that the signing key must have")
    parser.add_argument("--query", help="file with the query that was asked")
    parser.add_argument("--variables", help="file with the variables (JSON)")
    parser.add_argument("--operation", help="name of the query's operation that was asked")
    parser.add_argument("--max-age", help="refuse anything older, such as 90s, 15m, 24h, 7d")
    parser.add_argument("--policy", help="tlog-policy file with the log keys that you trust")
    parser.add_argument("--tsa-roots", help="PEM of the time-stamping authority's CA")
    parser.add_argument(
        "--replay", action="store_true", help="map the upstream bytes again and compare"
    )
    parser.add_argument(
        "--refetch", action="store_true", help="ask the registries again and compare"
    )
    parser.add_argument("--json", action="store_true", help="print findings as JSON")
    return parser


def _check(options: argparse.Namespace, replayer: Replayer | None, fetch: Fetch) -> Verdict:
    if options.replay and replayer is None:
        raise _Usage("--replay needs the whole gateway: pip install carbon-gateway, cgw verify")
    demands = Demands(
        jwks=None if options.jwks is None else _jwks(options.jwks, fetch),
        pin=options.pin,
        query=None if options.query is None else _text_file(options.query),
        variables=_variables(options.variables),
        operation=options.operation,
        max_age=None if options.max_age is None else _age(options.max_age),
        logs=None if options.policy is None else _policy(options.policy),
        tsa_roots=None if options.tsa_roots is None else _small(options.tsa_roots),
        replayer=replayer if options.replay else None,
        fetch=fetch if options.refetch else None,
    )
    path = Path(options.file)
    try:
        if options.file != "-" and (path.is_dir() or _starts(path, b"PK")):
            return verify_bundle(read_bundle(path), demands)
        if demands.jwks is None:
            raise _Usage("--jwks is needed: the key set that you trust")
        return _check_json(_bytes(options.file), demands)
    except ProvenanceError as problem:
        verdict = Verdict()
        verdict.fails("shape", f"This cannot be checked: {problem.message}.")
        return verdict


def _check_json(text: bytes, demands: Demands) -> Verdict:
    events = _events(text)
    common: dict[str, Any] = {
        "query": demands.query,
        "variables": demands.variables,
        "operation": demands.operation,
        "max_age": demands.max_age,
        "pin": demands.pin,
        "now": demands.now,
    }
    if events is not None:
        verdict = verify_stream(events, demands.jwks, **common)
        _tell_not_done(verdict, demands, "a stream", replay=True)
        return verdict
    found = load_json(text)
    if isinstance(found, dict) and "entry" in found:
        verdict = verify_record(found, demands.jwks, **common)
        _tell_not_done(verdict, demands, "a record shown alone", replay=True)
        return verdict
    verdict = verify_response(found, demands.jwks, **common)
    if verdict.valid:
        _tell_not_done(verdict, demands, "a response", replay=False)
        _go_further(verdict, found, demands)
    return verdict


def _tell_not_done(verdict: Verdict, demands: Demands, what: str, *, replay: bool) -> None:
    """What was demanded and cannot be had here is told, never passed over."""
    if demands.logs is not None:
        verdict.unchecked("log", f"There is no log proof with {what}; a bundle carries one.")
    if demands.tsa_roots is not None:
        verdict.unchecked("stamp", f"There is no time stamp with {what}; a bundle carries one.")
    if replay and demands.replayer is not None:
        verdict.unchecked("replay", f"Not replayed: {what} has not all that it takes.")
    if replay and demands.fetch is not None:
        verdict.unchecked("refetch", f"Not asked again: this is not done for {what}.")


def _go_further(verdict: Verdict, response: Mapping[str, Any], demands: Demands) -> None:
    """What a bare response allows of replaying and asking again."""
    proof = response["extensions"]["provenance"]
    opened = open_statement(proof["statement"], proof["signatures"])
    if demands.replayer is not None:
        bodies = check_bodies(Verdict(), opened, proof.get("evidence", []))
        replay(
            verdict,
            opened,
            response,
            demands.replayer,
            bodies,
            demands.query,
            demands.variables,
        )
    if demands.fetch is not None:
        refetch(verdict, opened, demands.fetch)


def _events(text: bytes) -> list[Any] | None:
    """The events of a stream: a JSON list, or JSON texts one per line; None for one value."""
    if text.lstrip(b" \t\r\n").startswith(b"["):
        found = load_json(text)
        return found if isinstance(found, list) else None
    lines = [line for line in text.split(b"\n") if line.strip()]
    if len(lines) < 2 or not all(line.lstrip().startswith(b"{") for line in lines):
        return None
    try:
        return [load_json(line) for line in lines]
    except ProvenanceError:
        # One pretty-printed value may look like lines of values; it is read as a whole then.
        load_json(text)
        return None


def _starts(path: Path, magic: bytes) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(magic)) == magic
    except OSError as problem:
        raise _Usage(f"{path} cannot be read: {problem.strerror}") from None


def _bytes(name: str) -> bytes:
    try:
        if name != "-":
            return read_bounded(Path(name))
        data = sys.stdin.buffer.read(MOST_BYTES + 1)
    except OSError as problem:
        raise _Usage(f"{name} cannot be read: {problem.strerror}") from None
    if len(data) > MOST_BYTES:
        raise ProvenanceError(f"standard input is larger than {MOST_BYTES} bytes")
    return data


def _small(name: str) -> bytes:
    """What the caller brings along with the file that is checked."""
    try:
        return (
            sys.stdin.buffer.read(SMALL_BYTES)
            if name == "-"
            else read_bounded(Path(name), SMALL_BYTES)
        )
    except OSError as problem:
        raise _Usage(f"{name} cannot be read: {problem.strerror}") from None
    except ProvenanceError as problem:
        raise _Usage(problem.message) from None


def _text_file(name: str) -> str:
    try:
        return _small(name).decode()
    except UnicodeDecodeError:
        raise _Usage(f"{name} is not UTF-8") from None


def _jwks(name: str, fetch: Fetch) -> Any:
    try:
        data = fetch(name) if name.startswith(("https://", "http://")) else _small(name)
        return load_json(data)
    except ProvenanceError as problem:
        raise _Usage(f"--jwks {name}: {problem.message}") from None


def _variables(name: str | None) -> Any:
    if name is None:
        return None
    try:
        found = load_json(_small(name))
    except ProvenanceError as problem:
        raise _Usage(f"--variables {name}: {problem.message}") from None
    if not isinstance(found, dict):
        raise _Usage("--variables must hold a JSON object")
    return found


def _policy(name: str) -> Any:
    try:
        return tuple(read_policy(_text_file(name)))
    except ProvenanceError as problem:
        raise _Usage(f"--policy {name}: {problem.message}") from None


def _age(text: str) -> timedelta:
    match = _AGE.fullmatch(text)
    if match is None:
        raise _Usage("--max-age is a number with s, m, h or d, such as 15m")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
