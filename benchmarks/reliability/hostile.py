"""Clients that do harm: one function for each way, to be run in a process of their own.

    python -m benchmarks.reliability.hostile PORT SECONDS ATTACK ADDRESS [ATTACK ADDRESS ...]

Each comes from an address of its own, as a client on the internet would, and goes on until its
time is over, whatever it is answered. Prints how much it sent.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count

from gateway.serve import run
from tests.adversarial.bombs import BOMBS, NAMED, sized

HEAD = b"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
WIDE = (
    "{ %s } # %d",
    "p%d: projects(first: 500) { nodes { id projectName projectStatus sector projectType units("
    "first: 4) { nodes { id unitStatus unitCount } } } } ",
)
_UNITS = [
    f"u{n}: units(first: 500) {{ nodes {{ id registry unitCount vintageYear unitStatus }} }}"
    for n in range(8)
]
LARGE = "{ " + " ".join(_UNITS) + " } # %d"
SCHEMA = "{ __schema { types { name fields { name args { name type { name kind } } } } } } # %d"


@dataclass
class Foe:
    """One hostile client."""

    port: int
    address: str
    until: float
    sent: int = 0
    numbers: count[int] = field(default_factory=count)

    @property
    def on(self) -> bool:
        """Whether there is time left."""
        return time.monotonic() < self.until

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(
            "127.0.0.1", self.port, local_addr=(self.address, 0), limit=1 << 22
        )

    def post(self, query: str, name: str | None = None, variables: object = None) -> bytes:
        self.sent += 1
        body = json.dumps({"query": query, "operationName": name, "variables": variables}).encode()
        return HEAD + b"content-length: %d\r\n\r\n" % len(body) + body

    async def hands(self, many: int, work: Callable[[], Awaitable[None]]) -> None:
        """So many do the same at once, again and again, whatever happens to them."""

        async def hand() -> None:
            while self.on:
                with suppress(OSError, asyncio.IncompleteReadError, TimeoutError, ValueError):
                    async with asyncio.timeout(max(0.01, self.until - time.monotonic())):
                        await work()
                await asyncio.sleep(0)

        await asyncio.gather(*(hand() for _ in range(many)))

    async def talk(self, many: int, raw: Callable[[], bytes]) -> None:
        """Ask again and again on connections that stay open."""

        async def one() -> None:
            reader, writer = await self.connect()
            try:
                while self.on:
                    writer.write(raw())
                    await answer(reader)
            finally:
                writer.close()

        await self.hands(many, one)


async def answer(reader: asyncio.StreamReader) -> int:
    """The status of one answer, which is read whole."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    size = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    await reader.readexactly(size)
    return int(head.split(b" ", 2)[1])


async def bombs(foe: Foe) -> None:
    """Documents of every kind that is dear to read, no two alike."""
    texts = [
        (sized(make, 8_000), "Asked" if kind in NAMED else None) for kind, make in BOMBS.items()
    ]

    def raw() -> bytes:
        number = next(foe.numbers)
        text, name = texts[number % len(texts)]
        return foe.post(f"{text} # {number} {foe.address}", name)

    await foe.talk(8, raw)


async def dear(foe: Foe) -> None:
    """Questions as dear as may be asked, no two alike."""
    wide = " ".join(WIDE[1] % n for n in range(2))
    await foe.talk(8, lambda: foe.post(WIDE[0] % (wide, next(foe.numbers))))


async def large(foe: Foe) -> None:
    """Large answers."""
    await foe.talk(4, lambda: foe.post(LARGE % next(foe.numbers)))


async def introspection(foe: Foe) -> None:
    """The whole schema, asked anew each time."""
    await foe.talk(8, lambda: foe.post(SCHEMA % next(foe.numbers)))


async def rubbish(foe: Foe) -> None:
    """Small requests that are refused at once, as many as can be sent."""
    await foe.talk(32, lambda: foe.post("{"))


async def variables(foe: Foe) -> None:
    """Bodies as large as may be, of variables that are no use."""
    given = {"ids": [[{"a": n}] for n in range(24_000)]}
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    await foe.talk(8, lambda: foe.post(query, None, given))


