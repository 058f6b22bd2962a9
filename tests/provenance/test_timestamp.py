"""RFC 3161 time stamps, from a local authority made with openssl."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.errors import ConfigError, ProvenanceError
from gateway.provenance.log import open_log
from gateway.provenance.logstore import STAMPS
from gateway.provenance.timestamp import Stamper, verify_stamp
from gateway.provenance.tlogproof import checkpoint_of, verify_tlog_proof
from tests.provenance.answers import FixedClock, signer
from tests.provenance.authority import make_authority, served
from tests.provenance.logs import KEY, ORIGIN, entry

pytest.importorskip("rfc3161_client", reason="needs the tsa extra")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("tsa")
    make_authority(found)
    return found


@pytest.fixture
def address(home: Path) -> Iterator[str]:
    with served(home) as found:
        yield found


@pytest.fixture
def roots(home: Path) -> bytes:
    return (home / "ca.pem").read_bytes()


async def test_a_stamp_holds_for_its_message_only(address: str, roots: bytes) -> None:
    token = await Stamper(address, roots).stamp(b"checkpoint")
    seen = verify_stamp(token, b"checkpoint", roots)
    assert abs(seen - datetime.now(UTC)) < timedelta(minutes=5)
    with pytest.raises(ProvenanceError, match="does not hold"):
        verify_stamp(token, b"another", roots)
    with pytest.raises(ProvenanceError, match="does not hold"):
        verify_stamp(token[:-9] + b"x" * 9, b"checkpoint", roots)
    with pytest.raises(ProvenanceError):
        verify_stamp(b"nothing", b"checkpoint", roots)


async def test_a_stamp_of_a_stranger_is_refused(address: str, roots: bytes, tmp_path: Path) -> None:
    make_authority(tmp_path)
    stranger = (tmp_path / "ca.pem").read_bytes()
    with pytest.raises(ProvenanceError):
        await Stamper(address, stranger).stamp(b"checkpoint")


async def test_an_authority_that_does_not_answer_is_an_error(roots: bytes) -> None:
    with pytest.raises(ProvenanceError, match="did not answer"):
        await Stamper("http://127.0.0.1:9/", roots).stamp(b"x")


def test_a_wrong_configuration_is_told(roots: bytes) -> None:
    with pytest.raises(ConfigError, match="http"):
        Stamper("file:///etc/passwd", roots)
    with pytest.raises(ConfigError, match="PEM"):
        Stamper("https://tsa.example", b"nothing")


async def test_a_stamped_checkpoint_proves_its_entries(
    address: str, roots: bytes, tmp_path: Path
) -> None:
    log = open_log(str(tmp_path), ORIGIN, signer(), FixedClock())
    await log.start()
    stamper = Stamper(address, roots)
    assert await log.stamp(stamper) is False
    for number in range(3):
        log.submit(entry(number))
    await log.flush()
    assert await log.stamped_proof(entry(1)) is None
    assert await log.stamp(stamper) is True
    assert await log.stamp(stamper) is False
    log.submit(entry(3))
    await log.flush()
    found = await log.stamped_proof(entry(1))
    assert found is not None
    proof, token = found
    assert verify_tlog_proof(proof, entry(1), [KEY])[1].size == 3
    verify_stamp(token, checkpoint_of(proof).encode(), roots)
    assert await log.stamped_proof(entry(3)) is None
    await log.close()


async def test_stamps_are_asked_for_by_themselves_and_trouble_is_heard(
    address: str, roots: bytes, tmp_path: Path
) -> None:
    class Hours(FixedClock):
        def __init__(self) -> None:
            super().__init__()
            self.tick = asyncio.Event()

        async def sleep(self, seconds: float) -> None:
            await self.tick.wait()
            self.tick.clear()

    heard: list[str] = []
    refused: list[str] = []

    async def post(url: str, body: bytes) -> bytes:
        refused.append(url)
        return b"no"

    clock = Hours()
    stamper = Stamper(address, roots, post=post)
    log = open_log(str(tmp_path), ORIGIN, signer(), clock, stamper=stamper, trouble=heard.append)
    await log.start()
    log.submit(entry(1))
    await log.flush()
    task = asyncio.create_task(log.run())
    async with asyncio.timeout(60):
        while not heard:
            clock.tick.set()
            await asyncio.sleep(0.002)
    assert "not time-stamped" in heard[0]
    assert refused
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await log.close()


async def test_a_stamp_whose_token_is_lost_proves_nothing(
    address: str, roots: bytes, tmp_path: Path
) -> None:
    log = open_log(str(tmp_path), ORIGIN, signer(), FixedClock())
    await log.start()
    log.submit(entry(0))
    await log.flush()
    assert await log.stamp(Stamper(address, roots)) is True
    (tmp_path / STAMPS / "1.tsr").unlink()
    assert await log.stamped_proof(entry(0)) is None
    await log.close()


def test_without_the_extra_it_is_said_what_to_install(
    roots: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    with pytest.raises(ConfigError, match="tsa"):
        verify_stamp(b"token", b"checkpoint", roots)
