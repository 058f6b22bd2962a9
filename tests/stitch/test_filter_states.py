"""Said, said but not mapped, not said: what each of them is to a filter."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from gateway.harmonise.countries import country
from gateway.harmonise.dates import iso_date
from gateway.harmonise.sectors import sector
from gateway.model.field import computed, mapped, raw, silent, wire
from gateway.model.picklists import ProjectStatus
from gateway.model.project import CoBenefitView, EstimationView, LocationView, MethodologyView
from gateway.model.question import Op, Predicate
from gateway.model.record import Origin
from gateway.stitch.filters import Doubt, decide, holds, published, said
from tests.stitch.fake import STATUS, FakeProject, Row


class Text:
    """A row of one text."""

    def __init__(self, text: str) -> None:
        self.text = text


class PlaceOf(LocationView[Text]):
    country = mapped("text", country)


class PeriodOf(EstimationView[Text]):
    crediting_period_start = mapped("text", iso_date)


class MethodOf(MethodologyView[Text]):
    methodology_code = computed(lambda row: "ACM0002" if row.text == "ACM0002" else None, "text")
    methodology_raw = raw("text")


class GoalOf(CoBenefitView[Text]):
    co_benefit = mapped("text", lambda text: "SDG 13" if text == "13" else None)


def parts(row: Row) -> list[str]:
    return [part.strip() for part in (row.name or "").split(";") if part.strip()]


def known(row: Row) -> tuple[str, ...]:
    return tuple(one for part in parts(row) if (one := sector(part)))


def unknown(row: Row) -> tuple[str, ...]:
    return tuple(part for part in parts(row) if sector(part) is None)


def of(view: Any) -> Any:
    return lambda row: tuple(view(Text(part)) for part in parts(row))


class Told(FakeProject):
    project_status = mapped("status", STATUS)
    project_status_date = mapped("date", iso_date)
    sector = computed(lambda row: next(iter(known(row)), None), "name")
    sector_raw = raw("name")
    sectors = computed(known, "name", unmapped=unknown)
    project_locations = computed(of(PlaceOf), "name")
    methodologies = computed(of(MethodOf), "name")
    co_benefits = computed(of(GoalOf), "name")
    estimations = computed(of(PeriodOf), "name")


def record(**values: Any) -> Told:
    return Told(Row(key="1", **values), Origin("r", 0), 0)


def check(one: Any, name: str, op: Op, value: Any) -> bool | None:
    return holds(one, Predicate(name, op, value))


@pytest.mark.parametrize(
    ("name", "field", "text", "op", "value"),
    [
        ("project_status", "status", "sideways", Op.EQ, ProjectStatus.LISTED),
        ("project_status", "status", "sideways", Op.IN, (ProjectStatus.LISTED,)),
        ("project_status_date", "date", "last spring", Op.GTE, "2020-01-01"),
        ("project_status_date", "date", "last spring", Op.LTE, "2020-01-01"),
        ("project_status_date", "date", "last spring", Op.EQ, "2020-01-01"),
        ("sector", "name", "Alchemy", Op.EQ, "Transport"),
        ("sector", "name", "Alchemy", Op.CONTAINS, "port"),
        ("sector", "name", "Alchemy", Op.STARTS_WITH, "trans"),
        ("country", "name", "Atlantis", Op.EQ, "KE"),
        ("country", "name", "Atlantis", Op.IN, ("KE", "UG")),
        ("methodology", "name", "Our own way", Op.EQ, "ACM0002"),
        ("co_benefit", "name", "Joy", Op.EQ, "SDG 13"),
        ("crediting_period_start", "name", "soon", Op.GTE, "2020-01-01"),
    ],
)
def test_a_text_that_no_table_knows_is_said_and_decides_nothing(
    name: str, field: str, text: str, op: Op, value: Any
) -> None:
    odd, silent_one = record(**{field: text}), record()
    assert check(odd, name, op, value) is None
    assert decide(odd, [Predicate(name, op, value)]) == (Doubt(name, (text,)),)
    assert check(odd, name, Op.IS_NULL, True) is False
    assert check(odd, name, Op.IS_NULL, False) is True
    assert check(silent_one, name, op, value) is False
    assert check(silent_one, name, Op.IS_NULL, True) is True
    assert check(silent_one, name, Op.IS_NULL, False) is False


@pytest.mark.parametrize(
    ("name", "text", "yes", "no"),
    [
        ("sector", "Transport; Alchemy", "Transport", "Construction"),
        ("country", "Kenya; Atlantis", "KE", "UG"),
        ("methodology", "ACM0002; Our own way", "acm 0002", "VM0042"),
        ("co_benefit", "13; Joy", "SDG 13", "SDG 1"),
        ("crediting_period_start", "2024-01-01; soon", "2024-01-01", "2023-01-01"),
    ],
)
def test_one_value_that_matches_decides_and_one_unknown_beside_leaves_it_open(
    name: str, text: str, yes: str, no: str
) -> None:
    assert check(record(name=text), name, Op.EQ, yes) is True
    assert check(record(name=text), name, Op.EQ, no) is None
    assert check(record(name=text.split(";")[0]), name, Op.EQ, no) is False
    assert check(record(name=text), name, Op.IS_NULL, False) is True


def test_a_methodology_without_a_code_of_ours_goes_by_its_own_words() -> None:
    assert check(record(name="Our Own Way"), "methodology", Op.EQ, "our own way") is True


def test_logic_has_three_values() -> None:
    yes, no, unsure = (
        Predicate("project_id", Op.EQ, "1"),
        Predicate("project_id", Op.EQ, "2"),
        Predicate("project_status", Op.EQ, ProjectStatus.LISTED),
    )
    rank = {no: 0, unsure: 1, yes: 2}
    for asked in product(rank, repeat=3):
        least = min(rank[one] for one in asked)
        verdict = decide(record(status="sideways"), asked)
        assert [verdict is False, isinstance(verdict, tuple), verdict is True][least]


def test_every_condition_that_is_open_is_named() -> None:
    open_ = record(status="sideways", name="Atlantis")
    asked = [
        Predicate("project_status", Op.EQ, ProjectStatus.LISTED),
        Predicate("country", Op.EQ, "KE"),
    ]
    assert decide(open_, asked, "project.") == (
        Doubt("project.project_status", ("sideways",)),
        Doubt("project.country", ("Atlantis",)),
    )


def test_an_adapter_can_say_that_the_text_beside_a_null_is_no_text_of_its_own() -> None:
    class Silent(FakeProject):
        sector = computed(lambda row: None, "name", unmapped=silent)
        sector_raw = raw("name")

    one = Silent(Row(key="1", name="not a sector"), Origin("r", 0), 0)
    assert check(one, "sector", Op.EQ, "Transport") is False
    assert check(one, "sector", Op.IS_NULL, True) is True


class Listed(FakeProject):
    """A row of a list that leaves to the record's page what its name does not say."""

    project_status = mapped("status", STATUS)
    project_description = wire("origin")
    project_locations = computed(of(PlaceOf), "country")

    @property
    def not_read(self) -> frozenset[str]:
        return frozenset({"project_status", "project_description", "project_locations.country"})


