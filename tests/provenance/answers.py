"""Signed answers for the provenance tests, made through the real notary with fixed time."""

from __future__ import annotations

import random
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, TypeVar

from gateway.errors import Outcome
from gateway.provenance.evidence import CacheFacts, Evidence, Exchange
from gateway.provenance.jwks import PublishedKey, jwks
from gateway.provenance.keys import LocalSigner, signer_from_pem
from gateway.provenance.notary import Notary
from gateway.provenance.records import Place
from gateway.provenance.statement import Builder, Level, Matter, Recipe, Scope

T = TypeVar("T")

# The secret key of RFC 8032, 7.1, TEST 1, as PKCS#8: published, so that vectors can be remade.
PEM = """-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
"""
NOW = datetime(2025, 3, 1, 18, 55, 0, 123000, tzinfo=UTC)
QUERY = (
    "query Q($first: Int, $where: ProjectWhere) "
    "{ projects(first: $first, where: $where) { nodes { id projectName } } }"
)
VARIABLES: dict[str, Any] = {"first": 2, "where": {"text": "Wald £ 森"}}
# What a verifier must be given to know what an answer of these tests is the answer to.
ASKED: dict[str, Any] = {"query": QUERY, "variables": VARIABLES}


class FixedClock:
    """Time that moves only when told."""

    def __init__(self, moment: datetime = NOW) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


class SeededChance:
    """Randomness that repeats."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)

    def random(self) -> float:
        return self._random.random()

    def uuid(self) -> str:
        return (
            f"{self._random.getrandbits(32):08x}-0000-4000-8000-{self._random.getrandbits(48):012x}"
        )


def signer() -> LocalSigner:
    return signer_from_pem(PEM)


def key_set() -> dict[str, Any]:
    return jwks([PublishedKey(signer().public, issued_at=1735689600, not_before=1735689600)])


def notary(**options: Any) -> Notary:
    builder = Builder(version="0.0.1", schema_digest=sha256(b"schema").hexdigest())
    recipe = Recipe("verra", "1", sha256(b"recipe").hexdigest())
    options.setdefault("mappings", {"verra": recipe})
    key = options.pop("signer", None) or signer()
    return Notary("https://gw.example", builder, key, FixedClock(), SeededChance(), **options)


def exchange(body: bytes, registry: str = "verra", **facts: Any) -> Exchange:
    options: dict[str, Any] = {
        "digest": sha256(body).hexdigest(),
        "size": len(body),
        "media_type": "application/json",
        "status": 200,
        "fetched_at": NOW - timedelta(minutes=3),
        "cache": CacheFacts(hit=True, age_seconds=180, ttl_seconds=420),
        "body": body,
    }
    return Exchange(
        registry, Outcome.OK, "GET", "https://registry.example/projects?page=1", **options | facts
    )


def answer(rng: random.Random, count: int = 4) -> tuple[dict[str, Any], list[Place]]:
    """An answer with `count` projects, every second with a unit inside, and their places."""
    nodes: list[dict[str, Any]] = []
    places: list[Place] = []
    for index in range(count):
        key = rng.randrange(10**6)
        node: dict[str, Any] = {
            "id": f"cgw:verra:project:{key}",
            "projectName": rng.choice(["Forest", "Wälder", "森林", "\U00010400orest", ""])
            + str(key),
            "projectStatus": rng.choice(["REGISTERED", None]),
            "vintageYear": rng.randrange(2000, 2030),
            "isExAnte": rng.choice([True, False]),
            "tags": [rng.choice("abc") for _ in range(rng.randrange(3))],
        }
        path = ("projects", "nodes", index)
        places.append(Place(path, node["id"], ((0, f"/value/{index}"),)))
        if index % 2:
            unit = {"id": f"cgw:verra:unit:{key}-1", "unitCount": f"{rng.randrange(999)}.50"}
            node["units"] = [unit]
            places.append(Place((*path, "units", 0), unit["id"], ((1, f"/{index}"), (0, ""))))
        nodes.append(node)
    return {"data": {"projects": {"nodes": nodes, "more": None}}}, places


def matter(seed: int = 1, level: Level = Level.RECORDS, **changes: Any) -> Matter:
    rng = random.Random(seed)
    value, places = answer(rng, 1 + seed % 5)
    evidence = Evidence(keep_bodies=True)
    evidence.add(exchange(b'{"value":[]}'))
    evidence.add(exchange(b"id;count\r\n1;2\r\n", media_type="text/csv", etag='"v1"'))
    evidence.add(
        Exchange("goldstandard", Outcome.TIMEOUT, "GET", "https://gs.example/credits", attempts=2)
    )
    facts: dict[str, Any] = {
        "document": QUERY,
        "variables": VARIABLES,
        "operation_name": "Q",
        "nonce": f"nonce-{seed}",
        "scope": Scope(("goldstandard", "verra"), ("verra",), complete=False),
        "evidence": evidence,
        "answer": value,
        "level": level,
        "records": places if level is Level.RECORDS else (),
    }
    return Matter(**facts | changes)


def finished(step: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that never waits, inside or outside of a running loop."""
    try:
        step.send(None)
    except StopIteration as stop:
        value: T = stop.value
        return value
    raise AssertionError("the coroutine waited")


def signed(found: Matter, by: Notary | None = None) -> dict[str, Any]:
    """The whole response for a matter with an answer."""
    assert found.answer is not None
    value = finished((by or notary()).attest(found))
    return {**found.answer, "extensions": {"provenance": value}}
