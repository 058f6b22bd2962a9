"""A gateway over a transparency log that cannot go on: what clients and operators see.

What must hold: the gateway is not ready, its log says why, a required log refuses the answers, and
what cannot be read is not said to be missing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.app import Readiness, create_app
from gateway.assemble import Gateway, assemble
from gateway.config import Settings
from gateway.provenance.durable import write_atomically
from gateway.provenance.keys import throw_away_signer

pytestmark = pytest.mark.adversarial

QUERY = {"query": "{ __typename }"}


@asynccontextmanager
async def gateway_with(folder: Path, *, required: bool) -> AsyncIterator[tuple[Gateway, Any]]:
    key = folder / "log.pem"
    write_atomically(key, throw_away_signer().pem(), mode=0o600)
    given: dict[str, Any] = {
        "server": {"issuer": "http://gw.example"},
        "only": ["cad-trust"],
        "log": {"directory": str(folder / "log"), "key_file": str(key), "required": required},
    }
    gateway = assemble(Settings.model_validate(given), signer=throw_away_signer())
    await gateway.start()
    app = create_app(gateway, readiness=Readiness(started=True))
    transport = httpx.ASGITransport(app)
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://gw.example") as http:
            yield gateway, http
    finally:
        await gateway.close()


@pytest.mark.parametrize("required", [False, True])
async def test_the_gateway_is_not_ready_while_its_log_does_not_go_on(
    tmp_path: Path, required: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async with gateway_with(tmp_path, required=required) as (gateway, http):
        assert (await http.get("/readyz")).status_code == 200
        (tmp_path / "log").rename(tmp_path / "away")
        before = await http.post("/graphql", json=QUERY)
        assert gateway.log is not None
        await gateway.log.flush()
        ready = await http.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (
            503,
            "the transparency log does not go on",
        )
        assert "was moved or removed" in caplog.text
        during = await http.post("/graphql", json=QUERY)
        if required:
            assert during.status_code == 503
        else:
            said = during.json()["extensions"]["provenance"]["statement"]["predicate"]["log"]
            assert said is None
        (tmp_path / "away").rename(tmp_path / "log")
        await gateway.log.flush()
        assert (await http.get("/readyz")).status_code == 200
        assert before.json()["extensions"]["provenance"]["statement"]["predicate"]["log"]
        assert gateway.log.store.head.size == 1


async def test_what_cannot_be_read_is_not_said_to_be_missing(tmp_path: Path) -> None:
    async with gateway_with(tmp_path, required=False) as (gateway, http):
        await http.post("/graphql", json=QUERY)
        assert gateway.log is not None
        await gateway.log.flush()
        (tmp_path / "log" / "entries.sqlite").unlink()
        found = await http.get(f"/log/proof/{'0' * 64}")
        assert (found.status_code, found.headers["retry-after"]) == (503, "2")
        assert (await http.get("/log/proof/short")).status_code == 404
