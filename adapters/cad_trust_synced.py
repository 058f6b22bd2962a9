"""What a CAD Trust node says of itself: whether it has all that its organisations have told.

`x-data-synced: false` stands on answers of every kind as soon as one organisation is behind, even
with `x-sync-remaining: 0`: nothing to go is not the same as done. Where the operator restricts the
node to one organisation, that one's own entry decides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from adapters.contract import Answer, InvalidPayload, Reply, Request, Source
from gateway.errors import RegistryError, RegistryHttpError, RegistryUnavailable
from gateway.model.values import sentence

T = TypeVar("T")


_organisations = msgspec.json.Decoder(dict[str, Any])


def read_organisations(reply: Reply) -> dict[str, bool]:
    """The body of `/organizations`: whether all data of each organisation is there, by its id. An
    entry that says nothing that can be read does not say so.

    Raises:
        InvalidPayload: it is none.
    """
    try:
        found = _organisations.decode(reply.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidPayload(f"not a list of organisations: {error}") from error
    return {name: _is_synced(one) for name, one in found.items()}


def _is_synced(entry: Any) -> bool:
    said = entry.get("synced") if isinstance(entry, dict) else None
    return said is True or (type(said) is int and said == 1)


class Synced:
    """The node as a source that hears, with every answer, whether the node is whole."""

    def __init__(self, source: Source, path: str = "v1/organizations") -> None:
        self._source = source
        self._path = path
        self._left: str | None = None
        self._ours: bool | None = None
        self._doubt: str | None = None

    @property
    def registry(self) -> str:
        return self._source.registry

    @property
    def options(self) -> Any:
        return self._source.options

    async def read(self, request: Request, decode: Callable[[Reply], T]) -> Answer[T]:
        answer = await self._source.read(request, decode)
        if answer.headers.get("x-data-synced", "true").strip().lower() != "true":
            self._left = answer.headers.get("x-sync-remaining", "")
        return answer

    def doubt(self, reason: str) -> None:
        """What was read shows by itself that rows may be missing from it."""
        self._doubt = self._doubt or reason

    async def whole(self, organisation: str | None) -> str | None:
        """Why rows may be missing from what was read so far; None where none are."""
        if self._doubt is not None:
            return self._doubt
        if self._left is None:
            return None
        if organisation is not None:
            return await self._of(organisation)
        left = self._left.strip()
        more = f" ({left} changes to go)" if left.isascii() and left.isdigit() else ""
        return f"The node has not yet synced all of its organisations' data{more}."

    async def _of(self, organisation: str) -> str | None:
        if self._ours is None:
            try:
                found = (await self._source.read(Request(self._path), read_organisations)).value
            except RegistryError:
                return "The node has not yet synced all data, and does not tell whose is missing."
            self._ours = found.get(organisation, False)
        return None if self._ours else "The node has not yet synced this organisation's data."


class _Said(msgspec.Struct, frozen=True):
    message: Any = None
    error: Any = None
    errors: Any = None


_said = msgspec.json.Decoder(_Said)


def trouble(reply: Reply) -> RegistryError | None:
    """What a node means by an error status: that it is away from its own network, or that the
    question is wrong. None where the body is not one of the node's."""
    try:
        said = _said.decode(reply.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if said.message == "Chia Exception":
        return RegistryUnavailable(
            "the node is cut off from the data it serves", told=sentence(said.error)
        )
    details = said.errors if isinstance(said.errors, list) else [said.error]
    told = sentence("; ".join(str(one) for one in (said.message, *details[:3]) if one))
    if not told:
        return None
    return RegistryHttpError(
        f"the registry answered with status {reply.status}", status=reply.status, told=told
    )
