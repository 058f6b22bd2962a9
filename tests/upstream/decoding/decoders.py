"""Decoders that do what no decoder should, by the letter that the body begins with."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable

from adapters.apart import Apart
from adapters.contract import InvalidPayload, Reply
from gateway.errors import (
    PayloadTooLarge,
    RegistryHttpError,
    RegistryRateLimited,
    RegistryTimeout,
)

ME = "tests.upstream.decoding.decoders"


def behave(reply: Reply) -> list[str]:
    """The words of the body, the first of which is an order."""
    words = reply.body.decode().split()
    match words[0]:
        case "pid":
            return [str(os.getpid())]
        case "abort":
            os.abort()
        case "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "exit":
            os._exit(3)
        case "memory":
            return ["x" * 40_000_000 for _ in range(100)]
        case "spin":
            while True:
                pass
        case "sleep":
            time.sleep(60)
        case "invalid":
            raise InvalidPayload("these are no words")
        case "large":
            raise PayloadTooLarge("these are too many words")
        case "limited":
            error = RegistryRateLimited("not so many words", retry_after=7.0)
            error.told = "slow down"
            raise error
        case "status":
            raise RegistryHttpError("no words", status=418)
        case "timeout":
            raise RegistryTimeout("words take their time")
        case "bug":
            raise ZeroDivisionError
        case "unread":
            reply.unread.add("/3", "it is no word")
        case "files":
            return sorted(os.listdir("/proc/self/fd"))
        case "environment":
            return sorted(os.environ)
        case "write":
            with open(words[1], "w") as file:
                file.write("x" * 10_000)
        case "many":
            return [f"word {n}" for n in range(int(words[1]))]
        case "lie":
            # Something that is no list of texts, on the socket that the value goes through.
            sock = socket.socket(fileno=int(max(os.listdir("/proc/self/fd"), key=_is_socket)))
            sock.sendall(b"p\x00\x00\x00\x01l" + b"p\x00\x00\x00\x01\x2a" * 3)
            time.sleep(5)
    return words


def _is_socket(number: str) -> bool:
    try:
        return os.readlink(f"/proc/self/fd/{number}").startswith("socket")
    except OSError:
        return False


# Found by a maker, as decoders are that belong to no adapter.
class Words:
    """A decoder with a word for how it runs apart."""

    def __init__(self, name: str) -> None:
        self.apart = Apart(f"{ME}:Words.made", (name,), list[str])

    @staticmethod
    def made(name: str) -> Callable[[Reply], list[str]]:
        """What decodes, in the other process."""
        return Words(name).decode

    def decode(self, reply: Reply) -> list[str]:
        """The words."""
        return behave(reply)


BEHAVE = Words("behave").apart
