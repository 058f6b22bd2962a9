"""What a check says of rows: links, keys, numbers, and what filters cannot decide."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from adapters.contract import Code, Page
from gateway.check_quality import (
    MOST_CALLS,
    Open,
    Parents,
    Quality,
    ambiguous_numbers,
    by_words,
    childless,
    odd_keys,
    off_pattern,
    parents_of,
    sentences,
    undecided_filters,
    unfiltered,
)
from gateway.errors import RegistryTimeout
from gateway.harmonise import numbers
from gateway.harmonise.table import Table
from gateway.model.entity import Entity
from gateway.model.field import computed, mapped, wire
from gateway.model.picklists import ProjectStatus
from gateway.model.project import EstimationView, ProjectRecord
from gateway.model.question import Collection, Op, pushdown
from gateway.model.record import Identifier, Origin
from gateway.model.unit import UnitRecord
from tests.adapters.invented import Invented


class Row(msgspec.Struct, frozen=True):
    key: str = "1"
    project: str | None = None
    issuance: str | None = None
    tonnes: Any = None
    status: str | None = None


STATUS = Table("quality-status", {"up": ProjectStatus.REGISTERED})


class Estimate(EstimationView[Row]):
    unit_count = mapped("tonnes", numbers.decimal)


class Project(ProjectRecord[Row]):
    key = wire("key")
    identifiers = computed(lambda row: (Identifier("x.project", row.key),), "key")
    project_status = mapped("status", STATUS)
    estimations = computed(lambda row: (Estimate(row),), "tonnes")

    @property
    def not_read(self) -> frozenset[str]:
        return frozenset({"project_name"} if self.row.issuance else ())


class Unit(UnitRecord[Row]):
    key = wire("key")
    project_key = wire("project")
    issuance_key = wire("issuance")
    unit_count = mapped("tonnes", numbers.grouped)


ORIGIN = Origin("invented", 0)


def projects(*keys: str, **said: Any) -> list[Project]:
    return [Project(Row(key, **said), ORIGIN) for key in keys]


def units(*parents: str | None, **said: Any) -> list[Unit]:
    return [Unit(Row(str(n), project=p, **said), ORIGIN) for n, p in enumerate(parents)]


class Registry(Invented):
    """Knows projects of these keys, and how often it was asked for how many."""

    def __init__(self, *keys: str, per_call: int = 1, by_keys: bool = True) -> None:
        self.keys = keys
        self.asked: list[Sequence[str]] = []
        self.fails = False
        collection = Collection(keys_per_call=per_call, by_keys=by_keys)
        self.collections = dict.fromkeys((Entity.PROJECT, Entity.UNIT), collection)
        self.views = {Entity.PROJECT: (Project,), Entity.UNIT: (Unit,)}

    async def by_keys(self, source: Any, entity: Entity, keys: Sequence[str]) -> Page:
        self.asked.append(keys)
        if self.fails:
            raise RegistryTimeout("late", registry="invented")
        return Page(projects(*(key for key in keys if key in self.keys)))


async def parents(
    registry: Registry, *named: str | None, seen: Sequence[str] = (), whole: bool = False
) -> Parents | None:
    source: Any = None
    return await parents_of(registry, source, units(*named), Entity.PROJECT, seen, whole=whole)


async def test_children_of_parents_that_are_not_there_are_orphans() -> None:
    registry = Registry("P1", "P2")
    found = await parents(registry, "P1", "P2", "P9", "P9", None, "P3", seen=("P3",))
    assert found == Parents(4, 4, {"P9": 2}, silent=1)
    (asked,) = registry.asked
    assert sorted(asked) == ["P1", "P2", "P9"]


async def test_where_all_parents_are_at_hand_nobody_is_asked() -> None:
    registry = Registry()
    found = await parents(registry, "P1 ", "101.0", "P9", seen=("P1", "101"), whole=True)
    assert found == Parents(3, 3, {"P9": 1})
    assert await parents(registry, "P1", seen=("P1",)) == Parents(1, 1)
    assert await parents(registry, None) is None
    assert registry.asked == []


async def test_a_look_for_parents_is_bounded_and_says_so() -> None:
    registry = Registry(*(f"P{n}" for n in range(100)), per_call=2)
    found = await parents(registry, *(f"P{n}" for n in range(60)))
    assert found is not None
    assert (found.named, found.looked_for, found.orphans) == (60, 2 * MOST_CALLS, {})
    assert found.why_not == "20 are looked for at most"


async def test_parents_that_cannot_be_looked_for_are_no_orphans() -> None:
    registry = Registry()
    registry.fails = True
    assert await parents(registry, "P1") == Parents(1, 0, {}, 0, "REGISTRY_TIMEOUT: late")
    silent = Registry(by_keys=False)
    assert await parents(silent, "P1", "P2", seen=("P2",)) == Parents(
        2, 1, {}, 0, "it takes no keys"
    )


def test_projects_that_nothing_names_are_childless() -> None:
    above = projects("P1", "P2", "101")
    assert childless(above, units("P1 ", "101.0"), Entity.PROJECT) == ("P2",)
    assert childless(above, units(None), Entity.PROJECT) == ()


def test_keys_that_do_not_fit_the_pattern_are_told() -> None:
    codes = {"x.project": Code(Entity.PROJECT, pattern=r"P\\d+".replace("\\\\", "\\"))}
    info = dataclasses.replace(Registry().info, codes=codes)
    assert off_pattern(projects("P1", "Q7", " P2"), info) == ("Q7", " P2")
    codes = {"x.project": Code(Entity.UNIT, pattern="Q")}
    assert off_pattern(projects("P1"), dataclasses.replace(info, codes=codes)) == ()
    assert off_pattern(projects("P1"), dataclasses.replace(info, codes={})) == ()


def test_a_text_longer_than_a_key_can_be_is_off_every_pattern_and_not_held_to_it() -> None:
    slow = {"x.project": Code(Entity.PROJECT, pattern="(A|AA)+B|.*")}
    info = dataclasses.replace(Registry().info, codes=slow)
    assert off_pattern(projects("A" * 5_000), info) == ("A" * 5_000,)


def test_keys_of_another_form_than_nearly_all_are_told() -> None:
    usual = [f"P-{n}" for n in range(20)]
    assert odd_keys(projects(*usual, "77", "P17")) == ("77", "P17")
    assert odd_keys(projects(*usual[:5], "77")) == ()
    assert odd_keys(projects(*usual, *map(str, range(10)))) == ()


@pytest.mark.parametrize("text", ["1.000", "12,345", "-999.000"])
def test_a_number_that_is_a_thousand_or_one_is_ambiguous(text: str) -> None:
    (unit,) = units("P", tonnes=text)
    value = numbers.grouped(text)
    assert ambiguous_numbers([unit, unit]) == {("unitCount", text): (2, str(value))}
    (project,) = projects("P", tonnes=text)
    read = numbers.decimal(text)
    assert ambiguous_numbers([project]) == {
        ("unitCount", text): (1, "nothing" if read is None else str(read))
    }


@pytest.mark.parametrize(
    "value", ["1000", "1.5", "0.123", "1,234,567", "1.0000", 1, Decimal("1.000"), None]
)
def test_other_numbers_are_not(value: Any) -> None:
    assert ambiguous_numbers(units("P", tonnes=value)) == {}


def test_a_filter_that_cannot_decide_is_told_with_the_reason() -> None:
    rows = [*projects("1", "2", status="odd"), *projects("3", status="up", issuance="away")]
    assert undecided_filters(rows) == {
        "projectName": Open(1, 0, 1),
        "text": Open(1, 0, 1),
        "projectStatus": Open(2, 2, 0),
    }
    assert undecided_filters([]) == {}


def test_filters_that_never_match_and_those_by_words_are_named() -> None:
    registry = Registry()
    filters = {
        "label": pushdown(Op.EQ),
        "project_status": pushdown(Op.EQ, exact=False, by_words=True),
    }
    registry.collections = {Entity.PROJECT: Collection(filters=filters)}
    never = unfiltered(registry, Entity.PROJECT)
    assert "methodology" in never
    assert not {"label", "projectStatus"} & set(never)
    assert by_words(registry, Entity.PROJECT) == ("projectStatus",)


def test_each_thing_is_a_sentence() -> None:
    quality = Quality(
        parents={Entity.PROJECT: Parents(9, 5, {f"P{n}": 2 for n in range(6)}, 3, "too many")},
        childless=("P7",),
        off_pattern=("Q1",),
        odd_keys=("77",),
        ambiguous={("unitCount", "1.000"): (2, "1"), ("unitCount", "2,000"): (3, "2000")},
        undecided={"projectStatus": Open(4, 3, 1)},
        by_words=("projectStatus",),
    )
    assert list(sentences(quality)) == [
        "12 rows name a project that is not there: 'P0', 'P1', 'P2', 'P3', 'P4', ...",
        "3 rows name no project, where others do",
        "5 of 9 named projects were looked for: too many",
        "1 keys do not fit the registry's pattern: 'Q1'",
        "1 keys have another form than the others: '77'",
        "unitCount '2,000' is read as 2000, and may mean 2 (3 rows)",
        "unitCount '1.000' is read as 1, and may mean 1000 (2 rows)",
        "a filter on projectStatus cannot decide 4 rows: 3 in words that no table knows, 1 told "
        "elsewhere than in the list",
        "answers that the registry narrows by projectStatus are never complete: by its own words",
    ]
    assert list(sentences(Quality())) == []
