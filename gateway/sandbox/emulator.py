"""What every emulator is: a registry's wire format over one telling of the world.

An emulator is one module `gateway/sandbox/<registry>.py` with a module-level `EMULATOR`. Its rows
have exactly the keys and JSON types that the real registry sends; it reproduces the registry's
quirks (ignored filters, clamped pages, 200-with-error, encodings) and enforces a rate of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.errors import Outcome
from gateway.model.entity import Entity
from gateway.sandbox.codes import Scheme
from gateway.sandbox.refusal import Refusal
from gateway.sandbox.world import Telling


@dataclass(frozen=True, slots=True)
class Emulator:
    """`application(telling)` serves one registry; mounted at the root of a loopback port. For a
    registry that is a database (`listens` is False) it gives what the file holds.

    `says` lists, per entity, the record fields that this wire can say: exactly these come back
    from the gateway equal to the world's, all others null. Children are named with their fields:
    `project_locations.country`. `told` says how a field reads once this wire has said it, where
    that is less than the world's value (a date without its time, a type that only forestry rows
    tell): a function of the world's row, or of the child for a dotted name, giving the value.
    `by_key` names fields, of children too, that lists leave null and reading by key fills.
    `rate` (requests per second) and `burst` are the emulator's own, enforced by the runner.
    `traps` are the registry's own ways to go wrong (an error inside a 200, a filter that it
    ignores), by name, each a middleware, or what is done to a database: none may ever give wrong
    or silently fewer rows.
    `meant` says of traps which outcome they have to have: the registry tells in its own words what
    is wrong, and must be understood. PARTIAL is where it says that it is not whole.
    `refusals` are the registry's own error answers, by name, each with what it means.
    `scheme` says how the registry writes its codes, for one that the world does not know.
    `base_path` follows the host in the adapter's base URL; headers, options and credential are
    what the adapter's configuration needs to talk to it, none of them real.
    """

    registry: str
    # `web.Application`, or `Database` where `listens` is False.
    application: Callable[[Telling], Any]
    says: Mapping[Entity, frozenset[str]]
    told: Mapping[Entity, Mapping[str, Callable[[Any], Any]]] = field(default_factory=dict)
    by_key: Mapping[Entity, frozenset[str]] = field(default_factory=dict)
    rate: float = 500.0
    burst: int = 100
    # A `Middleware`, or `Damage` done to a database.
    traps: Mapping[str, Any] = field(default_factory=dict)
    meant: Mapping[str, Outcome] = field(default_factory=dict)
    refusals: Mapping[str, Refusal] = field(default_factory=dict)
    scheme: Scheme | None = None
    base_path: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    credential: str = ""
    listens: bool = True
