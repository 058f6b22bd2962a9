"""A cached body: the registry's own bytes, their digest, and until when they may be used."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec

from adapters.apart import LIMITS, Limits
from adapters.contract import Politeness, Reply
from gateway.upstream.freshness import Freshness, freshness
from gateway.upstream.port import BaseSerializer


class Entry(msgspec.Struct, frozen=True):
    """Bytes as they left the registry. Instants are seconds since the epoch.

    `fetched_at` is when these bytes left the registry, `checked_at` when it last said that they
    still hold. `lifetime` counts from `checked_at`, `grace` from the end of the lifetime.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    digest: str
    fetched_at: float
    checked_at: float
    lifetime: float
    grace: float
    certificate: str | None = None
    request_digest: str | None = None

    @property
    def size(self) -> int:
        """Bytes of the body as it came."""
        return len(self.body)

    async def whole(self) -> Entry:
        """The entry with its body, where it may be packed."""
        return self

    def age(self, now: float) -> float:
        """Seconds since the registry last vouched for these bytes."""
        return max(0.0, now - self.checked_at)

    def staleness(self, now: float, max_age: float | None) -> float:
        """Seconds past what registry and client call fresh; negative is fresh, and an age equal
        to the lifetime is not (RFC 9111 section 4.2), so that a `max_age` of 0 always asks."""
        allowed = self.lifetime if max_age is None else min(self.lifetime, max_age)
        return self.age(now) - allowed

    def may_stand_in(self, now: float, max_age: float | None, max_stale: float | None) -> bool:
        """Whether the entry may be shown, labelled, instead of a failed answer."""
        if max_stale is not None and self.staleness(now, max_age) >= max_stale:
            return False
        return self.staleness(now, None) < self.grace

    def conditions(self) -> dict[str, str]:
        """The request headers that ask whether these bytes still hold; empty if none can."""
        asked = {}
        if etag := self.headers.get("etag"):
            asked["if-none-match"] = etag
        if modified := self.headers.get("last-modified"):
            asked["if-modified-since"] = modified
        return asked

    def confirmed_by(self, headers: Mapping[str, str]) -> bool:
        """Whether a 304 with these headers speaks of these bytes (RFC 9111 section 4.3.4).

        One that names a version speaks of that one alone; one that names none, of what was asked.
        """
        if (etag := headers.get("etag")) is not None:
            return _opaque(etag) == _opaque(self.headers.get("etag", ""))
        told, known = headers.get("last-modified"), self.headers.get("last-modified")
        return told is None or known is None or told == known

    def reply(self, limits: Limits = LIMITS) -> Reply:
        """The body as adapters see it."""
        return Reply(self.status, self.headers, self.body, limits=limits)

    def renewed(
        self, headers: Mapping[str, str], now: float, politeness: Politeness
    ) -> tuple[Entry, Freshness]:
        """This entry after a 304: the same bytes, the newer headers (RFC 9111 section 3.2)."""
        kept = {"content-encoding", "content-length", "content-type", "transfer-encoding"}
        merged = {**self.headers, **{k: v for k, v in headers.items() if k not in kept}}
        fresh = freshness(merged, now, politeness)
        renewed = msgspec.structs.replace(
            self,
            headers=merged,
            checked_at=now,
            lifetime=fresh.lifetime,
            grace=fresh.grace,
        )
        return renewed, fresh


def _opaque(etag: str) -> str:
    """The tag for weak comparison (RFC 9110 section 8.8.3.2), by which 304 is decided."""
    return etag.strip().removeprefix("W/")


class EntrySerializer(BaseSerializer):  # type: ignore[misc]
    """Entries as bytes, for stores outside the process; what cannot be read counts as absent."""

    DEFAULT_ENCODING = None

    def __init__(self) -> None:
        super().__init__()
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(Entry).decode

    def dumps(self, value: Entry) -> bytes:
        return self._encode(value)

    def loads(self, value: bytes | None) -> Entry | None:
        if value is None:
            return None
        try:
            found = self._decode(value)
        except msgspec.DecodeError:
            return None
        return found if hashlib.sha256(found.body).hexdigest() == found.digest else None
