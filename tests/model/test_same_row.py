"""Two rows are one where they say the same in all that is read of them."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.model.record import same_row


class Plain:
    """A row as manifests make it: named columns, and nothing else."""

    __slots__ = ("inner", "key")

    def __init__(self, key: str, inner: Any = None) -> None:
        self.key, self.inner = key, inner


class Bare:
    """A row that names no columns tells nothing of itself."""


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": 1}, {"a": 1}, True),
        ({"a": 1}, {"a": 2}, False),
        (Plain("a"), Plain("a"), True),
        (Plain("a"), Plain("b"), False),
        (Plain("a", (Plain("x"),)), Plain("a", (Plain("x"),)), True),
        (Plain("a", (Plain("x"),)), Plain("a", (Plain("y"),)), False),
        (Plain("a", (Plain("x"),)), Plain("a", ()), False),
        (Plain("a"), "a", False),
        (Bare(), Bare(), False),
    ],
)
def test_rows_are_compared_by_what_they_say(one: Any, other: Any, same: bool) -> None:
    assert same_row(one, other) is same
