"""The log: what it proves, what a crash leaves, and what it refuses to sign."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.errors import Overloaded, ProvenanceError
from gateway.provenance import merkle
from gateway.provenance.keys import Signer
from gateway.provenance.log import Log, open_log
from gateway.provenance.logstore import LogStore
from gateway.provenance.tlogproof import verify_tlog_proof
from tests.provenance.answers import matter, notary, signer
from tests.provenance.logs import KEY, ORIGIN, entry, filled, store


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
    async with asyncio.timeout(60):
        while (proof := await log.proof(found)) is None:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.002)
    return proof


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


async def test_what_came_before_the_log_was_opened_is_logged_too(tmp_path: Path) -> None:
    filled(tmp_path, 3)
    log = open_log(str(tmp_path), ORIGIN, signer(), SystemClock())
    log.submit(entry(7))
    await log.start()
    await log.close()
    assert (log.store.head.size, log.store.find(entry(7))) == (4, 3)


async def test_a_broken_disk_closes_the_log_until_it_is_well_again(tmp_path: Path) -> None:
    heard: list[str] = []
    async with running(tmp_path / "log", trouble=heard.append) as log:
        log.submit(entry(1))
        await logged(log, entry(1))
        away = tmp_path / "away"
        (tmp_path / "log").rename(away)
        (tmp_path / "log").write_text("")
        log.submit(entry(2))
        async with asyncio.timeout(60):
            while log.origin is not None:  # noqa: ASYNC110 - it tells by `heard`, a moment before
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


async def test_what_comes_while_a_checkpoint_is_signed_is_under_the_next_one(
    tmp_path: Path,
) -> None:
    class Meanwhile:
        kid, public, throw_away = signer().kid, signer().public, False
        left = 1

        async def sign(self, message: bytes) -> bytes:
            while self.left:
                self.left -= 1
                log.submit(entry(2))
            return await signer().sign(message)

    late: Signer = Meanwhile()
    log = Log(LogStore(tmp_path, KEY), late, SystemClock())
    log.store.open()
    log.submit(entry(1))
    await log.flush()
    assert (log.pending(entry(1)), log.pending(entry(2))) == (False, True)
    await log.flush()
    assert not log.pending(entry(2))
    assert await log.proof(entry(2)) is not None
    log.store.close()
