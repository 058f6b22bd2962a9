"""What is kept: little that is not used again, and never more than was allowed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.kept import Kept


def test_a_value_is_kept_from_the_second_time_on() -> None:
    kept = Kept(100)
    kept.put("a", 1, 10)
    assert kept.get("a") is None
    assert kept.size == 0
    kept.put("a", 1, 10)
    assert kept.get("a") == 1
    assert (len(kept), kept.size) == (1, 10)


def test_a_value_larger_than_all_the_room_is_not_taken() -> None:
    kept = Kept(10)
    for _ in range(3):
        kept.put("a", 1, 11)
    assert kept.get("a") is None
    assert not kept.noted("a")


def test_an_identity_with_another_witness_is_another_key() -> None:
    kept, one, other = Kept(1000), object(), object()
    kept.put(7, "one", 10, one)
    kept.put(7, "other", 10, other)
    assert kept.get(7) is None
    kept.put(7, "other", 10, other)
    assert kept.get(7) == "other"


def test_the_least_recently_used_leaves_first() -> None:
    kept = Kept(20)
    for key in "abab":
        kept.put(key, key, 10)
    kept.get("a")
    for _ in range(2):
        kept.put("c", "c", 10)
    assert [kept.get(key) for key in "abc"] == ["a", None, "c"]


def test_what_is_dropped_is_gone() -> None:
    kept = Kept(100)
    for key in ("old", "old"):
        kept.put(key, 2, 10)
    for key in ("old", "never"):
        kept.drop(key)
        assert kept.get(key) is None
    assert kept.size == 0


def test_a_value_that_grew_is_counted_anew_and_others_leave_for_it() -> None:
    kept = Kept(30)
    grown = object()
    for key, value in [("a", None), ("b", grown)] * 2:
        kept.put(key, value, 10)
    kept.resize("b", grown, 25)
    assert (len(kept), kept.get("b"), kept.size) == (1, grown, 25)
    kept.resize("b", "another", 1)
    kept.resize("never", grown, 1)
    assert kept.size == 25
    kept.resize("b", grown, 31)
    assert (kept.get("b"), kept.size) == (None, 0)


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 60), st.booleans()), max_size=60),
)
def test_no_run_of_uses_passes_the_bounds_or_confuses_values(
    uses: list[tuple[int, int, bool]],
) -> None:
    kept = Kept(50)
    for key, size, putting in uses:
        if putting:
            kept.put(key, (key, size), size)
        else:
            kept.drop(key)
        found = {k: kept.get(k) for k in range(7)}
        assert all(value is None or value[0] == k for k, value in found.items())
        assert kept.size == sum(value[1] for value in found.values() if value) <= 50
