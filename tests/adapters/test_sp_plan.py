"""Questions turned into searches: only filter types that are proven to narrow."""

from __future__ import annotations

import pytest

from adapters.sp_plan import collections, of_projects, of_serials, of_vintages, spellings
from adapters.sp_rows import HoldingRow, Ledger, ProjectRow
from adapters.sp_search import Criterion, Search, Standard, merged, page_size
from gateway.harmonise.statuses import VERRA_PROJECT
from gateway.model.entity import Entity
from gateway.model.picklists import ProjectStatus

ALL = tuple(Ledger)


def test_one_value_is_an_equality_and_several_are_a_list_of_texts() -> None:
    assert Criterion("status", ("Active",)).column_filter() == {
        "filterType": "Text", "type": "equals", "filter": "Active",
    }  # fmt: skip
    assert Criterion("status", ("Active", "Listed")).column_filter() == {
        "filterType": "Text", "type": "in", "strList": ["Active", "Listed"],
    }  # fmt: skip
    assert Criterion("isBuffer", ("false",), "Boolean").column_filter() == {
        "filterType": "Boolean", "type": "equals", "filter": "false",
    }  # fmt: skip
    several = of_projects(["1529", "7"])
    assert several is not None
    assert several.column_filter()["type"] == "in"
    one = of_projects(["1529", "1529"])
    assert one is not None
    assert one.column_filter() == {"filterType": "Number", "type": "equals", "filter": "1529"}


def test_a_search_always_sorts_by_the_number_that_makes_the_order_stable() -> None:
    search = Search(Standard("VCS"), Ledger.PROJECT, (Criterion("status", ("Active",)),))
    asked = search.request(400, 50).json["searchFilter"]
    assert asked["pagination"] == {
        "start": 400, "limit": 50, "sortOptions": [{"sort": "entityId", "dir": "ASC"}],
    }  # fmt: skip
    assert set(asked["filterModel"]) == {"status"}


@pytest.mark.parametrize(("want", "size"), [(1, 50), (50, 50), (51, 100), (400, 400), (9999, 400)])
def test_pages_come_in_a_few_sizes_and_never_over_the_limit(want: int, size: int) -> None:
    assert page_size(want) == size


def test_rows_are_checked_in_the_registrys_own_words() -> None:
    row = HoldingRow(entityId=1, projectId=7, isBuffer=False, status=" Active")
    assert Criterion("isBuffer", ("false",), "Boolean").holds(row)
    assert Criterion("status", ("ACTIVE",)).holds(row)
    assert Criterion("projectId", ("7",), "Number").holds(row)
    assert not Criterion("serialNo", ("x",)).holds(row)


def test_a_vintage_is_asked_for_by_every_way_it_may_end_in_that_year() -> None:
    texts = of_vintages([2004]).values
    assert texts[:3] == ("2004", "2004 - 2004", "2003 - 2004")
    assert "1981 - 2004" in texts
    assert not any(text.endswith("2005") for text in texts)


def test_a_serial_is_asked_for_under_the_ledgers_own_name_for_it() -> None:
    assert of_serials(Ledger.CANCELLATIONS, ["A-1"]).field == "serial_no"
    assert of_serials(Ledger.HOLDINGS, [" a-1 "]).values == ("a-1", "A-1")


def test_statuses_are_spelled_as_notes_and_as_the_platform_write_them() -> None:
    words = spellings(VERRA_PROJECT, [ProjectStatus.REGISTERED])
    assert {"Late to verify", "Late to Verify", "Registered"} <= set(words)
    assert "Withdrawn" not in words
    assert set(words) < set(spellings(VERRA_PROJECT))


def test_conditions_on_one_column_are_met_together_or_by_nothing() -> None:
    one, other = Criterion("vintage", ("a", "b")), Criterion("vintage", ("b", "c"), exact=False)
    assert merged([one, other]) == (Criterion("vintage", ("b",), exact=False),)
    assert merged([one, Criterion("vintage", ("c",))]) is None
    assert merged([]) == ()


def test_the_price_of_reading_everything_is_what_was_counted() -> None:
    found = collections(ALL, {Ledger.PROJECT: 801, Ledger.RETIREMENTS: 400})
    assert found[Entity.PROJECT].full_scan_calls == 3
    assert found[Entity.ISSUANCE].full_scan_calls is None
    assert found[Entity.UNIT].full_scan_calls == 1


def test_a_tenant_without_an_issuance_ledger_has_no_issuances() -> None:
    found = collections((Ledger.PROJECT, Ledger.HOLDINGS), {})
    assert set(found) == {Entity.PROJECT, Entity.UNIT}


def test_an_exact_condition_is_held_against_every_row() -> None:
    rows = [ProjectRow(entityId=1, projectId=7), ProjectRow(entityId=2, projectId=8)]
    search = Search(Standard("VCS"), Ledger.PROJECT, (Criterion("projectId", ("7",), exact=False),))
    assert not search.narrowed(rows)
    assert search.everything.narrowed(rows)
