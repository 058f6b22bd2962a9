"""RFC 9421 signatures, checked by an independent library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gateway.errors import ProvenanceError
from gateway.provenance.httpsig import content_digest, signature_headers
from tests.provenance.answers import signer

library = pytest.importorskip("http_message_signatures", reason="needs the httpsig extra")

BODY = b'{"data":{"a":1}}'


@dataclass
class Asked:
    method: str = "POST"
    url: str = "https://gw.example/graphql?x=1"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Told:
    headers: dict[str, str]
    status_code: int = 200
    request: Asked = field(default_factory=Asked)
    body: bytes = BODY


class Keys(library.HTTPSignatureKeyResolver):  # type: ignore[misc, name-defined]
    def resolve_public_key(self, key_id: str) -> Any:
        assert key_id == signer().kid
        return Ed25519PublicKey.from_public_bytes(signer().public)


async def told(**changes: Any) -> Told:
    options: dict[str, Any] = {
        "status": 200,
        "content_type": "application/graphql-response+json",
        "body": BODY,
        "method": "POST",
        "target_uri": "https://gw.example/graphql?x=1",
        "created": datetime.now(UTC),
    }
    headers = await signature_headers(signer(), **options | changes)
    return Told({"Content-Type": "application/graphql-response+json", **headers})


def verify(message: Told, body: bytes | None = None) -> Mapping[str, Any]:
    checker = library.HTTPMessageVerifier(
        signature_algorithm=library.algorithms.ED25519, key_resolver=Keys()
    )
    (result,) = checker.verify(message, body=BODY if body is None else body)
    found: Mapping[str, Any] = result.covered_components
    return found


async def test_the_library_verifies_our_signature() -> None:
    covered = verify(await told())
    assert set(covered) >= {
        '"@status"',
        '"content-type"',
        '"content-digest"',
        '"@method";req',
        '"@target-uri";req',
    }


async def test_a_changed_status_type_body_or_request_is_refused() -> None:
    wrong = library.exceptions.InvalidSignature
    for change in ("status", "type", "method", "target"):
        message = await told()
        if change == "status":
            message.status_code = 500
        elif change == "type":
            message.headers["Content-Type"] = "text/html"
        elif change == "method":
            message.request.method = "GET"
        else:
            message.request.url = "https://gw.example/graphql?x=2"
        with pytest.raises(wrong):
            verify(message)
    with pytest.raises(library.HTTPMessageSignaturesException):
        verify(await told(), body=BODY + b" ")


def test_the_digest_is_that_of_rfc_9530_appendix_b() -> None:
    body = b'{"hello": "world"}\n'
    assert content_digest(body) == "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"


@pytest.mark.parametrize(
    "changes", [{"content_type": "a\r\nb"}, {"method": "PÖST"}, {"target_uri": "https://é"}]
)
async def test_values_that_no_header_can_hold_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ProvenanceError):
        await told(**changes)
