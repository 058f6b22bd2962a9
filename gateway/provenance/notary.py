"""The notary: turns the matter of one answer into its signed `extensions.provenance`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Protocol

from gateway.clock import Chance, Clock
from gateway.errors import ProvenanceError
from gateway.provenance.canonical import canonical_answer
from gateway.provenance.evidence import Evidence
from gateway.provenance.keys import Signer
from gateway.provenance.records import entries, tree
from gateway.provenance.statement import (
    PUBLISHED,
    THROW_AWAY,
    Builder,
    Facts,
    Level,
    Matter,
    Recipe,
    statement,
)
from gateway.provenance.strict import encode64

VERSION = 1


class Ledger(Protocol):
    """Where signed statements are written down; see `gateway.provenance.log`."""

    @property
    def origin(self) -> str | None:
        """The log's name, as the statement says it; None while the log can take nothing."""
        ...

    def submit(self, entry: bytes) -> None:
        """Takes a 32-byte hash without waiting."""
        ...


class Notary:
    """Signs answers in one issuer's name.

    `issuer` is the origin below which `/.well-known/jwks.json` is served. `mappings` names the
    published recipe of each registry. Several signers sign each answer several times, as when
    one key takes over from another.
    """

    def __init__(
        self,
        issuer: str,
        builder: Builder,
        signer: Signer,
        clock: Clock,
        chance: Chance,
        *,
        co_signers: Sequence[Signer] = (),
        mappings: Mapping[str, Recipe] | None = None,
        log: Ledger | None = None,
    ) -> None:
        self.issuer = issuer
        self.builder = builder
        self.mappings = mappings or {}
        self._clock = clock
        self._chance = chance
        self._log = log
        self._seals = self._made(signer, *co_signers)

    @property
    def signers(self) -> tuple[Signer, ...]:
        """The keys that sign now, in the order of their names."""
        return tuple(signer for signer, _ in self._seals)

    def use(self, signer: Signer, *co_signers: Signer) -> None:
        """Signs with these keys from the next answer on, as after a rotation."""
        if {s.kid for s in (signer, *co_signers)} != {s.kid for s in self.signers}:
            self._seals = self._made(signer, *co_signers)

    @staticmethod
    def _made(*signers: Signer) -> tuple[tuple[Signer, str], ...]:
        ordered = sorted(signers, key=lambda s: s.kid)
        return tuple((signer, protected_header(signer.kid)) for signer in ordered)

    async def attest(self, matter: Matter) -> dict[str, Any]:
        """The whole value of `extensions.provenance` for one answer.

        Raises:
            BadInput: a nonce or variables that cannot be signed.
            ProvenanceError: a matter without an answer, or record places that do not fit it.
        """
        places = [place.entry() for place in matter.records]
        found: dict[str, Any] | None = None
        if matter.level is Level.RECORDS:
            if matter.answer is None:
                raise ProvenanceError("level RECORDS needs the answer itself")
            found = tree(entries(matter.answer.get("data"), places))
        # One reading of the keys: they may be changed while a signer is awaited.
        seals = self._seals
        throw_away = any(signer.throw_away for signer, _ in seals)
        origin = None if self._log is None else self._log.origin
        facts = Facts(
            id=self._chance.uuid(),
            issuer=self.issuer,
            issued_at=self._clock.now(),
            builder=self.builder,
            key_status=THROW_AWAY if throw_away else PUBLISHED,
            mappings=self.mappings,
            log_origin=origin,
        )
        said = statement(matter, facts, found)
        payload = encode64(canonical_answer(said))
        value: dict[str, Any] = {
            "version": VERSION,
            "statement": said,
            "signatures": await _signatures(seals, payload),
            "records": places if found is not None else None,
        }
        if matter.evidence.keep_bodies:
            value["evidence"] = kept_bodies(matter.evidence)
        if self._log is not None and origin is not None:
            self._log.submit(log_entry(value["signatures"][0], payload))
        return value


async def _signatures(seals: Sequence[tuple[Signer, str]], payload: str) -> list[dict[str, str]]:
    made: list[dict[str, str]] = []
    for signer, header in seals:
        signature = encode64(await signer.sign(f"{header}.{payload}".encode()))
        made.append({"protected": header, "signature": signature})
    return made


def protected_header(kid: str) -> str:
    """The JWS protected header (RFC 7515, 4; `Ed25519` of RFC 9864), base64url."""
    header = {
        "alg": "Ed25519",
        "cty": "vnd.in-toto+json",
        "kid": kid,
        "typ": "cgw-provenance+jws",
    }
    return encode64(canonical_answer(header))


def log_entry(signature: Mapping[str, str], payload: str) -> bytes:
    """What a log writes down: SHA-256 of the compact JWS (RFC 7515, 7.1), 32 bytes."""
    compact = f"{signature['protected']}.{payload}.{signature['signature']}"
    return sha256(compact.encode()).digest()


def kept_bodies(evidence: Evidence) -> list[dict[str, Any]]:
    """The upstream bodies that the client asked to have, base64url, by index of their source."""
    return [
        {"source": index, "body": encode64(exchange.body)}
        for index, exchange in enumerate(evidence.exchanges)
        if exchange.body is not None
    ]
