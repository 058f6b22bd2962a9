"""Clients that use much while others wait: they are turned away before anything is made for them,
and their first connection is let be."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.adversarial.test_front_door import HEALTH, site
from tests.upstream.test_shares import Machine, contended

pytestmark = pytest.mark.adversarial


async def test_a_client_that_must_give_way_is_not_read_from_until_it_need_not() -> None:
    machine = Machine()
    shares = contended(machine, {"127.0.0.9": 0.9, "127.0.0.2": 0.005})
    machine.pass_time(shares, 30, 0.1)
    async with site(shares) as here:
        door = here.server.door
        others = [await here.connect("127.0.0.9") for _ in range(2)]
        reader, writer = await here.connect("127.0.0.9")
        await here.until(lambda: len(door) == 3)
        for _ in range(16):
            shares.used("127.0.0.9", 0.2)
            shares.used("127.0.0.2", 0.001)
            machine.pass_time(shares, 0.25, 0.95)
        door.look()
        writer.write(HEALTH)
        told = await here.says(b"", "127.0.0.9")
        assert told.startswith(b"HTTP/1.1 429 ")
        assert b"retry-after: 1\r\n" in told
        assert json.loads(told.partition(b"\r\n\r\n")[2])["errors"][0]["extensions"] == {
            "code": "RATE_LIMITED",
            "retryAfterSeconds": 1,
        }
        for _ in range(3):
            assert await here.healthy("127.0.0.2")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.readline(), 0.2)
        machine.pass_time(shares, 10, 0.1)
        door.look()
        assert await asyncio.wait_for(reader.readline(), 60) == b"HTTP/1.1 200 OK\r\n"
        for _, other in [*others, (reader, writer)]:
            other.close()


async def test_a_client_with_one_connection_is_let_be_even_if_it_must_give_way() -> None:
    machine = Machine()
    shares = contended(machine, {"127.0.0.9": 0.9, "127.0.0.2": 0.005})
    assert shares.gives_way("127.0.0.9")
    async with site(shares) as here:
        for _ in range(3):
            assert await here.healthy("127.0.0.9")
            here.server.door.look()


async def test_what_a_client_sends_and_every_knock_count_as_its_use() -> None:
    shares = Machine().shares()
    async with site(shares) as here:
        quiet = shares.account("127.0.0.3").standing
        assert await here.healthy("127.0.0.2")
        once = shares.account("127.0.0.2").standing
        assert once > quiet
        for _ in range(3):
            assert await here.healthy("127.0.0.2")
        assert shares.account("127.0.0.2").standing > 2 * once