async def slow_heads(foe: Foe) -> None:
    """Many connections on which a head drips."""

    async def drip() -> None:
        _, writer = await foe.connect()
        try:
            writer.write(HEAD)
            while foe.on:
                foe.sent += 1
                writer.write(b"a: b\r\n")
                await writer.drain()
                await asyncio.sleep(1)
        finally:
            writer.close()

    await foe.hands(400, drip)


async def slow_bodies(foe: Foe) -> None:
    """Many connections on which a body drips."""

    async def drip() -> None:
        reader, writer = await foe.connect()
        try:
            foe.sent += 1
            writer.write(HEAD + b"content-length: 200000\r\n\r\n" + b" " * 60_000)
            while foe.on and not reader.at_eof():
                writer.write(b" " * 100)
                await writer.drain()
                await asyncio.sleep(0.5)
        finally:
            writer.close()

    await foe.hands(300, drip)


async def slow_readers(foe: Foe) -> None:
    """Large answers that nobody reads."""

    async def ask() -> None:
        _, writer = await foe.connect()
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        try:
            writer.write(b"".join(foe.post(LARGE % 0) for _ in range(4)))
            await asyncio.sleep(30)
        finally:
            writer.transport.abort()

    await foe.hands(40, ask)


async def headers(foe: Foe) -> None:
    """Heads without end."""

    async def flood() -> None:
        _, writer = await foe.connect()
        try:
            writer.write(HEAD)
            while foe.on:
                foe.sent += 1
                writer.write(b"a: " + b"x" * 8_000 + b"\r\n")
                await writer.drain()
        finally:
            writer.close()

    await foe.hands(16, flood)


async def leavers(foe: Foe) -> None:
    """Dear questions whose asker leaves at once."""

    async def ask() -> None:
        _, writer = await foe.connect()
        wide = " ".join(WIDE[1] % n for n in range(2))
        writer.write(foe.post(WIDE[0] % (wide, next(foe.numbers))))
        await writer.drain()
        await asyncio.sleep(0.02)
        writer.transport.abort()

    await foe.hands(16, ask)


async def connections(foe: Foe) -> None:
    """Connections that are opened and closed, and some that stay."""
    held: list[asyncio.StreamWriter] = []

    async def one() -> None:
        foe.sent += 1
        _, writer = await foe.connect()
        if len(held) < 900:
            held.append(writer)
        else:
            writer.close()

    await foe.hands(8, one)
    for writer in held:
        writer.close()


async def pipelines(foe: Foe) -> None:
    """Thousands of requests on one connection, before the first is answered."""

    async def one() -> None:
        reader, writer = await foe.connect()
        try:
            foe.sent += 2_000
            writer.write(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n" * 2_000)
            while await reader.read(65_536):
                pass
        finally:
            writer.close()

    await foe.hands(8, one)


ATTACKS: dict[str, Callable[[Foe], Awaitable[None]]] = {
    made.__name__: made
    for made in (
        bombs,
        dear,
        large,
        introspection,
        rubbish,
        variables,
        slow_heads,
        slow_bodies,
        slow_readers,
        headers,
        leavers,
        connections,
        pipelines,
    )
}


async def attack(port: int, seconds: float, chosen: list[tuple[str, str]]) -> dict[str, int]:
    """Do so much harm for so many seconds; gives how many requests each way sent."""
    until = time.monotonic() + seconds
    foes = [Foe(port, address, until) for _, address in chosen]
    await asyncio.gather(
        *(ATTACKS[name](foe) for (name, _), foe in zip(chosen, foes, strict=True)),
        return_exceptions=True,
    )
    return {name: foe.sent for (name, _), foe in zip(chosen, foes, strict=True)}


if __name__ == "__main__":
    pairs = list(zip(sys.argv[3::2], sys.argv[4::2], strict=True))
    print(json.dumps(run(attack(int(sys.argv[1]), float(sys.argv[2]), pairs))), flush=True)
