"""One question to one address, by the standard library: no redirect, bounded in bytes and time.

Time stamps, key sets and the answers of gateways are asked for at an address that somebody chose
and trusts. So nobody else may say where to go on, and an answer that drips or does not end costs
no more than one that does not come.
"""

from __future__ import annotations

import http.client
import io
import socket
import threading
import urllib.error
import urllib.request
from types import TracebackType
from typing import Any

# Bytes of an error's body, which may say what was wrong.
ERROR_BYTES = 65_536


class TooMuch(OSError):
    """The answer has more bytes than it may have."""


def fetch(request: urllib.request.Request, *, seconds: float, most: int) -> bytes:
    """The body of the answer, whole.

    Raises:
        urllib.error.HTTPError: the status is an error; its body can be read.
        TooMuch: there is more than `most` bytes of it.
        OSError, http.client.HTTPException, ValueError: there is no answer, a part of one, a
            redirect, or it is not whole after `seconds`.
    """
    with _Time(seconds) as time:
        opener = urllib.request.build_opener(_Stay(), _Plain(time), _Secure(time))
        try:
            with opener.open(request, timeout=seconds) as reply:
                body: bytes = reply.read(most + 1)
                missing = getattr(reply, "length", None)
        except urllib.error.HTTPError as error:
            raise _told(error) from None
        except (OSError, http.client.HTTPException, ValueError):
            time.check()
            raise
        time.check()
    if len(body) > most:
        raise TooMuch(f"the answer is over {most} bytes")
    if missing:
        raise OSError("the answer was cut short")
    return body


def _told(error: urllib.error.HTTPError) -> OSError:
    with error:
        if 300 <= error.code < 400:
            place = "".join(c for c in error.headers.get("location", "") if c.isprintable())[:200]
            return OSError(
                f"it redirects to {place or 'another place'}, and no redirect is followed; if you "
                "trust that address, name it instead"
            )
        try:
            said = error.read(ERROR_BYTES)
        except (OSError, http.client.HTTPException):
            said = b""
    return urllib.error.HTTPError(
        error.url, error.code, error.reason, error.headers, io.BytesIO(said)
    )


class _Time:
    """What ends the connections that are made in it when the time is over."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._over = False
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def connect(self, *given: Any, **more: Any) -> socket.socket:
        """A connection, in place of `socket.create_connection`."""
        made = socket.create_connection(*given, **more)
        with self._lock:
            # Of its own, since TLS takes the other one over.
            self._sockets.append(made.dup())
        if self._over:
            self._end()
        return made

    def check(self) -> None:
        """Raise where the time is over."""
        if self._over:
            raise TimeoutError(f"there was no whole answer within {self._seconds:g} seconds")

    def _end(self) -> None:
        self._over = True
        with self._lock:
            for one in self._sockets:
                try:
                    one.shutdown(socket.SHUT_RDWR)
                except OSError:
                    # It has ended by itself.
                    continue

    def __enter__(self) -> _Time:
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        with self._lock:
            for one in self._sockets:
                one.close()
            self._sockets.clear()


class _Stay(urllib.request.HTTPRedirectHandler):
    """Goes nowhere: a redirect is an error with its status."""

    def redirect_request(self, *given: Any, **more: Any) -> None:
        return None


class _Plain(urllib.request.HTTPHandler):
    def __init__(self, time: _Time) -> None:
        super().__init__()
        self._time = time

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        def made(host: str, **given: Any) -> http.client.HTTPConnection:
            return _watched(http.client.HTTPConnection(host, **given), self._time)

        return self.do_open(made, req)


class _Secure(urllib.request.HTTPSHandler):
    def __init__(self, time: _Time) -> None:
        super().__init__()
        self._time = time

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        def made(host: str, **given: Any) -> http.client.HTTPConnection:
            return _watched(http.client.HTTPSConnection(host, **given), self._time)

        return self.do_open(made, req)


def _watched(connection: http.client.HTTPConnection, time: _Time) -> http.client.HTTPConnection:
    connection._create_connection = time.connect  # type: ignore[attr-defined]
    return connection
