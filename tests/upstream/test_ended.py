"""Bodies that show where they end, and those that do not; large ones in steps."""

from __future__ import annotations

import json

import pytest

from gateway.upstream.ended import AT_ONCE, STEP, ends_itself
from tests.turns import counted

ROWS = [{"name": 'a "quoted" \\ [text] }', "of": [[], {}, n]} for n in range(40_000)]
LARGE = json.dumps(ROWS).encode()
assert len(LARGE) > AT_ONCE


@pytest.mark.parametrize("media_type", ["application/json", "text/csv"])
async def test_a_whole_list_ends_itself_and_a_cut_one_does_not(media_type: str) -> None:
    assert await ends_itself(LARGE, media_type)
    assert await ends_itself(LARGE + b" \n", media_type)
    for cut in (1, 2, 3, 57, STEP - 1, STEP, STEP + 1, len(LARGE) // 2):
        assert not await ends_itself(LARGE[:-cut], media_type), cut


async def test_several_values_end_anywhere() -> None:
    for lines in (LARGE + b"\n" + LARGE, LARGE + b"\n[]", LARGE + b"{", b"[]" + LARGE):
        assert not await ends_itself(lines, "application/json")
    assert not await ends_itself(LARGE + b" 1", "application/json")


async def test_an_object_ends_itself_where_the_media_type_says_that_it_is_all() -> None:
    body = b'{"rows": ' + LARGE + b"}"
    assert await ends_itself(body, "application/geo+json")
    assert not await ends_itself(body, "application/x-ndjson")
    assert not await ends_itself(body[:-1], "application/json")


async def test_texts_that_are_longer_than_a_step_are_one_text() -> None:
    body = json.dumps(["]" * (3 * STEP), '\\"' * AT_ONCE]).encode()
    assert await ends_itself(body, "application/json")
    assert not await ends_itself(body[:-2], "application/json")
    assert not await ends_itself(body[: 2 * STEP], "application/json")


async def test_small_bodies_are_judged_alike() -> None:
    for body, told in ((b"[1, 2]", True), (b"[1, 2", False), (b"[1]\n[2]", False), (b"a,b", False)):
        assert await ends_itself(body, "application/json") is told


async def test_others_come_between_the_steps_of_a_large_body() -> None:
    async with counted() as turns:
        assert await ends_itself(LARGE, "application/json")
    assert turns.count >= len(LARGE) // STEP
