"""Manual upload: a registry that hands out files, read whole and anew whenever they change.

Rows are given in the order of their keys, and a place in the list is the last key given: a file
that changes between two pages moves no row out of sight.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from adapters.apart import Apart
from adapters.below import LINKS
from adapters.contract import Collection, Page, Reply, Request, Source
from adapters.manifest_apart import apart
from adapters.manifest_problem import Problem
from adapters.manifest_records import Records, Rows
from adapters.manifest_resource import FileEndpoint
from adapters.manifest_sheet import Sheet, SheetRows, read_sheet, received_rows
from adapters.manifest_tables import FORMATS, is_packed
from gateway.model.entity import Entity
from gateway.model.question import Parent, Question
from gateway.model.record import Origin
from gateway.model.values import raw_text

# Whole files in one read: any number of keys or parents costs the same.
_MANY = 100_000
_ENDINGS = {".csv": "csv", ".xlsx": "xlsx", ".jsonl": "jsonl", ".ndjson": "jsonl",
            ".json": "jsonl", ".parquet": "parquet"}  # fmt: skip


class FileReader:
    """The records of one file."""

    def __init__(self, records: Records, endpoint: FileEndpoint) -> None:
        self.records = records
        self.endpoint = endpoint
        self.format = format_of(endpoint, records.place)
        self._request = Request(
            quote(f"/{endpoint.path.lstrip('/')}", safe="/"),
            query=tuple((name, raw_text(value) or "") for name, value in endpoint.params.items()),
            public=frozenset(endpoint.params),
            accept=FORMATS[self.format],
        )
        self.packed = is_packed(self.format, endpoint)
        # The manifest's own text, by which another process makes a reader like this one.
        self.manifest = ""
        # The files of the records that these rows may name as their parents.
        self.above: Mapping[Entity, FileReader] = {}
        fields = records.resource.fields
        self.collection = Collection(
            parents=frozenset(entity for entity, link in LINKS.items() if link in fields),
            parents_per_call=_MANY,
            keys_per_call=_MANY,
            totals=True,
            page_size=endpoint.page_size,
            full_scan_calls=1,
            expected=records.expected,
        )

    @property
    def file(self) -> str:
        """The file's name, below the folder."""
        return self.endpoint.path.lstrip("/")

    def decode(self, reply: Reply) -> Sheet:
        """The whole file.

        Raises:
            InvalidPayload: it is cut short, of another make, or not what the manifest says.
            PayloadTooLarge: it has more in it than it may.
        """
        return self.finished(read_sheet(reply, self.format, self.endpoint, self.records))

    def finished(self, rows: SheetRows) -> Sheet:
        """The rows with what they are found by."""
        return Sheet(rows, self.records)

    @property
    def apart(self) -> Apart | None:
        """How another process decodes these files: by the manifest's own text."""
        if not self.manifest:
            return None
        return apart(
            self.manifest,
            self.records,
            "decode",
            send=lambda sheet: sheet.rows.sent(),
            receive=lambda told: self.finished(received_rows(told)),
        )

    async def pages(
        self, source: Source, question: Question, token: str | None
    ) -> AsyncIterator[Page]:
        """The file's rows, or the children of the asked parents, from the key `token` on."""
        sheet, origin = await self._read(source)
        parent = question.parent
        loose: tuple[str, ...] = ()
        rows: Sequence[int] = range(len(sheet.keys))
        if parent is not None:
            rows = sheet.below(parent)
            loose = await self._nowhere(source, sheet, parent)
        whole = self.records.short(len(sheet.keys))
        warnings = (*self.records.told(Rows(unknown=sheet.unknown), len(sheet.keys)), *loose)
        at = bisect_right(rows, token, key=sheet.keys.__getitem__) if token else 0
        before = token or ""
        while True:
            part = list(rows[at : at + self.endpoint.page_size])
            at += len(part)
            while part and at < len(rows) and sheet.keys[rows[at]] == sheet.keys[part[-1]]:
                # The next page begins after a key, so rows that share one are on one page.
                part.append(rows[at])
                at += 1
            last = sheet.keys[part[-1]] if part else before
            following = last if at < len(rows) else None
            yield Page(
                self.records.records(map(sheet.placed, part), origin),
                token=before,
                next=following,
                total=len(rows),
                warnings=warnings,
                whole=whole,
                unknown=sheet.rows.unknown,
            )
            if following is None:
                return
            before = following

    async def _nowhere(self, source: Source, sheet: Sheet, parent: Parent) -> tuple[str, ...]:
        """A warning where rows name other parents, which the parents' file does not have."""
        reader = self.above.get(parent.entity)
        if reader is None or not sheet.names_others(parent):
            return ()
        known = (await reader._read(source))[0].links
        lost = await sheet.lost(parent.entity, known)
        asked = [told for told in sheet.names(parent) if told in lost]
        if asked:
            lost = {told: count for told, count in lost.items() if told not in asked}
        return self.records.nowhere(parent.entity, lost)

    async def short(self, source: Source) -> str | None:
        """Why the file is not whole, where it has fewer rows than it has to have."""
        if not self.records.resource.expect.min:
            return None
        return self.records.short(len((await self._read(source))[0].keys))

    async def by_keys(self, source: Source, keys: Sequence[str]) -> Page:
        """The records of these keys."""
        if not keys:
            return Page(())
        sheet, origin = await self._read(source)
        found: list[tuple[Any, int]] = []
        for key in dict.fromkeys(keys):
            at = bisect_left(sheet.keys, key)
            if at < len(sheet.keys) and sheet.keys[at] == key:
                found += map(sheet.placed, range(at, bisect_right(sheet.keys, key, at)))
            elif near := sheet.links.find(key):
                # No record of that key, but one that a link with blanks about it means.
                found.append(sheet.placed(bisect_left(sheet.keys, near)))
        return Page(self.records.records(found, origin), whole=await self.short(source))

    async def _read(self, source: Source) -> tuple[Sheet, Origin]:
        answer = await source.read(self._request, self.decode)
        return answer.value, Origin(source.registry, answer.source)


def format_of(endpoint: FileEndpoint, place: tuple[str, ...]) -> str:
    """The file's format: what the manifest says, else what the name ends with.

    Raises:
        Problem: neither says it.
    """
    if endpoint.format is not None:
        return endpoint.format
    ending = PurePosixPath(endpoint.path.lower().removesuffix(".gz")).suffix
    if ending not in _ENDINGS:
        told = f"the format of {endpoint.path} is not known: say format = one of csv, xlsx, jsonl"
        raise Problem((*place, "endpoint", "path"), f"{told}, parquet")
    return _ENDINGS[ending]


def is_table(endpoint: FileEndpoint, place: tuple[str, ...]) -> bool:
    """Whether fields are named by columns, not selected by JMESPath."""
    return format_of(endpoint, place) != "jsonl"
