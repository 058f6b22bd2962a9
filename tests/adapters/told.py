"""Compares a record with the world's own: what a wire says comes back, all else is null."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

from gateway.model.picklists import ValueBasis
from gateway.model.record import Record
from gateway.sandbox.emulator import Emulator

# What the world keeps for itself, and what is an id of its own on every record.
_OWN = frozenset({"registry", "key", "number", "row_id", "batch", "annual_estimate"})


def differences(
    record: Record[Any], truth: Any, emulator: Emulator, *, by_key: bool = False
) -> dict[str, tuple[Any, Any]]:
    """Fields whose value is not the one this wire can say: (got, wanted) by name."""
    entity = record.entity
    told = emulator.told.get(entity, {})
    silent = frozenset() if by_key else emulator.by_key.get(entity, frozenset())
    said = emulator.says[entity] - silent
    found: dict[str, tuple[Any, Any]] = {}

    def compare(path: str, got: Any, source: Any, name: str) -> None:
        wanted = getattr(source, name) if path in said else None
        if path in said and path in told:
            wanted = told[path](source)
        if got != wanted:
            found[path] = (got, wanted)

    for field in fields(truth):
        name, value = field.name, getattr(truth, field.name)
        if name in _OWN or not hasattr(type(record), name):
            continue
        if getattr(record, f"{name}_basis", None) is ValueBasis.METHODOLOGY:
            # The wire says nothing of it; the conformance suite holds what is implied.
            continue
        children = [path for path in said if path.startswith(f"{name}.")]
        if not children:
            compare(name, _empty(getattr(record, name)), truth, name)
            continue
        got = getattr(record, name) or ()
        if len(got) != len(value):
            found[name] = (len(got), len(value))
            continue
        for view, child in zip(got, value, strict=True):
            assert is_dataclass(child)
            for part in fields(child):
                compare(f"{name}.{part.name}", getattr(view, part.name), child, part.name)
    return found


def _empty(value: Any) -> Any:
    return None if value == () else value
