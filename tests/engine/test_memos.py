"""Memos are the record class's, and all of them together have one bound."""

from __future__ import annotations

import gc
from typing import Any

from gateway.engine.memos import MEMO_TEXT, Memos


class Row:
    """Stands for a record class."""


def upper(key: Any, source: Any) -> Any:
    return source.upper()


def test_one_field_of_one_class_has_one_memo() -> None:
    memos = Memos()
    known, learn = memos.of(Row, "name", upper)
    assert learn("a", "a") == "A"
    again, _ = memos.of(Row, "name", upper)
    assert again is known
    assert again == {"a": "A"}
    assert memos.of(Row, "other", upper)[0] == {}


def test_all_memos_are_emptied_together_where_they_grow_too_large() -> None:
    memos = Memos(most=10_000)
    known, learn = memos.of(Row, "name", upper)
    for number in range(200):
        assert learn(f"a{number}", f"a{number}") == f"A{number}"
        assert memos.size <= 10_000
    assert 0 < len(known) < 60


def test_long_texts_are_not_kept_whatever_they_are_a_part_of() -> None:
    memos = Memos()
    known, learn = memos.of(Row, "name", upper)
    long = "x" * (MEMO_TEXT + 1)
    assert learn(long, long) == long.upper()
    assert learn(("a", long), "b") == "B"
    assert learn("a", long) == long.upper()
    assert known == {}
    assert memos.size == 0


def test_a_class_that_goes_takes_its_memos_along() -> None:
    memos = Memos()
    made = type("Gone", (), {})
    memos.of(made, "name", upper)
    del made
    gc.collect()
    assert not memos._known