def test_what_was_not_read_is_not_decided_where_the_row_says_nothing() -> None:
    bare = Listed(Row(key="1"), Origin("r", 0), 0)
    for name, op, value in (
        ("project_status", Op.EQ, ProjectStatus.LISTED),
        ("project_status", Op.IS_NULL, True),
        ("project_status", Op.IS_NULL, False),
        ("country", Op.EQ, "KE"),
        ("text", Op.CONTAINS, "wind"),
    ):
        assert check(bare, name, op, value) is None
        assert decide(bare, [Predicate(name, op, value)]) == (Doubt(name, (), not_read=True),)


def test_what_was_not_read_is_decided_by_what_the_row_says() -> None:
    full = Listed(Row(key="1", status="up", name="Kenya", origin="x"), Origin("r", 0), 0)
    assert check(full, "project_status", Op.EQ, ProjectStatus.REGISTERED) is True
    assert check(full, "project_status", Op.EQ, ProjectStatus.LISTED) is False
    assert check(full, "country", Op.EQ, "UG") is False
    assert check(full, "text", Op.CONTAINS, "wind") is False


def test_the_states_of_a_field_can_be_asked_by_whoever_counts_or_sums() -> None:
    told = said(record(name="Transport; Alchemy"), "sector")
    assert (told.values, told.unmapped, told.decided) == (("Transport",), ("Alchemy",), False)
    assert said(record(name="Transport"), "sector").decided
    assert said(record(), "sector").decided
    assert said(record(date="2024-01-01"), "project_status_date").values == ("2024-01-01",)


def test_publication_looks_at_the_children_that_a_filter_reads() -> None:
    assert published((Told,), Told.entity, "crediting_period_start")
    assert not published((FakeProject,), FakeProject.entity, "crediting_period_start")
