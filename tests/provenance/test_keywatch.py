"""A directory of keys as a running gateway looks at it; time is moved by hand."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import NoSigningKey
from gateway.provenance.keyring import Keyring
from gateway.provenance.keys import throw_away_signer
from gateway.provenance.keywatch import KeyWatch
from gateway.provenance.notary import ATTEMPTS, Notary
from gateway.provenance.signing import LastingKeys, SigningKeys
from gateway.provenance.verify import verify_response
from tests.provenance.answers import FixedClock, SeededChance, matter, notary


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def ring(tmp_path: Path, clock: FixedClock) -> Keyring:
    made = Keyring(tmp_path / "keys", clock)
    made.new()
    return made


def watching(ring: Keyring, clock: FixedClock) -> KeyWatch:
    return KeyWatch(ring, clock)


class Meanwhile(SeededChance):
    """Does something between the moment that a statement names and its signature."""

    def __init__(self, ring: Keyring, times: int) -> None:
        super().__init__()
        self._ring = ring
        self._left = times

    def uuid(self) -> str:
        if self._left:
            self._left -= 1
            self._ring.revoke(self._ring.signer().kid)
            self._ring.rotate(overlap_days=0)
        return super().uuid()


def signing(ring: Keyring, clock: FixedClock, chance: SeededChance) -> Notary:
    builder = notary().builder
    return Notary("https://gw.example", builder, KeyWatch(ring, clock), clock, chance)


async def test_what_was_dated_before_a_revocation_and_signed_after_it_is_signed_again(
    ring: Keyring, clock: FixedClock
) -> None:
    (lost,) = ring.published()
    signs = signing(ring, clock, Meanwhile(ring, 1))
    found = matter()
    assert found.answer is not None
    value = await signs.attest(found)
    response: dict[str, Any] = {**found.answer, "extensions": {"provenance": value}}
    verdict = verify_response(response, ring.jwks(), now=clock.now())
    assert verdict.valid, verdict.as_text()
    assert lost.kid not in verdict.as_text()


async def test_keys_that_are_lost_again_and_again_end_in_a_refusal(
    ring: Keyring, clock: FixedClock
) -> None:
    signs = signing(ring, clock, Meanwhile(ring, ATTEMPTS))
    with pytest.raises(NoSigningKey, match="change faster"):
        await signs.attest(matter())
    assert signs.refused == 1


def test_keys_without_history_always_sign_together_and_never_end(clock: FixedClock) -> None:
    one, other = throw_away_signer(), throw_away_signer()
    keys = LastingKeys(one, other)
    assert isinstance(keys, SigningKeys)
    assert {signer.kid for signer in keys.at(clock.now())} == {one.kid, other.kid}
    assert keys.stand((one,), clock.now())
    assert {key["kid"] for key in keys.jwks()["keys"]} == {one.kid, other.kid}
    assert keys.seconds_left(clock.now()) == (None, None)


def test_a_key_held_signs_on_until_its_end_though_its_file_is_gone(
    ring: Keyring, clock: FixedClock
) -> None:
    watch = watching(ring, clock)
    ring.retire(ring.published()[0].kid)
    assert len(watch.at(clock.now())) == 1
    clock.moment += timedelta(seconds=2)
    with pytest.raises(NoSigningKey) as refused:
        watch.at(clock.now())
    assert refused.value.details == {"retryAfterSeconds": 5}
    assert watch.seconds_left(clock.now()) == (0.0, 0.0)


def test_a_damaged_history_is_read_once_for_each_state_of_it(
    ring: Keyring, clock: FixedClock
) -> None:
    watch = watching(ring, clock)
    file = ring.directory / "keys.json"
    whole = file.read_bytes()
    file.write_bytes(b"{")
    before = watch.view()
    assert "damaged" in watch.trouble
    assert watch.view() is before
    file.write_bytes(whole)
    ring.rotate()
    assert len(watch.view().keys) == 2
    assert watch.trouble == ""


def test_a_key_without_an_end_has_no_time_left(ring: Keyring, clock: FixedClock) -> None:
    # As in a directory of before ends were written down.
    (ring.directory / "published.json").unlink()
    (ring.directory / "keys.json").write_text(
        (ring.directory / "keys.json").read_text().replace('"exp"', '"never"')
    )
    watch = watching(ring, clock)
    assert watch.seconds_left(clock.now()) == (None, None)
    (signer,) = watch.at(clock.now())
    assert watch.stand((signer,), clock.now())


async def test_without_a_place_for_it_nothing_is_written_down(
    ring: Keyring, clock: FixedClock
) -> None:
    watch = watching(ring, clock)
    assert watch.remembered
    watch.remember()
    assert watch.remembered
    assert watch.jwks() == ring.jwks()
