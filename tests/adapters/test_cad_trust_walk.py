"""How a CAD Trust node is walked: pages as long as is wanted, longer ones for long walks."""

from __future__ import annotations

import pytest

from adapters.cad_trust import adapter
from gateway.model.entity import Entity
from gateway.model.question import Question
from tests.adapters.test_cad_trust import node, pages, queries, telling


@pytest.mark.slow
async def test_a_walk_begins_small_and_its_pages_grow() -> None:
    async with node(scale=20) as source:
        await pages(source, Question(Entity.PROJECT))
        asked = [(q["page"], q["limit"]) for q in queries(source)]
    assert asked[:7] == [
        ("1", "25"),
        ("1", "1"),
        ("2", "25"),
        ("2", "50"),
        ("2", "100"),
        ("2", "200"),
        ("2", "400"),
    ]


async def test_a_walk_for_many_begins_large() -> None:
    async with node() as source:
        (page,) = await pages(source, Question(Entity.PROJECT, want=500))
        assert [q["limit"] for q in queries(source)] == ["500"]
        assert page.total == len(page.records) == len(telling().projects)


@pytest.mark.parametrize(("want", "limit"), [(1, 25), (60, 100), (75, 75), (100, 100), (900, 800)])
async def test_a_page_is_as_long_as_what_is_wanted(want: int, limit: int) -> None:
    async with node() as source:
        await pages(source, Question(Entity.PROJECT, want=want))
        assert queries(source)[0]["limit"] == str(limit)


@pytest.mark.slow
async def test_who_comes_back_is_not_given_longer_pages_than_are_wanted() -> None:
    async with node(scale=20) as source:
        token: str | None = None
        seen: list[str] = []
        for _ in range(12):
            walk = adapter.pages(source, Question(Entity.PROJECT, want=50), token)
            page = await anext(aiter(walk))
            seen += [record.key for record in page.records]
            token = page.next
        limits = [q["limit"] for q in queries(source)]
        assert set(limits) == {"50", "1"}
        assert len(seen) == len(set(seen)) == 600
