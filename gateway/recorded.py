"""Which exchange of the evidence answered a request: by its whole address, never by its end.

A statement prints each address without secrets: without user and password, and with `REDACTED`
for parameters that may not be shown. The operator's own address of a registry may be another one
than that of whoever replays. So an address is taken apart: where the registry stands, the path
below that, and the query pair by pair. Where the registry stood then is one place for all of its
exchanges.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from adapters.contract import Request
from gateway.provenance.evidence import Exchange
from gateway.upstream.call import REDACTED, Call
from gateway.upstream.upstream import Upstream

Path = tuple[str, ...]
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Base:
    """Where a registry stands: scheme, host with port, and the path that all of its pages share."""

    scheme: str
    host: str
    path: Path


@dataclass(frozen=True, slots=True)
class Address:
    """An address as a statement prints it; the texts of path and query stay encoded."""

    scheme: str
    host: str
    path: Path
    query: Pairs

    def under(self, base: Base) -> bool:
        """Whether it lies at the base or below, by whole parts of the path."""
        same = (self.scheme, self.host) == (base.scheme, base.host)
        return same and self.path[: len(base.path)] == base.path

    def above(self, path: Path) -> Base | None:
        """The base below which this is the page of that path; None where there is none such."""
        kept = len(self.path) - len(path)
        if kept < 0 or self.path[kept:] != path:
            return None
        return Base(self.scheme, self.host, self.path[:kept])


def address(uri: str) -> Address | None:
    """The address; None for a text that is none, such as one that was not fit to be printed."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if not parts.scheme:
        return None
    host = parts.netloc.rpartition("@")[2].lower()
    path = tuple(parts.path.split("/")[1:])
    pairs = (part.partition("=") for part in parts.query.split("&")) if parts.query else ()
    return Address(parts.scheme, host, path, tuple((name, text) for name, _, text in pairs))


class Recorded:
    """The addresses of one registry's exchanges."""

    def __init__(self, upstream: Upstream, exchanges: Iterable[Exchange]) -> None:
        self._addresses = {e.uri: found for e in exchanges if (found := address(e.uri))}
        own = address((upstream.public_uri or upstream.base_url).rstrip("/"))
        self._own = Base(own.scheme, own.host, own.path) if own else None
        self._base: Base | None = None
        if self._own and any(one.under(self._own) for one in self._addresses.values()):
            self._base = self._own

    def fitting(self, request: Request, call: Call, exchanges: Sequence[Exchange]) -> list[int]:
        """The places of the exchanges that may have answered the request.

        Where the registry stood, if not here, is told by the first request that fits, and stays.
        """
        path = self._below(call)
        if path is None:
            return []
        query = tuple((quote(name, safe=""), quote(text, safe="")) for name, text in request.query)
        fitting: list[int] = []
        for place, exchange in enumerate(exchanges):
            base = self._stood(exchange, path)
            asked = exchange.method == call.method and self._asks(exchange, query)
            # What a session hands out changes the body of every question.
            same = call.opening is not None or exchange.request_digest == call.request_digest
            if base is not None and asked and same:
                self._base = base
                fitting.append(place)
        return fitting

    def _below(self, call: Call) -> Path | None:
        """The path of the request, below where the registry stands here."""
        asked = address(call.uri)
        return asked.path[len(self._own.path) :] if asked and self._own else None

    def _stood(self, exchange: Exchange, path: Path) -> Base | None:
        """Where the registry stood, if this exchange is the page of that path there."""
        found = self._addresses.get(exchange.uri)
        base = None if found is None else found.above(path)
        if base is None or self._base is not None:
            return base if base == self._base else None
        return base if all(one.under(base) for one in self._addresses.values()) else None

    def _asks(self, exchange: Exchange, query: Pairs) -> bool:
        told = self._addresses[exchange.uri].query if exchange.uri in self._addresses else ()
        if len(told) != len(query):
            return False
        return all(
            name == shown and (text == value or (exchange.uri_redacted and value == REDACTED))
            for (name, text), (shown, value) in zip(query, told, strict=True)
        )
