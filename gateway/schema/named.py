"""Records named in a question, by global id or by a registry's own code: read, and checked.

An id that no record can have is a slip, and told with the right word: an unknown registry, a kind
that the registry does not publish, another spelling, a key of an impossible form. A well-formed id
of nobody is no slip; it is simply not found.
"""

from __future__ import annotations

from typing import Any

from adapters.contract import Adapter
from gateway.errors import BadInput, unknown
from gateway.model.entity import Entity
from gateway.model.globalid import GlobalId, format_id, parse_id
from gateway.model.nearest import LETTERS, nearest, or_else
from gateway.stitch.federation import Federation

_KINDS = tuple(entity.value for entity in Entity)
_FORM = "one reads `cgw:<registry>:<kind>:<key>`, such as `cgw:verra:project:1529`"


def parsed(
    federation: Federation, text: str, argument: str = "id", *, suggest: bool = True
) -> GlobalId:
    """The global id, of a registry and kind that can be asked.

    Without `suggest` no work is spent on what a wrong one may stand for.

    Raises:
        BadInput: naming what is wrong with it, and the id that it may stand for.
    """
    wanted = parse_id(text)
    if wanted is None:
        raise _misspelt(federation, text, argument, suggest)
    key = wanted.registry
    adapter = federation.adapters.get(key)
    if adapter is None:
        known = nearest(key, federation.adapters) if suggest else ()
        meant = [str(GlobalId(one, wanted.entity, wanted.key)) for one in known]
        raise unknown(argument, key, meant, "a registry's key", listed=federation.LISTED)
    if wanted.entity not in adapter.collections:
        kinds = ", ".join(kind.value for kind in Entity if kind in adapter.collections)
        raise BadInput(
            f"`{argument}`: {adapter.info.name} publishes no {wanted.entity.value}s; "
            f"ids of it are of: {kinds}.",
            argument=argument,
        )
    if wanted.entity is Entity.PROJECT and adapter.info.strict_project_keys:
        key = adapter.project_key(wanted.key) or ""
        if key != wanted.key:
            raise _no_such_key(adapter, wanted, key, argument)
    return wanted


def _no_such_key(adapter: Adapter, wanted: GlobalId, key: str, argument: str) -> BadInput:
    code = next((c for c in adapter.info.codes.values() if c.entity is wanted.entity), None)
    meant = [str(GlobalId(wanted.registry, wanted.entity, key))] if key else []
    reads = f" One reads {code.example}." if code and code.example and not meant else ""
    details: dict[str, Any] = {"didYouMean": meant} if meant else {}
    return BadInput(
        f"`{argument}`: {adapter.info.name} has no project keys of this form."
        f"{reads}{or_else(meant)}",
        argument=argument,
        **details,
    )


def _misspelt(federation: Federation, text: str, argument: str, suggest: bool) -> BadInput:
    meant = _respelt(federation, text) if suggest else []
    details: dict[str, Any] = {"didYouMean": meant} if meant else {}
    return BadInput(
        f"`{argument}` is not a global id; {_FORM}.{or_else(meant)}", argument=argument, **details
    )


def _respelt(federation: Federation, text: str) -> list[str]:
    """The id that the text is another spelling of: capitals, blanks, a slip in registry or kind."""
    parts = text.strip().split(":", 3)
    if len(parts) < 4 or len(text) > 8 * LETTERS:
        return []
    registry = nearest(parts[1], federation.adapters, 1)
    kind = nearest(parts[2], _KINDS, 1)
    if not registry or not kind:
        return []
    found = format_id(registry[0], Entity(kind[0]), parts[3])
    escaped = f"cgw:{registry[0]}:{kind[0]}:{parts[3]}"
    return [one for one in (escaped, found) if parse_id(one) is not None and one != text][:1]


def registry_key(federation: Federation, text: str, argument: str) -> str:
    """The key of a registry that is served.

    Raises:
        BadInput: naming the nearest key.
    """
    return federation.chosen((text,), argument)[0]
