"""Filters: each operator on each kind of value, nulls, lists, and the special names."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.entity import Entity
from gateway.model.field import computed, wire
from gateway.model.picklists import ProjectStatus
from gateway.model.project import CoBenefitView, EstimationView, LabelView, MethodologyView
from gateway.model.question import FILTERS, Op, Predicate
from gateway.model.record import Origin
from gateway.stitch.filters import decide, holds, published
from gateway.stitch.vocabulary import VOCABULARY
from tests.stitch.fake import VIEWS, FakeProject, FakeUnit, Row


class Coded(MethodologyView[Row]):
    methodology_code = wire("origin")


class Labelled(LabelView[Row]):
    label = wire("name")


class Benefit(CoBenefitView[Row]):
    co_benefit = wire("name")


class Expected(EstimationView[Row]):
    crediting_period_start = wire("date")
    crediting_period_end = wire("date")


class Rich(FakeProject):
    """A project with the children that filters look at."""

    sector = wire("name")
    sectors = computed(lambda row: (row.name, "Transport"), "name")
    project_type = wire("name")
    methodology = wire("origin")
    methodologies = computed(lambda row: (Coded(row),), "origin")
    labels = computed(lambda row: (Labelled(row),), "name")
    co_benefits = computed(lambda row: (Benefit(row),), "name")
    estimations = computed(lambda row: (Expected(row),), "date")


def project(**values: Any) -> Rich:
    return Rich(Row(key="1", **values), Origin("r", 0), 0)


def check(record: Any, name: str, op: Op, value: Any) -> bool | None:
    return holds(record, Predicate(name, op, value))


@pytest.mark.parametrize(
    ("op", "value", "expected"),
    [
        (Op.EQ, "wind park", True),
        (Op.EQ, "Wind", False),
        (Op.IN, ("x", "WIND PARK"), True),
        (Op.IN, (), False),
        (Op.CONTAINS, "d P", True),
        (Op.CONTAINS, "sun", False),
        (Op.STARTS_WITH, "wind", True),
        (Op.STARTS_WITH, "park", False),
        (Op.IS_NULL, False, True),
        (Op.IS_NULL, True, False),
    ],
)
def test_text_is_compared_without_case(op: Op, value: Any, expected: bool) -> None:
    assert check(project(name="Wind Park"), "project_name", op, value) is expected


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("sao joao", "Usina São João"),
        ("d'água", "Recuperação d\u2019Água"),
        ("çelik", "ÇELİK"),
        ("São", "SAO JOAO"),
    ],
)
def test_text_is_compared_as_people_type_it(typed: str, written: str) -> None:
    record = project(name=written)
    assert check(record, "project_name", Op.CONTAINS, typed) is True
    assert check(record, "project_name", Op.EQ, written.upper()) is True


@given(st.dates(), st.dates())
def test_dates_compare_as_days(one: Any, other: Any) -> None:
    record = project(date=one.isoformat())
    assert check(record, "project_status_date", Op.GTE, other.isoformat()) is (one >= other)
    assert check(record, "project_status_date", Op.LTE, other.isoformat()) is (one <= other)
    assert check(record, "project_status_date", Op.EQ, other.isoformat()) is (one == other)


def test_what_the_registry_does_not_say_satisfies_only_is_null() -> None:
    for op, value in (
        (Op.EQ, "x"),
        (Op.IN, ("x",)),
        (Op.CONTAINS, "x"),
        (Op.STARTS_WITH, "x"),
        (Op.GTE, "x"),
        (Op.LTE, "x"),
        (Op.IS_NULL, False),
    ):
        assert not check(project(), "project_name", op, value)
    assert check(project(), "project_name", Op.IS_NULL, True)


def test_enums_compare_as_members() -> None:
    record = project(status="up")
    assert check(record, "project_status", Op.EQ, ProjectStatus.REGISTERED)
    assert not check(record, "project_status", Op.IN, (ProjectStatus.LISTED,))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("country", "KE"),
        ("sector", "transport"),
        ("project_type", "Wind"),
        ("label", "wind"),
        ("co_benefit", "wind"),
        ("text", "WIND"),
    ],
)
def test_a_name_that_looks_at_several_values_holds_for_any(name: str, value: str) -> None:
    assert check(project(name="Wind", country="KE"), name, Op.EQ, value)


def test_crediting_periods_are_looked_at_through_the_estimations() -> None:
    record = project(date="2024-05-01")
    assert check(record, "crediting_period_start", Op.GTE, "2024-05-01")
    assert not check(record, "crediting_period_end", Op.LTE, "2024-04-30")


@pytest.mark.parametrize("spelling", ["ACM0002", "acm 0002", "ACM0002."])
def test_methodologies_compare_by_their_key(spelling: str) -> None:
    assert check(project(origin="ACM0002"), "methodology", Op.EQ, spelling)
    assert check(project(origin="ACM0002"), "methodology", Op.IN, ("x", spelling))
    assert not check(project(origin="AR-ACM0002"), "methodology", Op.EQ, spelling)


def test_a_methodology_without_a_list_is_looked_at_alone() -> None:
    class Single(FakeProject):
        methodology = wire("origin")

    record = Single(Row(key="1", origin="ACM0002"), Origin("r", 0), 0)
    assert check(record, "methodology", Op.EQ, "ACM0002")


def test_all_predicates_must_hold() -> None:
    record = project(name="Wind", status="up")
    name = Predicate("project_name", Op.EQ, "wind")
    registered = Predicate("project_status", Op.EQ, ProjectStatus.REGISTERED)
    assert decide(record, [name, registered]) is True
    assert decide(record, [name, Predicate("project_status", Op.EQ, ProjectStatus.LISTED)]) is False
    assert decide(record, []) is True


def test_a_unit_is_searched_by_its_texts() -> None:
    unit = FakeUnit(Row(key="VCS-12", year=2020), Origin("r", 0), 0)
    assert check(unit, "text", Op.CONTAINS, "cs-1")
    assert check(unit, "vintage_year", Op.GTE, 2020)
    assert not check(unit, "vintage_year", Op.IN, (2019, 2021))


@pytest.mark.parametrize("entity", list(Entity))
def test_every_filter_name_can_be_read_from_every_record(entity: Entity) -> None:
    for name in FILTERS[entity]:
        record = VOCABULARY[entity](Row(key="1"), Origin("r", 0), 0)
        assert check(record, name, Op.IS_NULL, True), name


def test_publication_is_that_of_the_fields_a_filter_looks_at() -> None:
    views = (VIEWS[Entity.PROJECT],)
    assert published(views, Entity.PROJECT, "country")
    assert published(views, Entity.PROJECT, "text")
    assert not published(views, Entity.PROJECT, "label")
    assert not published(views, Entity.PROJECT, "covered_by_ndc")
