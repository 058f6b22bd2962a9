"""Paging as a manifest declares it, in the words of dlt's REST source, and distrusted.

A paginator knows what to ask for a place, and which place comes after an answer. Places are short
texts; they travel in cursors, so that links are kept as their query alone. Nothing ends a walk but
the registry's own word that there is no more: limits such as dlt's `maximum_page`, which would
leave rows out without a word, do not exist here.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

from pydantic import BaseModel, ConfigDict, Field

from adapters.contract import InvalidPayload
from adapters.manifest_select import Expression, selector
from gateway.errors import BadCursor

_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[\w!#$&+.^`|~*-]+\s*=\s*(?:\"[^\"]*\"|[^\s;,]+))*)")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,]+))", re.IGNORECASE)
_MOST = 10**12


@dataclass(frozen=True, slots=True)
class Turn:
    """What one page asks beside the question: pairs for the query, values for the JSON body by
    dotted path. `instead` replaces the whole query, as the query of a link does."""

    query: tuple[tuple[str, str], ...] = ()
    body: tuple[tuple[str, Any], ...] = ()
    instead: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """What an answer says of its own place: `rows` on it, `found` by the paginator in the body.
    `secret` is a parameter that links may repeat and places may not hold."""

    rows: int
    found: Any
    headers: Mapping[str, str]
    path: str
    total: int | None
    seen: int
    secret: str = ""


class Paginator(BaseModel, ABC):
    """What all paginators share."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def first(self) -> str:
        """The place before the first page."""
        return ""

    def size(self) -> int | None:
        """How many rows a page has, where the manifest says so."""
        return None

    def most_empty(self) -> int:
        """How many pages without a row may follow each other before the end."""
        return 0

    @abstractmethod
    def turn(self, place: str) -> Turn:
        """What to ask for at a place.

        Raises:
            BadCursor: the place is none of this paginator's.
        """

    def look(self, body: Any) -> Any:
        """What the paginator needs of a body."""
        return None

    @abstractmethod
    def after(self, place: str, ended: Ended) -> str | None:
        """The place after an answer; None at the end."""


class SinglePage(Paginator):
    """The whole list is one answer."""

    type: Literal["single_page"]

    def turn(self, place: str) -> Turn:
        """The parameters of the only page: none.

        Raises:
            BadCursor: `place` is not empty.
        """
        if place:
            raise BadCursor("the cursor does not belong to this registry's paging")
        return Turn()

    def after(self, place: str, ended: Ended) -> str | None:
        return None


class Paged(Paginator):
    """Pages that lead to each other. Some interfaces leave rows out after they have cut their
    pages, so that a page may be empty and not the last: `empty_pages` in a row are put up with."""

    empty_pages: Annotated[int, Field(ge=0, le=50)] = 2

    def most_empty(self) -> int:
        return self.empty_pages


class Counted(Paged):
    """Pages that are asked for by a number."""

    limit: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    limit_param: str | None = None
    limit_body_path: str | None = None
    total_path: Expression | None = None
    has_more_path: Expression | None = None

    def size(self) -> int | None:
        return self.limit

    def look(self, body: Any) -> Any:
        total = None if self.total_path is None else count(selector(self.total_path)(body))
        more = None if self.has_more_path is None else _flag(selector(self.has_more_path)(body))
        return total, more

    def _turn(self, name: str, body_path: str | None, number: int) -> Turn:
        query: list[tuple[str, str]] = []
        body: list[tuple[str, Any]] = []
        for param, path, value in (
            (name, body_path, number),
            (self.limit_param, self.limit_body_path, self.limit),
        ):
            if path is not None and value is not None:
                body.append((path, value))
            elif param and value is not None:
                query.append((param, str(value)))
        return Turn(tuple(query), tuple(body))


class PageNumber(Counted):
    """Pages by their number. `total_path` is the number of pages, as in dlt."""

    type: Literal["page_number"]
    base_page: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    page_param: str = "page"
    page_body_path: str | None = None

    def first(self) -> str:
        return str(self.base_page)

    def turn(self, place: str) -> Turn:
        return self._turn(self.page_param, self.page_body_path, _number(place))

    def after(self, place: str, ended: Ended) -> str | None:
        pages, more = ended.found
        here = _number(place)
        following = str(here + 1)
        if ended.total is not None:
            return following if ended.seen < ended.total else None
        if pages is not None:
            return following if here + 1 - self.base_page < pages else None
        if more is not None:
            return following if more else None
        return following if ended.rows else None


