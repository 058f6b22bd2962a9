"""Functions of a whole row, for fields that are put together: children and filled templates.

Each closes over one view class or one name, so that the published recipe can follow them.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any
from urllib.parse import quote

from gateway.model.record import View

SUBJECT = "manifest"
Many = Callable[[Any], tuple[Any, ...]]


def filled(
    texts: tuple[str, ...], columns: tuple[str, ...], is_link: bool
) -> Callable[[Any], str | None]:
    def fill(row: Any) -> str | None:
        found = [texts[0]]
        for name, text in zip(columns, texts[1:], strict=True):
            value = getattr(row, name)
            if value is None:
                return None
            found += [quote(value, safe="") if is_link else value, text]
        return "".join(found)

    return fill


def child(view: type[View[Any]], names: tuple[str, ...]) -> Many:
    def of_row(row: Any) -> tuple[Any, ...]:
        said = any(getattr(row, name) is not None for name in names)
        return (view(row),) if said else ()

    return of_row


def both(one: Many, other: Many) -> Many:
    def together(row: Any) -> tuple[Any, ...]:
        return one(row) + other(row)

    return together


def single(many: Many) -> Callable[[Any], Any]:
    def first(row: Any) -> Any:
        found = many(row)
        return found[0] if found else None

    return first


def items(view: type[View[Any]], name: str) -> Many:
    def of_list(row: Any) -> tuple[Any, ...]:
        return tuple(view(item) for item in getattr(row, name) or ())

    return of_list


def converted(convert: Callable[[Any], tuple[View[Any], ...]], name: str) -> Many:
    get = attrgetter(name)

    def read(row: Any) -> tuple[Any, ...]:
        value = get(row)
        return () if value is None else convert(value)

    return read
