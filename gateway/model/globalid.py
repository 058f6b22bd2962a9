"""Global ids: `cgw:<registry>:<kind>:<key>`, readable, with one canonical spelling.

The key is the registry's own, percent-encoded outside `A-Z a-z 0-9 . _ ~ -`. An id is computed
offline from registry and key alone, and two ids are equal exactly when their texts are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote

from gateway.model.entity import Entity

MAX_KEY = 200
_REGISTRY = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
_PLAIN_KEY = re.compile(r"[A-Za-z0-9._~-]+")
_KINDS = {entity.value: entity for entity in Entity}


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


def format_id(registry: str, entity: Entity, key: str) -> str:
    """The canonical text of an id."""
    if not _PLAIN_KEY.fullmatch(key):
        key = quote(key, safe="")
    return f"cgw:{registry}:{entity.value}:{key}"


def parse_id(text: str) -> GlobalId | None:
    """The id the text spells, or None where it is not the canonical spelling of any."""
    return _parsed(text) if len(text) <= 4 * MAX_KEY else None


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
    if not key or len(key) > MAX_KEY or any(ord(c) < 32 or ord(c) == 127 for c in key):
        return None
    parsed = GlobalId(registry, entity, key)
    return parsed if str(parsed) == text else None
