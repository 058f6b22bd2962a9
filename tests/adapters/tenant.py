"""A tenant of the S&P Global platform, emulated and served on loopback, for its tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiohttp.typedefs import Middleware

from adapters.contract import Page
from adapters.sp_platform import Platform
from gateway.model.entity import Entity
from gateway.model.question import Op, Predicate, Question
from gateway.model.record import Record
from gateway.sandbox.emulator import Emulator
from gateway.sandbox.world import Telling
from tests.adapters.source import LoopbackSource, loopback


@asynccontextmanager
async def serve(
    adapter: Platform, emulated: Emulator, telling: Telling, trap: Middleware | None = None
) -> AsyncIterator[LoopbackSource]:
    """A source with the headers and options that configuration gives this tenant."""
    application = emulated.application(telling)
    if trap is not None:
        application.middlewares.insert(0, trap)
    headers = {**dict(adapter.info.headers), **emulated.headers, "appkey": emulated.credential}
    options = {**adapter.info.options, **emulated.options}
    async with loopback(
        application,
        adapter.info.key,
        base_path=emulated.base_path,
        headers=headers,
        options=options,
    ) as source:
        yield source


async def pages(
    adapter: Platform, source: LoopbackSource, question: Question, token: str | None = None
) -> list[Page]:
    return [page async for page in adapter.pages(source, question, token)]


async def ask(adapter: Platform, source: LoopbackSource, question: Question) -> list[Any]:
    """All records of the answer."""
    return [record for page in await pages(adapter, source, question) for record in page.records]


def keys(found: Sequence[Record[Any]]) -> list[str]:
    return [record.key for record in found]


def asking(entity: Entity, field: str, op: Op, value: object, want: int = 25) -> Question:
    """A question with one predicate."""
    return Question(entity, (Predicate(field, op, value),), want=want)
