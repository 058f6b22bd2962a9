"""The log: what it proves, what a crash leaves, and what it refuses to sign."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.errors import ConfigError, Overloaded, ProvenanceError
from gateway.provenance import merkle
from gateway.provenance.keys import Signer, throw_away_signer
from gateway.provenance.log import Log, open_log
from gateway.provenance.logstore import LogStore
from gateway.provenance.note import NoteKey, read_checkpoint
from gateway.provenance.tiles import TileTree, unbundle
from gateway.provenance.tlogproof import read_policy, tlog_proof, verify_tlog_proof
from tests.provenance.answers import matter, notary, signer

ORIGIN = "gw.example/log"
KEY = NoteKey(ORIGIN, signer().public)


def entry(number: int) -> bytes:
    return sha256(f"entry {number}".encode()).digest()


def store(path: Path) -> LogStore:
    found = LogStore(path, KEY)
    found.open()
    return found


def commit(found: LogStore) -> None:
    head = found.grow()
    found.publish(head, head.signed(KEY, signer().sign_now(head.text().encode())))


def filled(path: Path, count: int, batch: int = 100) -> None:
    log = store(path)
    for start in range(0, count, batch):
        log.journal([entry(i) for i in range(start, min(count, start + batch))])
        commit(log)
    log.close()


@asynccontextmanager
async def running(path: Path, **options: object) -> AsyncIterator[Log]:
    log = open_log(str(path), ORIGIN, signer(), SystemClock(), **options)  # type: ignore[arg-type]
    log._period = 0.005
    await log.start()
    task = asyncio.create_task(log.run())
    try:
        yield log
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        log.store.close()


async def logged(log: Log, found: bytes) -> str:
    for _ in range(2000):
        proof = await log.proof(found)
        if proof is not None:
            return proof
        await asyncio.sleep(0.002)
    raise AssertionError("the entry never came under a checkpoint")


async def test_what_was_submitted_can_be_proved_offline(tmp_path: Path) -> None:
    async with running(tmp_path) as log:
        for number in range(20):
            log.submit(entry(number))
        assert log.pending(entry(7))
        text = await logged(log, entry(7))
        index, head = verify_tlog_proof(text, entry(7), [KEY])
        assert index == 7
        assert head.origin == ORIGIN
        assert not log.pending(entry(7))
        assert await log.proof(entry(99)) is None


async def test_an_answer_goes_into_the_log_and_its_statement_says_so(tmp_path: Path) -> None:
    async with running(tmp_path) as log:
        value = await notary(log=log).attest(matter())
        assert value["statement"]["predicate"]["log"] == {"origin": ORIGIN}
        await log.flush()
        assert log.store.head.size == 1


async def test_submitting_never_waits(tmp_path: Path) -> None:
    log = open_log(str(tmp_path), ORIGIN, signer(), SystemClock())
    for number in range(1000):
        log.submit(entry(number))
    log.submit(entry(1))
    assert log.pending(entry(999))
    with pytest.raises(ProvenanceError):
        log.submit(b"short")


@pytest.mark.parametrize("count", [1, 255, 256, 257, 600])
def test_the_files_are_those_of_tlog_tiles(tmp_path: Path, count: int) -> None:
    filled(tmp_path, count)
    head = read_checkpoint((tmp_path / "checkpoint").read_text(), [KEY])
    leaves = [merkle.leaf_hash(entry(i)) for i in range(count)]
    assert (head.size, head.root) == (count, merkle.root(leaves))
    bundles = sorted((tmp_path / "tile" / "entries").rglob("*"))
    told = [e for file in bundles if file.is_file() for e in unbundle(file.read_bytes())]
    # Partial bundles of earlier checkpoints may lie beside the last one.
    assert set(told) == {entry(i) for i in range(count)}
    partial = count % 256
    if partial:
        assert (tmp_path / f"tile/0/{count // 256:03d}.p/{partial}").is_file()
    if count >= 256:
        assert len((tmp_path / "tile/0/000").read_bytes()) == 8192
        assert not (tmp_path / "tile/0/000.p").exists()


def test_any_two_checkpoints_are_shown_to_be_consistent(tmp_path: Path) -> None:
    log = store(tmp_path)
    heads = []
    for number in range(12):
        log.journal([entry(number * 50 + i) for i in range(50)])
        commit(log)
        heads.append(log.head)
    for old in heads:
        for new in heads:
            if old.size <= new.size:
                proof = log.tree().consistency(old.size, new.size)
                assert merkle.consistent(old.size, new.size, old.root, new.root, proof)
    log.close()


def test_a_mirror_needs_nothing_but_the_static_files(tmp_path: Path) -> None:
    filled(tmp_path, 300)
    head = read_checkpoint((tmp_path / "checkpoint").read_text(), [KEY])

    def fetch(path: str) -> bytes | None:
        file = tmp_path / path
        return file.read_bytes() if file.is_file() else None

    tree = TileTree(fetch, head.size)
    leaf = merkle.leaf_hash(entry(123))
    assert merkle.includes(leaf, 123, head.size, tree.inclusion(123), head.root)


class Power(BaseException):
    """The power fails."""


class Crash:
    """Dies at the n-th file operation while it is armed."""

    def __init__(self) -> None:
        self.left = -1
        sys.addaudithook(self.watch)

    def watch(self, event: str, args: object) -> None:
        if self.left > 0 and event in ("os.rename", "os.remove", "os.mkdir", "open"):
            self.left -= 1
            if self.left == 0:
                raise Power

    def commits(self, log: LogStore, dies_at: int) -> bool:
        """Whether the commit came to its end before that."""
        self.left = dies_at
        try:
            commit(log)
        except Power:
            return False
        finally:
            self.left = -1
        return True


def test_a_crash_at_any_file_operation_loses_nothing_that_was_kept(tmp_path: Path) -> None:
    crash = Crash()
    filled(tmp_path / "before", 250, batch=250)
    for dies_at in range(1, 200):
        path = tmp_path / str(dies_at)
        shutil.copytree(tmp_path / "before", path)
        log = store(path)
        log.journal([entry(i) for i in range(250, 260)])
        completed = crash.commits(log, dies_at)
        log.close()
        again = store(path)
        if again.waiting:
            commit(again)
        assert again.head.size == 260
        assert [again.find(entry(i)) for i in range(260)] == list(range(260))
        again.close()
        if completed:
            assert dies_at > 20
            return
    raise AssertionError("the commit never came to its end")


def test_a_half_written_journal_entry_is_dropped(tmp_path: Path) -> None:
    log = store(tmp_path)
    log.journal([entry(1), entry(2)])
    log.close()
    journal = tmp_path / "journal.0"
    os.truncate(journal, 50)
    again = store(tmp_path)
    assert again.waiting == [entry(1)]
    again.journal([entry(3)])
    commit(again)
    assert again.find(entry(3)) == 1
    again.close()


def test_entries_taken_while_a_checkpoint_is_made_stay_kept(tmp_path: Path) -> None:
    log = store(tmp_path)
    log.journal([entry(1)])
    head = log.grow()
    log.journal([entry(2)])
    log.publish(head, head.signed(KEY, signer().sign_now(head.text().encode())))
    log.close()
    again = store(tmp_path)
    assert (again.head.size, again.waiting) == (1, [entry(2)])
    again.close()


def test_the_index_is_remade_when_it_is_lost_or_broken(tmp_path: Path) -> None:
    filled(tmp_path, 300)
    index = tmp_path / "entries.sqlite"
    for damage in (index.unlink, lambda: index.write_bytes(b"not a database" * 100)):
        damage()
        log = store(tmp_path)
        assert log.find(entry(299)) == 299
        log.close()


@pytest.mark.parametrize(
    "name", ["tile/0/001.p/44", "tile/0/000", "tile/1/000.p/1", "tile/entries/001.p/44"]
)
def test_a_tree_that_was_changed_on_disk_is_never_signed_again(tmp_path: Path, name: str) -> None:
    filled(tmp_path, 300)
    file = tmp_path / name
    data = bytearray(file.read_bytes())
    data[5] ^= 1
    file.write_bytes(data)
    log = LogStore(tmp_path, KEY)
    if name == "tile/0/000":
        # Under a full tile the hash above it vouches; it is found when a proof is made.
        log.open()
        assert log.tree().inclusion(3)[0] != b""
        leaf = merkle.leaf_hash(entry(3))
        path = log.tree().inclusion(3)
        assert not merkle.includes(leaf, 3, 300, path, log.head.root)
        log.close()
        return
    with pytest.raises(ConfigError, match="inconsistent"):
        log.open()


def test_a_tree_changed_under_a_running_writer_is_not_signed(tmp_path: Path) -> None:
    filled(tmp_path, 10)
    log = store(tmp_path)
    log.journal([entry(11)])
    (tmp_path / "tile/0/000.p/10").write_bytes(bytes(320))
    with pytest.raises(ProvenanceError, match="signed last"):
        log.grow()
    log.close()


def test_a_checkpoint_that_the_log_did_not_sign_is_not_taken_over(tmp_path: Path) -> None:
    filled(tmp_path, 3)
    other = LogStore(tmp_path, NoteKey(ORIGIN, throw_away_signer().public))
    with pytest.raises(ConfigError, match="inconsistent"):
        other.open()
    (tmp_path / "checkpoint").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="not text"):
        LogStore(tmp_path, KEY).open()


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    first = store(tmp_path)
    with pytest.raises(ConfigError, match="another process"):
        LogStore(tmp_path, KEY).open()
    first.close()
    store(tmp_path).close()


def test_a_directory_that_cannot_be_used_is_a_configuration_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError):
        LogStore(tmp_path / "file", KEY).open()
    with pytest.raises(ConfigError, match="origin"):
        open_log(str(tmp_path), "a b", signer(), SystemClock())


async def test_a_broken_disk_closes_the_log_until_it_is_well_again(tmp_path: Path) -> None:
    heard: list[str] = []
    async with running(tmp_path / "log", trouble=heard.append) as log:
        log.submit(entry(1))
        await logged(log, entry(1))
        away = tmp_path / "away"
        (tmp_path / "log").rename(away)
        (tmp_path / "log").write_text("")
        log.submit(entry(2))
        for _ in range(2000):
            if log.origin is None:
                break
            await asyncio.sleep(0.002)
        value = await notary(log=log).attest(matter())
        assert value["statement"]["predicate"]["log"] is None
        assert "has stopped" in heard[0]
        (tmp_path / "log").unlink()
        away.rename(tmp_path / "log")
        assert verify_tlog_proof(await logged(log, entry(2)), entry(2), [KEY])[0] == 1
        assert log.origin == ORIGIN


async def test_a_required_log_that_takes_nothing_stops_answers(tmp_path: Path) -> None:
    log = open_log(str(tmp_path), ORIGIN, signer(), SystemClock(), required=True)
    log.broken = "disk"
    with pytest.raises(Overloaded):
        await notary(log=log).attest(matter())


async def test_a_full_queue_lets_answers_pass_unlogged(tmp_path: Path) -> None:
    log = Log(LogStore(tmp_path, KEY), signer(), SystemClock(), most_waiting=1)
    log.submit(entry(1))
    assert log.origin is None


async def test_a_signer_that_signs_something_else_publishes_nothing(tmp_path: Path) -> None:
    class Wrong:
        kid, public, throw_away = signer().kid, signer().public, False

        async def sign(self, message: bytes) -> bytes:
            return bytes(64)

    wrong: Signer = Wrong()
    log = Log(LogStore(tmp_path, KEY), wrong, SystemClock())
    log.store.open()
    log.submit(entry(1))
    await log.flush()
    assert "does not hold" in log.broken
    assert not (tmp_path / "checkpoint").exists()
    log.store.close()


async def test_only_the_public_files_are_served(tmp_path: Path) -> None:
    filled(tmp_path, 300)
    async with running(tmp_path) as log:
        assert (await log.file("checkpoint") or b"").startswith(b"gw.example/log\n300\n")
        assert await log.file("tile/0/000")
        assert await log.file("tile/entries/001.p/44")
        for path in (
            "entries.sqlite",
            ".lock",
            "tile/0/../../checkpoint",
            "tile/64/000",
            "tile/0/9",
        ):
            assert await log.file(path) is None
        assert await log.file("tile/5/000") is None


async def test_the_log_proves_that_it_only_grew(tmp_path: Path) -> None:
    async with running(tmp_path) as log:
        for number in range(5):
            log.submit(entry(number))
        await logged(log, entry(4))
        old = log.store.head
        for number in range(5, 9):
            log.submit(entry(number))
        await logged(log, entry(8))
        new = log.store.head
        proof = await log.consistency(old.size, new.size)
        assert merkle.consistent(old.size, new.size, old.root, new.root, proof)


async def test_what_waited_at_shutdown_is_logged_at_the_next_start(tmp_path: Path) -> None:
    log = open_log(str(tmp_path), ORIGIN, signer(), SystemClock())
    log.store.open()
    log.submit(entry(1))
    await log.close()
    assert log.store.head.size == 1
    waits = store(tmp_path)
    waits.journal([entry(2)])
    waits.close()
    async with running(tmp_path) as again:
        await logged(again, entry(2))


def test_a_policy_names_the_trusted_logs() -> None:
    text = f"# ours\nlog {KEY.vkey} https://gw.example/log\n\nquorum none\n"
    assert read_policy(text) == [KEY]


@pytest.mark.parametrize(
    "text",
    [
        f"log {KEY.vkey}\n",
        f"log {KEY.vkey}\nwitness w {KEY.vkey}\nquorum w\n",
        f"log {KEY.vkey}\nlog {KEY.vkey}\nquorum none\n",
        "log\nquorum none\n",
        "quorum none\nquorum none\n",
    ],
)
def test_a_policy_that_asks_for_more_than_is_checked_is_refused(text: str) -> None:
    with pytest.raises(ProvenanceError):
        read_policy(text)


def proof_text(tmp_path: Path) -> str:
    filled(tmp_path, 37)
    log = store(tmp_path)
    note = (tmp_path / "checkpoint").read_text()
    text = tlog_proof(20, log.tree().inclusion(20), note)
    log.close()
    return text


def test_every_mutation_of_a_log_proof_is_refused(tmp_path: Path) -> None:
    rng = random.Random(9)
    text = proof_text(tmp_path)
    assert verify_tlog_proof(text, entry(20), [KEY])[0] == 20
    for _ in range(2000):
        at = rng.randrange(len(text))
        letter = rng.choice("0129aA+/= \n\u2014é")
        kind = rng.randrange(3)
        changed = text[:at] + ("" if kind == 0 else letter) + text[at + (kind != 1) :]
        if changed == text:
            continue
        with pytest.raises(ProvenanceError):
            verify_tlog_proof(changed, entry(20), [KEY])


@pytest.mark.parametrize(
    "text", ["", "c2sp.org/tlog-proof@v1\n\n", "c2sp.org/tlog-proof@v1\nextra QQ==\nindex 20\n\nx"]
)
def test_what_is_no_log_proof_is_refused(text: str) -> None:
    with pytest.raises(ProvenanceError):
        verify_tlog_proof(text, entry(20), [KEY])


def test_an_entry_that_is_not_the_proofs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProvenanceError, match="not in the log"):
        verify_tlog_proof(proof_text(tmp_path), entry(21), [KEY])
