"""An older `keys.json` put back by hand: a revoked key is never a good one again."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from gateway.assemble import assemble
from gateway.config import Settings
from gateway.errors import ConfigError
from gateway.provenance.durable import write_atomically
from gateway.provenance.keynews import KeyNews
from gateway.provenance.keyring import Keyring
from gateway.provenance.keys import throw_away_signer
from gateway.provenance.strict import load_json
from tests.replicas import Pair, replica
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


def kept(folder: Path, aside: Path) -> Path:
    """A backup of a whole directory."""
    shutil.copytree(folder, aside)
    return aside


def put_back(folder: Path, backup: Path, *names: str) -> None:
    for name in names or [path.name for path in backup.iterdir()]:
        mode = 0o600 if name.endswith(".pem") else 0o644
        write_atomically(folder / name, (backup / name).read_bytes(), mode=mode)


async def revoked(pair: Pair, aside: Path) -> str:
    """A key revoked after a backup was made; another one signs."""
    kept(pair.ring.directory, aside)
    first = pair.ring.published()[0]
    pair.ring.revoke(first.kid)
    made = pair.ring.rotate(overlap_days=0)
    await pair.clock.forward(2)
    assert await pair.signer() == made.kid
    return first.kid


@pytest.mark.parametrize("whole", [False, True], ids=["keys.json", "the whole directory"])
async def test_a_running_gateway_does_not_go_back(
    pair: Pair, tmp_path: Path, caplog: pytest.LogCaptureFixture, whole: bool
) -> None:
    lost = await revoked(pair, tmp_path / "backup")
    put_back(pair.ring.directory, tmp_path / "backup", *([] if whole else ["keys.json"]))
    # For a moment, as while a copy is under way, all goes on by what was published last.
    assert await pair.signer() not in (lost, None)
    await pair.clock.forward(2)
    told = [r for r in caplog.records if "older than what was published" in r.getMessage()]
    assert {r.levelname for r in told} == {"ERROR"}
    # In the copy of the directory the newer key stands too, and it is missing first.
    assert all(f"the key {lost}" in r.getMessage() for r in told)
    text = (await pair.one.http.get("/metrics")).text
    assert "cgw_signing_history_refused 1.0" in text
    await pair.clock.forward(31)
    assert await pair.signer() is None
    (now,) = [key for key in (await pair.one.keys())["keys"] if key["kid"] == lost]
    assert now["revoked"]["reason"] == "keyCompromise"


async def test_what_the_gateway_publishes_mends_the_directory(pair: Pair, tmp_path: Path) -> None:
    lost = await revoked(pair, tmp_path / "backup")
    signs = await pair.signer()
    put_back(pair.ring.directory, tmp_path / "backup")
    await pair.clock.forward(35)
    assert await pair.signer() is None
    pair.ring.restore(await pair.one.keys())
    assert await pair.signer() == signs
    assert "cgw_signing_history_refused 0.0" in (await pair.one.http.get("/metrics")).text
    (key,) = [key for key in pair.ring.published() if key.kid == lost]
    assert key.reason == "keyCompromise"


def test_a_gateway_does_not_start_on_an_older_history(
    ring: Keyring, clock: StepClock, tmp_path: Path
) -> None:
    backup = kept(ring.directory, tmp_path / "backup")
    ring.revoke(ring.published()[0].kid)
    put_back(ring.directory, backup, "keys.json")
    with pytest.raises(ConfigError, match=r"older than what was published.*no longer revoked"):
        assemble(settings(ring), adapters={}, clock=clock)
    ring.restore()
    assert [row.state for row in ring.rows()] == ["revoked"]


async def test_a_whole_older_directory_is_known_by_the_log_beside_it(
    ring: Keyring, clock: StepClock, tmp_path: Path
) -> None:
    given = settings(ring, log=tmp_path / "log")
    backup = kept(ring.directory, tmp_path / "backup")
    gateway = assemble(given, adapters={}, clock=clock)
    await gateway.start()
    ring.revoke(ring.published()[0].kid)
    assert gateway.watch is not None
    gateway.watch.view()
    gateway.watch.remember()
    await gateway.close()
    shutil.rmtree(ring.directory)
    shutil.copytree(backup, ring.directory)
    with pytest.raises(ConfigError, match="no longer revoked"):
        assemble(given, adapters={}, clock=clock)
    ring.restore(ring_document(tmp_path / "log" / "published-keys.json"))
    assemble(given, adapters={}, clock=clock)


async def test_what_is_published_is_written_down_while_the_gateway_runs(
    ring: Keyring, clock: StepClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gateway = assemble(settings(ring, log=tmp_path / "log"), adapters={}, clock=clock)
    copy = tmp_path / "log" / "published-keys.json"
    assert gateway.watch is not None
    news = KeyNews(gateway.watch, clock)
    await news.remember()
    assert ring_document(copy) == ring.jwks()
    ring.rotate()
    gateway.watch.view()
    await news.remember()
    assert ring_document(copy) == ring.jwks()
    assert not caplog.records


async def test_it_is_told_where_nothing_can_be_written_down(
    ring: Keyring, clock: StepClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gateway = assemble(settings(ring, log=tmp_path / "log"), adapters={}, clock=clock)
    (tmp_path / "log").rmdir()
    assert gateway.watch is not None
    await KeyNews(gateway.watch, clock).remember()
    assert "cannot be written down" in caplog.text


def test_keys_are_not_made_anew_where_others_were_published(ring: Keyring) -> None:
    (ring.directory / "keys.json").unlink()
    with pytest.raises(ConfigError, match="is not in it"):
        ring.new()


def test_a_lost_key_is_not_called_superseded_later(ring: Keyring, clock: StepClock) -> None:
    (first,) = ring.published()
    ring.revoke(first.kid)
    assert ring.revoke(first.kid, reason="superseded").reason == "keyCompromise"


def settings(ring: Keyring, *, log: Path | None = None) -> Settings:
    given: dict[str, Any] = {"signing": {"keys_dir": str(ring.directory)}}
    if log is not None:
        log.mkdir()
        key = ring.directory.parent / "log.pem"
        write_atomically(key, throw_away_signer().pem(), mode=0o600)
        given["log"] = {"directory": str(log), "key_file": str(key)}
    return Settings.model_validate(given)


def ring_document(path: Path) -> Any:
    return load_json(path.read_bytes())
