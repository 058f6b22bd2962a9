"""Accepting connections: whatever is wrong with one of them, the next one is accepted.

The event loop's own way gives up listening, without a word, at the first error of `accept` that it
does not know. Clients can cause such errors, by leaving before they are let in (accept(2) tells of
a dozen); and where files have run out, trying again at once would only keep the processor busy.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from collections.abc import Callable
from contextlib import suppress

_logger = logging.getLogger(__name__)
# Connections that are let in before others get their turn.
_AT_ONCE = 32
# Where there is no room for another: seconds until the next try.
_PAUSE = 0.5
_NO_ROOM = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


class Acceptor:
    """Lets in who knocks at a listening socket, for as long as it is not closed. `turned_away` says
    what is answered to a host that is not let in."""

    def __init__(
        self,
        listener: socket.socket,
        protocol: Callable[[], asyncio.Protocol],
        paused: Callable[[], None] = lambda: None,
        turned_away: Callable[[str], bytes | None] = lambda host: None,
    ) -> None:
        self._listener = listener
        self._protocol = protocol
        self._paused = paused
        self._turned_away = turned_away
        self._loop = asyncio.get_running_loop()
        self._making: set[asyncio.Task[None]] = set()
        self._again: asyncio.TimerHandle | None = None
        self.pauses = 0
        self._resume()

    def _resume(self) -> None:
        self._again = None
        self._loop.add_reader(self._listener.fileno(), self._ready)

    def _ready(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                connection, peer = self._listener.accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                if error.errno in _NO_ROOM:
                    self._pause(error)
                    return
                # It is that connection's own: the next one may be well.
                continue
            why = self._turned_away(peer[0] if isinstance(peer, tuple) else "")
            if why is not None:
                _say(connection, why)
                continue
            task = self._loop.create_task(self._let_in(connection))
            self._making.add(task)
            task.add_done_callback(self._making.discard)

    def _pause(self, error: OSError) -> None:
        if not self.pauses:
            _logger.warning("no connection can be accepted for now: %s", error.strerror)
        self.pauses += 1
        self._paused()
        self._loop.remove_reader(self._listener.fileno())
        self._again = self._loop.call_later(_PAUSE, self._resume)

    async def _let_in(self, connection: socket.socket) -> None:
        try:
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await self._loop.connect_accepted_socket(self._protocol, connection)
        except OSError:
            connection.close()

    def close(self) -> None:
        """Let nobody in any more; those who are in stay."""
        if self._again is not None:
            self._again.cancel()
            self._again = None
        if self._listener.fileno() >= 0:
            self._loop.remove_reader(self._listener.fileno())

    async def wait_closed(self) -> None:
        """Wait for those who are being let in."""
        if self._making:
            await asyncio.wait(self._making)


def _say(connection: socket.socket, why: bytes) -> None:
    """Say so much in one go, or nothing, and close: nothing is waited for."""
    with connection, suppress(OSError):
        if why:
            connection.send(why, socket.MSG_DONTWAIT)
