"""Several lists of a registry read one after another, as one run of pages."""

from __future__ import annotations

import re

from gateway.errors import BadCursor

_TOKEN = re.compile(r"(\d{1,4})~(.*)", re.ASCII)


def token(number: int, place: object) -> str:
    """The name of a place in the list of this number."""
    return f"{number}~{place}"


def following(number: int, lists: int, place: object | None) -> str | None:
    """Where reading goes on: at a place of the same list, else at the next list; None at the end.

    `place` is the one after the page, None where the page was its list's last.
    """
    if place is not None:
        return token(number, place)
    return token(number + 1, "") if number + 1 < lists else None


def resume(told: str | None, lists: int) -> tuple[int, str | None]:
    """The number of the list and the place in it that a token of ours names, None for its start.

    Raises:
        BadCursor: it names none.
    """
    if not told:
        return 0, None
    found = _TOKEN.fullmatch(told)
    if found is None or int(found[1]) >= lists:
        raise BadCursor("the cursor does not belong to this registry's paging")
    return int(found[1]), found[2] or None
