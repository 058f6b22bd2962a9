"""Lists that are read one after another."""

from __future__ import annotations

import pytest

from adapters.lists import following, resume, token
from gateway.errors import BadCursor


def test_reading_begins_with_the_first_list() -> None:
    assert resume(None, 3) == (0, None)
    assert resume("", 3) == (0, None)


def test_a_place_is_found_again_by_its_token() -> None:
    assert resume(token(2, "7.25"), 3) == (2, "7.25")


def test_after_a_page_the_same_list_goes_on() -> None:
    assert following(1, 3, "7.25") == token(1, "7.25")


def test_after_a_list_comes_the_start_of_the_next_one() -> None:
    after = following(1, 3, None)
    assert resume(after, 3) == (2, None)


def test_after_the_last_list_comes_nothing() -> None:
    assert following(2, 3, None) is None


@pytest.mark.parametrize("told", ["1", "~", "x~7", "3~", "99999~", "-1~", "٣~"])
def test_a_token_of_another_paging_is_refused(told: str) -> None:
    with pytest.raises(BadCursor):
        resume(told, 3)
