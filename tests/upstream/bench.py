"""What the door's tests share: a registry on loopback, and a door to it."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.contract import Politeness, Reply
from gateway.provenance.evidence import Evidence
from gateway.upstream.door import Door
from gateway.upstream.terms import Terms
from gateway.upstream.tuning import Tuning
from gateway.upstream.upstream import Upstream

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

# Fast enough not to slow a test down, polite enough to go through the same code.
EASY = Politeness(rate=10_000, period=1.0, burst=1000, concurrency=8, timeout=30.0)
SWIFT = Tuning(margin=0.02, floor=0.03)


class HandClock:
    """The machine's clock, with a wall clock that tests may put forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.ahead)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class SetClock:
    """A clock that stands until it is put forward."""

    def __init__(self) -> None:
        self.at = 1000.0

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.at)

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds


class Dice:
    """Chance from a seed."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)

    def random(self) -> float:
        return self._random.random()

    def uuid(self) -> str:
        return f"{self._random.getrandbits(128):032x}"


def as_json(reply: Reply) -> Any:
    """A decoder that takes any JSON."""
    return msgspec.json.decode(reply.body)


def as_text(reply: Reply) -> str:
    """A decoder that takes any UTF-8."""
    return reply.body.decode()


class Registry:
    """A registry on loopback that counts what it is asked."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self.requests: list[web.Request] = []
        self.bodies: list[bytes] = []
        self._server: TestServer | None = None

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        self.bodies.append(await request.read())
        return await self._handler(request)

    @property
    def url(self) -> str:
        assert self._server is not None
        return str(self._server.make_url("/api"))

    @property
    def calls(self) -> int:
        return len(self.requests)

    async def __aenter__(self) -> Registry:
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", self._serve)
        self._server = TestServer(app, host="127.0.0.1")
        await self._server.start_server()
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        await self._server.close()


def upstream(url: str, key: str = "sample", **changes: Any) -> Upstream:
    """An upstream on loopback; `politeness` may be a mapping of changes."""
    made = Upstream(
        key=key,
        base_url=url,
        public_uri="https://registry.example/api",
        politeness=EASY,
        allow_private=True,
    )
    politeness = changes.pop("politeness", {})
    if isinstance(politeness, Mapping):
        politeness = replace(EASY, **politeness)
    return replace(made, politeness=politeness, **changes)


def terms(seconds: float = 30.0, **changes: Any) -> Terms:
    """Terms whose deadline is so many seconds away on the machine's clock."""
    return Terms(deadline=time.monotonic() + seconds, evidence=Evidence(), **changes)


@asynccontextmanager
async def door_to(*upstreams: Upstream, **options: Any) -> AsyncIterator[Door]:
    """An open door to these registries."""
    options.setdefault("clock", HandClock())
    options.setdefault("chance", Dice())
    options.setdefault("tuning", SWIFT)
    async with Door(
        {one.key: one for one in upstreams},
        user_agent="carbon-gateway/test (+mailto:ops@example.org)",
        **options,
    ) as door:
        yield door


@asynccontextmanager
async def facing(
    handler: Handler, *, changes: Mapping[str, Any] | None = None, **options: Any
) -> AsyncIterator[tuple[Registry, Door]]:
    """A registry and an open door to it; `changes` are the upstream's."""
    async with (
        Registry(handler) as registry,
        door_to(upstream(registry.url, **(changes or {})), **options) as door,
    ):
        yield registry, door
