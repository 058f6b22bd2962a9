"""RFC 3161 time stamps on checkpoints: an outsider's word that a log's head existed at a time.

Needs the optional package `rfc3161-client` (`pip install carbon-gateway[tsa]`).
"""

from __future__ import annotations

import asyncio
import http.client
import urllib.request
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from cryptography import x509

from gateway.errors import ConfigError, ProvenanceError
from gateway.provenance.outgoing import fetch

HOUR = 3600.0
MOST_BYTES = 1024 * 1024
TIMEOUT = 30.0

# Sends a TimeStampReq (DER) to the authority and returns its TimeStampResp.
Post = Callable[[str, bytes], Awaitable[bytes]]


class Stamper:
    """Asks one time-stamping authority. `roots` is a PEM of the CA certificates it chains to."""

    def __init__(
        self, url: str, roots: bytes, *, post: Post | None = None, every: float = HOUR
    ) -> None:
        if not url.startswith(("https://", "http://")):
            raise ConfigError("the time-stamping authority's address must be http or https")
        _client()
        self.every = every
        self._url = url
        self._roots = read_roots(roots)
        self._post = post or _post

    async def stamp(self, message: bytes) -> bytes:
        """The authority's response (DER) over the message, verified.

        Raises:
            ProvenanceError: no answer, or a stamp that does not hold.
        """
        client = _client()
        builder = client.TimestampRequestBuilder().data(message)
        request = builder.hash_algorithm(client.HashAlgorithm.SHA256).build()
        token = await self._post(self._url, request.as_bytes())
        _verify(token, message, self._roots, nonce=request.nonce)
        return token


def verify_stamp(token: bytes, message: bytes, roots: bytes) -> datetime:
    """When the authority saw the message; `roots` is a PEM of CA certificates to trust.

    Raises:
        ProvenanceError: the stamp is over something else, or does not chain to the roots.
        ConfigError: the roots are no certificates, or the package is not installed.
    """
    return _verify(token, message, read_roots(roots), nonce=None)


def read_roots(pem: bytes) -> list[x509.Certificate]:
    """The certificates of a PEM.

    Raises:
        ConfigError: the bytes are no PEM of certificates.
    """
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise ConfigError("the time-stamping authority's roots are not PEM certificates") from None


def _verify(
    token: bytes, message: bytes, roots: Sequence[x509.Certificate], *, nonce: int | None
) -> datetime:
    client = _client()
    try:
        response = client.decode_timestamp_response(token)
        # With several roots the library wants one of them to fit, whichever it is.
        client.VerifierBuilder(roots=list(roots), nonce=nonce).build().verify_message(
            response, message
        )
        moment: datetime = response.tst_info.gen_time
    except (ValueError, client.VerificationError) as problem:
        raise ProvenanceError(f"the time stamp does not hold: {problem}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _client() -> Any:
    try:
        import rfc3161_client
    except ImportError:
        raise ConfigError("time stamps need: pip install carbon-gateway[tsa]") from None
    return rfc3161_client


async def _post(url: str, body: bytes) -> bytes:
    return await asyncio.to_thread(_send, url, body)


def _send(url: str, body: bytes) -> bytes:
    request = urllib.request.Request(  # noqa: S310 - the scheme was checked
        url, body, {"Content-Type": "application/timestamp-query"}
    )
    try:
        return fetch(request, seconds=TIMEOUT, most=MOST_BYTES)
    except (OSError, http.client.HTTPException, ValueError) as problem:
        raise ProvenanceError(f"the time-stamping authority did not answer: {problem}") from None
