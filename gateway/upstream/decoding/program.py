"""What the processes run: one nursery, which never sees a body, and decoders that it forks.

The nursery has the decoders' modules loaded, so a process that was lost is replaced in a moment.
It ends when the gateway does, and with it every process that it made.
"""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from importlib import import_module
from typing import NoReturn

import msgspec

from adapters.apart import Limits, apart_of, made
from adapters.contract import InvalidPayload, Reply
from gateway import heap
from gateway.errors import PayloadTooLarge, RegistryError
from gateway.upstream.decoding.frames import (
    DONE,
    FORK,
    NUMBER,
    PIECE,
    REFUSED,
    Gone,
    Job,
    Missing,
    Refusal,
    TooLong,
    exactly,
    receive,
    send,
)
from gateway.upstream.decoding.parcel import part_of
from gateway.upstream.decoding.run import run

_MOST_JOB = 8 * 1024 * 1024
_FILES = 16
_MESSAGE = 400

_job = msgspec.msgpack.Decoder(Job).decode


def main() -> None:
    """The nursery, until the other side is gone."""
    heap.tidy()
    control = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # When memory runs out, the kernel is to take these processes, and not the gateway.
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")
    children: set[int] = set()
    with contextlib.suppress(Gone):
        while True:
            _answer(control, children)
    for child in children:
        os.kill(child, signal.SIGKILL)


def _answer(control: socket.socket, children: set[int]) -> None:
    """Answers one request: the number of a new process, or how one ended."""
    asked, files, *_ = socket.recv_fds(control, 1, 1)
    if not asked:
        raise Gone
    number = NUMBER.unpack(exactly(control, NUMBER.size))[0]
    if asked == FORK:
        name = exactly(control, number).decode()
        # What the process needs is loaded here, for all that come after it.
        with contextlib.suppress(ImportError):
            import_module(name)
        gc.freeze()
        child = os.fork()
        if child == 0:
            control.close()
            _begin(socket.socket(fileno=files[0]))
        os.close(files[0])
        children.add(child)
        control.sendall(NUMBER.pack(child))
        return
    status = 0
    if number in children:
        children.discard(number)
        os.kill(number, signal.SIGKILL)
        _, status = os.waitpid(number, 0)
    control.sendall(NUMBER.pack(os.waitstatus_to_exitcode(status)))


def _begin(sock: socket.socket) -> NoReturn:
    """The life of a decoder; its end is the end of the process, whatever happens."""
    code = 1
    try:
        for name, most in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_NOFILE, _FILES),
                           (resource.RLIMIT_FSIZE, 0)):  # fmt: skip
            resource.setrlimit(name, (most, most))
        serve(sock, _limited)
        code = 0
    finally:
        os._exit(code)


def _limited(job: Job) -> None:
    """Puts the limits of this job in force: what goes beyond them ends the process."""
    with open("/proc/self/statm") as file:
        pages = int(file.read().split()[0])
    room = pages * resource.getpagesize() + job.memory
    resource.setrlimit(resource.RLIMIT_AS, (room, resource.RLIM_INFINITY))
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime + job.seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (spent, resource.RLIM_INFINITY))
    # The gateway ends it earlier; this is for when the gateway is gone.
    signal.setitimer(signal.ITIMER_REAL, 2 * job.seconds + 1)


def serve(sock: socket.socket, limited: Callable[[Job], None]) -> None:
    """Decodes what comes, until nobody asks any more; `limited` puts each job's limits in force."""
    with contextlib.suppress(Gone, TooLong):
        while True:
            _, told = receive(sock, _MOST_JOB)
            job = _job(told)
            limited(job)
            body = bytes(exactly(sock, job.size))
            _decode(sock, job, body)
            del body
            # It waits for the next one with what it began with.
            heap.give_back()
            signal.setitimer(signal.ITIMER_REAL, 0)


def _decode(sock: socket.socket, job: Job, body: bytes) -> None:
    try:
        decode = made(job.maker, job.arguments)
        apart = apart_of(decode)
        part = None if apart is None else part_of(apart.sent, free=apart.free)
        if apart is None or part is None:
            raise InvalidPayload("this decoder cannot run apart")
        limits = Limits(job.unpacked, job.cells)
        found = run(decode, Reply(job.status, job.headers, body, limits=limits))
        part.write(apart.send(found.value), lambda piece: send(sock, PIECE, piece))
        first = tuple(text[:_MESSAGE] for text in found.unread.first)
        done, told = DONE, msgspec.msgpack.encode(Missing(found.unread.count, first))
    except RegistryError as error:
        done, told = REFUSED, msgspec.msgpack.encode(Refusal.of(error, _MESSAGE))
    except MemoryError:
        # Whatever took the room is gone with the frames of the error.
        refusal = PayloadTooLarge("reading the body takes more memory than it may")
        done, told = REFUSED, msgspec.msgpack.encode(Refusal.of(refusal, _MESSAGE))
    send(sock, done, told)


if __name__ == "__main__":
    main()
