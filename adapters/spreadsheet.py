"""Spreadsheets (.xlsx) as rows of plain values; needs the extra `files`.

Dates stay what the cell holds: a day number, or a text where the cell is formatted as a date.
Numbers are whole or decimal, never floating.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from importlib.util import find_spec
from typing import Any

from adapters.contract import InvalidPayload

READER = "python_calamine"
EXTRA = "reading spreadsheets needs python-calamine: install carbon-gateway[files]"
# Unpacked bytes of a whole workbook: ten times what the largest one of a registry has.
MOST_BYTES = 512 * 1024 * 1024
_CHUNK = 1024 * 1024


def readable() -> bool:
    """Whether spreadsheets can be read in this installation."""
    return find_spec(READER) is not None


def sheet(body: bytes, name: str, most: int = MOST_BYTES) -> Sequence[Sequence[Any]]:
    """The rows of the sheet of that name, each as long as the widest; empty cells are `""`.

    Cells hold the reader's own values: give those that are used to `plain`.

    Raises:
        InvalidPayload: this is no workbook, a part of it is damaged, it unpacks to more than
            `most` bytes, or it has no such sheet.
    """
    _check(body, most)
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(body)) as workbook:
            if name not in workbook.sheet_names:
                raise InvalidPayload(f"the workbook has no sheet {name!r}")
            return workbook.get_sheet_by_name(name).to_python()
    except CalamineError as error:
        raise InvalidPayload(f"the workbook cannot be read: {error}") from error
    except BaseException as error:
        # A panic of the reader's is no Exception, but the workbook's fault all the same.
        if type(error).__name__ != "PanicException":
            raise
        raise InvalidPayload("the workbook cannot be read") from error


def plain(value: Any) -> Any:
    """A cell's value as text, int, Decimal or bool; None for an empty one."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else Decimal(repr(value))
    if isinstance(value, datetime):
        return value.isoformat(" ") if value.time() != datetime.min.time() else str(value.date())
    if isinstance(value, date):
        return value.isoformat()
    text = str(value).strip()
    return text or None


def _check(body: bytes, most: int) -> None:
    """Read all of the archive once: its checksums hold, and it is no bomb."""
    left = most
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for part in archive.infolist():
                with archive.open(part) as content:
                    while chunk := content.read(_CHUNK):
                        left -= len(chunk)
                        if left < 0:
                            raise InvalidPayload(f"the workbook unpacks to more than {most} bytes")
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
        ValueError,
    ) as error:
        raise InvalidPayload(f"this is no whole workbook: {error}") from error
