"""A client that verifies every answer as it comes, by a key set that it keeps as HTTP allows."""

from __future__ import annotations

import asyncio
import json
import re
import time
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from gateway.provenance.jwks import UNTRUSTED_REASONS, read_jwks
from gateway.provenance.strict import decode64, load_json
from gateway.provenance.verify import verify_response

_MAX_AGE = re.compile(r"max-age=(\d+)")


@dataclass
class KeySet:
    """The key set of a gateway, fetched again when it is too old and where a key is unknown."""

    port: int
    fetches: int = 0
    for_unknown: int = 0
    _document: dict[str, Any] = field(default_factory=dict)
    _until: float = 0.0

    async def holding(self, kid: str) -> dict[str, Any]:
        """The set that is kept while it is fresh; a fresh one where it lacks the key."""
        if time.monotonic() >= self._until:
            await self.fetch()
        if kid not in read_jwks(self._document):
            self.for_unknown += 1
            await self.fetch()
        return self._document

    async def fetch(self) -> dict[str, Any]:
        """The set of now."""
        self.fetches += 1
        url = f"http://127.0.0.1:{self.port}/.well-known/jwks.json"
        body, control = await asyncio.to_thread(_get, url)
        document = load_json(body)
        assert isinstance(document, dict)
        age = _MAX_AGE.search(control)
        self._document = document
        self._until = time.monotonic() + (int(age[1]) if age else 0)
        return document


def _get(url: str) -> tuple[bytes, str]:
    with urllib.request.urlopen(url, timeout=30) as reply:
        return reply.read(), reply.headers.get("cache-control", "")


@dataclass(frozen=True, slots=True)
class Signed:
    """One answer: its bytes, who signed it, and when it says that it was."""

    body: bytes
    query: str
    kid: str
    at: float


def signed(body: bytes, query: str) -> Signed:
    """The answer, read as far as finding its key takes."""
    proof = json.loads(body)["extensions"]["provenance"]
    header = json.loads(decode64(proof["signatures"][0]["protected"]))
    at = datetime.fromisoformat(proof["statement"]["predicate"]["issuedAt"])
    return Signed(body, query, header["kid"], at.timestamp())


def fault(answer: Signed, keys: dict[str, Any]) -> str:
    """What is wrong with an answer by this key set; empty where it is valid."""
    response = load_json(answer.body)
    assert isinstance(response, dict)
    verdict = verify_response(response, keys, query=answer.query, now=datetime.now(UTC))
    return "" if verdict.valid else verdict.as_text()


def lost_later(answer: Signed, keys: dict[str, Any]) -> bool:
    """Whether its key was told to be compromised after the answer was dated: then nothing that
    the key ever signed is to be believed, and no signer can help it."""
    key = read_jwks(keys).get(answer.kid)
    return (
        key is not None
        and key.revoked_at is not None
        and key.reason in UNTRUSTED_REASONS
        and answer.at < key.revoked_at
    )
