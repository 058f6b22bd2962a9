"""An emulated registry's own rate."""

from __future__ import annotations

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from gateway.sandbox.rate import Bucket, limited


class Hands:
    """A clock that moves only when told to."""

    def __init__(self) -> None:
        self.at = 100.0

    def now(self) -> float:
        return self.at


def test_a_bucket_allows_a_burst_and_then_the_rate() -> None:
    hands = Hands()
    bucket = Bucket(2.0, 3, hands.now)
    assert [bucket.take() for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    hands.at += 0.5
    assert [bucket.take() for _ in range(2)] == [0.0, 0.5]


def test_a_bucket_saves_no_more_than_a_burst() -> None:
    hands = Hands()
    bucket = Bucket(10.0, 2, hands.now)
    hands.at += 3600
    assert [bucket.take() > 0 for _ in range(3)] == [False, False, True]


async def test_who_asks_too_fast_is_told_when_to_come_back() -> None:
    async def hello(request: web.Request) -> web.Response:
        return web.Response(text="hello")

    hands = Hands()
    app = web.Application(middlewares=[limited(0.25, 1, hands.now)])
    app.router.add_get("/", hello)
    async with TestClient(TestServer(app)) as client:
        assert (await client.get("/")).status == 200
        refused = await client.get("/")
        assert refused.status == 429
        assert refused.headers["Retry-After"] == "4"
        hands.at += 4
        assert (await client.get("/")).status == 200
