"""The front door: how many connections there may be, for how long, and with how much in them.

A connection costs memory and a file descriptor before it has asked anything. So they are counted,
in all and by client, and looked at several times a second: one that does not say what it wants,
that has nothing to say, or that does not read what it was told, is closed. Where there is no room
for a new one, the one that has been idle the longest goes, of the client that holds the most.
"""

from __future__ import annotations

import json
import logging
import math
from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol

from gateway.clientaddress import ClientAddress, subscriber
from gateway.clock import Clock
from gateway.config import ServerSettings
from gateway.upstream.shares import Shares

_logger = logging.getLogger(__name__)

# Requests that may wait on one connection behind the one that is answered.
MOST_WAITING = 8
MOST_HEADERS = 100
# Bytes of answers that wait to be read by clients, all together.
MOST_UNREAD = 64 * 1024 * 1024
# A client that reads takes at least so many bytes in the time that it has.
LEAST_READ = 64 * 1024
# Why connections are turned away or let go.
REFUSALS = ("connections", "connections_each", "share", "header_timeout", "unread", "room")
# Seconds of work that it is to let a connection in, and to have a piece read from it.
_AN_OPENING = 0.0003
_A_PIECE = 0.00005
# Seconds between answers to those who are turned away.
_WORDS_EVERY = 0.01
# To turn away who knocks.
_A_KNOCK = 0.0001
# And to answer a request that no task of the client's is timed for.
_A_HEAD = 0.0002
# Connections of a client that must give way which are let be: on them it hears when to come back.
_LET_BE = 2


class Line(Protocol):
    """A connection, as far as the front door looks at it."""

    address: str

    @property
    def unread(self) -> int:
        """Bytes of answers that the client did not read yet."""
        ...

    @property
    def asking(self) -> bool:
        """Whether a request is being answered."""
        ...

    def turn_away(self, status: int, body: bytes) -> None:
        """Say why, if nothing else is being said, and close."""
        ...

    def hold(self, back: bool) -> None:
        """Read nothing more for now, or go on."""
        ...

    def drop(self) -> None:
        """Close at once, whatever was not read."""
        ...


@dataclass(slots=True)
class Seen:
    """When something was last heard from a connection, and what it had left to read then.

    `since` is when it was opened, ended an answer, or began to ask; `reading` is since when it is
    watched whether it reads (both in seconds of the event loop's clock), and `left` how many bytes
    it had to read then.
    """

    since: float
    begun: bool = False
    reading: float | None = None
    left: int = 0


