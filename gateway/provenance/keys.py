"""Signing keys: Ed25519 (RFC 8032) from a file, the environment or an outside signer."""

from __future__ import annotations

import os
import stat
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from gateway.errors import ConfigError
from gateway.provenance.canonical import canonical_answer
from gateway.provenance.strict import encode64


class Signer(Protocol):
    """Something that can sign with one Ed25519 key: a file, a KMS, a PKCS#11 token.

    `public` is the 32-byte public key. `throw_away` is true where the key is gone with the
    process, so that no one can vouch for it later.
    """

    @property
    def kid(self) -> str:
        """The RFC 7638 thumbprint of the public key; it is part of what is signed."""
        ...

    @property
    def public(self) -> bytes:
        """The raw public key (RFC 8032, 5.1.5), 32 bytes."""
        ...

    @property
    def throw_away(self) -> bool:
        """Whether the key was made for this process only."""
        ...

    async def sign(self, message: bytes) -> bytes:
        """The 64-byte Ed25519 signature of the message."""
        ...


class LocalSigner:
    """A key held in this process."""

    def __init__(self, key: Ed25519PrivateKey, *, throw_away: bool = False) -> None:
        self._key = key
        self.public = key.public_key().public_bytes_raw()
        self.kid = thumbprint(self.public)
        self.throw_away = throw_away

    def __repr__(self) -> str:
        return f"LocalSigner({self.kid})"

    async def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)

    def sign_now(self, message: bytes) -> bytes:
        """The same signature without a coroutine, for writers that are not async."""
        return self._key.sign(message)

    def pem(self) -> bytes:
        """PKCS#8, unencrypted: for writing to a file that only its owner can read."""
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def thumbprint(public: bytes) -> str:
    """The RFC 7638 thumbprint of an Ed25519 public key, base64url."""
    members = {"crv": "Ed25519", "kty": "OKP", "x": encode64(public)}
    return encode64(sha256(canonical_answer(members)).digest())


def public_pem(public: bytes) -> bytes:
    """The SubjectPublicKeyInfo PEM that openssl reads."""
    key = Ed25519PublicKey.from_public_bytes(public)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def verifies(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the signature is the key's, over exactly this message."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def throw_away_signer() -> LocalSigner:
    """A fresh key that lives as long as the process; every answer signed with it says so."""
    return LocalSigner(Ed25519PrivateKey.generate(), throw_away=True)


def signer_from_pem(pem: str | bytes, *, where: str = "the signing key") -> LocalSigner:
    """The signer of a PKCS#8 PEM, as `openssl genpkey -algorithm ed25519` writes it.

    Raises:
        ConfigError: not a PEM, encrypted, or another kind of key. The key is never printed.
    """
    data = pem.encode() if isinstance(pem, str) else pem
    try:
        key = load_pem_private_key(data, password=None)
    except TypeError:
        raise ConfigError(f"{where} is encrypted; give it unencrypted or by a signer") from None
    except (ValueError, UnsupportedAlgorithm):
        raise ConfigError(f"{where} is not a PKCS#8 PEM private key") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(f"{where} is not an Ed25519 key; make one with: cgw keys new")
    return LocalSigner(key)


def signer_from_file(path: str | Path) -> LocalSigner:
    """The signer of a PEM file that others on the machine can neither read nor write.

    Raises:
        ConfigError: no such file, open to others, or not an Ed25519 key.
    """
    return signer_from_pem(read_private(Path(path)), where=f"the key file {path}")


def read_private(path: Path) -> bytes:
    """The bytes of a file, refused where its mode lets others in.

    Raises:
        ConfigError: others can read the file or a group can write it, or it cannot be read.
    """
    try:
        with path.open("rb") as file:
            # Asked of the open file, so that what was checked is what is read.
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o027:
                raise ConfigError(
                    f"the key file {path} is open to others (mode {mode:04o}); "
                    f"run: chmod 600 {path}"
                )
            return file.read()
    except OSError as problem:
        raise ConfigError(f"the key file {path} cannot be read: {problem.strerror}") from None
