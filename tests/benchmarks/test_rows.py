"""The node of the growth figures: pages as the emulator writes them, no body twice."""

from __future__ import annotations

import json
from typing import Any

from graphql import build_schema, parse, validate

from benchmarks.apps.rows import Rows, key
from benchmarks.place import ROOT
from benchmarks.selection import MOST, ONE, page, selection

ROW = {"warehouseProjectId": "abc", "projectName": "One", "labels": [{"warehouseProjectId": "abc"}]}
RECORDED = json.dumps({"page": 1, "pageCount": 1, "data": [ROW]}).encode()


def asked(rows: Rows, total: int, query: str) -> Any:
    return json.loads(rows.answer(total, query))


def test_pages_hold_what_is_asked_for_in_the_order_of_keys() -> None:
    rows = Rows(RECORDED)
    first = asked(rows, 25, "page=1&limit=10")
    last = asked(rows, 25, "page=3&limit=10")
    assert (first["pageCount"], len(first["data"]), len(last["data"])) == (3, 10, 5)
    keys = [row["warehouseProjectId"] for row in (*first["data"], *last["data"])]
    assert keys == sorted(set(keys))
    assert keys[-1] == key(24)


def test_children_have_the_key_of_their_row() -> None:
    row = asked(Rows(RECORDED), 5, "page=1&limit=5")["data"][3]
    assert row["labels"] == [{"warehouseProjectId": row["warehouseProjectId"]}]


def test_a_row_is_found_by_its_key() -> None:
    row = asked(Rows(RECORDED), 5, f"warehouseProjectId={key(4)}")
    assert row["warehouseProjectId"] == key(4)


def test_no_body_comes_twice() -> None:
    rows = Rows(RECORDED)
    assert len({rows.answer(5, "page=1&limit=5") for _ in range(200)}) == 200


def test_every_selection_is_as_long_as_it_says_and_fits_the_schema() -> None:
    schema = build_schema((ROOT / "schema.graphql").read_text("utf-8"))
    assert not validate(schema, parse(ONE))
    for count in (1, 5, 20, 42, 43, MOST):
        text = selection(count)
        words = text.replace("{", " ").replace("}", " ").split()
        assert len(words) == count + text.count("{")
        assert not validate(schema, parse(page(["cad-trust"], 10, text)))


def test_there_are_sixty_fields_to_ask_for() -> None:
    assert MOST >= 60
