"""Key sets: what is read, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import ProvenanceError
from gateway.provenance.jwks import PublishedKey, jwks, jwks_of_signers, read_jwks
from tests.provenance.answers import signer

KEY = PublishedKey(signer().public, 1, 2, 3, 4, "keyCompromise")


def test_a_key_comes_back_with_its_history() -> None:
    assert read_jwks(jwks([KEY])) == {KEY.kid: KEY}


def test_keys_in_use_without_history_are_published_too() -> None:
    assert set(read_jwks(jwks_of_signers([signer()]))) == {signer().kid}


def test_keys_of_other_kinds_are_passed_over() -> None:
    other = {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}
    assert read_jwks({"keys": [other, *jwks([KEY])["keys"]], "more": 1}) == {KEY.kid: KEY}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"d": "AA"}, "PRIVATE"),
        ({"kid": "another"}, "another key"),
        ({"x": "AA"}, "32 bytes"),
        ({"x": "=="}, "base64url"),
        ({"iat": "yesterday"}, "whole number"),
        ({"exp": True}, "whole number"),
        ({"exp": 10**400}, "whole number"),
        ({"nbf": -1}, "whole number"),
        ({"revoked": []}, "not an object"),
        ({"revoked": {}}, "no time"),
    ],
)
def test_a_broken_key_is_refused(change: dict[str, Any], why: str) -> None:
    (key,) = jwks([KEY])["keys"]
    with pytest.raises(ProvenanceError, match=why):
        read_jwks({"keys": [{**key, **change}]})


def test_one_key_twice_is_refused() -> None:
    with pytest.raises(ProvenanceError, match="twice"):
        read_jwks(jwks([KEY, KEY]))


def test_a_key_may_sign_in_its_time_only() -> None:
    key = PublishedKey(KEY.public, 1, 2, 4)
    for may in (key.may_sign_at, key.signs_at):
        assert [may(t) for t in (1, 2, 3.999, 4, 5)] == [False, True, True, False, False]
    assert PublishedKey(KEY.public).may_sign_at(0)


def test_a_signer_leaves_a_revoked_key_alone_for_good() -> None:
    assert KEY.may_sign_at(2)
    assert not KEY.signs_at(2)
    assert PublishedKey(KEY.public).signs_at(0)


@pytest.mark.parametrize("change", [{"use": "enc"}, {"alg": "ES256"}])
def test_a_key_for_another_purpose_is_passed_over(change: dict[str, Any]) -> None:
    (key,) = jwks([KEY])["keys"]
    assert read_jwks({"keys": [{**key, **change}]}) == {}
    assert read_jwks({"keys": [{**key, "alg": "EdDSA"}]}) == {KEY.kid: KEY}
