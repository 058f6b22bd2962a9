"""ACR's emulator over HTTP, and short ways to ask it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiohttp.typedefs import Middleware

from adapters import acr
from adapters.contract import Page
from gateway.model.entity import Entity
from gateway.model.question import Op, Parent, Predicate, Question
from gateway.sandbox import acr as emulated
from gateway.sandbox.codes import SCHEME_OF
from gateway.sandbox.draw import Draw
from gateway.sandbox.world import Telling
from tests.adapters.source import LoopbackSource, loopback
from tests.market import make

TOLD = make().told_by("acr")
LARGE = Draw(SCHEME_OF["acr"], 2026).telling(8)
ADAPTER = acr.adapter
ISSUING = TOLD.issuances[0].project_key


@asynccontextmanager
async def registry(
    trap: Middleware | None = None, telling: Telling = TOLD
) -> AsyncIterator[LoopbackSource]:
    served = emulated.EMULATOR.application(telling)
    if trap:
        served.middlewares.insert(0, trap)
    async with loopback(served, "acr", base_path=emulated.EMULATOR.base_path) as source:
        yield source


async def pages(source: LoopbackSource, question: Question, token: str | None = None) -> list[Page]:
    return [page async for page in ADAPTER.pages(source, question, token)]


async def records(source: LoopbackSource, question: Question) -> list[Any]:
    return [record for page in await pages(source, question) for record in page.records]


def keys(found: Sequence[Any]) -> list[str]:
    return [record.key for record in found]


def asking(field: str, op: Op, value: object, want: int = 25) -> Question:
    return Question(Entity.UNIT, (Predicate(field, op, value),), want=want)


def below(entity: Entity, *projects: str) -> Question:
    return Question(entity, parent=Parent(Entity.PROJECT, projects))
