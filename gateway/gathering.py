"""What an evidence bundle needs beside the answer, gathered from the gateway while it is there."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from gateway import client
from gateway.clock import Clock
from gateway.errors import AskFailed, ProvenanceError
from gateway.provenance.envelope import Opened, open_statement
from gateway.provenance.strict import decode64, load_json

# Seconds between two looks at the log, which puts entries under a checkpoint every two.
_PAUSE = 0.5
Get = Callable[[str], bytes]


@dataclass(slots=True)
class Gathered:
    """The parts, and in words what was not to be had."""

    mappings: dict[str, bytes] = field(default_factory=dict)
    proof: str | None = None
    stamp: bytes | None = None
    settings: Mapping[str, Any] | None = None
    missing: list[str] = field(default_factory=list)


async def gather(
    url: str,
    response: Mapping[str, Any],
    clock: Clock,
    *,
    wait: float = 10.0,
    stamp_wait: float = 0.0,
    get: Get = client.get,
) -> Gathered:
    """The recipes, the log's proof, its time stamp and the settings for a replay.

    `wait` is the seconds to wait for the log's proof, `stamp_wait` for its time stamp. What cannot
    be had is told in `missing`; nothing is taken that is not what the statement names.
    """
    found = Gathered()
    try:
        proof = response["extensions"]["provenance"]
        opened = open_statement(proof["statement"], proof["signatures"])
    except (ProvenanceError, KeyError, TypeError):
        return found  # no proof: whoever verifies says so
    base = f"{url.rstrip('/')}/.well-known/carbon-gateway"
    for digest in _named(opened):
        try:
            body = get(f"{base}/mappings/{digest}")
        except AskFailed as problem:
            found.missing.append(f"the mapping recipe {digest}: {problem.message}")
            continue
        if sha256(body).hexdigest() == digest:
            found.mappings[digest] = body
        else:
            found.missing.append(f"the mapping recipe {digest}: another one was served")
    try:
        settings = load_json(get(f"{base}/replay.json"))
        found.settings = settings if isinstance(settings, dict) else None
    except (AskFailed, ProvenanceError) as problem:
        found.missing.append(f"the settings for a replay: {problem.message}")
    if opened.predicate["log"] is not None:
        await _log(found, url.rstrip("/"), opened, clock, wait, stamp_wait, get)
    return found


def _named(opened: Opened) -> list[str]:
    """The digests of the recipes that the statement names, each once."""
    named = [source["mapping"] for source in opened.predicate["sources"] if source["mapping"]]
    return sorted({mapping["digest"]["sha256"] for mapping in named})


async def _log(
    found: Gathered,
    url: str,
    opened: Opened,
    clock: Clock,
    wait: float,
    stamp_wait: float,
    get: Get,
) -> None:
    entry = opened.log_entry.hex()
    began = clock.monotonic()
    why = ""
    while True:
        try:
            both = json.loads(get(f"{url}/log/stamped/{entry}"))
            found.proof, found.stamp = str(both["proof"]), decode64(both["stamp"])
            return
        except (AskFailed, ProvenanceError, ValueError, KeyError, TypeError) as problem:
            unstamped = str(problem)
        if found.proof is None:
            try:
                found.proof = get(f"{url}/log/proof/{entry}").decode()
            except (AskFailed, UnicodeDecodeError) as problem:
                why = str(problem)
        waited = clock.monotonic() - began
        if waited >= (stamp_wait if found.proof is not None else max(wait, stamp_wait)):
            break
        await clock.sleep(_PAUSE)
    if found.proof is None:
        found.missing.append(f"the log's proof: {why}")
    elif stamp_wait:
        found.missing.append(f"the time stamp: {unstamped}")