class Offset(Counted):
    """Pages by the number of rows before them. `total_path` is the number of rows, as in dlt."""

    type: Literal["offset"]
    limit: Annotated[int, Field(ge=1, le=1_000_000)]
    limit_param: str | None = "limit"
    offset: Annotated[int, Field(ge=0, le=1_000_000_000)] = 0
    offset_param: str = "offset"
    offset_body_path: str | None = None

    def first(self) -> str:
        return str(self.offset)

    def turn(self, place: str) -> Turn:
        return self._turn(self.offset_param, self.offset_body_path, _number(place))

    def after(self, place: str, ended: Ended) -> str | None:
        total, more = ended.found
        total = ended.total if total is None else total
        # By the rows that came, not by those that were asked for: a clamped page skips none.
        reached = _number(place) + ended.rows
        if total is not None:
            return str(reached) if reached - self.offset < total else None
        if more is not None:
            return str(reached) if more else None
        return str(reached) if ended.rows else None


class Linked(Paged):
    """Pages by a link to the next one, which must lead to the same path."""

    def turn(self, place: str) -> Turn:
        """The query of the link that led here; none for the first page.

        Raises:
            BadCursor: `place` is no query.
        """
        if not place:
            return Turn()
        if not place.isascii() or not place.isprintable():
            raise BadCursor("the cursor does not belong to this registry's paging")
        return Turn(query=tuple(parse_qsl(place, keep_blank_values=True)), instead=True)

    def follow(self, link: str | None, ended: Ended, place: str) -> str | None:
        """The place that a link leads to.

        Raises:
            InvalidPayload: the link leads to another path, or to no other page.
        """
        if not link:
            return None
        parts = urlsplit(link)
        if parts.path and not parts.path.endswith(ended.path.rstrip("/")):
            raise InvalidPayload("the link to the next page leads to another path")
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        query = urlencode([(name, text) for name, text in pairs if name != ended.secret])
        if not query or query == place:
            raise InvalidPayload("the link to the next page leads to no other page")
        return query


class HeaderLink(Linked):
    """The link stands in the Link header (RFC 8288)."""

    type: Literal["header_link"]
    links_next_key: str = "next"

    def after(self, place: str, ended: Ended) -> str | None:
        for target, rest in _LINK.findall(ended.headers.get("link") or ""):
            relations = " ".join("".join(found) for found in _REL.findall(rest)).split()
            if self.links_next_key in relations:
                return self.follow(target, ended, place)
        return None


class JsonLink(Linked):
    """The link stands in the body."""

    type: Literal["json_link"]
    next_url_path: Expression = "next"

    def look(self, body: Any) -> Any:
        return _text(selector(self.next_url_path)(body))

    def after(self, place: str, ended: Ended) -> str | None:
        return self.follow(ended.found, ended, place)


class Cursor(Paged):
    """The body names the place after itself."""

    type: Literal["cursor"]
    cursor_path: Expression = "cursors.next"
    cursor_param: str = "cursor"
    cursor_body_path: str | None = None
    has_more_path: Expression | None = None
    limit: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    limit_param: str | None = None
    limit_body_path: str | None = None

    def size(self) -> int | None:
        return self.limit

    def turn(self, place: str) -> Turn:
        query: list[tuple[str, str]] = []
        body: list[tuple[str, Any]] = []
        if place and self.cursor_body_path is not None:
            body.append((self.cursor_body_path, place))
        elif place:
            query.append((self.cursor_param, place))
        if self.limit is not None and self.limit_body_path is not None:
            body.append((self.limit_body_path, self.limit))
        elif self.limit is not None and self.limit_param is not None:
            query.append((self.limit_param, str(self.limit)))
        return Turn(tuple(query), tuple(body))

    def look(self, body: Any) -> Any:
        more = None if self.has_more_path is None else _flag(selector(self.has_more_path)(body))
        return _text(selector(self.cursor_path)(body)), more

    def after(self, place: str, ended: Ended) -> str | None:
        """The cursor in the body of the page before; None at the end.

        Raises:
            InvalidPayload: more rows are promised without a cursor, or with the present one.
        """
        following, more = ended.found
        if more is False:
            return None
        if more and not following:
            raise InvalidPayload("more rows are promised, but no cursor leads to them")
        if following and following == place:
            raise InvalidPayload("the cursor to the next page leads to the same page")
        return following or None


AnyPaginator = Annotated[
    SinglePage | PageNumber | Offset | HeaderLink | JsonLink | Cursor,
    Field(discriminator="type"),
]


def _number(place: str) -> int:
    if not (place.isascii() and place.isdigit() and len(place) <= 12):
        raise BadCursor("the cursor does not belong to this registry's paging")
    return int(place)


def count(value: Any) -> int:
    """A total that a body states: rows, from 0 up.

    Raises:
        InvalidPayload: it is missing or no such number, so that the end is unknown.
    """
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:13])
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST:
        raise InvalidPayload("the answer does not say how much there is")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise InvalidPayload("the answer does not say whether there is more")
    return value


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise InvalidPayload("the answer does not say in text where the next page is")
    return str(value)
