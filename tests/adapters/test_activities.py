"""Every registry tells all its projects' types and sectors, and what they rest on."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.activities import looked_up, nothing, sector_fields, type_fields, type_words_of
from adapters.catalogue import adapters
from gateway.harmonise import sectors
from gateway.harmonise.table import Table
from gateway.harmonise.wordlist import Words
from gateway.model.entity import Entity
from gateway.model.field import Field, wire
from gateway.model.picklists import ValueBasis
from gateway.model.project import MethodologyView, ProjectRecord
from gateway.model.record import Origin, Record
from tests.stitch.fake import Row

HERE = Origin("here", 0)
VIEWS = [
    pytest.param(view, id=f"{key}:{view.__qualname__}")
    for key, adapter in adapters().items()
    for view in adapter.views.get(Entity.PROJECT, ())
]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", ["sector", "project_type"])
def test_who_gives_one_gives_the_list_and_the_basis(view: type[Record[Any]], name: str) -> None:
    assert view.publishes(name) == view.publishes(f"{name}s") == view.publishes(f"{name}_basis")


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", ["sector", "project_type"])
def test_who_gives_methodologies_lets_them_speak_where_words_are_too_coarse(
    view: type[Record[Any]], name: str
) -> None:
    if not (view.publishes(name) and view.publishes("methodologies")):
        return
    field = view.fields[f"{name}_basis"]
    # CAR's protocols go by the project type, which is thus never coarser than they are. What a
    # manifest says is its author's word, which nothing is added to.
    if view.__module__ == "adapters.car_views" or view.__module__.startswith("adapters.manifests"):
        assert field.rule().startswith("stated.")
    else:
        assert field.rule().startswith("table.methodology-activities/1")


class Kept(MethodologyView[str]):
    methodology_code = wire("code")


class Code:
    def __init__(self, code: str) -> None:
        self.code = code


def methods(row: Any) -> tuple[Any, ...]:
    return (Kept(Code(row.name)),) if row.name else ()  # type: ignore[arg-type]


class Project(ProjectRecord[Row]):
    """The row's status is its type, its name the code of its methodology."""

    project_type, project_types, project_type_basis = type_fields(
        type_words_of("status"), methods, "status", "name"
    )


class Plain(ProjectRecord[Row]):
    sector = wire("status")


def test_what_rests_on_words_alone_is_told_without_declaring_it() -> None:
    one, none = Plain(Row(key="1", status="Transport"), HERE), Plain(Row(key="2"), HERE)
    assert (one.sectors, one.sector_basis) == (("Transport",), ValueBasis.REGISTRY)
    assert (none.sectors, none.sector_basis) == (None, None)


def test_a_table_of_the_registrys_own_tells_its_silent_words_from_unknown_ones() -> None:
    table = Table("own", {"Forest": sectors.AFOLU})
    said = looked_up("status", table, lambda text: text == "Mixed")
    assert said(Row(key="1", status="Forest")) == Words((sectors.AFOLU,))
    assert said(Row(key="1", status="Mixed")) == Words()
    assert said(Row(key="1", status="Moon")) == Words((), ("Moon",))
    assert said(Row(key="1", status="")) == Words()


def test_rows_without_methodologies_rest_on_their_words() -> None:
    made: tuple[Field, ...] = sector_fields(lambda row: Words(), nothing, "code")
    assert [field.read(Row(key="1")) for field in made] == [None, None, None]


def test_words_win_over_methodologies_and_unknown_words_over_nothing() -> None:
    wind = Project(Row(key="1", status="Wind", name="ACM0001"), HERE)
    assert (wind.project_type, wind.project_type_basis) == ("Wind", ValueBasis.REGISTRY)
    gas = Project(Row(key="1", status="Moon", name="ACM0001"), HERE)
    assert (gas.project_type, gas.project_type_basis) == ("Landfill gas", ValueBasis.METHODOLOGY)


def test_the_recipe_publishes_the_table_of_methodologies() -> None:
    rule: Any = Project.fields["project_type"]
    assert rule.function.recipe()["table"]["ACM0001"] == ["Landfill gas"]
    assert Project.recipe()["project_type"]["rule"] == "table.methodology-activities/1:types:first"
