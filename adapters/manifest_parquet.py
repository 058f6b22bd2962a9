"""Parquet files as rows of exact values; needs pyarrow.

Its footer is read where the rest is, in a process that may die of it; what it says of rows and
sizes is looked at before anything is read, and the rows come in small batches.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

import msgspec

from adapters.apart import Limits
from adapters.contract import InvalidPayload
from adapters.odd_cell import OddCell, shortest
from gateway.errors import PayloadTooLarge

_BATCH = 4096
# What columns may unpack to, in limits of a body.
_UNPACKED = 8


def read_parquet(
    body: bytes, wanted: Sequence[Sequence[str]], limits: Limits
) -> tuple[tuple[str, ...], Iterator[dict[str, Any]]]:
    """The names of all columns, and the rows with those that are wanted; all, where none is.

    Raises:
        InvalidPayload: this is no whole Parquet, or a column is missing.
        PayloadTooLarge: it says that it has more cells or bytes than it may.
    """
    arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    try:
        file = parquet.ParquetFile(arrow.BufferReader(body))
        names = tuple(file.schema_arrow.names)
    except Exception as error:
        # Arrow's errors are many, and all say that these bytes are not what they should be.
        raise _broken(error) from error
    for these in wanted:
        if not set(names).intersection(these):
            raise InvalidPayload(f"there is no column {' or '.join(map(repr, these))}")
    asked = {name for these in wanted for name in these}
    read = [name for name in names if name in asked or not wanted]
    for name in read:
        if names.count(name) > 1:
            raise InvalidPayload(f"two columns are called {name!r}, and a field reads it")
    _check(file.metadata, frozenset(read), limits)
    return names, _rows(file, read)


def _check(metadata: Any, read: frozenset[str], limits: Limits) -> None:
    if metadata.num_rows * max(1, len(read)) > limits.cells:
        raise PayloadTooLarge(f"the file says that it has {metadata.num_rows} rows; {_REMEDY}")
    size = 0
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        for place in range(group.num_columns):
            column = group.column(place)
            if column.path_in_schema.partition(".")[0] in read:
                size += max(0, column.total_uncompressed_size)
    if size > _UNPACKED * limits.unpacked:
        raise PayloadTooLarge(f"the columns that are read unpack to {size} bytes; {_REMEDY}")


_REMEDY = "that is more than the limits of decoding allow"


def _rows(file: Any, read: list[str]) -> Iterator[dict[str, Any]]:
    try:
        for batch in file.iter_batches(batch_size=_BATCH, columns=read, use_threads=False):
            columns = [[plain(value) for value in column.to_pylist()] for column in batch.columns]
            order = batch.schema.names
            for values in zip(*columns, strict=True):
                yield dict(zip(order, values, strict=True))
    except MemoryError:
        raise
    except Exception as error:
        raise _broken(error) from error


def _broken(error: Exception) -> InvalidPayload:
    return InvalidPayload(f"the file is no whole Parquet ({type(error).__name__})")


def plain(value: Any) -> Any:
    """A value that JSON could have held, exact; what has no such form is odd."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, Decimal):
        return value if value.is_finite() else OddCell(str(value))
    if isinstance(value, float):
        return shortest(value)
    if isinstance(value, datetime) and value.time() == time(0) and value.tzinfo is None:
        return value.date().isoformat()
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, list):
        items = [plain(item) for item in value]
        odd = [str(item) for item in items if isinstance(item, OddCell)]
        return OddCell("; ".join(odd)) if odd else items
    if isinstance(value, bytes):
        return OddCell(value.decode("utf-8", "backslashreplace"))
    return OddCell(_shown(value))


def _shown(value: Any) -> str:
    try:
        return msgspec.json.encode(value).decode()
    except (TypeError, ValueError):
        return type(value).__name__
