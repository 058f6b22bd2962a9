"""Optional second layer: HTTP Message Signatures (RFC 9421) over exact bytes (RFC 9530)."""

from __future__ import annotations

import base64
from datetime import datetime
from hashlib import sha256

from gateway.errors import ProvenanceError
from gateway.provenance.keys import Signer

LABEL = "cgw"
TAG = "carbon-gateway"
COMPONENTS = '("@status" "content-type" "content-digest" "@method";req "@target-uri";req)'


def content_digest(body: bytes) -> str:
    """The Content-Digest of the bytes as they are sent, after any content coding."""
    return f"sha-256=:{_base64(sha256(body).digest())}:"


async def signature_headers(
    signer: Signer,
    *,
    status: int,
    content_type: str,
    body: bytes,
    method: str,
    target_uri: str,
    created: datetime,
) -> dict[str, str]:
    """The three headers that bind a response to its request and to its exact bytes.

    `target_uri` is the whole URL that the client asked, `method` in upper case, `body` what
    goes over the wire. The `keyid` is the kid of the JWKS.

    Raises:
        ProvenanceError: a value that no signature base can hold.
    """
    for value in (content_type, method, target_uri):
        if not (value.isascii() and value.isprintable()):
            raise ProvenanceError("a signed header has characters that are not printable ASCII")
    digest = content_digest(body)
    seconds = int(created.timestamp())
    params = f'{COMPONENTS};created={seconds};keyid="{signer.kid}";alg="ed25519";tag="{TAG}"'
    base = "\n".join(
        (
            f'"@status": {status}',
            f'"content-type": {content_type}',
            f'"content-digest": {digest}',
            f'"@method";req: {method}',
            f'"@target-uri";req: {target_uri}',
            f'"@signature-params": {params}',
        )
    )
    signature = await signer.sign(base.encode())
    return {
        "Content-Digest": digest,
        "Signature-Input": f"{LABEL}={params}",
        "Signature": f"{LABEL}=:{_base64(signature)}:",
    }


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
