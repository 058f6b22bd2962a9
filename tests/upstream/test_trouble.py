"""Error bodies: read by those who know the registry's words, and trusted no further."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from adapters.contract import Reply, Request
from gateway.errors import (
    Outcome,
    RegistryError,
    RegistryHttpError,
    RegistryRateLimited,
    RegistryUnavailable,
)
from tests.upstream.bench import as_text, facing, terms


def reads(reply: Reply) -> RegistryError | None:
    """An adapter's reading: the body names what it means."""
    word = reply.body.decode()
    if word.startswith("away"):
        return RegistryUnavailable(word)
    if word.startswith("wrong"):
        return RegistryHttpError(word, status=reply.status)
    if word.startswith("often"):
        return RegistryRateLimited(word, retry_after=90.0)
    if word.startswith("odd"):
        raise KeyError(word)
    return None


class Moods:
    """Says each of its words in turn, the last one for ever."""

    def __init__(self, *words: str, status: int = 400) -> None:
        self.words, self.status = list(words), status

    async def __call__(self, _: web.Request) -> web.Response:
        word = self.words.pop(0) if len(self.words) > 1 else self.words[0]
        return web.Response(status=200 if word == "well" else self.status, text=word)


async def error_of(door: Any, path: str = "x") -> Any:
    with pytest.raises(RegistryError) as caught:
        await door.source("sample", terms()).read(Request(path), as_text)
    return caught.value


READING = {"trouble": reads, "headers": {"x-key": "planted-secret", "lng": "en"}}


async def test_a_passing_state_is_asked_again_whatever_its_status() -> None:
    async with facing(Moods("away for now", "well"), changes=READING) as (registry, door):
        answer = await door.source("sample", terms()).read(Request("x"), as_text)
        assert (answer.value, registry.calls) == ("well", 2)


async def test_a_passing_state_that_lasts_opens_the_breaker_and_is_told() -> None:
    async with facing(Moods("away for now"), changes=READING) as (_, door):
        error = await error_of(door)
        assert (error.code, error.message) == ("REGISTRY_UNAVAILABLE", "away for now")
        assert error.extensions["retryable"] is True
        for _ in range(5):
            await error_of(door)
        assert door.health("sample").breaker.value == "OPEN"


async def test_a_wrong_question_is_not_asked_again_and_closes_nobody_out() -> None:
    async with facing(Moods("wrong: no such field"), changes=READING) as (registry, door):
        for number in range(8):
            error = await error_of(door, str(number))
            assert (error.outcome, error.status) == (Outcome.HTTP_ERROR, 400)
        assert registry.calls == 8
        assert door.health("sample").breaker.value == "CLOSED"


async def test_too_often_by_another_status_closes_the_gate() -> None:
    async with facing(Moods("often", status=401), changes=READING) as (registry, door):
        error = await error_of(door)
        assert isinstance(error, RegistryRateLimited)
        assert error.retry_after == pytest.approx(90, abs=1)
        await error_of(door, "y")
        assert registry.calls == 1


@pytest.mark.parametrize("word", ["odd", "nobody knows", "away: planted-secret is no key"])
async def test_what_cannot_be_read_or_repeats_a_secret_is_what_its_status_says(word: str) -> None:
    async with facing(Moods(word), changes=READING) as (_, door):
        error = await error_of(door)
        assert isinstance(error, RegistryHttpError)
        assert error.message == "the registry answered with status 400"


async def test_words_that_are_sent_in_every_header_are_no_secrets() -> None:
    async with facing(Moods("wrong: en"), changes=READING) as (_, door):
        assert (await error_of(door)).message == "wrong: en"
