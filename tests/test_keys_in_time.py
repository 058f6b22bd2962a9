"""Two replicas over one key directory: every answer verifies by the keys that either publishes."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.assemble import assemble
from gateway.config import Settings
from gateway.errors import ConfigError
from gateway.provenance.durable import write_atomically
from gateway.provenance.jwks import PublishedKey, jwks, read_jwks
from gateway.provenance.keyring import Keyring
from gateway.provenance.strict import load_json
from gateway.provenance.verify import verify_response
from tests.paths import DOCS
from tests.replicas import QUARTER, QUERY, Pair, replica
from tests.stepclock import StepClock


@pytest.fixture
def clock() -> StepClock:
    return StepClock()


@pytest.fixture
def ring(tmp_path: Path, clock: StepClock) -> Keyring:
    made = Keyring(tmp_path / "keys", clock)
    made.new()
    return made


@pytest.fixture
async def pair(ring: Keyring, clock: StepClock) -> AsyncIterator[Pair]:
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(replica(ring.directory, clock))
        other = await stack.enter_async_context(replica(ring.directory, clock))
        yield Pair(one, other, ring, clock)


def rewrite(ring: Keyring, *keys: PublishedKey) -> None:
    """What another tool, or an older copy of the directory, may put there."""
    text = json.dumps(jwks(keys)).encode()
    write_atomically(ring.directory / "keys.json", text, mode=0o644)


async def test_the_next_key_takes_over_at_its_very_instant(pair: Pair) -> None:
    first = pair.ring.published()[0]
    second = pair.ring.rotate(overlap_days=1)
    assert second.not_before is not None
    now = pair.clock.now().timestamp()
    await pair.clock.forward(second.not_before - 1.5 - now)
    found = await pair.signers(3)
    assert found == [first.kid] * 5 + [second.kid] * 7


async def test_a_switch_at_once_takes_two_seconds_at_most_and_no_answer_is_lost(
    pair: Pair,
) -> None:
    first = pair.ring.published()[0]
    assert await pair.signer() == first.kid
    second = pair.ring.rotate(overlap_days=0)
    # What is dated within the second of the command is still the old key's to sign.
    assert await pair.signer() == first.kid
    found = await pair.signers(2)
    assert found[-1] == second.kid
    assert found == [kid for kid in found if kid == first.kid] + [
        kid for kid in found if kid == second.kid
    ]


async def test_what_was_signed_just_before_a_switch_at_once_stays_valid(pair: Pair) -> None:
    before = load_json((await pair.one.ask()).content)
    await pair.clock.forward(0.3)
    pair.ring.rotate(overlap_days=0)
    await pair.clock.forward(5)
    keys = await pair.other.keys()
    assert isinstance(before, dict)
    assert verify_response(before, keys, query=QUERY, now=pair.clock.now()).exit_code == 0


async def test_a_retired_key_signs_no_more_after_two_seconds(pair: Pair) -> None:
    first = pair.ring.published()[0]
    before = load_json((await pair.one.ask()).content)
    pair.ring.retire(first.kid)
    assert await pair.signer() == first.kid
    found = await pair.signers(2)
    assert found[-1] is None
    assert isinstance(before, dict)
    keys = await pair.one.keys()
    assert verify_response(before, keys, query=QUERY, now=pair.clock.now()).exit_code == 0


@pytest.mark.parametrize("reason", ["superseded", "keyCompromise"])
async def test_a_revoked_key_signs_nothing_from_then_on(pair: Pair, reason: str) -> None:
    before = load_json((await pair.one.ask()).content)
    await pair.clock.forward(0.3)
    pair.ring.revoke(pair.ring.published()[0].kid, reason=reason)
    assert await pair.signer() is None
    keys = await pair.one.keys()
    assert isinstance(before, dict)
    # What a key signed that was not lost stays valid, also in the second of the command.
    valid = verify_response(before, keys, now=pair.clock.now()).valid
    assert valid is (reason == "superseded")


async def test_after_a_revocation_a_new_key_signs_within_two_seconds(pair: Pair) -> None:
    waiting = pair.ring.rotate()
    pair.ring.revoke(pair.ring.published()[0].kid)
    assert await pair.signer() is None
    made = pair.ring.rotate(overlap_days=0)
    assert await pair.signer() == made.kid
    # The key that was published to follow does so, when it was said that it would.
    assert made.expires == waiting.not_before
    assert waiting.not_before is not None
    await pair.clock.forward(waiting.not_before - 1 - pair.clock.now().timestamp())
    assert (await pair.signers(2))[::4] == [made.kid, waiting.kid]


async def test_nothing_dated_at_or_after_the_end_of_a_key_is_signed_with_it(pair: Pair) -> None:
    first = pair.ring.published()[0]
    assert first.expires is not None
    await pair.clock.forward(first.expires - 1 - pair.clock.now().timestamp())
    found = await pair.signers(2)
    assert found == [first.kid] * 3 + [None] * 5


async def test_an_answer_that_waits_for_a_key_is_told_when(pair: Pair) -> None:
    (first,) = pair.ring.published()
    begins = int(pair.clock.now().timestamp()) + 90
    rewrite(pair.ring, replace(first, not_before=begins))
    reply = await pair.one.ask()
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "90")
    rewrite(pair.ring, replace(first, not_before=begins + 10_000))
    assert (await pair.one.ask()).headers["retry-after"] == "300"


async def test_a_gateway_may_start_before_its_key_begins(ring: Keyring, clock: StepClock) -> None:
    (first,) = ring.published()
    begins = int(clock.now().timestamp()) + 2
    rewrite(ring, replace(first, not_before=begins))
    async with replica(ring.directory, clock) as alone:
        assert await alone.ready() == (503, "no signing key")
        await clock.forward(2)
        assert await alone.ready() == (200, "ready")


def test_a_gateway_does_not_start_with_a_key_that_cannot_be_used(
    ring: Keyring, clock: StepClock
) -> None:
    (first,) = ring.published()
    (ring.directory / f"{first.kid}.pem").chmod(0o644)
    given = Settings.model_validate({"signing": {"keys_dir": str(ring.directory)}})
    with pytest.raises(ConfigError, match="open to others"):
        assemble(given, adapters={}, clock=clock)


async def test_a_half_written_history_is_never_taken(pair: Pair) -> None:
    first = pair.ring.published()[0]
    file = pair.ring.directory / "keys.json"
    whole = file.read_bytes()
    for length in (0, 1, len(whole) // 2, len(whole) - 3):
        file.write_bytes(whole[:length])
        assert await pair.signer() == first.kid
    assert pair.one.gateway.watch is not None
    assert "damaged" in pair.one.gateway.watch.trouble
    file.write_bytes(whole)
    await pair.clock.forward(60)
    assert await pair.signer() == first.kid
    assert pair.one.gateway.watch.trouble == ""


async def test_a_history_that_stays_unreadable_ends_the_signing(pair: Pair) -> None:
    file = pair.ring.directory / "keys.json"
    whole = file.read_bytes()
    file.unlink()
    assert await pair.signer() is not None
    await pair.clock.forward(31)
    assert await pair.signer() is None
    write_atomically(file, whole, mode=0o644)
    assert await pair.signer() is not None


async def test_a_private_key_that_comes_later_is_found(pair: Pair) -> None:
    first = pair.ring.published()[0]
    second = pair.ring.rotate(overlap_days=0)
    pem = pair.ring.directory / f"{second.kid}.pem"
    kept = pem.read_bytes()
    pem.unlink()
    assert await pair.signer() == first.kid
    await pair.clock.forward(3)
    assert await pair.signer() is None
    write_atomically(pem, kept, mode=0o600)
    await pair.clock.forward(1)
    assert await pair.signer() == second.kid


async def test_without_a_key_no_registry_is_asked(pair: Pair) -> None:
    pair.ring.revoke(pair.ring.published()[0].kid)
    for body in ({"query": "{ projects { nodes { id } } }"}, {"query": "{ broken"}):
        reply = await pair.one.http.post("/graphql", json=body)
        assert reply.status_code == 503
        assert "extensions" not in reply.json()
    text = (await pair.one.http.get("/metrics")).text
    assert "cgw_signing_ready 0.0" in text
    assert "cgw_signing_refused_total 2.0" in text
    assert (await pair.one.http.get("/healthz")).status_code == 200


async def test_the_time_that_is_left_is_a_metric(pair: Pair) -> None:
    seconds = 90 * 86_400 - 0.4
    text = (await pair.one.http.get("/metrics")).text
    assert value(text, "cgw_signing_key_expiry_seconds") == pytest.approx(seconds)
    assert value(text, "cgw_signing_expiry_seconds") == pytest.approx(seconds)
    pair.ring.rotate(overlap_days=7)
    text = (await pair.one.http.get("/metrics")).text
    assert value(text, "cgw_signing_key_expiry_seconds") == pytest.approx(7 * 86_400 - 0.4)
    assert value(text, "cgw_signing_expiry_seconds") == pytest.approx(97 * 86_400 - 0.4)


async def test_the_page_names_every_metric_of_the_keys(pair: Pair) -> None:
    text = (await pair.one.http.get("/metrics")).text
    named = set(re.findall(r"^(cgw_signing_\w+) ", text, re.MULTILINE))
    page = (DOCS / "provenance.md").read_text()
    assert named == set(re.findall(r"`(cgw_signing_\w+)`", page))


def value(text: str, name: str) -> float:
    (line,) = (line for line in text.splitlines() if line.startswith(f"{name} "))
    return float(line.split()[1])


async def test_the_end_is_warned_of_daily_from_fourteen_days_ahead(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    day = 86_400
    await pair.clock.forward(75 * day)
    assert not warnings(caplog)
    await pair.clock.forward(2 * day)
    # Two replicas, the day on which it began and the day after.
    assert len(warnings(caplog)) == 4
    assert "none follows; run: cgw keys rotate" in warnings(caplog)[0]
    pair.ring.rotate()
    await pair.clock.forward(2)
    caplog.clear()
    await pair.clock.forward(2 * day)
    assert not warnings(caplog)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if "last signing key ends" in r.getMessage()]


async def test_the_log_says_that_no_key_is_in_its_time(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await pair.clock.forward(1)
    pair.ring.revoke(pair.ring.published()[0].kid)
    await pair.clock.forward(2)
    told = [r for r in caplog.records if "no signing key is in its time" in r.getMessage()]
    assert len(told) == 2
    assert {r.levelname for r in told} == {"ERROR"}


async def test_the_signature_over_exact_bytes_keeps_the_same_times(
    ring: Keyring, clock: StepClock
) -> None:
    async with replica(ring.directory, clock, http_signatures=True) as alone:
        first = ring.published()[0]
        second = ring.rotate(overlap_days=0)
        named: list[str] = []
        for _ in range(8):
            await clock.forward(QUARTER)
            reply = await alone.http.get("/.well-known/jwks.json")
            said = reply.headers["signature-input"]
            kid = said.partition('keyid="')[2].partition('"')[0]
            created = int(said.partition("created=")[2].partition(";")[0])
            assert read_jwks(reply.json())[kid].signs_at(created)
            named.append(kid)
        assert set(named) == {first.kid, second.kid}
        ring.revoke(second.kid)
        reply = await alone.http.get("/.well-known/jwks.json")
        assert (reply.status_code, "signature" in reply.headers) == (200, False)


async def test_replicas_that_are_asked_all_the_time_never_fail(pair: Pair) -> None:
    """Answers under way while the keys change, some begun before and signed after."""
    for step in range(12):
        asked = [asyncio.create_task(r.ask()) for r in (pair.one, pair.other) for _ in range(3)]
        await asyncio.sleep(0)
        if step % 4 == 0:
            pair.ring.rotate(overlap_days=0)
        elif step % 4 == 2:
            active = [row.kid for row in pair.ring.rows() if row.state == "active"]
            pair.ring.revoke(active[-1], reason="superseded")
        replies = await asyncio.gather(*asked)
        await pair.clock.forward(0.7)
        keys = await pair.one.keys()
        for reply in replies:
            if reply.status_code == 200:
                response = load_json(reply.content)
                assert isinstance(response, dict)
                verdict = verify_response(response, keys, query=QUERY, now=pair.clock.now())
                assert verdict.exit_code == 0, verdict.as_text()
            else:
                assert reply.status_code == 503


def test_a_rotation_never_puts_off_an_end_that_was_published(tmp_path: Path) -> None:
    clock = StepClock()
    ring = Keyring(tmp_path / "keys", clock)
    first = ring.new(days=90)
    clock.moment += timedelta(days=88)
    second = ring.rotate()
    assert ring.published()[0].expires == first.expires == second.not_before
