"""The suite's own eyes: the comparison sees every kind of difference, and filtering is right."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from gateway.model.entity import Entity
from gateway.model.field import computed, constant, mapped, wire
from gateway.model.picklists import ProjectStatus
from gateway.model.project import LocationView, ProjectRecord
from gateway.model.question import Collection, Op, Predicate, pushdown
from gateway.model.record import Origin
from gateway.sandbox.emulator import Emulator
from tests.conformance.comparison import Truth, differences
from tests.conformance.questions import holds_for, predicates
from tests.market import make
from tests.sandbox.test_runner import application

TRUTH = Truth.of(make().told_by("verra"))
PROJECT = TRUTH.telling.projects[0]
ORIGIN = Origin("verra", 0)


@dataclass(frozen=True)
class Row:
    id: str = PROJECT.key
    name: str | None = PROJECT.project_name
    status: str | None = PROJECT.project_status.value
    country: str | None = PROJECT.project_locations[0].country
    tags: str | None = None


class Place(LocationView[Row]):
    country = wire("country")
    country_raw = wire("country")


class Named(ProjectRecord[Row]):
    key = wire("id")
    current_registry = constant("Verra")
    project_name = wire("name")
    project_tags = wire("tags")
    project_status = mapped("status", ProjectStatus)
    project_locations = computed(lambda row: (Place(row),) if row.country else (), "country")


class Mute(Named):
    project_status = computed(lambda row: ProjectStatus(row.status), "status")
    project_status_raw = None


EMULATED = Emulator(
    "verra",
    application,
    {
        Entity.PROJECT: frozenset(
            {
                "project_name",
                "current_registry",
                "project_status",
                "project_tags",
                "project_locations.country",
            }
        )
    },
)


def wrong(row: Row, emulated: Emulator = EMULATED, **options: Any) -> list[str]:
    return differences(TRUTH, emulated, Entity.PROJECT, Named(row, ORIGIN), **options)


def test_a_record_that_says_what_the_world_says_is_right() -> None:
    assert wrong(Row()) == []


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (Row(name="Another"), "project_name"),
        (Row(name=None), "project_name"),
        (Row(status="Withdrawn"), "project_status"),
        (Row(country="XX"), "project_locations"),
        (Row(country=None), "project_locations"),
        (Row(tags="Biodiversity"), "project_tags"),
        (Row(id="nobody"), "not a key of the world"),
    ],
)
def test_a_wrong_missing_or_invented_value_is_seen(row: Row, field: str) -> None:
    (line,) = wrong(row)
    assert field in line


def test_a_value_that_the_wire_cannot_say_is_an_invented_one() -> None:
    silent = replace(EMULATED, says={Entity.PROJECT: frozenset({"project_name"})})
    assert len(wrong(Row(), silent)) == 3


def test_a_wire_that_says_less_is_compared_with_what_it_says() -> None:
    short = replace(EMULATED, told={Entity.PROJECT: {"project_name": lambda p: p.project_name[:5]}})
    assert wrong(Row(name=PROJECT.project_name[:5]), short) == []
    assert wrong(Row(), short)


def test_what_only_reading_by_key_fills_may_be_null_in_a_list() -> None:
    late = replace(EMULATED, by_key={Entity.PROJECT: frozenset({"project_name"})})
    assert wrong(Row(name=None), late) == []
    assert wrong(Row(name="Another"), late)
    assert wrong(Row(name=None), late, listed=False)


def test_a_childs_field_that_only_reading_by_key_fills_may_be_null_in_a_list() -> None:
    said = EMULATED.says[Entity.PROJECT] | {"project_locations.latitude"}
    late = frozenset({"project_locations.latitude"})
    emulated = replace(EMULATED, says={Entity.PROJECT: said}, by_key={Entity.PROJECT: late})
    record = Named(Row(), ORIGIN)
    assert differences(TRUTH, emulated, Entity.PROJECT, record) == []
    assert differences(TRUTH, emulated, Entity.PROJECT, record, listed=False)


def test_a_mapped_value_without_its_raw_text_is_seen() -> None:
    record = Mute(Row(), ORIGIN)
    (line,) = differences(TRUTH, EMULATED, Entity.PROJECT, record)
    assert "project_status_raw" in line


def test_a_parent_may_be_told_in_part_but_not_wrongly() -> None:
    assert wrong(Row(name=None, status=None, country=None), partly=True) == []
    assert wrong(Row(name="Another"), partly=True)


NAMED = Named(Row(name="Wind Park"), ORIGIN)
RECORDS = [NAMED, Named(Row(name="Solar Field", status="Listed", country=None), ORIGIN)]


@pytest.mark.parametrize(
    ("name", "op", "value", "expected"),
    [
        ("project_name", Op.EQ, "wind  park", True),
        ("project_name", Op.EQ, "wind", False),
        ("project_name", Op.CONTAINS, "PARK", True),
        ("project_name", Op.STARTS_WITH, "park", False),
        ("project_name", Op.GTE, "a", True),
        ("project_name", Op.LTE, "a", False),
        ("project_name", Op.IN, ("x", "Wind Park"), True),
        ("project_name", Op.IS_NULL, False, True),
        ("project_tags", Op.IS_NULL, True, True),
        ("country", Op.EQ, PROJECT.project_locations[0].country, True),
        ("text", Op.CONTAINS, "wind", True),
        ("project.project_name", Op.EQ, "Wind Park", False),
    ],
)
def test_filtering_here_is_what_the_words_mean(
    name: str, op: Op, value: Any, expected: bool
) -> None:
    assert holds_for(NAMED, Predicate(name, op, value), {}) is expected


def test_questions_try_present_and_absent_values_of_every_filter() -> None:
    collection = Collection(
        filters={
            "project_name": pushdown(Op.EQ, Op.CONTAINS, Op.STARTS_WITH, Op.IS_NULL),
            "project_status": pushdown(Op.IN, Op.EQ, most=2),
        }
    )
    asked = predicates(collection, RECORDS, {})
    assert {(p.field, p.op) for p in asked} == {
        ("project_name", Op.EQ),
        ("project_name", Op.CONTAINS),
        ("project_name", Op.STARTS_WITH),
        ("project_name", Op.IS_NULL),
        ("project_status", Op.IN),
        ("project_status", Op.EQ),
    }
    equal = [p for p in asked if p.op is Op.EQ]
    assert any(not any(holds_for(r, p, {}) for r in RECORDS) for p in equal)
