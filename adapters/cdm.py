"""CDM: the project activities and programmes of the Clean Development Mechanism.

Source: https://cdm.unfccc.int, which has no interface for programs. What can be read whole is a
workbook of all activities, published anew every month, and the XML behind its map. Quirks:

- The workbook (sheet `CDM activities`, some 13,000 rows of 65 columns) is asked for
  conditionally: an unchanged one is not sent again.
- Days are Excel's day numbers or texts, in one column. The first row below the headings may hold
  their footnotes (`AuxID`); notes stand below the table.
- Only what was registered or asked for registration has a reference number. Others go by their
  unique identifier, as in the addresses of their pages.
- Sectoral scopes and host countries are lists (`1; 4`); `NA` is Namibia.
- A point of the map belongs to an activity by the number in its link; which host country of
  several it is in is not said. Titles on the map are cut off, and are not read. Some points are
  no degrees (`302809.0,1065431.0`), or have them the wrong way round: these are told as raw text.

The workbook has no rows of issuances or units whose layout is known: neither is told.

The workbook was not verified against a live host; the map was captured. Not decoded: finances,
capacities, dates of requests and renewals, totals of issued CERs, regions, numbers of component
activities. Personal data: none known.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import msgspec

from adapters.cdm_map import read_points
from adapters.cdm_rows import read_activities
from adapters.cdm_views import NAME, REFERENCE, CdmProject
from adapters.contract import Code, Collection, Page, Politeness, RegistryInfo, Request, Source
from gateway.errors import BadCursor
from gateway.model.entity import Entity
from gateway.model.question import Question
from gateway.model.record import Origin, Record

WORKBOOK = "/Statistics/Public/files/Database%20for%20PAs%20and%20PoAs.xlsx"
MAP = "/Projects/MapApp/projectsLocationAll.xml"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

INFO = RegistryInfo(
    key="cdm",
    name=NAME,
    operator="UNFCCC secretariat",
    url="https://cdm.unfccc.int",
    base_url="https://cdm.unfccc.int",
    terms="Public; the UNFCCC's terms of use apply: https://unfccc.int/this-site/terms-of-use",
    attribution="UNFCCC, Clean Development Mechanism",
    known_as=("CDM Registry", "CDM", "Clean Development Mechanism", "UNFCCC CDM"),
    schemes=(REFERENCE,),
    codes={
        REFERENCE: Code(Entity.PROJECT, "90002"),
    },
    notes="The workbook of activities was not verified against a live host; the map of their "
    "places was captured. Issuances and units are not told.",
)

_NUMBER = re.compile(r"\s*+(?:CDM)?[\s_-]*+0*+([1-9]\d{0,7})\s*+", re.IGNORECASE | re.ASCII)
_IDENTIFIER = re.compile(r"[A-Z0-9]{20,40}", re.ASCII)
# The whole workbook in one call: any number of keys costs the same.
_MANY = 100_000


class Cdm:
    """The CDM's registered, refused and proposed activities."""

    # The workbook changes once a month.
    politeness = Politeness(
        rate=1, period=10, concurrency=1, fresh_for=3_600, timeout=120, max_bytes=64 * 1024 * 1024
    )
    collections: Mapping[Entity, Collection] = {
        Entity.PROJECT: Collection(
            keys_per_call=_MANY, totals=True, page_size=13_000, full_scan_calls=1
        )
    }
    views: Mapping[Entity, tuple[type[Record[Any]], ...]] = {Entity.PROJECT: (CdmProject,)}

    def __init__(self, info: RegistryInfo = INFO) -> None:
        self.info = info

    async def pages(
        self, source: Source, question: Question, token: str | None = None
    ) -> AsyncIterator[Page]:
        """One page: all activities, in the workbook's order.

        Raises:
            BadCursor: there is a token; one page has everything.
        """
        if token:
            raise BadCursor("the cursor does not belong to this registry's paging")
        records = await self._activities(source)
        yield Page(records, total=len(records))

    async def by_keys(self, source: Source, entity: Entity, keys: Sequence[str]) -> Page:
        """Activities by reference number or identifier, with their places on the map."""
        wanted = frozenset(keys)
        if not wanted:
            return Page(())
        found = [record for record in await self._activities(source) if record.key in wanted]
        if not any(record.row.reference is not None for record in found):
            return Page(found)
        points = (await source.read(Request(MAP, accept="application/xml"), read_points)).value
        return Page(
            [
                CdmProject(
                    msgspec.structs.replace(
                        record.row, points=points.get(record.row.reference or 0, ())
                    ),
                    record.origin,
                    record.place,
                )
                for record in found
            ]
        )

    def project_key(self, text: str) -> str | None:
        """`1365`, also for `CDM 1365` and `CDM1365`, and identifiers of 20 letters and more."""
        found = _NUMBER.fullmatch(text)
        if found:
            return found[1]
        return text.strip() if _IDENTIFIER.fullmatch(text.strip()) else None

    def lookup_key(self, scheme: str, value: str) -> tuple[Entity, str] | None:
        """Reference numbers."""
        found = _NUMBER.fullmatch(value) if scheme == REFERENCE else None
        return (Entity.PROJECT, found[1]) if found else None

    def belongs(self, unit: Record[Any], issuance: Record[Any]) -> bool:
        """Never: neither is told here."""
        return False

    async def _activities(self, source: Source) -> list[CdmProject]:
        answer = await source.read(Request(WORKBOOK, accept=XLSX), read_activities)
        origin = Origin(source.registry, answer.source)
        return [CdmProject(row, origin, place) for place, row in answer.value]


adapter = Cdm()
