"""`cgw query`: ask a running gateway, check what it signed, print what it said."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gateway import client
from gateway.clock import Clock, SystemClock
from gateway.errors import AskFailed, ProvenanceError
from gateway.gathering import gather
from gateway.provenance.bundle import make_bundle
from gateway.provenance.jwks import read_jwks
from gateway.provenance.published import step_back
from gateway.provenance.strict import load_json
from gateway.provenance.verify import verify_response


def ask_and_verify(
    url: str,
    query: str,
    variables: Mapping[str, Any],
    *,
    jwks: Path | None = None,
    save: Path | None = None,
    bundle: Path | None = None,
    wait: float = 10.0,
    stamp_wait: float = 0.0,
    clock: Clock | None = None,
) -> int:
    """Prints data and errors to standard output, the verdict to standard error.

    Gives the verifier's exit code. Without a key set of the caller's own, the gateway's is
    taken, which proves only that the answer was not changed on the way.

    `bundle` is where to keep an evidence bundle, with all that a check elsewhere takes; what of it
    was not to be had is told on standard error. `wait` is the seconds to wait for the log's proof,
    `stamp_wait` for a time stamp over it.

    Raises:
        AskFailed: no answer, one that is not JSON, or a file that cannot be written.
    """
    wishes = {"provenance": {"evidence": True}} if bundle else None
    body = client.ask(url, query, variables, wishes)
    if save is not None:
        _keep(save, body)
    try:
        response = load_json(body)
        keys = client.jwks(url) if jwks is None else load_json(jwks.read_bytes())
    except ProvenanceError as error:
        raise AskFailed(f"{url}: {error.message}") from None
    except OSError as error:
        raise AskFailed(f"{jwks} cannot be read: {error.strerror}") from None
    if not isinstance(response, dict):
        raise AskFailed(f"{url}: the answer is not a JSON object")
    said = {name: response[name] for name in ("errors", "data") if name in response}
    sys.stdout.write(json.dumps(said, indent=2, ensure_ascii=False) + "\n")
    if bundle is not None:
        more = asyncio.run(
            gather(url, response, clock or SystemClock(), wait=wait, stamp_wait=stamp_wait)
        )
        whole = make_bundle(
            body,
            keys,
            query=query,
            variables=variables,
            mappings=more.mappings,
            proof=more.proof,
            stamp=more.stamp,
            settings=more.settings,
        )
        _keep(bundle, whole)
        for part in more.missing:
            sys.stderr.write(f"The bundle is without {part}.\n")
    verdict = verify_response(response, keys, query=query, variables=variables)
    sys.stderr.write(verdict.as_text() + "\n")
    if jwks is not None and (gone := _taken_back(url, keys)):
        sys.stderr.write(
            f"The gateway's own key set is older than the one that you named: {gone}. Key sets "
            "only grow: ask its operator, and go on with yours.\n"
        )
    if jwks is None:
        sys.stderr.write("The keys came from the gateway itself; --jwks names ones you trust.\n")
    return verdict.exit_code


def _taken_back(url: str, trusted: Any) -> str:
    """What the gateway's present key set takes back of one that it published before; empty where
    nothing, or where it gives none that can be read."""
    try:
        return step_back(read_jwks(trusted).values(), read_jwks(client.jwks(url)).values())
    except (AskFailed, ProvenanceError):
        return ""


def _keep(path: Path, body: bytes) -> None:
    try:
        path.write_bytes(body)
    except OSError as error:
        raise AskFailed(f"{path} cannot be written: {error.strerror}") from None
