"""A read that may not be kept is shared within its operation, unless its answer was none."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from adapters.contract import InvalidPayload, Request
from gateway.stitch.ask import Ask
from tests.stitch.fake import FakeRegistry, federation
from tests.upstream.bench import Registry, as_json, door_to, terms, upstream


class Node:
    """A registry that counts, and says with each answer whether it may be kept."""

    def __init__(self, **headers: str) -> None:
        self.headers = headers

    async def __call__(self, _: web.Request) -> web.Response:
        return web.json_response({"a": 1}, headers={"Cache-Control": "no-store", **self.headers})


async def calls(paths: list[str], *, refuse: bool = False) -> int:
    async with Registry(Node()) as registry:
        known = upstream(registry.url, key="one")
        async with door_to(known) as door:
            made: Any = federation(FakeRegistry("one", {}))
            object.__setattr__(made, "door", door)
            ask = Ask(made, terms())
            for path in paths:
                source = ask.source("one")
                answer = await source.read(Request(path), as_json)
                assert answer.value == {"a": 1}
                if refuse:
                    await source.refuse(InvalidPayload("none"))
            return registry.calls


async def test_the_same_read_is_made_once_for_one_answer_and_another_for_itself() -> None:
    assert await calls(["x", "x", "y", "x", "y"]) == 2


async def test_an_answer_that_turned_out_to_be_none_is_asked_for_again() -> None:
    assert await calls(["x", "x"], refuse=True) == 2
