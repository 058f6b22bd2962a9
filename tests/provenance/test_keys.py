"""Keys: RFC 8032 and RFC 7638 vectors, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from gateway.errors import ConfigError
from gateway.provenance.keys import (
    LocalSigner,
    public_pem,
    signer_from_file,
    signer_from_pem,
    throw_away_signer,
    thumbprint,
    verifies,
)
from gateway.provenance.strict import decode64
from tests.provenance.answers import PEM, signer

# RFC 8032, 7.1: secret key, public key, message, signature.
VECTORS = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@pytest.mark.parametrize(("secret", "public", "message", "signature"), VECTORS)
async def test_the_signatures_of_rfc_8032(
    secret: str, public: str, message: str, signature: str
) -> None:
    key = LocalSigner(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret)))
    said = bytes.fromhex(message)
    assert key.public.hex() == public
    assert (await key.sign(said)).hex() == signature == key.sign_now(said).hex()
    assert verifies(key.public, bytes.fromhex(signature), said)
    assert not verifies(key.public, bytes.fromhex(signature), said + b"x")
    assert not verifies(key.public, b"short", said)
    assert not verifies(b"short", bytes.fromhex(signature), said)


def test_the_thumbprint_of_rfc_8037_appendix_a_3() -> None:
    public = decode64("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
    assert thumbprint(public) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    assert signer().kid == thumbprint(public)


def test_a_key_comes_back_from_its_pem() -> None:
    made = throw_away_signer()
    again = signer_from_pem(made.pem())
    assert again.kid == made.kid
    assert (made.throw_away, again.throw_away) == (True, False)
    assert public_pem(made.public).startswith(b"-----BEGIN PUBLIC KEY-----")


def test_a_signer_never_shows_its_key() -> None:
    assert repr(signer()) == f"LocalSigner({signer().kid})"


def test_a_key_file_is_read_when_it_is_private(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text(PEM)
    file.chmod(0o600)
    assert signer_from_file(file).kid == signer().kid
    # A group that may read is how orchestrators hand out secrets.
    file.chmod(0o440)
    assert signer_from_file(str(file)).kid == signer().kid


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o602, 0o620, 0o666, 0o601])
def test_a_key_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "key.pem"
    file.write_text(PEM)
    file.chmod(mode)
    with pytest.raises(ConfigError, match="chmod 600"):
        signer_from_file(file)


def test_a_missing_key_file_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        signer_from_file(tmp_path / "none.pem")


def test_what_is_not_an_ed25519_key_is_refused() -> None:
    other = X25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    locked = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"word")
    )
    for pem, why in [(other, "not an Ed25519"), (locked, "encrypted"), (b"x", "not a PKCS#8")]:
        with pytest.raises(ConfigError, match=why):
            signer_from_pem(pem)
