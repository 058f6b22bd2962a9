"""Every view tells what it could not map: nobody can add a field of the vocabulary that falls
back to null in silence."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest

from adapters.catalogue import adapters
from adapters.cdm_rows import ActivityRow
from adapters.cdm_views import CdmProject
from adapters.manifest_convert import goal_views, place_views
from gateway.model.field import Computed, Mapped, Wire
from gateway.model.project import MethodologyView, ProjectRecord
from gateway.model.record import TOLD_BESIDE, Origin, View
from gateway.stitch.coverage import each_unmapped

# Lists that are made of one text as one value: it is known, or all of it is not.
ONE_TEXT = {
    "adapters.car_views.CarProject.sectors",
    "adapters.car_views.Parent.sectors",
    "adapters.manifests.example_national_sql.ExampleNationalSqlProject.sectors",
}


def views(base: type[View[Any]] = View) -> Iterator[type[View[Any]]]:
    """Every view that an adapter declares, children's too."""
    for view in base.__subclasses__():
        if view.__module__.startswith("adapters.") and view.fields:
            yield view
        yield from views(view)


def vocabulary(view: type[View[Any]]) -> set[str]:
    """The fields of the view whose values are words or numbers of ours, not the registry's."""
    names = {n for base in view.__mro__ for n in inspect.get_annotations(base)}
    return {n for n in names if f"{n}_raw" in names or n in TOLD_BESIDE}


def test_no_field_of_the_vocabulary_is_computed_without_telling_what_it_cannot_map() -> None:
    assert adapters()
    found = list(views())
    assert len(found) > 100
    silent = {
        f"{view.__module__}.{view.__qualname__}.{name}"
        for view in found
        for name in vocabulary(view)
        if isinstance(view.fields.get(name), Computed | Mapped) and name not in view.texts
    }
    assert silent == set()


def test_a_list_of_a_record_tells_the_parts_that_it_cannot_map() -> None:
    """A list beside its first value: one known part must not hide an unknown one."""
    assert adapters()
    silent = {
        f"{view.__module__}.{view.__qualname__}.{name}"
        for view in views(ProjectRecord)
        for name in ("sectors", "project_types")
        if isinstance(view.fields.get(name), Computed) and name not in view.parted
    }
    assert silent <= ONE_TEXT


def test_methods_of_the_vocabulary_tell_the_text_of_a_protocol_without_a_code() -> None:
    silent = {
        view.__qualname__
        for view in views(MethodologyView)
        if isinstance(view.fields.get("methodology_code"), Wire | Computed | Mapped)
        and "methodology_code" not in view.texts
    }
    assert silent == set()


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (goal_views("SDG 13; Joy for all"), ("coBenefit", "Joy for all")),
        (goal_views("Joy for all"), ("coBenefit", "Joy for all")),
        (place_views("Kenya; Atlantis"), ("country", "Atlantis")),
    ],
)
def test_a_list_keeps_the_part_that_no_table_knows(made: Any, told: tuple[str, str]) -> None:
    name = "co_benefit" if told[0] == "coBenefit" else told[0]
    assert [one for view in made for one in each_unmapped(view)] == [(name, told[1])]


def test_a_date_of_another_event_is_not_an_unreadable_date_of_this_one() -> None:
    for status, text, told in (
        ("Registered", "spring", True),
        ("Withdrawn", "spring", False),
    ):
        row = ActivityRow(1, None, None, status=status, decided=text)
        record = CdmProject(row, Origin("cdm", 0))
        assert bool(record.unmapped("project_status_date")) is told
