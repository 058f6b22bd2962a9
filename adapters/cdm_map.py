"""The CDM's map of registered activities: XML, read without document types and entities."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from xml.parsers import expat

from adapters.apart import slow
from adapters.contract import InvalidPayload, Reply, Unread

_NUMBER = r"-?\d{1,15}(?:\.\d{1,20})?"
_PLACE = re.compile(rf"\s*({_NUMBER})\s*,\s*({_NUMBER})\s*", re.ASCII)
_REFERENCE = re.compile(r"/Projects/redirector\?ref=0*(\d{1,9})", re.ASCII)
_SITE = re.compile(r"Location (?P<site>.*) of 0*(?P<ref>\d{1,9}): .*", re.ASCII | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Point:
    """A place of an activity as it is written, and what it is called where that is said."""

    latitude: str
    longitude: str
    site: str | None = None

    def degrees(self) -> tuple[Decimal, Decimal] | None:
        """The place in degrees; None for the few that were entered in another form, or the
        wrong way round."""
        latitude, longitude = Decimal(self.latitude), Decimal(self.longitude)
        return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


@slow
def read_points(reply: Reply) -> Mapping[int, tuple[Point, ...]]:
    """The points of each activity by its reference number, in the map's order; those that are none
    are noted in the reply.

    Raises:
        InvalidPayload: the body is no such map, or brings a document type.
    """
    reader = _Reader(reply.unread)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(reply.body, True)
    except expat.ExpatError as error:
        raise InvalidPayload(f"the map is no whole XML: {error}") from error
    if not reader.found:
        raise InvalidPayload("the map has no points")
    return {ref: tuple(points) for ref, points in reader.found.items()}


def _refuse(*declared: object) -> None:
    raise InvalidPayload("the map brings a document type, which it never did")


class _Reader:
    """Gathers the children of each `<state id="point">`."""

    def __init__(self, unread: Unread) -> None:
        self._unread = unread
        self._number = 0
        self.found: dict[int, list[Point]] = {}
        self._parts: dict[str, str] | None = None
        self._name = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "state":
            self._parts = {} if attributes.get("id") == "point" else None
        self._name = name

    def text(self, text: str) -> None:
        if self._parts is not None:
            self._parts[self._name] = self._parts.get(self._name, "") + text

    def end(self, name: str) -> None:
        self._name = ""
        if name == "state" and self._parts is not None:
            self._point(self._parts)
            self._parts = None

    def _point(self, parts: Mapping[str, str]) -> None:
        self._number += 1
        where = _PLACE.fullmatch(parts.get("loc", ""))
        of = _REFERENCE.fullmatch(parts.get("url", "").strip())
        if where is None or of is None:
            self._unread.add(f"point {self._number}", "it has no place, or no activity")
            return
        named = _SITE.fullmatch(parts.get("name", ""))
        site = named["site"].strip() if named else ""
        point = Point(where[1], where[2], site or None)
        points = self.found.setdefault(int(of[1]), [])
        if point not in points:
            points.append(point)
