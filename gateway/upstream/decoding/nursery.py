"""The gateway's side of the nursery: the process that makes those which decode.

One for the whole program, started when the first body wants it: it has the decoders' modules
loaded, so a new process is there in a moment. What it is given of the environment is what Python
needs to start, and no secret.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass

from gateway.upstream.decoding.frames import END, FORK, NUMBER

_KEPT = ("LD_LIBRARY_PATH", "PATH", "PYTHONHOME", "SYSTEMROOT")
_PROGRAM = "gateway.upstream.decoding.program"


@dataclass(slots=True, eq=False)
class Child:
    """A process that decodes, and our end of the socket to it."""

    number: int
    sock: socket.socket
    nursery: subprocess.Popen[bytes]
    ended: bool = False


class Nursery:
    """Makes processes and tells how they ended; may be asked from any thread."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._children = 0

    def fork(self, module: str) -> Child:
        """A new process, with this module loaded.

        Raises:
            OSError: there cannot be one.
        """
        with self._lock:
            try:
                return self._fork(module)
            except OSError:
                # The nursery itself may have been killed: another one, once.
                self._end()
                return self._fork(module)

    def end(self, child: Child) -> int:
        """Ends the process, and gives its exit code as `subprocess` does: -9 for SIGKILL. Of one
        whose nursery is gone nobody knows it: 0."""
        with contextlib.suppress(OSError):
            # Wakes whoever waits for it.
            child.sock.shutdown(socket.SHUT_RDWR)
        with self._lock:
            if child.ended:
                return 0
            child.ended = True
            child.sock.close()
            if self._process is not child.nursery:
                return 0
            self._children -= 1
            try:
                return self._ask(END, rest=NUMBER.pack(child.number))
            except OSError:
                self._end()
                return 0

    def rest(self) -> None:
        """Ends the nursery where it has no children."""
        with self._lock:
            if not self._children:
                self._end()

    def close(self) -> None:
        """Ends the nursery and all that it made."""
        with self._lock:
            self._end()

    def _fork(self, module: str) -> Child:
        process = self._process or self._begin()
        ours, theirs = socket.socketpair()
        try:
            name = module.encode()
            number = self._ask(FORK, theirs.fileno(), NUMBER.pack(len(name)) + name)
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        self._children += 1
        return Child(number, ours, process)

    def forget(self) -> None:
        """After a fork of the program itself: what the parent has is the parent's."""
        self._lock = threading.Lock()
        self._process = self._control = None
        self._children = 0

    def _begin(self) -> subprocess.Popen[bytes]:
        ours, theirs = socket.socketpair()
        ours.settimeout(self._seconds)
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment |= {
            "PYTHONPATH": os.pathsep.join(os.path.abspath(place) for place in sys.path if place),
            "LANG": "C.UTF-8",
            # One heap, so that room that was used once is given back.
            "MALLOC_ARENA_MAX": "1",
            "ARROW_DEFAULT_MEMORY_POOL": "system",
        }
        try:
            with theirs:
                process = subprocess.Popen(  # noqa: S603  our own program
                    [sys.executable, "-P", "-m", _PROGRAM, str(theirs.fileno())],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    env=environment,
                    start_new_session=True,
                )
        except OSError:
            ours.close()
            raise
        self._process, self._control = process, ours
        return process

    def _ask(self, message: bytes, file: int | None = None, rest: bytes = b"") -> int:
        control = self._control
        if control is None:
            raise OSError("no nursery")
        socket.send_fds(control, [message], [] if file is None else [file])
        control.sendall(rest)
        answer = control.recv(NUMBER.size, socket.MSG_WAITALL)
        if len(answer) < NUMBER.size:
            raise OSError("the nursery is gone")
        return int(NUMBER.unpack(answer)[0])

    def _end(self) -> None:
        process, self._process = self._process, None
        if self._control is not None:
            self._control.close()
            self._control = None
        self._children = 0
        if process is not None:
            # It ends its children when nobody is left to ask.
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(1.0)
            process.kill()
            process.wait()


NURSERY = Nursery(30.0)
atexit.register(NURSERY.close)
os.register_at_fork(after_in_child=NURSERY.forget)
