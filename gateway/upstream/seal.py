"""Seals: what lies in a store outside the process is believed only with the replicas' own mark."""

from __future__ import annotations

import hashlib
import hmac
import logging

from gateway.clock import Clock

log = logging.getLogger(__name__)

_MARK = 32
_QUIET = 60.0


class Seal:
    """A MAC over the key and the content of an entry, by a secret that all replicas share.

    The secret may serve for other things too: what is derived from it here fits nothing else.
    `refused` counts what was opened and does not bear the mark; the log says so once a minute.
    """

    def __init__(self, secret: bytes, purpose: str, clock: Clock) -> None:
        label = f"carbon-gateway seal v1 {purpose}".encode()
        self._key = hmac.digest(secret, label, hashlib.sha256)
        self._purpose = purpose
        self._clock = clock
        self._told = float("-inf")
        self.refused = 0

    def closed(self, key: str, content: bytes) -> bytes:
        """The content with its mark before it."""
        return self._mark(key, content) + content

    def opened(self, key: str, sealed: bytes) -> bytes | None:
        """The content, or None where it was changed, cut, or sealed under another key."""
        content = sealed[_MARK:]
        if hmac.compare_digest(self._mark(key, content), sealed[:_MARK]):
            return content
        self.refuse()
        return None

    def refuse(self) -> None:
        """Counts something that is not what it should be, and says so."""
        self.refused += 1
        now = self._clock.monotonic()
        if now - self._told >= _QUIET:
            self._told = now
            log.warning(
                "the store held a %s that no replica of ours put there; it is not used "
                "(%d so far): see who else can write to the store, and whether all replicas have "
                "the same cursor_secret",
                self._purpose,
                self.refused,
            )

    def _mark(self, key: str, content: bytes) -> bytes:
        # The length keeps key and content apart.
        name = key.encode("utf-8", "surrogatepass")
        mac = hmac.new(self._key, len(name).to_bytes(8, "big") + name, hashlib.sha256)
        mac.update(content)
        return mac.digest()
