"""Running the application: one listening socket, one event loop, and a stop that loses nothing."""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import math
import socket
import sys
from collections.abc import Coroutine
from types import FrameType
from typing import Any, TypeVar

import uvicorn
from starlette.types import ASGIApp

from gateway import heap
from gateway.acceptor import Acceptor
from gateway.app import Readiness
from gateway.clientaddress import ClientAddress
from gateway.clock import Clock, SystemClock
from gateway.config import ServerSettings
from gateway.connection import Connection
from gateway.descriptors import for_clients, raise_limit
from gateway.errors import ConfigError
from gateway.frontdoor import FrontDoor
from gateway.upstream.shares import Shares

T = TypeVar("T")

# Uvicorn's exit code where the application did not start.
_NOT_STARTED = 3
# Ticks between looks at the connections.
_LOOK_EVERY = 5
# Seconds that a thread beside the event loop may keep it waiting, where both have work.
_SWITCH = 0.001


class Server(uvicorn.Server):
    """Uvicorn, with our way to stop: the first signal says `draining` and waits for what is
    under way, the second one stops at once; either way the process ends of itself."""

    def __init__(
        self,
        app: ASGIApp,
        settings: ServerSettings,
        readiness: Readiness,
        shares: Shares | None = None,
        clock: Clock | None = None,
    ) -> None:
        clients = ClientAddress(settings.trusted_proxies, settings.forwarded_header)
        most = for_clients(raise_limit(), settings.connections)
        self.door = FrontDoor(settings, clients, clock or SystemClock(), most, shares)
        super().__init__(
            uvicorn.Config(
                app,
                http="httptools",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                ws="none",
                timeout_keep_alive=math.ceil(settings.idle_timeout),
                timeout_graceful_shutdown=round(settings.drain),
            )
        )
        self._readiness = readiness
        readiness.front = self.door
        self._delay = settings.drain_delay
        self.listening = asyncio.Event()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """What a signal does. It is not raised again afterwards: a drained stop is no failure."""
        if self._readiness.draining:
            self.should_exit = self.force_exit = True
        self._readiness.draining = True

    async def on_tick(self, counter: int) -> bool:
        """Called ten times a second while serving."""
        if counter % _LOOK_EVERY == 0:
            self.door.look()
        if self._readiness.draining and not self.should_exit:
            self._delay -= 0.1
            self.should_exit = self._delay < 0
        return await super().on_tick(counter)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so.

        Raises:
            SystemExit: the application did not start; it has said why.
        """
        await self.lifespan.startup()
        if self.lifespan.should_exit:
            raise SystemExit(_NOT_STARTED)
        listeners: Any = [
            Acceptor(one, self._connection, self.door.paused, self.door.turned_away)
            for one in sockets or ()
        ]
        self.servers = listeners
        self.started = True
        settle()
        self.listening.set()

    def _connection(self) -> Connection:
        state = self.lifespan.state
        return Connection(self.door, self.config, self.server_state, state)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop. After a second signal, answers under way are cut off first; then too, what the
        application opened is closed."""
        for name in ("uvicorn.error", "gateway.connection"):
            logging.getLogger(name).addFilter(_wanted)
        await super().shutdown(sockets)
        cut = list(self.server_state.tasks)
        for task in cut:
            task.cancel()
        await asyncio.gather(*cut, return_exceptions=True)
        if self.force_exit:
            await self.lifespan.shutdown()


def _wanted(record: logging.LogRecord) -> bool:
    """Answers that are cut off by a stop are no failures of the application."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


def settle() -> None:
    """Tell the collector of cycles that what is here now stays, and to look less often.

    Decoding a page of rows makes thousands of objects without a cycle among them; with the
    usual thresholds the collector walks over all of them several times for each answer. What it
    walks over at once, but for the rare look at everything, is few enough to hold nobody up.
    """
    sys.setswitchinterval(_SWITCH)
    heap.give_back()
    gc.freeze()
    gc.set_threshold(10_000, 5, 1_000)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises:
        ConfigError: the port is taken or the address is not ours, with the remedy.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
        made.listen(2048)
    except (TypeError, UnicodeError):
        made.close()
        raise ConfigError(f"cannot listen on {host!a}: that is no address of a machine") from None
    except OverflowError:
        made.close()
        raise ConfigError(f"cannot listen on {host}:{port}: ports are 0 to 65535") from None
    except OSError as error:
        made.close()
        reason = error.strerror or str(error)
        remedy = (
            "is another gateway running? Choose another port with --port"
            if error.errno == errno.EADDRINUSE
            else "choose an address of this machine with --host, and a port that you may open "
            "with --port"
        )
        raise ConfigError(f"cannot listen on {host}:{port}: {reason}; {remedy}") from None
    made.setblocking(False)
    return made


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run in a new event loop, the fast one where it is installed."""
    try:
        from uvloop import new_event_loop
    except ImportError:  # Windows has none
        return asyncio.run(work)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(work)
