"""What every emulator is: a registry's wire format over one telling of the world.

An emulator is one module `gateway/sandbox/<registry>.py` with a module-level `EMULATOR`. Its rows
have exactly the keys and JSON types that the real registry sends; it reproduces the registry's
quirks (ignored filters, clamped pages, 200-with-error, encodings) and enforces a rate of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from gateway.model.entity import Entity
from gateway.sandbox.world import Telling


@dataclass(frozen=True, slots=True)
class Emulator:
    """`application(telling)` serves one registry; mounted at the root of a loopback port.

    `says` lists, per entity, the record fields that this wire can say: exactly these come back
    from the gateway equal to the world's, all others null. Children are named with their fields:
    `project_locations.country`. `told` says how a field reads once this wire has said it, where
    that is less than the world's value (a date without its time, a type that only forestry rows
    tell): a function of the world's row, or of the child for a dotted name, giving the value.
    `base_path` follows the host in the adapter's base URL; headers, options and credential are
    what the adapter's configuration needs to talk to it, none of them real.
    """

    registry: str
    application: Callable[[Telling], web.Application]
    says: Mapping[Entity, frozenset[str]]
    told: Mapping[Entity, Mapping[str, Callable[[Any], Any]]] = field(default_factory=dict)
    base_path: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    credential: str = ""
