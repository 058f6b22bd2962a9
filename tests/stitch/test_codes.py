"""Codes that are no keys are found by a search; what cannot be a code is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from adapters.contract import Code, RegistryInfo
from gateway.errors import BadInput, Incomplete, RegistryTimeout
from gateway.model.entity import Entity
from gateway.model.globalid import GlobalId
from gateway.stitch import codes
from gateway.stitch.codes import MOST, Search
from tests.stitch.fake import FakeRegistry, Row, ask, federation

CODES = {
    "one.id": Code(Entity.PROJECT, "p1"),
    "one.name": Code(Entity.PROJECT, "Name 1", search="project_name"),
}


@dataclass
class Coded(FakeRegistry):
    """A registry whose projects are also known by a name that is no key."""

    codes: Mapping[str, Code] = field(default_factory=lambda: CODES)

    @property
    def info(self) -> RegistryInfo:
        told = super().info
        return replace(told, schemes=tuple(self.codes), codes=self.codes)


def registry(*names: str, **options: Any) -> Coded:
    rows = [Row(key=f"p{n}", name=name) for n, name in enumerate(names)]
    return Coded("one", {Entity.PROJECT: rows}, **options)


def by_name(text: str) -> Search:
    return Search("one", Entity.PROJECT, "project_name", text)


async def found(told: Coded, *wanted: codes.Wanted) -> list[str | None]:
    asking = ask(federation(told))
    return [getattr(one, "key", one) for one in await codes.lookup(asking, list(wanted))]


def test_every_scheme_is_listed_with_its_registry_and_an_example() -> None:
    told = codes.schemes(federation(registry()))
    assert [(one.scheme, one.registry, one.kind, one.example) for one in told] == [
        ("one.id", "one", Entity.PROJECT, "p1"),
        ("one.name", "one", Entity.PROJECT, "Name 1"),
    ]


def test_a_scheme_that_no_registry_knows_names_the_nearest() -> None:
    with pytest.raises(BadInput) as refused:
        codes.named(federation(registry()), "one.nam", "x")
    assert refused.value.details == {"argument": "scheme", "didYouMean": ["one.name"]}
    assert "lookupSchemes" in refused.value.message


def test_a_code_that_is_a_key_is_an_id_and_one_that_is_not_a_search() -> None:
    house = federation(registry())
    assert codes.named(house, "one.id", "p1") == [GlobalId("one", Entity.PROJECT, "p1")]
    assert codes.named(house, "one.name", " a ") == [
        Search("one", Entity.PROJECT, "project_name", "a", "one.name")
    ]


async def test_records_are_found_by_what_they_show() -> None:
    told = registry("a", "B", "b", "c")
    assert await found(told, by_name("a")) == ["p0"]
    assert await found(told, by_name("b")) == ["p1", "p2"]
    assert await found(told, by_name("d")) == []


async def test_one_of_several_is_not_chosen_and_their_ids_are_named() -> None:
    asking = ask(federation(registry("a", "b", "b")))
    one = await codes.one(asking, [GlobalId("one", Entity.PROJECT, "x"), by_name("a")], "projectId")
    assert one is not None
    assert one.key == "p0"
    assert await codes.one(asking, [by_name("none")], "projectId") is None
    with pytest.raises(BadInput) as refused:
        await codes.one(asking, [by_name("b")], "projectId")
    ids = ["cgw:one:project:p1", "cgw:one:project:p2"]
    assert refused.value.details == {"argument": "projectId", "didYouMean": ids}


async def test_a_search_that_was_not_whole_is_no_absence() -> None:
    told = registry(*"abcdefg", fail={2: RegistryTimeout("slow", registry="one")})
    (error,) = await codes.lookup(ask(federation(told)), [by_name("z")])
    assert isinstance(error, Incomplete)
    assert "REGISTRY_TIMEOUT" in error.message


async def test_a_code_that_too_many_have_names_none() -> None:
    (error,) = await codes.lookup(ask(federation(registry(*["a"] * (MOST + 1)))), [by_name("a")])
    assert isinstance(error, BadInput)
