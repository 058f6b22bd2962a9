"""The published keys: a JWKS (RFC 7517) that keeps retired and revoked keys for ever."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gateway.errors import ProvenanceError
from gateway.provenance.keys import Signer, thumbprint
from gateway.provenance.strict import decode64, encode64, one_line

# Reasons after which an attacker may hold the key, so that dates it signed mean nothing.
UNTRUSTED_REASONS = frozenset({"keyCompromise", "unspecified"})
# What RFC 9864 calls the algorithm, and what RFC 8037 did.
_ALGORITHMS = ("Ed25519", "EdDSA")
# The end of the year 9999: later times have no RFC 3339 spelling.
LAST_SECOND = 253_402_300_799


@dataclass(frozen=True, slots=True)
class PublishedKey:
    """One key with its history; times are Unix seconds, as OpenID Federation's historical keys
    have them. `not_before` to `expires` is when it may sign; both may be open."""

    public: bytes
    issued_at: int | None = None
    not_before: int | None = None
    expires: int | None = None
    revoked_at: int | None = None
    reason: str | None = None

    @property
    def kid(self) -> str:
        """The RFC 7638 thumbprint."""
        return thumbprint(self.public)

    def jwk(self) -> dict[str, Any]:
        """The public JWK (RFC 8037) with its history."""
        found: dict[str, Any] = {
            "kty": "OKP",
            "crv": "Ed25519",
            "x": encode64(self.public),
            "kid": self.kid,
            "use": "sig",
            "alg": "Ed25519",
        }
        times = {"iat": self.issued_at, "nbf": self.not_before, "exp": self.expires}
        found.update({name: value for name, value in times.items() if value is not None})
        if self.revoked_at is not None:
            found["revoked"] = {"revoked_at": self.revoked_at, "reason": self.reason}
        return found

    def may_sign_at(self, seconds: float) -> bool:
        """Whether the moment lies in the key's time: from `nbf` on, before `exp`, which is the
        next key's first instant (RFC 7519, 4.1.4 and 4.1.5). One rule for who signs and who
        verifies."""
        if self.not_before is not None and seconds < self.not_before:
            return False
        return self.expires is None or seconds < self.expires

    def signs_at(self, seconds: float) -> bool:
        """Whether a signer may use it for what is dated so: everything that a verifier demands,
        and never once it is revoked."""
        return self.revoked_at is None and self.may_sign_at(seconds)


def jwks(keys: Iterable[PublishedKey]) -> dict[str, Any]:
    """The document for `/.well-known/jwks.json`."""
    return {"keys": [key.jwk() for key in keys]}


def jwks_of_signers(signers: Iterable[Signer]) -> dict[str, Any]:
    """The document where there is no key directory: the keys in use, without history."""
    return jwks(PublishedKey(signer.public) for signer in signers)


def read_jwks(document: Any) -> dict[str, PublishedKey]:
    """The Ed25519 signing keys of a JWKS by their thumbprint; other kinds of key are passed
    over, as are keys that are meant for another `use` or `alg` (RFC 7517, 4.2 and 4.4).

    Raises:
        ProvenanceError: not a JWKS, a private key among the public ones, a `kid` that is not
            its key's thumbprint, or one key twice.
    """
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list):
        raise ProvenanceError("the key set has no list of keys")
    found: dict[str, PublishedKey] = {}
    for jwk in keys:
        if not isinstance(jwk, dict):
            raise ProvenanceError("the key set has an entry that is not a key")
        if jwk.get("kty") != "OKP" or jwk.get("crv") != "Ed25519":
            continue
        if "d" in jwk:
            raise ProvenanceError("the key set holds a PRIVATE key; treat that key as compromised")
        if jwk.get("use", "sig") != "sig" or jwk.get("alg", "Ed25519") not in _ALGORITHMS:
            continue
        key = _read_key(jwk)
        if "kid" in jwk and jwk["kid"] != key.kid:
            name = one_line(jwk["kid"])
            raise ProvenanceError(f"the key named {name} is another key; its name is {key.kid}")
        if key.kid in found:
            raise ProvenanceError(f"the key {key.kid} is there twice")
        found[key.kid] = key
    return found


def _read_key(jwk: dict[str, Any]) -> PublishedKey:
    public = decode64(jwk.get("x"))
    if len(public) != 32:
        raise ProvenanceError("an Ed25519 key has 32 bytes")
    revoked = jwk.get("revoked")
    if revoked is not None and not isinstance(revoked, dict):
        raise ProvenanceError("a key's revocation is not an object")
    at = None if revoked is None else _seconds(revoked.get("revoked_at"))
    reason = None if revoked is None else revoked.get("reason")
    if revoked is not None and at is None:
        raise ProvenanceError("a key's revocation has no time")
    return PublishedKey(
        public=public,
        issued_at=_seconds(jwk.get("iat")),
        not_before=_seconds(jwk.get("nbf")),
        expires=_seconds(jwk.get("exp")),
        revoked_at=at,
        reason=reason if isinstance(reason, str) else None,
    )


def _seconds(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LAST_SECOND:
        return value
    raise ProvenanceError("a key's time is not a whole number of seconds")
