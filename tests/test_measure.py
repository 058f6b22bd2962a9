"""How many bytes a value takes, held to what the interpreter itself counts."""

from __future__ import annotations

import dataclasses
import gc
import math
import tracemalloc
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from gateway.errors import Outcome
from gateway.measure import bytes_of


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


class Slotted:
    __slots__ = ("text", "unset")

    def __init__(self) -> None:
        self.text = "x" * 1000


class Both(Slotted):
    def __init__(self) -> None:
        super().__init__()
        self.more = "x" * 2000


class Told(msgspec.Struct, frozen=True):
    body: bytes


class Lazy(Told, frozen=True):
    @property  # type: ignore[misc]
    def body(self) -> bytes:
        return b"x" * 1000


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


def test_fields_in_a_dict_of_an_object_count_and_those_in_its_slots() -> None:
    assert bytes_of(Plain()) > 1000
    assert bytes_of(Slotted()) > 1000
    assert bytes_of(Both()) > 3000


def test_what_is_worked_out_when_it_is_asked_for_is_not_held() -> None:
    assert bytes_of(Lazy(b"")) < 300


def test_a_ring_ends_and_an_object_that_stands_in_it_twice_counts_once() -> None:
    ring: list[Any] = ["x" * 1000]
    ring.append(ring)
    assert 1000 < bytes_of(ring) < 1500
    shared = ["x" * 10_000]
    assert bytes_of([[shared] for _ in range(500)]) < 200_000


def test_the_bytes_of_values_in_long_tables_count_like_those_of_its_keys() -> None:
    table = {str(n): f"{n}" * 500 for n in range(1000, 6000)}
    assert bytes_of(table) > 10_000_000


@pytest.mark.parametrize("lengths", [(50, 50, 50), (20, 20, 20, 20), (2,) * 17, (400, 400)])
def test_lists_of_lists_take_a_bounded_number_of_looks(lengths: tuple[int, ...]) -> None:
    looks = 0

    class Leaf:
        __slots__ = ()

        def __sizeof__(self) -> int:
            nonlocal looks
            looks += 1
            return 32

    value: Any = None
    for length in lengths:
        value = [copied(value) for _ in range(length)] if value else [Leaf() for _ in range(length)]
    everything = math.prod(lengths)
    told = bytes_of(value)
    assert looks < 60_000 < everything
    # Where one stands for very many it is a guess, but one of the right size.
    assert 0.5 * 32 * everything < told < 4 * 72 * everything


def copied(value: list[Any]) -> list[Any]:
    return [copied(one) if isinstance(one, list) else type(one)() for one in value]
