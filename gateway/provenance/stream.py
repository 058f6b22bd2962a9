"""Chained statements: each event of a stream is signed, and says which one came before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gateway.errors import ProvenanceError
from gateway.provenance.canonical import digest
from gateway.provenance.notary import Notary
from gateway.provenance.statement import Chain, Matter


class StreamNotary:
    """Signs the events of one stream in their order; `id` names the stream for good.

    Every stream ends with an event that is `final`, a failed one too, since only that tells an
    end from a loss.
    """

    def __init__(self, notary: Notary, id: str) -> None:
        self._notary = notary
        self._next: Chain | None = Chain(id, 0, None)

    async def attest(self, matter: Matter, *, final: bool = False) -> dict[str, Any]:
        """The `extensions.provenance` of the next event; await each before the next.

        Raises:
            ProvenanceError: the stream has ended.
        """
        if self._next is None:
            raise ProvenanceError("the stream has ended with its final event")
        place = replace(self._next, final=final)
        value = await self._notary.attest(replace(matter, stream=place))
        before = digest(value["statement"])
        self._next = None if final else Chain(place.id, place.seq + 1, before)
        return value
