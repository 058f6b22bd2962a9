"""The notary: turns the matter of one answer into its signed `extensions.provenance`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, Protocol

from gateway.clock import Chance, Clock
from gateway.errors import (
    BadInput,
    LogStopped,
    NoSigningKey,
    Overloaded,
    ProvenanceError,
)
from gateway.provenance.canonical import canonical_answer
from gateway.provenance.evidence import Evidence
from gateway.provenance.keys import Signer
from gateway.provenance.records import entries, tree
from gateway.provenance.signing import LastingKeys, SigningKeys
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
# How often a statement is made again because its key was revoked while it was signed.
ATTEMPTS = 3


class Ledger(Protocol):
    """Where signed statements are written down; see `gateway.provenance.log`."""

    @property
    def origin(self) -> str | None:
        """The log's name, as the statement says it; None while the log can take nothing."""
        ...

    def submit(self, entry: bytes) -> None:
        """Takes a 32-byte hash for good.

        Raises:
            LogStopped: it could not be taken.
        """
        ...


class Notary:
    """Signs answers in one issuer's name.

    `issuer` is the origin below which `/.well-known/jwks.json` is served. `mappings` names the
    published recipe of each registry. `signer` is the keys of a directory, of which each signs
    in its time, or a key that may always sign, and then `co_signers` sign each answer beside it.
    """

    def __init__(
        self,
        issuer: str,
        builder: Builder,
        signer: Signer | SigningKeys,
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
        self.keys: SigningKeys = (
            signer if isinstance(signer, SigningKeys) else LastingKeys(signer, *co_signers)
        )
        self.refused = 0
        self.errors = 0
        self._clock = clock
        self._chance = chance
        self._log = log

    @property
    def signers(self) -> tuple[Signer, ...]:
        """The keys that sign now, in the order of their names; none where none is in its time."""
        try:
            return self.keys.at(self._clock.now())
        except NoSigningKey:
            return ()

    @property
    def ready(self) -> bool:
        """Whether an answer could be signed now."""
        return bool(self.signers)

    def require(self) -> None:
        """To be called before any work for an answer.

        Raises:
            NoSigningKey: it could not be signed.
        """
        self._signers_at(self._clock.now())

    async def attest(self, matter: Matter) -> dict[str, Any]:
        """The whole value of `extensions.provenance` for one answer.

        Raises:
            BadInput: a nonce or variables that cannot be signed.
            NoSigningKey: no key is in its time.
            Overloaded: the log is required and takes nothing.
            ProvenanceError: a matter without an answer, or record places that do not fit it.
        """
        try:
            return await self._attested(matter)
        except (BadInput, NoSigningKey, Overloaded):
            raise
        except Exception:
            self.errors += 1
            raise

    async def _attested(self, matter: Matter) -> dict[str, Any]:
        places = [place.entry() for place in matter.records]
        found: dict[str, Any] | None = None
        if matter.level is Level.RECORDS:
            if matter.answer is None:
                raise ProvenanceError("level RECORDS needs the answer itself")
            found = tree(entries(matter.answer.get("data"), places))
        value = await self._logged(matter, found)
        value["records"] = places if found is not None else None
        if matter.evidence.keep_bodies:
            value["evidence"] = kept_bodies(matter.evidence)
        return value

    async def _logged(self, matter: Matter, found: dict[str, Any] | None) -> dict[str, Any]:
        """The signed statement; where it names the log, the log has it. One that could not be
        written down is signed again, with what the log says of itself then."""
        for _ in range(ATTEMPTS):
            value, origin, payload = await self._signed(matter, found)
            if self._log is None or origin is None:
                return value
            try:
                self._log.submit(log_entry(value["signatures"][0], payload))
            except LogStopped:
                continue
            return value
        raise Overloaded("the transparency log takes no entries now", retryAfterSeconds=2)

    async def _signed(
        self, matter: Matter, found: dict[str, Any] | None
    ) -> tuple[dict[str, Any], str | None, str]:
        """The statement with its signatures, the log that it names, and its signed form.

        The keys are those of the very instant that the statement says. A key that was revoked
        after that instant was taken and before all had signed makes the statement worthless to
        whoever has the newer key set, so it is made again.
        """
        for _ in range(ATTEMPTS):
            issued_at = self._clock.now()
            signers = self._signers_at(issued_at)
            throw_away = any(signer.throw_away for signer in signers)
            origin = None if self._log is None else self._log.origin
            facts = Facts(
                id=self._chance.uuid(),
                issuer=self.issuer,
                issued_at=issued_at,
                builder=self.builder,
                key_status=THROW_AWAY if throw_away else PUBLISHED,
                mappings=self.mappings,
                log_origin=origin,
            )
            said = statement(matter, facts, found)
            payload = encode64(canonical_answer(said))
            signatures = await _signatures(signers, payload)
            if self.keys.stand(signers, issued_at):
                value = {"version": VERSION, "statement": said, "signatures": signatures}
                return value, origin, payload
        self.refused += 1
        raise NoSigningKey("The signing keys change faster than answers.", retryAfterSeconds=1)

    def _signers_at(self, moment: datetime) -> tuple[Signer, ...]:
        try:
            return self.keys.at(moment)
        except NoSigningKey:
            self.refused += 1
            raise


async def _signatures(signers: Sequence[Signer], payload: str) -> list[dict[str, str]]:
    made: list[dict[str, str]] = []
    for signer in signers:
        header = protected_header(signer.kid)
        signature = encode64(await signer.sign(f"{header}.{payload}".encode()))
        made.append({"protected": header, "signature": signature})
    return made


@lru_cache(maxsize=16)
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
