"""Whatever is wrong with one connection, the next one is accepted."""

from __future__ import annotations

import asyncio
import errno
import socket
import struct
from typing import Any

import pytest

from gateway.acceptor import Acceptor
from gateway.serve import listen, run


class Faulty(socket.socket):
    """A listening socket whose next calls of `accept` fail as the system may let them fail."""

    errors: list[int]

    def accept(self) -> tuple[socket.socket, Any]:
        if self.errors:
            raise OSError(self.errors.pop(0), "a fault")
        return super().accept()


class Echo(asyncio.Protocol):
    """Says something to whoever is let in."""

    def connection_made(self, transport: Any) -> None:
        transport.write(b"in")
        transport.close()


def faulty(*errors: int) -> Faulty:
    listener = listen("127.0.0.1", 0)
    made = Faulty(fileno=listener.detach())
    made.setblocking(False)
    made.errors = list(errors)
    return made


async def greeting(listener: socket.socket) -> bytes:
    reader, writer = await asyncio.open_connection(*listener.getsockname())
    said = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    return said


async def test_who_is_turned_away_hears_why_and_the_next_is_let_in() -> None:
    answers = [b"later", None]
    hosts: list[str] = []

    def turned_away(host: str) -> bytes | None:
        hosts.append(host)
        return answers.pop(0)

    with faulty() as listener:
        acceptor = Acceptor(listener, Echo, turned_away=turned_away)
        assert await greeting(listener) == b"later"
        assert await greeting(listener) == b"in"
        assert hosts == ["127.0.0.1"] * 2
        acceptor.close()
        await acceptor.wait_closed()


@pytest.mark.parametrize(
    "error", [errno.ECONNABORTED, errno.EPROTO, errno.EINVAL, errno.ENETDOWN, errno.EINTR]
)
async def test_an_error_of_one_connection_keeps_nobody_out(error: int) -> None:
    with faulty(error, error) as listener:
        acceptor = Acceptor(listener, Echo)
        assert await greeting(listener) == b"in"
        assert acceptor.pauses == 0
        acceptor.close()
        await acceptor.wait_closed()


async def test_where_files_have_run_out_it_waits_and_tells_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with faulty(errno.EMFILE, errno.ENFILE) as listener:
        told: list[str] = []
        acceptor = Acceptor(listener, Echo, lambda: told.append("paused"))
        assert await greeting(listener) == b"in"
        assert acceptor.pauses == len(told) == 2
        assert [one.message for one in caplog.records] == [
            "no connection can be accepted for now: a fault"
        ]
        acceptor.close()


async def test_a_stop_while_it_waits_is_a_stop() -> None:
    with faulty(errno.EMFILE) as listener:
        acceptor = Acceptor(listener, Echo)
        knocking = asyncio.create_task(greeting(listener))
        while not acceptor.pauses:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)
        acceptor.close()
        await asyncio.sleep(0.6)
        assert not knocking.done()
        knocking.cancel()


def test_clients_that_reset_before_they_are_let_in_keep_nobody_out() -> None:
    """In the event loop that serves: its own way of accepting stopped for good."""

    async def main() -> bytes:
        with listen("127.0.0.1", 0) as listener:
            for _ in range(5):
                for _ in range(60):
                    client = socket.create_connection(listener.getsockname())
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    client.close()
            acceptor = Acceptor(listener, Echo)
            said = await greeting(listener)
            acceptor.close()
            await acceptor.wait_closed()
            return said

    assert run(main()) == b"in"
