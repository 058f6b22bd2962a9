"""A statement, the canonical bytes of its rows, and what a database must do to give them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

import msgspec

from gateway.errors import InvalidPayload, PayloadTooLarge
from gateway.upstream.failure import Failure

# So much is kept of a value that is none of ours.
_SHOWN = 200


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One SELECT; values stand in `parameters` and nowhere in the text."""

    sql: str
    parameters: tuple[str | int | bool, ...] = ()


class Rows:
    """The canonical bytes, row by row, up to a limit."""

    _encode = msgspec.json.Encoder(decimal_format="number", order="sorted").encode

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._parts: list[bytes] = []

    def add(self, row: Mapping[str, Any]) -> None:
        """One more row.

        Raises:
            Failure: the answer is too large.
        """
        part = self._encode({name: plain(value) for name, value in row.items()})
        self._left -= len(part) + 1
        if self._left < 1:
            raise Failure(PayloadTooLarge("the rows are over the registry's limit"))
        self._parts.append(part)

    def body(self) -> bytes:
        """The whole array."""
        return b"[" + b",".join(self._parts) + b"]"


class Database(Protocol):
    """What stands behind the wire."""

    async def read(self, statement: Statement, rows: Rows) -> None:
        """Adds every row of the statement, in one read-only transaction.

        Raises:
            Failure: as the errors of HTTP registries are.
        """
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...


def one_each(names: Iterable[str]) -> list[str]:
    """The names of a statement's columns.

    Raises:
        Failure: one is there twice, so that a row of ours would hold one of two values.
    """
    found = list(names)
    for place, name in enumerate(found):
        if name in found[:place]:
            raise Failure(InvalidPayload(f"the statement gives two columns called {name}"))
    return found


def plain(value: Any) -> Any:
    """The value as JSON can hold it exactly.

    What JSON has no form for is one odd value of one row: a number that is none becomes its text,
    anything else an object of its kind and its text, which no field of ours is.
    """
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, (float, Decimal)):
        if math.isfinite(value):
            return value
        return str(value).replace("nan", "NaN").replace("inf", "Infinity")
    if isinstance(value, datetime):
        moment = value if value.tzinfo is None else value.astimezone(UTC)
        return moment.isoformat().replace("+00:00", "Z")
    if isinstance(value, (date, time, UUID)):
        return str(value)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"bytes": bytes(value[:_SHOWN]).hex() + ("…" if len(value) > _SHOWN else "")}
    return {type(value).__name__: str(value)[:_SHOWN]}
