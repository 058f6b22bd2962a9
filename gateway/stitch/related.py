"""The project that a related project's entry names, read live where its registry is served."""

from __future__ import annotations

from typing import Any

from gateway.errors import Incomplete, RegistryNotConfigured
from gateway.stitch.ask import Ask
from gateway.stitch.claims import Name, target
from gateway.stitch.coded import by_code
from gateway.stitch.nodes import Found, node


async def related_project(ask: Ask, related: Any) -> Found:
    """The project, or None where the entry names no registry that is served, or no project of it.

    Raises:
        RegistryError: when the registry could not be asked.
        Incomplete: when it could not be read to the end.
    """
    fed, code = ask.federation, related.related_project_id
    registry = fed.registry_of(related)
    if not code or registry is None or registry not in fed.adapters:
        return None
    wanted = target(fed, Name(registry, code))
    if wanted is not None:
        try:
            return await node(ask, wanted)
        except RegistryNotConfigured:
            return None
    records, rows = await by_code(ask, registry).load(code)
    missing = [row for row in rows if not row.complete]
    if missing and fed.upstreams[registry].configured:
        raise Incomplete(
            f"{registry} could not be read to the end for {code!r}: {missing[0].message}",
            registries=[registry],
        )
    return records[0] if len(records) == 1 else None
