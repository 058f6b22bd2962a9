"""What a sample tells about drift, from bodies and the records that were read from them."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from gateway.check_rows import clock_skew, duplicate_keys, unknown_fields, unmapped_values
from gateway.errors import Outcome
from gateway.harmonise.table import Table
from gateway.model.field import computed, mapped, raw
from gateway.model.project import LocationView, ProjectRecord
from gateway.model.record import Origin
from gateway.provenance.evidence import Exchange


class PlaceRow(msgspec.Struct):
    code: str | None = None


class Row(msgspec.Struct, rename="camel"):
    status_text: str | None = None
    places: tuple[PlaceRow, ...] = ()


@dataclass
class Joined:
    """A row of one list with a word of another."""

    word: str
    row: Row


class Place(LocationView[PlaceRow]):
    __slots__ = ()
    country = mapped("code", Table("places", {"NA": "NA"}))


def places(row: Row) -> tuple[Place, ...]:
    return tuple(map(Place, row.places))


def nothing(row: Row) -> None:
    return None


class Project(ProjectRecord[Any]):
    __slots__ = ()
    key = computed(lambda row: "1")
    sector = computed(nothing, "status_text")
    sector_raw = raw("status_text")
    project_locations = computed(places, "places")


def exchange(body: bytes | None, media_type: str = "application/json") -> Exchange:
    return Exchange("sample", Outcome.OK, "GET", "https://x", media_type=media_type, body=body)


def read(document: Any, pointer: str = "/rows/0") -> tuple[Project, list[Exchange]]:
    """The first row of the document as a record."""
    body = json.dumps(document).encode()
    row = msgspec.convert(document["rows"][0], Row)
    return Project(row, Origin("sample", 0, pointer)), [exchange(body)]


def test_columns_that_no_struct_names_are_told_with_their_place() -> None:
    rows = [{"statusText": "x", "colour": 1, "places": [{"code": "NA", "zip": 2}, {"zip": 3}]}]
    record, exchanges = read({"rows": rows})
    assert unknown_fields([record], exchanges) == {"colour": 1, "places.zip": 1}
    assert unknown_fields([record], exchanges, frozenset({"colour"})) == {"places.zip": 1}


def test_of_a_join_the_part_that_knows_the_row_best_is_taken() -> None:
    record, exchanges = read({"rows": [{"statusText": "x", "colour": 1}]})
    joined = Project(Joined("word", record.row), record.origin)
    assert unknown_fields([joined], exchanges) == {"colour": 1}


@pytest.mark.parametrize("pointer", ["/rows/7", "/nothing", "/rows/0/statusText/x", "/rows/x"])
def test_a_pointer_that_leads_nowhere_tells_nothing(pointer: str) -> None:
    record, exchanges = read({"rows": [{"statusText": "x"}]}, pointer)
    assert unknown_fields([record], exchanges) is None


@pytest.mark.parametrize("body", [None, b"a;b\n1;2\n", b"<html>"])
def test_of_a_body_that_is_no_json_nobody_can_tell(body: bytes | None) -> None:
    record, _ = read({"rows": [{}]})
    assert unknown_fields([record], [exchange(body, "text/csv")]) is None


def test_a_row_that_is_no_struct_tells_nothing() -> None:
    record, exchanges = read({"rows": [{}]})
    assert unknown_fields([Project("text", record.origin)], exchanges) is None


def test_texts_without_a_value_are_counted_in_records_and_below_them() -> None:
    record, _ = read({"rows": [{"statusText": "odd", "places": [{"code": "QQ"}, {"code": "NA"}]}]})
    blank, _ = read({"rows": [{"statusText": " "}]})
    assert unmapped_values([record, record, blank]) == {("sector", "odd"): 2, ("country", "QQ"): 2}


def test_keys_that_stand_twice_are_counted() -> None:
    twice = b'{"a": 1, "a": 2, "b": [{"c": 1, "c": 2, "c": 3}], "d": 1}'
    broken = (exchange(b'{"a":'), exchange(b'{"a":1,"a":2}', "text/plain"), exchange(None))
    assert duplicate_keys([exchange(twice), *broken]) == {"a": 1, "c": 1}


@pytest.mark.parametrize(
    ("written", "took", "ahead"),
    [
        # Seconds from the end of the answer to the date, seconds that the answer took.
        (0, 0.0, 0),
        (-3, 2.5, 0),
        (-6, 2.0, -3),
        (600, 2.0, 600),
    ],
)
def test_a_clock_differs_by_what_the_time_of_the_answer_does_not_explain(
    written: int, took: float, ahead: int
) -> None:
    end = datetime(2026, 5, 1, 12, tzinfo=UTC)
    date = (end + timedelta(seconds=written)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    told = replace(exchange(b""), fetched_at=end, latency_ms=int(took * 1000), upstream_date=date)
    assert clock_skew([told]) == ahead
    assert clock_skew([replace(told, upstream_date="yesterday")]) is None
