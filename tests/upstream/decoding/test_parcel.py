"""Decoded values come through between processes as they were, the odd ones too."""

from __future__ import annotations

import inspect
import json
import pkgutil
from collections.abc import Callable
from decimal import Decimal
from importlib import import_module
from typing import Any, get_type_hints

import msgspec
import pytest

import adapters
from adapters import cad_trust_rows, gold_standard_rows
from adapters.apart import apart_of, freed, packed
from adapters.contract import Reply
from adapters.rows import Some, lost
from gateway.model.odd import told
from gateway.upstream.decoding.parcel import PIECE, part_of, pieces
from gateway.upstream.decoding.run import run

# A part of decoders.
HERE = frozenset({"read_list"})


def there_and_back(kind: Any, value: Any, *, free: bool = False) -> Any:
    part = part_of(kind, free=free)
    assert part is not None
    sent: list[bytes] = []
    part.write(value, sent.append)
    left = iter(sent)
    found = part.read(lambda: next(left))
    assert next(left, None) is None
    return found


def decoders() -> list[Callable[..., Any]]:
    """The functions of adapters that decode whole bodies."""
    found = []
    for module in pkgutil.walk_packages(adapters.__path__, "adapters."):
        for one in vars(import_module(module.name)).values():
            if not inspect.isfunction(one) or not one.__name__.startswith("read_"):
                continue
            if one.__name__ in HERE:
                continue
            kinds = list(get_type_hints(one).values())
            if kinds[:1] == [Reply] and len(kinds) == 2:
                found.append(one)
    return list(dict.fromkeys(found))


def test_there_are_decoders() -> None:
    assert len(decoders()) > 25


@pytest.mark.parametrize("decode", decoders(), ids=lambda one: f"{one.__module__}.{one.__name__}")
def test_every_decoder_of_an_adapter_can_run_apart(decode: Callable[..., Any]) -> None:
    apart = apart_of(decode)
    assert apart is not None
    assert part_of(apart.sent) is not None


def test_whole_numbers_that_no_message_has_room_for_come_through() -> None:
    for number in (2**63, 2**64 - 1, 2**64, -(2**63), -(2**63) - 1, 10**40):
        assert there_and_back(list[int], [1, number, 2]) == [1, number, 2]
        assert there_and_back(int | None, number) == number
        assert there_and_back(list[Any], [freed(number)], free=True) == [number]


def page(*rows: dict[str, Any]) -> Reply:
    return Reply(200, {}, json.dumps({"page": 1, "pageCount": 1, "data": rows}).encode())


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [{"warehouseProjectId": str(n), "projectName": "x"} for n in range(3000)],
        [{"warehouseProjectId": "1"}, {"warehouseProjectId": "2", "projectName": [7]}],
        [{"warehouseProjectId": "1", "issuances": [{"id": "x", "startDate": {"a": 1}}]}, {}],
    ],
)
def test_a_page_comes_through_with_what_is_odd_and_what_is_lost(rows: list[Any]) -> None:
    decode = cad_trust_rows.read_project_page
    value = run(decode, page(*rows)).value
    kind = get_type_hints(decode)["return"]
    found = there_and_back(kind, value)
    assert found == value
    assert lost(found.data) == lost(value.data)
    assert [told(row) for row in found.data] == [told(row) for row in value.data]
    assert list(map(type, found.data)) == list(map(type, value.data))


def test_a_single_row_may_be_odd_or_missing() -> None:
    kind = cad_trust_rows.ProjectRow | None
    odd = run(
        cad_trust_rows.read_project,
        Reply(200, {}, b'{"warehouseProjectId":"1","projectName":{"a":1}}'),
    ).value
    assert told(there_and_back(kind, odd)) == {"projectName": '{"a":1}'}
    assert there_and_back(kind, None) is None


def test_lists_tuples_mappings_and_numbers_stay_what_they_are() -> None:
    assert there_and_back(tuple[Decimal, ...], (Decimal("1.50"),)) == (Decimal("1.50"),)
    assert there_and_back(dict[int, list[str]], {n: ["x"] for n in range(500)})[499] == ["x"]
    rows = Some(["a"], (1,))
    assert lost(there_and_back(list[str], rows)) == (1,)
    row = gold_standard_rows.ProjectRow("7", 7)
    assert there_and_back(list[gold_standard_rows.ProjectRow], [row]) == [row]


def test_pieces_are_about_as_long_however_long_the_items_are() -> None:
    encode = msgspec.msgpack.Encoder().encode
    made = [len(piece) for piece in pieces(["x" * 500] * 5000, encode)]
    assert max(made) < 2 * PIECE
    assert len(made) < 40
    assert [len(piece) > PIECE for piece in pieces(["x" * 3 * PIECE] * 3, encode)]


def test_a_type_whose_values_would_come_back_as_others_is_not_sent() -> None:
    assert part_of(list[Any]) is None
    assert part_of(msgspec.Raw) is None
    assert part_of(str | Decimal) is None


def test_a_free_value_says_which_of_its_texts_are_numbers() -> None:
    Row = msgspec.defstruct("Row", [("a", Any), ("b", Any)], array_like=True)
    rows = [Row("1.5", Decimal("1.5")), Row(None, [Decimal(2), "2"])]
    found = there_and_back(list[Row], [freed(row) for row in rows], free=True)  # type: ignore[valid-type]
    assert found == rows
    assert [type(one.b) for one in found] == [Decimal, list]


@pytest.mark.parametrize("data", [b"", b"x", b"o\x91\xa1z", b"x\x93\x01", b"o\x93\xa1r\xa1x\x80"])
def test_bytes_that_are_no_value_are_refused(data: bytes) -> None:
    part = part_of(cad_trust_rows.ProjectRow)
    assert part is not None
    with pytest.raises((msgspec.MsgspecError, ValueError, KeyError, TypeError)):
        part.read(lambda: data)


def test_only_functions_that_can_be_found_again_run_apart() -> None:
    assert apart_of(lambda reply: reply) is None
    assert apart_of(there_and_back) is None
    assert apart_of([].append) is None
    assert apart_of(packed(lambda reply: reply)) is None