class FrontDoor:
    """Counts connections and closes those that take more than their share."""

    def __init__(
        self,
        settings: ServerSettings,
        clients: ClientAddress,
        clock: Clock,
        most: int,
        shares: Shares | None = None,
    ) -> None:
        self.settings = settings
        self.most = most
        self.refused: Counter[str] = Counter()
        # How often nobody could be let in; what accepts connections counts it.
        self.pauses = 0
        self._clients = clients
        self._shares = shares
        self._clock = clock
        self._lines: dict[Line, Seen] = {}
        self._each: Counter[str] = Counter()
        self._quiet_until = -math.inf

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def unread(self) -> int:
        """Bytes of answers that clients did not read yet, all together."""
        return sum(line.unread for line in self._lines)

    def paused(self) -> None:
        """Nobody can be let in for now."""
        self.pauses += 1

    def turned_away(self, host: str) -> bytes | None:
        """What is answered to a new connection from there before anything is made for it, nothing
        where others were answered just now; None where it is let in."""
        if not host or self._clients.trusts(host):
            return None
        client = subscriber(host)
        if self._each[client] >= self.settings.connections_each:
            why = self._refusal(429, "connections_each", self.settings.connections_each)
        elif self._must_wait(client, _LET_BE):
            why = self._refusal(429, "share", 0)
        else:
            return None
        if self._shares is not None:
            self._shares.used(client, _A_KNOCK)
        now = self._clock.monotonic()
        if now < self._quiet_until:
            # In a flood there are no words for everyone.
            return b""
        self._quiet_until = now + _WORDS_EVERY
        return written(*why)

    def enter(self, line: Line) -> bool:
        """Whether the connection may stay; it was told why not, where it may not."""
        if line.address and self._clients.trusts(line.address):
            # A proxy's connections are those of many clients, and it has limits of its own.
            line.address = ""
        client = line.address = subscriber(line.address)
        if len(self._lines) >= self.most and not self._make_room():
            line.turn_away(*self._refusal(503, "connections", self.most))
            return False
        if client and self._shares is not None:
            self._shares.used(client, _AN_OPENING)
        self._lines[line] = Seen(self._clock.monotonic())
        self._each[client] += 1
        return True

    def leave(self, line: Line) -> None:
        """The connection is closed."""
        if self._lines.pop(line, None) is not None:
            self._each[line.address] -= 1
            if not self._each[line.address]:
                del self._each[line.address]

    def began(self, line: Line) -> None:
        """Bytes of a request's head have come."""
        seen = self._lines.get(line)
        if seen is not None and not seen.begun:
            seen.begun, seen.since = True, self._clock.monotonic()

    def asked(self, line: Line) -> None:
        """The head of a request is whole: whatever it asks for is work."""
        if self._shares is not None and line.address:
            self._shares.used(line.address, _A_HEAD)

    def worked(self, line: Line, seconds: float) -> None:
        """It took so long to look at what has come."""
        if self._shares is not None and line.address:
            self._shares.used(line.address, _A_PIECE + seconds)

    def ended(self, line: Line) -> None:
        """An answer was given."""
        seen = self._lines.get(line)
        if seen is not None:
            seen.begun, seen.since = False, self._clock.monotonic()

    def look(self) -> None:
        """Close what has had its time. To be called several times a second."""
        now = self._clock.monotonic()
        unread = 0
        for line, seen in [*self._lines.items()]:
            left = line.unread
            unread += left
            self._hold_back(line)
            if left and self._does_not_read(seen, left, now):
                self._drop(line, "unread")
            elif line.asking:
                pass
            elif seen.begun:
                if now - seen.since > self.settings.header_timeout:
                    self.refused["header_timeout"] += 1
                    line.turn_away(408, told("BAD_REQUEST", "the request's head took too long"))
            elif not left and now - seen.since > self.settings.idle_timeout:
                line.drop()
        if unread > MOST_UNREAD:
            self._make_them_read(unread)

    def _hold_back(self, line: Line) -> None:
        """Read no more from a client that must give way, until it need not."""
        if self._shares is not None and line.address and not line.asking:
            line.hold(self._must_wait(line.address, _LET_BE + 1))

    def _must_wait(self, client: str, most: int) -> bool:
        """Whether the client must give way, and has as many connections as are let be."""
        shares = self._shares
        return shares is not None and self._each[client] >= most and shares.gives_way(client)

    def _does_not_read(self, seen: Seen, left: int, now: float) -> bool:
        if seen.reading is None or left == 0 or left > seen.left:
            seen.reading, seen.left = now, left
            return False
        if now - seen.reading < self.settings.write_timeout:
            return False
        if seen.left - left < LEAST_READ:
            return True
        seen.reading, seen.left = now, left
        return False

    def _make_them_read(self, unread: int) -> None:
        """Drop those with the most to read, until the rest fits."""
        for line in sorted(self._lines, key=lambda one: one.unread, reverse=True):
            if unread <= MOST_UNREAD:
                return
            unread -= line.unread
            self._drop(line, "unread")

    def _make_room(self) -> bool:
        """Close the connection that has waited the longest, of the client that has the most."""
        waiting = [line for line in self._lines if not line.asking and not line.unread]
        if not waiting:
            return False
        each = self._each
        chosen = max(waiting, key=lambda one: (each[one.address], -self._lines[one].since))
        self._drop(chosen, "room")
        return True

    def _drop(self, line: Line, why: str) -> None:
        self.refused[why] += 1
        self.leave(line)
        line.drop()

    def _refusal(self, status: int, limit: str, allowed: int) -> tuple[int, bytes]:
        self.refused[limit] += 1
        if limit == "share":
            message = "this client has asked for more than its share; ask again later"
            return status, told("RATE_LIMITED", message, retryAfterSeconds=1)
        what = "this address has" if status == 429 else "the gateway has"
        message = f"{what} {allowed} connections, which is all there may be; ask on one of them"
        return status, told("OVERLOADED", message, limit=limit, allowed=allowed)


def told(code: str, message: str, **details: Any) -> bytes:
    """The body that says why, as every error is written."""
    error = {"message": message, "extensions": {"code": code, **details}}
    return json.dumps({"errors": [error]}).encode()


def written(status: int, body: bytes) -> bytes:
    """An answer as it goes over the wire, after which the connection is closed."""
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
        "content-type: application/json; charset=utf-8\r\n"
        f"content-length: {len(body)}\r\n"
        "cache-control: no-store\r\n"
        f"{'retry-after: 1' if status in (429, 503) else 'vary: accept'}\r\n"
        "connection: close\r\n\r\n"
    )
    return head.encode() + body
