"""Documents that were refused: the same one is refused again without being read again."""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Hashable

import msgspec
from graphql import GraphQLError

from gateway.errors import GatewayError, ValidationFailed

# About what an entry takes beside its texts.
_ENTRY = 1_000


class Refused:
    """Refusals by document, the last ones of `most` bytes."""

    def __init__(self, most: int = 2 * 1024 * 1024) -> None:
        self.most = most
        self.size = 0
        self._known: OrderedDict[Hashable, tuple[GatewayError, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def raise_known(self, key: Hashable) -> None:
        """Raise what was raised for this document, if anything was.

        Raises:
            GatewayError: a new one each time, since each raising adds to an error.
        """
        found = self._known.get(key)
        if found is not None:
            self._known.move_to_end(key)
            raise copy.copy(found[0])

    def learn(self, key: Hashable, error: GatewayError) -> None:
        """Remember the refusal, without the document that it is about."""
        kept = copy.copy(error)
        cause = error.__cause__
        if isinstance(cause, GraphQLError) and cause.locations:
            places = [{"line": place.line, "column": place.column} for place in cause.locations]
            kept.details = {**error.details, "locations": places}
        told = kept.errors if isinstance(kept, ValidationFailed) else ()
        # What it says is text with a few numbers; decoded, that takes a few times as much.
        size = _ENTRY + 4 * len(msgspec.json.encode([kept.message, kept.details, told]))
        before = self._known.pop(key, None)
        self._known[key] = (kept, size)
        self.size += size - (0 if before is None else before[1])
        while self.size > self.most:
            _, (_, freed) = self._known.popitem(last=False)
            self.size -= freed
