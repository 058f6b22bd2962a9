"""Odd values: what a registry wrote into a row's field, of another kind than it should be.

An odd value is read as not there (null, an empty list), and its text is kept beside it: such a row
is of a subclass of its own with an attribute `odd`, which has the texts by the names of the
fields. Whoever shows or filters records asks here, so that the field is "said but not mapped".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

# The attribute that only odd rows have.
ODD = "odd"


def told(row: Any) -> Mapping[str, str] | None:
    """The texts of the row's own odd values by field; None where nothing in it is odd, and empty
    where only a row inside it has some."""
    found: Mapping[str, str] | None = getattr(row, ODD, None)
    return found


def is_odd(row: Any, *fields: str) -> bool:
    """Whether the row says something in one of these fields that could not be read: it agrees
    with nothing that was asked for, and contradicts nothing."""
    odd = told(row)
    return odd is not None and any(field in odd for field in fields)


def texts(row: Any, path: str) -> tuple[str, ...]:
    """What was written where the path leads, or on the way there, and could not be read.

    Dots reach into inner rows.
    """
    here = row
    for name in path.split("."):
        odd = told(here)
        if odd and name in odd:
            return (odd[name],)
        here = getattr(here, name, None)
        if here is None:
            break
    return ()


def texts_below(row: Any, path: str) -> Iterator[str]:
    """The same, and what is odd inside the rows that stand there."""
    yield from texts(row, path)
    yield from within(_reached(row, path.split(".")))


def within(value: Any) -> Iterator[str]:
    """The text of every odd value in a row, or in a list of rows, however deep."""
    if isinstance(value, (list, tuple)):
        for one in value:
            yield from within(one)
    elif (odd := told(value)) is not None:
        yield from odd.values()
        for name in value.__struct_fields__:
            if name != ODD:
                yield from within(getattr(value, name))


def _reached(row: Any, steps: Iterable[str]) -> Any:
    """What stands there; None where the way ends before, as at a list of rows."""
    for name in steps:
        row = getattr(row, name, None)
    return row


class Watch:
    """Tells quickly whether anything of a row is odd, and under which of some paths.

    An adapter may put rows of several lists into one: paths with a dot lead to those first.
    """

    __slots__ = ("_above",)

    def __init__(self, paths: Iterable[str]) -> None:
        above = {path.rpartition(".")[0] for path in paths}
        self._above = tuple((name, tuple(name.split("."))) for name in sorted(above) if name)

    def __call__(self, row: Any) -> bool:
        """Whether there is anything odd in the row or in those that its paths lead to."""
        if getattr(row, ODD, None) is not None:
            return True
        return any(told(_reached(row, steps)) is not None for _, steps in self._above)

    def paths(self, row: Any) -> Iterator[tuple[str, str]]:
        """The path of each odd value of the row's own, with its text."""
        for name, text in (told(row) or {}).items():
            yield name, text
        for above, steps in self._above:
            for name, text in (told(_reached(row, steps)) or {}).items():
                yield f"{above}.{name}", text
