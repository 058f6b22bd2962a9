"""Gateways over one key directory, asked as clients ask, every answer verified."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from gateway.app import Readiness, create_app
from gateway.assemble import Gateway, assemble
from gateway.config import Settings
from gateway.provenance.keyring import Keyring
from gateway.provenance.strict import decode64, load_json
from gateway.provenance.verify import verify_response
from tests.stepclock import StepClock

QUERY = "{ __typename }"
QUARTER = 0.25


@dataclass(frozen=True, slots=True)
class Replica:
    """One process: what it answers, as a client sees it."""

    http: httpx.AsyncClient
    gateway: Gateway

    async def ask(self) -> httpx.Response:
        return await self.http.post("/graphql", json={"query": QUERY})

    async def keys(self) -> dict[str, Any]:
        keys = load_json((await self.http.get("/.well-known/jwks.json")).content)
        assert isinstance(keys, dict)
        return keys

    async def ready(self) -> tuple[int, str]:
        reply = await self.http.get("/readyz")
        return reply.status_code, reply.json()["status"]


@dataclass(frozen=True, slots=True)
class Pair:
    """The replicas, and the directory between them."""

    one: Replica
    other: Replica
    ring: Keyring
    clock: StepClock

    async def signer(self) -> str | None:
        """Who signs, after every answer was verified by what both publish; None where both
        refuse with 503."""
        kids: set[str | None] = set()
        for replica in (self.one, self.other):
            reply = await replica.ask()
            if reply.status_code != 200:
                error = reply.json()["errors"][0]["extensions"]
                assert (reply.status_code, error["code"]) == (503, "NO_SIGNING_KEY")
                assert int(reply.headers["retry-after"]) == error["retryAfterSeconds"] >= 1
                assert await replica.ready() == (503, "no signing key")
                kids.add(None)
                continue
            assert await replica.ready() == (200, "ready")
            response = load_json(reply.content)
            for keys in (await self.one.keys(), await self.other.keys()):
                verdict = verify_response(response, keys, query=QUERY, now=self.clock.now())
                assert verdict.exit_code == 0, verdict.as_text()
            kids.add(kid_of(response))
        (kid,) = kids
        return kid

    async def signers(self, seconds: float) -> list[str | None]:
        """Who signs at each quarter of a second on the way."""
        found: list[str | None] = []
        for _ in range(int(seconds / QUARTER)):
            await self.clock.forward(QUARTER)
            found.append(await self.signer())
        return found


def kid_of(response: Any) -> str:
    header = response["extensions"]["provenance"]["signatures"][0]["protected"]
    return str(json.loads(decode64(header))["kid"])


@asynccontextmanager
async def replica(folder: Path, clock: StepClock, **signing: Any) -> AsyncIterator[Replica]:
    given = {
        "server": {"issuer": "http://gw.example", "metrics": True},
        "only": ["cad-trust"],
        "signing": {"keys_dir": str(folder), **signing},
    }
    gateway = assemble(Settings.model_validate(given), clock=clock)
    app = create_app(gateway, readiness=Readiness(started=True))
    await gateway.start()
    transport = httpx.ASGITransport(app)
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://gw.example") as http:
            yield Replica(http, gateway)
    finally:
        await gateway.close()
