"""How many bytes a value takes, held to what the interpreter itself counts."""

from __future__ import annotations

import dataclasses
import gc
import tracemalloc
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from gateway.measure import bytes_of
from gateway.model.outcome import Outcome


class Row(msgspec.Struct):
    id: int
    name: str
    tags: list[str]
    amount: Decimal | None = None


@dataclasses.dataclass(slots=True)
class One:
    row: Row


class Plain:
    def __init__(self) -> None:
        self.text = "x" * 1000


def _row(number: int) -> Row:
    told = {"id": number, "name": f"project {number}", "tags": [f"t{number}"], "amount": "1.5"}
    return msgspec.json.decode(msgspec.json.encode(told), type=Row)


MADE: dict[str, Callable[[], Any]] = {
    "rows": lambda: [_row(n) for n in range(1000, 2000)],
    "many rows": lambda: [_row(n) for n in range(1000, 11_000)],
    "objects": lambda: [One(_row(n)) for n in range(1000, 2000)],
    "a table": lambda: {f"key {n}": (n + 1000, float(n)) for n in range(1000)},
    "long texts": lambda: [chr(1000) * n for n in range(500)],
    "bytes": lambda: frozenset(bytes([n]) * 1000 for n in range(200)),
}


@pytest.mark.parametrize("kind", MADE)
def test_it_is_what_making_the_value_took_and_hardly_more(kind: str) -> None:
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        value = MADE[kind]()
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert 0.95 * taken <= bytes_of(value) <= 1.5 * taken


def test_what_lives_anyway_counts_nothing() -> None:
    assert bytes_of([Outcome.OK, None, True, int, len.__class__, bytes_of]) < 150


def test_fields_in_a_dict_of_an_object_count() -> None:
    assert bytes_of(Plain()) > 1000
