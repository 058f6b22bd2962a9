"""The error tree as its module draws it, and as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway import errors
from gateway.errors import GatewayError, RegistryError, RequestError

# A class that others are made of has no code of its own in the drawing.
INNER = (GatewayError, RequestError, RegistryError)
LINE = re.compile(r"^    ( *)([A-Z]\w+)(?: +([A-Z_]{3,})?(?: {2,}|$).*)?$")


def drawn() -> Iterator[tuple[int, str, str | None]]:
    """Depth, name and code of each line of the drawing in the module's docstring."""
    for line in (errors.__doc__ or "").splitlines():
        found = LINE.match(line)
        if found:
            yield len(found[1]) // 2, found[2], found[3]


def tree(kind: type[GatewayError], depth: int = 0) -> Iterator[tuple[int, str, str | None]]:
    """The same of a class and all below it, in the order in which they are defined."""
    yield depth, kind.__name__, None if kind in INNER else kind.code
    for below in kind.__subclasses__():
        if below.__module__ == errors.__name__:
            yield from tree(below, depth + 1)


def test_the_drawing_in_the_docstring_is_the_tree() -> None:
    assert list(drawn()) == list(tree(GatewayError))


def test_no_two_errors_have_one_code() -> None:
    codes = [code for _, _, code in tree(GatewayError) if code is not None]
    assert len(codes) == len(set(codes))


def test_every_error_says_what_it_means() -> None:
    for _, name, _ in tree(GatewayError):
        assert (getattr(errors, name).__doc__ or "").strip().endswith("."), name
