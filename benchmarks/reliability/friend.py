"""Clients that do no harm, and what they find: answers, all of them verified, and health."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from statistics import median, quantiles

from benchmarks.reliability.load import mixed
from benchmarks.reliability.verifying import KeySet, fault, signed

QUIET = "127.0.0.2"
PROBE = "127.0.0.3"


@dataclass
class Found:
    """What one client found: how long answers took, their statuses, and what was wrong."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    @property
    def p50(self) -> float:
        """The middle one; far too long where there is none."""
        return median(self.seconds) if self.seconds else 60.0

    @property
    def p99(self) -> float:
        """That which one in a hundred is over."""
        return quantiles(self.seconds, n=100)[98] if len(self.seconds) > 1 else 60.0


async def _open(port: int, address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0), limit=1 << 24)


async def quiet(port: int, seconds: float, keys: KeySet, address: str = QUIET) -> Found:
    """Ask an ordinary question a few times a second, and verify each answer."""
    found = Found()
    questions = mixed()
    until = time.monotonic() + seconds
    number = 0
    while time.monotonic() < until:
        query = questions[number % len(questions)]
        number += 1
        body = json.dumps({"query": query}).encode()
        head = (
            b"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
            b"content-length: %d\r\n\r\n" % len(body)
        )
        began = time.perf_counter()
        status, said = await _ask(port, address, head + body)
        taken = time.perf_counter() - began
        found.statuses[status] += 1
        # One that was not answered waited in vain.
        found.seconds.append(taken if status == "200" else max(taken, 5.0))
        if status == "200":
            kept = signed(said, query)
            if wrong := fault(kept, await keys.holding(kept.kid)):
                found.faults.append(wrong)
        await asyncio.sleep(0.1)
    return found


async def health(port: int, seconds: float) -> Found:
    """Ask for health ten times a second, each time on a connection of its own."""
    found = Found()
    raw = b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n"
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.perf_counter()
        status, _ = await _ask(port, PROBE, raw)
        taken = time.perf_counter() - began
        found.statuses[status] += 1
        found.seconds.append(taken if status == "200" else max(taken, 5.0))
        await asyncio.sleep(0.1)
    return found


async def _ask(port: int, address: str, raw: bytes) -> tuple[str, bytes]:
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(10):
            reader, writer = await _open(port, address)
            writer.write(raw)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            size = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
            body = await reader.readexactly(size)
            return head.split(b" ", 2)[1].decode(), body
    except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError) as error:
        return type(error).__name__, b""
    finally:
        if writer is not None:
            writer.close()
