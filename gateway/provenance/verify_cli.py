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
from gateway.provenance.strict import load_json
from gateway.provenance.verdict import USAGE, Verdict
from gateway.provenance.verify import verify_response

_AGE = re.compile(r"(\d{1,9})(s|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
MOST_BYTES = 512 * 1024 * 1024


class _Usage(Exception):
    """The command was called wrongly."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _Usage(message)


def run(argv: Sequence[str]) -> int:
    """Runs the verifier and prints what it found; returns the exit code."""
    try:
        options = _parser().parse_args(list(argv))
        verdict = _check(options)
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


def _parser() -> _Parser:
    parser = _Parser(
        prog="cgw verify",
        description="Checks a signed answer, offline. Exit codes: 0 valid, 1 invalid, "
        "2 valid but incomplete evidence, 64 wrong usage.",
    )
    parser.add_argument("file", help="a response (JSON); - reads standard input")
    parser.add_argument("--jwks", help="the issuer's key set that you trust (file)")
    parser.add_argument("--pin", help="thumbprint that the signing key must have")
    parser.add_argument("--query", help="file with the query that was asked")
    parser.add_argument("--variables", help="file with the variables (JSON)")
    parser.add_argument("--max-age", help="refuse anything older, such as 90s, 15m, 24h, 7d")
    parser.add_argument("--json", action="store_true", help="print findings as JSON")
    return parser


def _check(options: argparse.Namespace) -> Verdict:
    if options.jwks is None:
        raise _Usage("--jwks is needed: the key set that you trust")
    keys = _json_file(options.jwks, "--jwks")
    query = None if options.query is None else _text_file(options.query)
    variables = None if options.variables is None else _json_file(options.variables, "--variables")
    if variables is not None and not isinstance(variables, Mapping):
        raise _Usage("--variables must hold a JSON object")
    max_age = None if options.max_age is None else _age(options.max_age)
    try:
        response = load_json(_bytes(options.file))
    except ProvenanceError as problem:
        verdict = Verdict()
        verdict.fails("shape", f"This cannot be checked: {problem.message}.")
        return verdict
    return verify_response(
        response, keys, query=query, variables=variables, max_age=max_age, pin=options.pin
    )


def _bytes(name: str) -> bytes:
    try:
        if name == "-":
            return sys.stdin.buffer.read(MOST_BYTES)
        return Path(name).read_bytes()
    except OSError as problem:
        raise _Usage(f"{name} cannot be read: {problem.strerror}") from None


def _text_file(name: str) -> str:
    try:
        return _bytes(name).decode()
    except UnicodeDecodeError:
        raise _Usage(f"{name} is not UTF-8") from None


def _json_file(name: str, option: str) -> Any:
    try:
        return load_json(_bytes(name))
    except ProvenanceError as problem:
        raise _Usage(f"{option} {name}: {problem.message}") from None


def _age(text: str) -> timedelta:
    match = _AGE.fullmatch(text)
    if match is None:
        raise _Usage("--max-age is a number with s, m, h or d, such as 15m")
    try:
        return timedelta(**{_UNITS[match[2]]: int(match[1])})
    except OverflowError:
        raise _Usage("--max-age is longer than time") from None
