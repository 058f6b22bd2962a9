"""Lists of values that are longer than a registry takes: asked in parts, each record once."""

from __future__ import annotations

import pytest

from adapters.catalogue import adapters
from gateway.config import LimitSettings
from gateway.model.entity import Entity
from gateway.model.field import computed, wire
from gateway.model.project import MethodologyView
from gateway.model.question import Collection, Op, Predicate, Pushdown, pushdown
from gateway.model.record import Origin
from gateway.stitch.connection import connect
from gateway.stitch.federation import Federation
from gateway.stitch.plan import plan
from gateway.stitch.price import price_plan
from tests.stitch.fake import FakeProject, FakeRegistry, Row, ask, federation
from tests.tools import sweep

IDS = tuple(f"P{number}" for number in range(500))


def registry(
    count: int, how: Pushdown, name: str = "project_id", scan: int | None = None
) -> FakeRegistry:
    rows = [
        Row(key=f"P{n}", name=f"Name {n % 7}", status="up", country=("KE", "PE", "BR")[n % 3])
        for n in range(count)
    ]
    collection = Collection(
        filters={name: how},
        parents=frozenset({Entity.PROJECT}),
        parents_per_call=50,
        full_scan_calls=scan,
    )
    units = [Row(key=f"U{n}", project=f"P{n}", status="held") for n in range(count)]
    return FakeRegistry("r", {Entity.PROJECT: rows, Entity.UNIT: units}, 50, collection)


async def walked(
    fed: Federation, wanted: Predicate, first: int, entity: Entity = Entity.PROJECT
) -> list[str]:
    found: list[str] = []
    after, more = None, True
    while more:
        page = await connect(
            ask(fed), entity, registries=("r",), predicates=(wanted,), first=first, after=after
        )
        found += [node.key for node in page.nodes]
        after, more = page.page_info.end_cursor, page.page_info.has_next_page
    assert page.coverage[0].exhausted
    return found


@pytest.mark.parametrize(
    "how",
    [
        pushdown(Op.EQ, Op.IN, most=20),
        pushdown(Op.IN, most=20),
        pytest.param(pushdown(Op.IN, most=1), marks=pytest.mark.slow),
        pytest.param(pushdown(Op.EQ), marks=pytest.mark.slow),
        pushdown(Op.EQ, exact=False),
        pushdown(Op.EQ, Op.IN, most=7, exact=False),
    ],
)
@pytest.mark.parametrize("first", sweep([17, 500], 1))
async def test_a_long_list_is_asked_in_parts_within_the_budget(how: Pushdown, first: int) -> None:
    # A registry of these tests whose filter is not exact narrows nothing.
    ids = IDS if how.exact else IDS[:60]
    one = registry(600 if how.exact else 60, how)
    found = await walked(federation(one), Predicate("project_id", Op.IN, ids), first)
    assert len(found) == len(set(found))
    assert sorted(found) == sorted(ids)


async def test_parts_cost_what_the_registry_takes_and_not_a_full_scan() -> None:
    one = registry(2_000, pushdown(Op.EQ, Op.IN, most=20))
    found = await walked(federation(one), Predicate("project_id", Op.IN, IDS), 500)
    assert len(found) == 500
    assert one.calls == 25


async def test_where_reading_everything_is_cheaper_that_is_done() -> None:
    one = registry(600, pushdown(Op.EQ), scan=12)
    page = await connect(
        ask(federation(one)),
        Entity.PROJECT,
        registries=("r",),
        predicates=(Predicate("project_id", Op.IN, IDS),),
        first=500,
    )
    assert len(page.nodes) == 500
    assert one.calls <= 12
    assert page.coverage[0].checked_here == ("project_id",)


async def test_values_that_are_the_same_are_asked_once() -> None:
    one = registry(30, pushdown(Op.EQ))
    wanted = Predicate("project_id", Op.IN, ("P1", "p1", "P2", "P1", " P2"))
    assert sorted(await walked(federation(one), wanted, 10)) == ["P1", "P2"]
    assert one.calls <= 3


