"""The adaptive limit follows what a registry bears."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from gateway.upstream.limit import Limit


def test_the_limit_settles_near_the_capacity() -> None:
    dice = random.Random(7)
    limit = Limit(32)
    seen = []
    for step in range(4000):
        flying = [limit.begin() for _ in range(limit.value)]
        for place, number in enumerate(flying):
            if place < 4:
                limit.kept(len(flying))
            else:
                limit.lost(number)
        dice.shuffle(flying)
        if step > 100:
            seen.append(limit.value)
    assert 3 <= sum(seen) / len(seen) <= 6
    assert min(seen) >= 3


def test_losses_of_one_generation_count_once() -> None:
    limit = Limit(10)
    flying = [limit.begin() for _ in range(10)]
    for number in flying:
        limit.lost(number)
    assert limit.value == 8


def test_the_limit_does_not_grow_where_it_is_not_needed() -> None:
    limit = Limit(10)
    limit.lost(limit.begin())
    for _ in range(100):
        limit.kept(1)
    assert limit.value == 8


@given(st.integers(-3, 40), st.lists(st.booleans(), max_size=300))
def test_the_limit_stays_within_one_and_what_is_declared(most: int, results: list[bool]) -> None:
    limit = Limit(most)
    for ok in results:
        number = limit.begin()
        if ok:
            limit.kept(limit.value)
        else:
            limit.lost(number)
        assert 1 <= limit.value <= max(1, most)
