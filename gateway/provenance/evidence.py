"""Evidence: one entry per upstream exchange, as the signed statement lists them.

Import-light on purpose: the upstream door fills it, the statement prints it, nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gateway.errors import Outcome


@dataclass(frozen=True, slots=True)
class CacheFacts:
    """What the cache had to do with an exchange, in the words of RFC 9211."""

    hit: bool = False
    fwd: str | None = None
    collapsed: bool = False
    age_seconds: int = 0
    ttl_seconds: int | None = None
    stale: bool = False
    stale_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One upstream exchange that was tried, failed ones too.

    `digest` is the hex SHA-256 of the body after content decoding. `fetched_at` is when these
    bytes left the registry, never the time of a cache hit. `uri` is already redacted. `headers`
    are the response headers that the mapping looked at, null where it found none: they are
    evidence as much as the body is.
    """

    registry: str
    outcome: Outcome
    method: str
    uri: str
    uri_redacted: bool = False
    request_digest: str | None = None
    digest: str | None = None
    size: int | None = None
    media_type: str | None = None
    status: int | None = None
    fetched_at: datetime | None = None
    upstream_date: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    cache: CacheFacts = field(default_factory=CacheFacts)
    attempts: int = 1
    latency_ms: int = 0
    tls_certificate: str | None = None
    mapping: str | None = None
    body: bytes | None = None
    headers: Mapping[str, str | None] = field(default_factory=dict, hash=False)

    @property
    def free(self) -> bool:
        """Whether the cache answered, without anybody being asked."""
        return self.cache.hit and not self.attempts


class Watched(Mapping[str, str]):
    """Response headers that remember in `seen` which of them were looked at, and what was there."""

    __slots__ = ("_headers", "_seen")

    def __init__(self, headers: Mapping[str, str], seen: dict[str, str | None]) -> None:
        self._headers = headers
        self._seen = seen

    def __getitem__(self, name: str) -> str:
        value = self._headers.get(name)
        self._seen[name] = value
        if value is None:
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._headers)

    def __len__(self) -> int:
        return len(self._headers)


@dataclass(slots=True)
class Evidence:
    """The exchanges of one operation, in the order in which they ended.

    `keep_bodies` is set where the client asked for the evidence itself. `not_whole` has, by the
    index of the exchange, why the registry itself says that its answer is not whole; `unread` how
    many rows of its body could not be read, with where and why for the first of them.
    """

    keep_bodies: bool = False
    exchanges: list[Exchange] = field(default_factory=list)
    not_whole: dict[int, str] = field(default_factory=dict)
    unread: dict[int, tuple[int, tuple[str, ...]]] = field(default_factory=dict)

    def add(self, exchange: Exchange) -> int:
        """Its index, by which records and errors refer to it."""
        self.exchanges.append(exchange)
        return len(self.exchanges) - 1

    def leave_out(self, source: int, count: int, first: Iterable[str]) -> None:
        """Notes that so many rows of an exchange's body could not be read."""
        if count:
            self.unread[source] = (count, tuple(first))
