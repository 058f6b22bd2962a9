"""The transparency log under a kill at any moment, a full disk, no descriptors, a lost directory.

What must hold: an answer that names the log is in it, whatever happens after the answer was sent.
After the trouble the log goes on whole, with every checkpoint that it ever showed as a beginning;
until then the gateway is not ready, its log says why, and a required log refuses the answers.
"""

from __future__ import annotations

import asyncio
import errno
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.clock import SystemClock
from gateway.errors import ConfigError, LogStopped, Overloaded
from gateway.provenance import merkle
from gateway.provenance.log import Log
from gateway.provenance.logstore import LogStore
from gateway.provenance.note import Checkpoint, read_checkpoint
from tests.adversarial.logchild import whole
from tests.paths import ROOT
from tests.provenance.answers import FixedClock, matter, notary, signer
from tests.provenance.logs import KEY, ORIGIN, commit, entry, store
from tests.tools import sweep

pytestmark = pytest.mark.adversarial


def killed(folder: Path, seed: int, *, after: int = 0, dies_at: int = 0) -> list[bytes]:
    """What a process promised before it was killed: after so many promises, or by itself."""
    command = [sys.executable, "-m", "tests.adversarial.logchild", str(folder), str(seed)]
    with subprocess.Popen(
        [*command, str(dies_at)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        promised: list[bytes] = []
        for line in child.stdout:
            # What is cut short was not read by anybody, as an answer that was not sent whole.
            if line.endswith(b"\n") and line != b"started\n":
                promised.append(bytes.fromhex(line.decode()))
            if after and len(promised) == after:
                child.kill()
        child.wait(60)
        assert child.stderr is not None
        assert child.returncode == -signal.SIGKILL, child.stderr.read()
    return promised


def shown(folder: Path) -> Checkpoint | None:
    file = folder / "checkpoint"
    return read_checkpoint(file.read_text(), [KEY]) if file.exists() else None


def grown(found: LogStore, old: Checkpoint | None) -> bool:
    """Whether the log goes on from a checkpoint that was shown."""
    if old is None or old.size == 0:
        return True
    new = found.head
    proof = found.tree().consistency(old.size, new.size)
    return merkle.consistent(old.size, new.size, old.root, new.root, proof)


def entries_of(found: LogStore) -> list[bytes]:
    leaves = [found.tree().leaf(index) for index in range(found.head.size)]
    assert len(set(leaves)) == len(leaves), "an entry is in the log twice"
    return leaves


@pytest.mark.parametrize("seed", sweep(range(4), 1))
def test_a_kill_at_a_random_moment_loses_no_promise(tmp_path: Path, seed: int) -> None:
    rng = random.Random(f"kill {seed}")
    promised: list[bytes] = []
    for life in range(2):
        promised += killed(tmp_path, seed * 10 + life, after=rng.randrange(1, 400))
        old = shown(tmp_path)
        found = whole(str(tmp_path))
        assert all(found.find(one) is not None for one in promised)
        assert grown(found, old)
        entries_of(found)
        found.close()


@pytest.mark.slow
def test_a_kill_before_any_file_operation_loses_no_promise(tmp_path: Path) -> None:
    """Between journal and tiles, between tiles and tree head, between head and index."""
    rng = random.Random("operations")
    for dies_at in sorted(rng.sample(range(1, 90), 9)):
        folder = tmp_path / str(dies_at)
        promised = killed(folder, 1, dies_at=dies_at)
        old = shown(folder)
        found = whole(str(folder))
        assert all(found.find(one) is not None for one in promised), dies_at
        assert grown(found, old)
        entries_of(found)
        found.close()


class Disk:
    """Flushes to a disk that may be full."""

    def __init__(self) -> None:
        self.full = False

    def sync(self, handle: int) -> None:
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        os.fsync(handle)


@contextmanager
def no_descriptors() -> Iterator[None]:
    """Every descriptor of the process is taken, as by clients that connect without an end."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = max(int(name) for name in os.listdir("/proc/self/fd"))
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + 1, hard))
    taken: list[int] = []
    try:
        while True:
            try:
                taken.append(os.open("/dev/null", os.O_RDONLY))
            except OSError:
                break
        yield
    finally:
        for handle in taken:
            os.close(handle)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file grows beyond this size: a write is cut short, the next one fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def opened(folder: Path, told: list[str], disk: Disk | None = None, **options: Any) -> Log:
    log = Log(
        LogStore(folder, KEY, sync=(disk or Disk()).sync),
        signer(),
        SystemClock(),
        trouble=told.append,
        **options,
    )
    log.store.open()
    return log


def all_there(log: Log, *numbers: int) -> None:
    assert [log.store.find(entry(number)) for number in numbers] == list(range(len(numbers)))
    entries_of(log.store)
    assert (log.trouble, log.held, log.origin) == ("", 0, ORIGIN)
    log.store.close()


async def test_without_descriptors_entries_are_taken_and_come_under_the_tree_later(
    tmp_path: Path,
) -> None:
    told: list[str] = []
    log = opened(tmp_path, told)
    log.submit(entry(0))
    await log.flush()
    # The thread that writes is there already, as in a gateway that runs.
    with no_descriptors():
        log.submit(entry(1))
        await log.flush()
        log.submit(entry(2))
        await log.flush()
        assert "Too many open files" in log.stalled
        assert log.origin == ORIGIN
    assert log.trouble
    assert ["Too many open files" in text for text in told] == [True] * len(told) != []
    await log.flush()
    all_there(log, 0, 1, 2)


async def test_a_flush_that_fails_stops_the_log_until_the_disk_has_room(tmp_path: Path) -> None:
    told: list[str] = []
    disk = Disk()
    log = opened(tmp_path, told, disk, required=True)
    log.submit(entry(0))
    disk.full = True
    await log.flush()
    assert "No space left" in log.broken
    assert "has stopped" in told[0]
    with pytest.raises(Overloaded):
        await notary(log=log).attest(matter())
    with pytest.raises(LogStopped):
        log.submit(entry(9))
    await log.flush()
    disk.full = False
    await log.flush()
    log.submit(entry(1))
    await log.flush()
    all_there(log, 0, 1)


@pytest.mark.parametrize("size", [0, 16, 32, 48, 100])
async def test_a_write_that_is_cut_short_promises_nothing(tmp_path: Path, size: int) -> None:
    told: list[str] = []
    log = opened(tmp_path, told)
    said = []
    by = notary(log=log)
    with largest_file(size):
        for _ in range(4):
            value = await by.attest(matter())
            said.append(value["statement"]["predicate"]["log"])
        await log.flush()
        assert log.trouble
    kept = size // 32
    assert [one is not None for one in said] == [number < kept for number in range(4)]
    assert told
    await log.flush()
    assert log.store.head.size == kept
    log.submit(entry(7))
    await log.flush()
    assert log.store.find(entry(7)) == kept
    all_there(log)


async def test_a_required_log_that_cannot_write_refuses_the_answer(tmp_path: Path) -> None:
    log = opened(tmp_path, [], required=True)
    with largest_file(0), pytest.raises(Overloaded):
        await notary(log=log).attest(matter())
    log.store.close()


async def test_a_directory_that_was_removed_is_never_begun_anew(tmp_path: Path) -> None:
    told: list[str] = []
    folder = tmp_path / "log"
    log = opened(folder, told)
    log.submit(entry(0))
    await log.flush()
    shutil.copytree(folder, tmp_path / "copy")
    log.submit(entry(1))
    shutil.rmtree(folder)
    with pytest.raises(LogStopped):
        log.submit(entry(2))
    for _ in range(2):
        await log.flush()
        assert log.origin is None
        assert not folder.exists()
    # An empty directory is not this log, and an older one lacks what was signed since.
    folder.mkdir()
    await log.flush()
    assert "put the directory back" in log.broken
    shutil.rmtree(folder)
    (tmp_path / "copy").rename(folder)
    await log.flush()
    all_there(log, 0, 1)


async def test_a_copy_from_before_is_not_gone_on_from(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    log = opened(folder, [])
    log.submit(entry(0))
    await log.flush()
    shutil.copytree(folder, tmp_path / "older")
    log.submit(entry(1))
    await log.flush()
    folder.rename(tmp_path / "newer")
    (tmp_path / "older").rename(folder)
    log.submit(entry(2))
    await log.flush()
    await log.flush()
    assert "does not go on from the 2 entries" in log.broken
    folder.rename(tmp_path / "older")
    (tmp_path / "newer").rename(folder)
    await log.flush()
    all_there(log, 0, 1, 2)


async def test_a_directory_that_another_process_took_is_left_to_it(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    log = opened(folder, [])
    log.submit(entry(0))
    await log.flush()
    (folder / ".lock").unlink()
    other = store(folder)
    with pytest.raises(LogStopped):
        log.submit(entry(1))
    await log.flush()
    assert "another process writes" in log.broken
    other.journal([entry(2)])
    commit(other)
    other.close()
    await log.flush()
    all_there(log, 0, 2)


async def test_a_trouble_that_lasts_is_told_now_and_then(tmp_path: Path) -> None:
    told: list[str] = []
    clock, disk = FixedClock(), Disk()
    log = Log(LogStore(tmp_path, KEY, sync=disk.sync), signer(), clock, trouble=told.append)
    log.store.open()
    log.submit(entry(0))
    disk.full = True
    for _ in range(5):
        await log.flush()
    assert len(told) == 1
    await clock.sleep(61)
    await log.flush()
    assert len(told) == 2
    log.store.close()


def test_a_directory_without_room_is_a_mistake_at_the_start(tmp_path: Path) -> None:
    with largest_file(0), pytest.raises(ConfigError, match="cannot be used"):
        LogStore(tmp_path / "log", KEY).open()


def test_a_long_journal_is_followed_by_another_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.provenance.journal.MOST_BYTES", 64)
    log = store(tmp_path)
    for number in range(0, 12, 3):
        log.journal([entry(number), entry(number + 1)])
        head = log.grow()
        log.journal([entry(number + 2)])
        log.publish(head, head.signed(KEY, signer().sign_now(head.text().encode())))
    names = {path.name for path in tmp_path.glob("journal.*")}
    assert len(names) <= 2
    log.close()
    found = whole(str(tmp_path))
    assert [found.find(entry(number)) for number in range(12)] == list(range(12))
    found.close()


async def test_a_journal_that_was_removed_is_made_again_from_memory(tmp_path: Path) -> None:
    log = opened(tmp_path, [])
    log.submit(entry(0))
    (tmp_path / "journal.0").unlink()
    await log.flush()
    assert "was moved or removed" in log.broken
    with pytest.raises(OSError, match="takes nothing"):
        log.store.append(entry(1))
    await log.flush()
    all_there(log, 0)


async def test_other_answers_are_given_while_the_log_is_written(tmp_path: Path) -> None:
    """Answers come in the time of the disk's flush, not after it."""
    log = opened(tmp_path, [])
    task = asyncio.create_task(log.run())
    for number in range(200):
        log.submit(entry(number))
    assert log.held == 200
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await log.flush()
    all_there(log, *range(200))
