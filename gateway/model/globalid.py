"""Global ids: `cgw:<registry>:<kind>:<key>`, readable, with one canonical spelling.

The key is the registry's own, percent-encoded outside `A-Z a-z 0-9 . _ ~ -`. An id is computed
offline from registry and key alone, and two ids are equal exactly when their texts are. A row
whose key no id can be made of (`has_id`) is left out, and that is told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote

from gateway.model.entity import Entity

MAX_KEY = 200
# A character is four bytes at most, each written with three.
_MAX_ID = 12 * MAX_KEY + 64
_REGISTRY = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
_PLAIN_KEY = re.compile(r"[A-Za-z0-9._~-]+")
_KINDS = {entity.value: entity for entity in Entity}
# No database hands out a NUL, and half a surrogate pair is no character. All else may stand in a
# key: also what a workbook left at its end, a tab or a line break.
_KEY = r"[^\x00\ud800-\udfff]"
_ANY_KEY = re.compile(f"{_KEY}{{1,{MAX_KEY}}}")
_LINE = rf"(?:(?!\n){_KEY}){{1,{MAX_KEY}}}"
_LINES = re.compile(f"{_LINE}(?:\\n{_LINE})*")


@dataclass(frozen=True, slots=True)
class GlobalId:
    """A parsed global id."""

    registry: str
    entity: Entity
    key: str

    def __str__(self) -> str:
        return format_id(self.registry, self.entity, self.key)


def is_registry_key(text: str) -> bool:
    """Whether the text may be a registry's key: 1 to 32 of `a-z 0-9 -`, no dash at the ends."""
    return _REGISTRY.fullmatch(text) is not None


def has_id(key: object) -> bool:
    """Whether an id can be made of the key that leads back to it: 1 to 200 characters, no NUL."""
    return isinstance(key, str) and _ANY_KEY.fullmatch(key) is not None


def all_have_ids(keys: Sequence[Any]) -> bool:
    """Whether `has_id` holds for each of the keys; many at once cost little."""
    try:
        lines = "\n".join(keys)
    except TypeError:
        # A row without a key.
        return False
    if lines.count("\n") == len(keys) - 1 and _LINES.fullmatch(lines):
        return True
    return all(map(has_id, keys))


def format_id(registry: str, entity: Entity, key: str) -> str:
    """The canonical text of an id."""
    if not _PLAIN_KEY.fullmatch(key):
        key = quote(key, safe="")
    return f"cgw:{registry}:{entity.value}:{key}"


def parse_id(text: str) -> GlobalId | None:
    """The id the text spells, or None where it is not the canonical spelling of any."""
    return _parsed(text) if len(text) <= _MAX_ID else None


@lru_cache(maxsize=4096)
def _parsed(text: str) -> GlobalId | None:
    parts = text.split(":")
    if len(parts) != 4 or parts[0] != "cgw":
        return None
    _, registry, kind, encoded = parts
    entity = _KINDS.get(kind)
    if entity is None or not is_registry_key(registry) or not encoded:
        return None
    try:
        key = unquote(encoded, errors="strict")
    except UnicodeDecodeError:
        return None
    if not has_id(key):
        return None
    parsed = GlobalId(registry, entity, key)
    return parsed if str(parsed) == text else None
