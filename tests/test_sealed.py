"""The signature over exact bytes, where its key is lost between choice and signature."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from gateway.provenance.keyring import Keyring
from gateway.provenance.keys import LocalSigner
from gateway.provenance.keywatch import KeyWatch
from gateway.sealed import Sealed
from tests.provenance.answers import FixedClock


class LostWhileSigning(KeyWatch):
    """A directory in which the key is revoked as soon as it was chosen to sign."""

    def __init__(self, ring: Keyring, clock: FixedClock) -> None:
        super().__init__(ring, clock)
        self._directory = ring
        self.lost = False

    def at(self, moment: datetime) -> tuple[LocalSigner, ...]:
        found = super().at(moment)
        if self.lost:
            self._directory.revoke(found[0].kid)
        return found


async def test_a_key_that_is_revoked_while_it_signs_leaves_no_signature(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FixedClock()
    ring = Keyring(tmp_path / "keys", clock)
    ring.new()
    keys = LostWhileSigning(ring, clock)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("well")(scope, receive, send)

    sealed: Any = Sealed(app, issuer="http://gw.example", keys=keys, clock=clock)
    transport = httpx.ASGITransport(sealed)
    async with httpx.AsyncClient(transport=transport, base_url="http://gw.example") as http:
        before = await http.get("/healthz")
        keys.lost = True
        after = await http.get("/healthz")
    assert "signature" in before.headers
    assert (after.status_code, after.text) == (200, "well")
    assert not {"signature", "signature-input", "content-digest"} & set(after.headers)
    (told,) = (r for r in caplog.records if r.levelno == logging.ERROR)
    assert "revoked while it signed" in told.getMessage()
