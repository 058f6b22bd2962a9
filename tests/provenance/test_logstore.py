"""What the log keeps on disk: its files, what a crash leaves, what it refuses to sign."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.errors import ConfigError, LogStopped, ProvenanceError
from gateway.provenance import merkle
from gateway.provenance.keys import throw_away_signer
from gateway.provenance.log import open_log
from gateway.provenance.logstore import INDEX, LogStore
from gateway.provenance.note import Checkpoint, NoteKey, read_checkpoint
from gateway.provenance.tiles import TileTree, unbundle
from tests.provenance.answers import signer
from tests.provenance.logs import KEY, ORIGIN, commit, entry, filled, store


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


@pytest.mark.slow
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


def test_a_checkpoint_over_nothing_new_may_be_signed_again(tmp_path: Path) -> None:
    filled(tmp_path, 3)
    log = store(tmp_path)
    commit(log)
    assert log.head.size == 3
    assert log.find(entry(2)) == 2
    log.close()


def test_a_log_may_begin_with_a_signed_checkpoint_over_nothing(tmp_path: Path) -> None:
    head = Checkpoint(KEY.name, 0, merkle.root([]))
    note = head.signed(KEY, signer().sign_now(head.text().encode()))
    (tmp_path / "checkpoint").write_text(note)
    log = store(tmp_path)
    log.journal([entry(0)])
    commit(log)
    assert log.head.size == 1
    log.close()


def test_without_its_index_nobody_knows_what_is_in_it(
    tmp_path: Path,
) -> None:
    filled(tmp_path, 3)
    log = store(tmp_path)
    (tmp_path / INDEX).unlink()
    with pytest.raises(LogStopped, match="cannot be read"):
        log.find(entry(1))
    log.close()
    again = store(tmp_path)
    assert again.find(entry(1)) == 1
    again.close()


def test_a_log_does_not_grow_over_a_lost_tile(tmp_path: Path) -> None:
    filled(tmp_path, 3)
    log = store(tmp_path)
    for tile in (tmp_path / "tile").rglob("3"):
        tile.unlink()
    log.journal([entry(3)])
    with pytest.raises(ProvenanceError, match="missing"):
        log.grow()
    log.close()
