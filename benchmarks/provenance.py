"""What proof costs: `python -m benchmarks.provenance` prints times, ratios and the limit's verdict.

The limit: at the default level, hashing, canonical bytes, statement and signature together cost
at most 3x a plain SHA-256 of the same bytes (upstream bodies and answer) plus one Ed25519
signature, measured side by side in the same run. Exit code 1 where it is not kept.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gateway.clock import SystemChance, SystemClock
from gateway.errors import Outcome
from gateway.provenance.canonical import canonical_answer
from gateway.provenance.evidence import Evidence, Exchange
from gateway.provenance.keys import LocalSigner, throw_away_signer
from gateway.provenance.notary import Notary
from gateway.provenance.records import Place
from gateway.provenance.statement import Builder, Level, Matter, Scope
from gateway.provenance.strict import encode64

LIMIT = 3.0
REGISTRIES = ("acr", "car", "verra")


@dataclass(frozen=True, slots=True)
class Scene:
    """Upstream bodies, the answer made of them, and where its records are."""

    bodies: list[bytes]
    answer: dict[str, Any]
    places: list[Place]
    evidence: Evidence


def scene(records: int, row_bytes: int = 1200, fields: int = 12) -> Scene:
    """An answer over three registries, a third of the records from each."""
    rng = random.Random(7)
    words = ["forest", "wind", "solar", "cookstove", "Wälder", "mangrove", "peat", "森林", "grid"]
    nodes: list[dict[str, Any]] = []
    rows: dict[str, list[dict[str, Any]]] = {registry: [] for registry in REGISTRIES}
    places: list[Place] = []
    for index in range(records):
        source = index % len(REGISTRIES)
        registry = REGISTRIES[source]
        node: dict[str, Any] = {"id": f"cgw:{registry}:project:{index}"}
        for number in range(fields):
            node[f"field{number}"] = " ".join(rng.choices(words, k=4))
        node["vintageYear"] = rng.randrange(2000, 2030)
        node["sector"] = None
        row = {**node, "rest": "x" * max(0, row_bytes - len(json.dumps(node)))}
        places.append(
            Place(("projects", "nodes", index), node["id"], ((source, f"/{len(rows[registry])}"),))
        )
        rows[registry].append(row)
        nodes.append(node)
    bodies = [json.dumps(found).encode() for found in rows.values()]
    evidence = Evidence()
    for registry, body in zip(REGISTRIES, bodies, strict=True):
        digest = hashlib.sha256(body).hexdigest()
        address = f"https://{registry}.example/projects?page=1"
        evidence.add(
            Exchange(
                registry,
                Outcome.OK,
                "GET",
                address,
                digest=digest,
                size=len(body),
                media_type="application/json",
                status=200,
                fetched_at=datetime.now(UTC),
                body=body,
            )
        )
    return Scene(bodies, {"data": {"projects": {"nodes": nodes}}}, places, evidence)


def finished(step: Any) -> Any:
    """The result of a coroutine that never waits."""
    try:
        step.send(None)
    except StopIteration as stop:
        return stop.value
    raise RuntimeError("the coroutine waited")


class Levels:
    """Everything that is timed, each as a function without arguments."""

    def __init__(self, found: Scene) -> None:
        self.found = found
        self.signer: LocalSigner = throw_away_signer()
        builder = Builder(version="0", schema_digest="0" * 64)
        self.notary = Notary(
            "https://gw.example", builder, self.signer, SystemClock(), SystemChance()
        )
        self.canonical = canonical_answer(found.answer)

    def plain_hash(self) -> None:
        """SHA-256 of the bodies and of the answer, as they are."""
        for body in self.found.bodies:
            hashlib.sha256(body).hexdigest()
        hashlib.sha256(self.canonical).hexdigest()

    def signature(self) -> None:
        """One Ed25519 signature."""
        self.signer.sign_now(self.canonical[:64])

    def statement(self) -> None:
        """The default level: bodies hashed, answer canonicalised and hashed, statement signed."""
        self._attest(Level.STATEMENT, keep=False)

    def records(self) -> None:
        """Level RECORDS: the record tree as well."""
        self._attest(Level.RECORDS, keep=False)

    def evidence(self) -> None:
        """The default level with all upstream bodies in the answer."""
        self._attest(Level.STATEMENT, keep=True)

    def hmac_salts(self) -> None:
        """What salted leaves would add: an HMAC for each, in base64url."""
        seed = bytes(16)
        for index in range(len(self.found.places)):
            encode64(hmac.digest(seed, index.to_bytes(4, "big"), "sha256")[:16])

    def _attest(self, level: Level, *, keep: bool) -> None:
        for body in self.found.bodies:
            hashlib.sha256(body).hexdigest()
        evidence = Evidence(keep, self.found.evidence.exchanges)
        finished(
            self.notary.attest(
                Matter(
                    "{ projects { nodes { id } } }",
                    {"first": len(self.found.places)},
                    scope=Scope(REGISTRIES, REGISTRIES),
                    evidence=evidence,
                    answer=self.found.answer,
                    level=level,
                    records=self.found.places if level is Level.RECORDS else (),
                )
            )
        )


def measured(steps: dict[str, Callable[[], None]], rounds: int) -> dict[str, float]:
    """The best processor time of each step in seconds; they take turns, so that none has a quiet
    hour, and what else the machine does is not counted."""
    best = dict.fromkeys(steps, float("inf"))
    for _ in range(rounds):
        for name, step in steps.items():
            begun = time.thread_time()
            step()
            best[name] = min(best[name], time.thread_time() - begun)
    return best


def report(records: int, rounds: int) -> float:
    """Prints one scene's table; the ratio that the limit is about."""
    levels = Levels(scene(records))
    times = measured(
        {
            "hash": levels.plain_hash,
            "signature": levels.signature,
            "STATEMENT": levels.statement,
            "RECORDS": levels.records,
            "STATEMENT + evidence": levels.evidence,
            "salts (not used)": levels.hmac_salts,
        },
        rounds,
    )
    total = sum(map(len, levels.found.bodies))
    print(f"{records} records: bodies {total:,} bytes, answer {len(levels.canonical):,} bytes")
    for name, seconds in times.items():
        print(f"  {name:<21} {seconds * 1e6:9.1f} us")
    ratio = (times["STATEMENT"] - times["signature"]) / times["hash"]
    for name in ("RECORDS", "STATEMENT + evidence"):
        more = times[name] - times["STATEMENT"]
        print(f"  {name} costs {more * 1e6:.0f} us more than STATEMENT")
    print(f"  STATEMENT = {ratio:.2f} x plain SHA-256 + one signature (limit {LIMIT:g})")
    return ratio


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, nargs="*", default=[25, 300, 3000])
    parser.add_argument("--rounds", type=int, default=200)
    options = parser.parse_args(argv)
    ratios = [report(count, options.rounds) for count in options.records]
    kept = all(ratio <= LIMIT for ratio in ratios)
    print("the limit is kept" if kept else "the limit is NOT kept")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
