"""The life of keys in a directory, through the functions and through `cgw keys`."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.clock import SystemClock
from gateway.errors import ConfigError
from gateway.keys_cli import app
from gateway.provenance.durable import write_atomically
from gateway.provenance.jwks import read_jwks
from gateway.provenance.keyring import Keyring
from gateway.provenance.verify import verify_response
from tests.provenance.answers import NOW, FixedClock, matter, notary, signed


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def ring(tmp_path: Path, clock: FixedClock) -> Keyring:
    return Keyring(tmp_path / "keys", clock)


def states(ring: Keyring) -> list[str]:
    return [row.state for row in ring.rows()]


def test_a_new_key_signs_at_once_and_only_its_owner_can_read_it(ring: Keyring) -> None:
    made = ring.new()
    assert ring.signer().kid == made.kid
    assert states(ring) == ["active"]
    modes = {p.name: oct(p.stat().st_mode & 0o777) for p in ring.directory.iterdir()}
    assert modes[f"{made.kid}.pem"] == "0o600"
    assert oct(ring.directory.stat().st_mode & 0o777) == "0o700"


def test_a_second_new_key_is_refused_in_favour_of_rotation(ring: Keyring) -> None:
    ring.new()
    with pytest.raises(ConfigError, match="rotate"):
        ring.new()


def test_the_public_history_never_holds_a_private_key(ring: Keyring) -> None:
    ring.new()
    assert all("d" not in key for key in ring.jwks()["keys"])
    assert set(read_jwks(ring.jwks())) == {ring.signer().kid}


def test_rotation_publishes_first_and_switches_later(ring: Keyring, clock: FixedClock) -> None:
    old = ring.new()
    coming = ring.rotate()
    assert states(ring) == ["active", "next"]
    assert ring.signer().kid == old.kid
    with pytest.raises(ConfigError, match="published already"):
        ring.rotate()
    clock.moment += timedelta(days=7)
    assert ring.signer().kid == coming.kid
    assert states(ring) == ["retired", "active"]
    assert len(ring.jwks()["keys"]) == 2


def test_what_a_retired_key_signed_stays_valid(ring: Keyring, clock: FixedClock) -> None:
    ring.new()
    response = signed(matter(), notary(signer=ring.signer()))
    clock.moment += timedelta(seconds=5)
    ring.rotate(overlap_days=0)
    ring.retire(ring.rows()[0].kid)
    assert verify_response(response, ring.jwks(), now=NOW).valid
    assert not ring.rows()[0].can_sign


def test_what_a_compromised_key_signed_is_refused(ring: Keyring, clock: FixedClock) -> None:
    ring.new()
    response = signed(matter(), notary(signer=ring.signer()))
    clock.moment += timedelta(hours=1)
    ring.revoke(ring.rows()[0].kid[:8])
    verdict = verify_response(response, ring.jwks(), now=NOW)
    assert verdict.exit_code == 1
    assert "dated this back" in verdict.as_text()
    assert states(ring) == ["revoked"]
    with pytest.raises(ConfigError, match="may sign now"):
        ring.signer()


def test_a_key_superseded_later_still_vouches(ring: Keyring, clock: FixedClock) -> None:
    ring.new()
    response = signed(matter(), notary(signer=ring.signer()))
    clock.moment += timedelta(hours=1)
    ring.revoke(ring.rows()[0].kid, reason="superseded")
    assert verify_response(response, ring.jwks(), now=NOW).valid


def test_an_earlier_loss_found_later_moves_the_date_back(ring: Keyring, clock: FixedClock) -> None:
    made = ring.new()
    ring.revoke(made.kid, reason="superseded")
    since = int(clock.moment.timestamp()) - 60
    assert ring.revoke(made.kid, since=since).revoked_at == since


def test_revoking_into_the_future_or_for_no_known_reason_is_refused(ring: Keyring) -> None:
    made = ring.new()
    with pytest.raises(ConfigError, match="future"):
        ring.revoke(made.kid, since=2**33)
    with pytest.raises(ConfigError, match="reason"):
        ring.revoke(made.kid, reason="boredom")


def test_an_unknown_or_ambiguous_name_is_refused(ring: Keyring) -> None:
    ring.new()
    for name in ("", "nobody"):
        with pytest.raises(ConfigError, match="no key"):
            ring.retire(name)
    ring.revoke(ring.rows()[0].kid)
    with pytest.raises(ConfigError, match="revoked already"):
        ring.retire(ring.rows()[0].kid)


def test_a_key_that_never_signed_retires_before_it_begins(ring: Keyring) -> None:
    ring.new()
    coming = ring.rotate()
    ended = ring.retire(coming.kid)
    assert ended.expires == ended.not_before
    assert states(ring) == ["active", "next"]


def test_a_key_open_to_others_does_not_sign(ring: Keyring) -> None:
    made = ring.new()
    (ring.directory / f"{made.kid}.pem").chmod(0o644)
    with pytest.raises(ConfigError, match="open to others"):
        ring.signer()


def test_a_file_with_another_key_than_its_name_does_not_sign(ring: Keyring, tmp_path: Path) -> None:
    made = ring.new()
    other = Keyring(tmp_path / "other", FixedClock())
    wrong = (other.directory / f"{other.new().kid}.pem").read_bytes()
    write_atomically(ring.directory / f"{made.kid}.pem", wrong, mode=0o600)
    with pytest.raises(ConfigError, match="another key"):
        ring.signer()


def test_a_damaged_or_missing_history_is_a_configuration_error(ring: Keyring) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        ring.published()
    with pytest.raises(ConfigError, match="cgw keys new"):
        ring.rotate()
    ring.new()
    (ring.directory / "keys.json").write_text('{"keys": [], "keys": []}')
    with pytest.raises(ConfigError, match="damaged"):
        ring.published()


def test_a_directory_that_cannot_be_made_is_a_configuration_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be made"):
        Keyring(tmp_path / "file" / "keys", FixedClock()).new()


def test_nothing_is_left_behind_when_writing_fails(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_atomically(tmp_path / "taken", b"x", mode=0o600)
    assert [p.name for p in tmp_path.iterdir()] == ["taken"]


def test_the_end_counts_keys_that_follow_without_a_gap(ring: Keyring, clock: FixedClock) -> None:
    first = ring.new(days=20)
    assert ring.ends_within() is None
    clock.moment += timedelta(days=7)
    assert ring.ends_within() == first.expires
    coming = ring.rotate(overlap_days=5, days=2)
    assert ring.ends_within() == coming.expires
    (ring.directory / f"{coming.kid}.pem").unlink()
    assert ring.ends_within() == coming.not_before


def test_a_switch_at_once_goes_before_a_key_that_waits(ring: Keyring, clock: FixedClock) -> None:
    first = ring.new()
    waiting = ring.rotate()
    between = ring.rotate(overlap_days=0)
    assert between.expires == waiting.not_before
    assert ring.published()[0].expires == between.not_before
    clock.moment += timedelta(seconds=2)
    assert [row.state for row in ring.rows()] == ["retired", "next", "active"]
    assert ring.published()[1] == waiting
    assert first.kid == ring.published()[0].kid


def test_a_switch_at_once_beside_a_key_that_begins_by_itself_is_refused(
    ring: Keyring, clock: FixedClock
) -> None:
    ring.new()
    ring.rotate(overlap_days=1)
    clock.moment += timedelta(seconds=86_399)
    with pytest.raises(ConfigError, match="by itself"):
        ring.rotate(overlap_days=0)


def test_where_nothing_signs_the_next_key_begins_at_once(ring: Keyring, clock: FixedClock) -> None:
    ring.new(days=1)
    clock.moment += timedelta(days=2)
    made = ring.rotate()
    assert ring.signer().kid == made.kid


def test_the_state_of_the_history_changes_with_every_writing(ring: Keyring) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        ring.mark()
    ring.new()
    before = ring.mark()
    assert ring.mark() == before == ring.marked()[0]
    ring.rotate()
    assert ring.mark() != before


def test_the_commands_go_through_a_whole_life(tmp_path: Path) -> None:
    run, where = CliRunner(), ["--dir", str(tmp_path / "keys")]
    made = run.invoke(app, ["new", *where, "--days", "30"])
    assert made.exit_code == 0
    assert "signs from now until" in made.output
    assert run.invoke(app, ["rotate", *where, "--now"]).exit_code == 0
    listed = run.invoke(app, ["list", *where]).stdout.splitlines()
    assert [line.split()[1] for line in listed] == ["retired", "active"]
    keys = json.loads(run.invoke(app, ["list", *where, "--json"]).output)["keys"]
    (tmp_path / "keys" / f"{keys[1]['kid']}.pem").unlink()
    assert "PRIVATE KEY MISSING" in run.invoke(app, ["list", *where]).output
    assert run.invoke(app, ["retire", keys[0]["kid"], *where]).exit_code == 0
    gone = run.invoke(app, ["revoke", keys[1]["kid"], *where, "--since", "2020-01-01T00:00:00Z"])
    assert "revoked since 2020-01-01T00:00:00Z (keyCompromise)" in gone.output


def test_a_command_that_cannot_be_done_says_why_and_exits_78(tmp_path: Path) -> None:
    found = CliRunner().invoke(app, ["list", "--dir", str(tmp_path / "none")])
    assert found.exit_code == 78
    assert "cannot be read" in found.output


def test_the_commands_say_where_signing_ends(tmp_path: Path) -> None:
    run, where = CliRunner(), ["--dir", str(tmp_path / "keys")]
    run.invoke(app, ["new", *where, "--days", "10"])
    assert "no key follows; run: cgw keys rotate" in run.invoke(app, ["list", *where]).output
    kid = Keyring(tmp_path / "keys", SystemClock()).rows()[0].kid
    assert "NOTHING SIGNS NOW" in run.invoke(app, ["retire", kid, *where]).output
    run.invoke(app, ["rotate", *where])
    assert "follows" not in run.invoke(app, ["list", *where]).output


def test_the_command_brings_back_what_was_published(tmp_path: Path) -> None:
    folder = str(tmp_path / "keys")
    run = CliRunner().invoke
    kid = run(app, ["new", "--dir", folder]).stdout.split()[0]
    file = tmp_path / "keys" / "keys.json"
    before = file.read_bytes()
    assert run(app, ["revoke", kid, "--dir", folder]).exit_code == 0
    file.write_bytes(before)
    refused = run(app, ["list", "--dir", folder])
    assert refused.exit_code == 78
    assert "cgw keys restore" in refused.output
    assert "no longer revoked" in refused.output
    done = run(app, ["restore", "--dir", folder])
    assert (done.exit_code, "1 keys" in done.output) == (0, True)
    assert "revoked" in run(app, ["list", "--dir", folder]).output


def test_the_command_takes_only_a_key_set(ring: Keyring, tmp_path: Path) -> None:
    ring.new()
    run = CliRunner().invoke
    given = tmp_path / "given.json"
    for text in (None, "{", '{"keys": 1}'):
        if text is not None:
            given.write_text(text)
        done = run(app, ["restore", str(given), "--dir", str(ring.directory)])
        assert done.exit_code == 78
    assert states(ring) == ["active"]


def test_there_is_nothing_to_bring_back_where_nothing_was_published(ring: Keyring) -> None:
    ring.new()
    for name in ("keys.json", "published.json"):
        (ring.directory / name).unlink()
    with pytest.raises(ConfigError, match="no keys were ever"):
        ring.restore()