async def test_a_record_that_fits_two_parts_comes_with_the_first() -> None:
    one = registry(30, pushdown(Op.EQ), "country")
    wanted = Predicate("country", Op.IN, ("KE", "PE"))
    found = await walked(federation(one), wanted, 7)
    assert sorted(found) == sorted(f"P{n}" for n in range(30) if n % 3 < 2)
    planned = plan(one, Entity.PROJECT, (wanted,))
    assert planned.cut is not None
    both = one.records(Entity.PROJECT, 0)[0]
    assert [planned.cut.gives(both, number) for number in (0, 1)] == [True, False]


@pytest.mark.slow
async def test_an_operation_that_has_used_its_calls_goes_on_with_the_next_part() -> None:
    one = registry(500, pushdown(Op.EQ))
    fed = federation(one, limits=LimitSettings(calls_per_registry=40))
    found = await walked(fed, Predicate("project_id", Op.IN, IDS), 500)
    assert sorted(found) == sorted(IDS)


async def test_projects_of_children_are_narrowed_in_parts_too() -> None:
    one = registry(600, pushdown(Op.EQ, Op.IN, most=50))
    wanted = Predicate("project.project_id", Op.IN, IDS)
    found = await walked(federation(one), wanted, 500, Entity.UNIT)
    assert sorted(found) == sorted(f"U{n}" for n in range(500))


async def test_the_price_of_parts_is_told() -> None:
    one = registry(2_000, pushdown(Op.EQ, Op.IN, most=20))
    asking = ask(federation(one))
    planned = plan(one, Entity.PROJECT, (Predicate("project_id", Op.IN, IDS),))
    assert planned.pushed_down == ("project_id",)
    assert not planned.exact
    assert price_plan(asking, "projects", planned, 25).least == 25


def test_a_path_with_several_values_is_cut_only_where_parts_have_no_row_in_common() -> None:
    wanted = Predicate("project.country", Op.IN, tuple("ABCDEFG"))
    planned = plan(registry(1, pushdown(Op.IN, most=3), "project.country"), Entity.UNIT, (wanted,))
    assert planned.cut is None
    how = pushdown(Op.IN, most=3, single=True)
    planned = plan(registry(1, how, "project.country"), Entity.UNIT, (wanted,))
    assert planned.cut is not None
    assert [part.value for part in planned.cut.parts] == [
        ("A", "B", "C"),
        ("D", "E", "F"),
        ("G",),
    ]


class Method(MethodologyView[Row]):
    methodology_code = wire("name")
    methodology_raw = wire("name")


class Methodical(FakeProject):
    methodologies = computed(lambda row: (Method(row),), "name")


@pytest.mark.parametrize("size", [2, 3])
def test_spellings_of_one_methodology_stay_in_one_part(size: int) -> None:
    one = registry(1, pushdown(Op.EQ, Op.IN, most=size), "methodology")
    one.views = {Entity.PROJECT: (Methodical,)}
    texts = ("ACM0001", "ACM0002", "ACM 0001", "ACM-0001", "AMS-I.D.", "Joy by hand", "acm0001")
    planned = plan(one, Entity.PROJECT, (Predicate("methodology", Op.IN, texts),))
    if size == 2:
        # Three spellings of one: two parts could find the same record.
        assert planned.cut is None
        return
    assert planned.cut is not None
    first, second = planned.cut.parts
    assert first.value == ("ACM0001", "ACM 0001", "ACM-0001")
    assert second.value == ("ACM0002", "AMS-I.D.", "Joy by hand")
    rows = [Row(key=str(n), name=text) for n, text in enumerate(texts)]
    numbers = [
        [planned.cut.gives(Methodical(row, Origin("r", 0)), number) for number in (0, 1)]
        for row in rows
    ]
    of_first = ["".join(filter(str.isalnum, text.upper())) == "ACM0001" for text in texts]
    assert numbers == [[mine, not mine] for mine in of_first]


async def test_units_of_projects_in_many_countries_are_asked_in_parts() -> None:
    adapter = adapters()["gold-standard"]
    countries = tuple(f"{a}{b}" for a in "ABCDEFG" for b in "ABCDEFGHIJ")
    planned = plan(adapter, Entity.UNIT, (Predicate("project.country", Op.IN, countries),))
    assert planned.cut is not None
    assert [len(part.value) for part in planned.cut.parts] == [30, 30, 10]
    assert planned.narrow == ()
