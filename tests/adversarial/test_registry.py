"""A registry that answers with whatever does harm, asked beside one that is well.

What must hold for each answer of the table: the hostile one gets one typed outcome, and never OK
with other rows than its own; the answer is signed and verifies; the one beside it is whole; no
connection, task or traceback is left; and once it is well again, so is the next answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from gateway.config import RegistrySettings
from gateway.sandbox.runner import Sandbox
from tests.adversarial.hostile_answers import (
    AGAIN,
    BUSY,
    CLOSES,
    DRIPS,
    FLOODS,
    LATE,
    LIMIT,
    RESETS,
    TABLE,
    Answer,
)
from tests.test_partial_failure import PATIENT, House, covered, of, signed, world
from tests.tools import sweep

pytestmark = [pytest.mark.adversarial, pytest.mark.asyncio(loop_scope="module")]

HOSTILE, CALM = "gold-standard", "verra"
# Seconds for one try, and for a drip.
PATIENCE, DRIP = 0.6, 0.05
ENOUGH = 20.0


class Besieged(Sandbox):
    """The sandbox with a hostile registry before one of its emulators."""

    answer: Answer | None = None
    body = b""
    flooded = 0

    def __init__(self) -> None:
        super().__init__(world(), only=(HOSTILE, CALM))
        self.open: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Besieged:
        await super().__aenter__()
        self._way = urlsplit(super().settings()[HOSTILE].base_url or "")
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    def settings(self) -> dict[str, RegistrySettings]:
        found = super().settings()
        port = self._server.sockets[0].getsockname()[1]
        told = {"base_url": f"http://127.0.0.1:{port}", "max_bytes": LIMIT, "rate": 10_000.0}
        found[HOSTILE] = found[HOSTILE].model_copy(update={**told, "burst": 1000})
        return found

    async def close(self) -> None:
        self._server.close()
        for writer in [*self.open]:
            writer.transport.abort()
        await self._server.wait_closed()
        await comes_to(lambda: len(self.open), 0)
        await super().close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open.add(writer)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while asked := await reader.readuntil(b"\r\n\r\n"):
                if self.answer is None:
                    writer.write(await self._true(asked))
                else:
                    told = self.answer
                    await self._harm(told, reader, writer)
                    if told.then != AGAIN:
                        break
        self.open.discard(writer)
        writer.close()

    async def _true(self, asked: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(self._way.hostname, self._way.port)
        writer.write(asked.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
        told = await reader.read()
        writer.close()
        lines, _, body = told.partition(b"\r\n\r\n")
        self.body = body
        return lines.replace(b"\r\nConnection: close", b"") + b"\r\n\r\n" + body

    async def _harm(
        self, answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        told = answer.makes(self.body)
        if answer.then in (DRIPS, "drips the body"):
            begun = 0 if answer.then == DRIPS else told.index(b"\r\n\r\n") + 4
            writer.write(told[:begun])
            for at in range(begun, len(told)):
                writer.write(told[at : at + 1])
                await writer.drain()
                await asyncio.sleep(DRIP)
        writer.write(told)
        await writer.drain()
        flood = {
            FLOODS: b"1000\r\n" + b" " * 4096 + b"\r\n",
            "floods headers": b"X: a\r\n" * 500,
            "floods notices": b"HTTP/1.1 100 Continue\r\n\r\n" * 200,
        }.get(answer.then)
        while flood:
            writer.write(flood)
            self.flooded += len(flood)
            await writer.drain()
        if answer.then == RESETS:
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()
        elif answer.then not in (CLOSES, AGAIN):
            await reader.read()


@dataclass(frozen=True, slots=True)
class Siege:
    """The gateway before the besieged sandbox, and one that waits less long for the hostile."""

    sandbox: Besieged
    house: House
    hasty: House


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def siege() -> AsyncIterator[Siege]:
    async with Besieged() as sandbox:
        house = House(sandbox, (HOSTILE, CALM))
        hasty = House(sandbox, (HOSTILE, CALM), {HOSTILE: PATIENCE})
        yield Siege(sandbox, house, hasty)
        await house.close()
        await hasty.close()


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


async def comes_to(what: Callable[[], int], most: int) -> bool:
    """Whether it does so before long."""
    for _ in range(1000):
        if what() <= most:
            return True
        await asyncio.sleep(ENOUGH / 1000)
    return False


async def well(house: House) -> dict[str, Any]:
    """The answer of both; who said "later" is asked again then."""
    for _ in range(100):
        body = await house.ask(PATIENT, first=500)
        told = covered(body)[HOSTILE]
        if told["outcome"] != BUSY:
            break
        await asyncio.sleep(ENOUGH / 100)
    assert told["outcome"] == "OK", told
    assert all(row["complete"] for row in covered(body).values())
    return body


@pytest.mark.parametrize("answer", sweep(TABLE, TABLE[::3]), ids=lambda answer: answer.name)
async def test_a_hostile_answer_costs_that_registry_one_answer_and_nobody_else_anything(
    siege: Siege, answer: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox, house = siege.sandbox, siege.house
    sandbox.answer, sandbox.flooded = None, 0
    sound = await well(house)
    tasks, files = len(asyncio.all_tasks()), descriptors()
    sandbox.answer = answer
    asked = siege.hasty if answer.told == LATE else house
    body = await asked.ask(PATIENT, first=500)
    sandbox.answer = None

    assert "errors" not in body
    row = covered(body)[HOSTILE]
    assert row["outcome"] in answer.told.split(), row
    if row["outcome"] == "OK":
        assert of(body, HOSTILE) == of(sound, HOSTILE)
    else:
        assert (row["complete"], of(body, HOSTILE)) == (False, [])
        assert signed(body)["scope"]["registriesAnswered"] == [CALM]
    assert of(body, CALM) == of(sound, CALM)
    assert covered(body)[CALM]["complete"] is True
    assert [record for record in caplog.records if record.exc_info] == []
    # A flood ends soon after what a registry may say.
    assert sandbox.flooded < 32 * LIMIT

    # Answers that are well keep the breaker closed for the next of the table.
    for _ in range(3):
        assert of(await well(house), HOSTILE) == of(sound, HOSTILE)
    assert await comes_to(lambda: len(asyncio.all_tasks()), tasks + 4)
    assert await comes_to(descriptors, files + 2)
