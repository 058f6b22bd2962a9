"""The odd values of a record by the names that readers know: the schema's, or the wire's."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from gateway.model.field import Computed, Constant, Raw
from gateway.model.odd import ODD, told
from gateway.model.record import View
from gateway.stitch.spelling import camel

# Fields that say again what others say.
_AGAIN = frozenset({"key", "identifiers", "project_key", "issuance_key"})


def each_odd(view: View[Any]) -> Iterator[tuple[str, str]]:
    """Every value in the view's row that is of another kind than it should be: the name of the
    field that shows it, and its text."""
    found: dict[tuple[str, str], None] = {}
    shows: Any = type(view)
    for path, text in _walk(view.row, ""):
        found[_label(shows, path), text] = None
    return iter(found)


def _walk(row: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every odd value below, with the path to it."""
    if isinstance(row, (list, tuple)):
        for one in row:
            yield from _walk(one, path)
        return
    names = getattr(row, "__struct_fields__", None) or getattr(row, "__dataclass_fields__", None)
    if names is None:
        return
    before = f"{path}." if path else ""
    for name, text in (told(row) or {}).items():
        yield before + name, text
    for name in names:
        if name != ODD:
            yield from _walk(getattr(row, name), before + name)


@lru_cache(maxsize=4096)
def _label(view: Any, path: str) -> str:
    """The field that is read from there; of what no field shows, the registry's own name."""
    shown = [
        (isinstance(field, Computed), len(field.inputs), name)
        for name, field in view.fields.items()
        if path in field.inputs and not isinstance(field, (Constant, Raw)) and name not in _AGAIN
    ]
    if shown:
        return camel(min(shown)[2])
    above, dot, name = path.rpartition(".")
    return f"{_label(view, above)}.{name}" if dot else name
