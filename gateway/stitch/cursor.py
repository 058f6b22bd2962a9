"""Cursors: where each registry's walk stands, signed so that only ours come back.

`b64url(payload || mac)`, payload = JSON `{"q": <digest of the question>, "r": {registry: [chunk,
token, offset, last key, exhausted, pages, mark]}}`, mac = the first 16 bytes of HMAC-SHA256.
Signed, not encrypted: positions hold parameters, never URLs or secrets. At most 8 KiB.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from gateway.errors import BadCursor

MAX_LENGTH = 8192
_MAC = 16
_REFUSED = "This cursor was not made by this gateway for this question; start without `after`."


@dataclass(frozen=True, slots=True)
class Position:
    """A place in one registry's walk: the next unread row.

    `chunk` counts batches of parents, `token` is the adapter's page token, `offset` the row in
    that page, `last` the key of the row before it, by which the place is found again when the
    registry's rows shifted in between.

    `pages` counts the pages of this chunk, `mark` is the digest of a token that was passed: a
    list that leads back to it goes in a circle. The mark moves up at every power of two, so that
    any circle is found, however long, with one mark to carry (Brent's way).
    """

    chunk: int = 0
    token: str | None = None
    offset: int = 0
    last: str | None = None
    exhausted: bool = False
    pages: int = 0
    mark: str | None = None

    def circles(self, token: str | None) -> bool:
        """Whether a page that names this token as the next leads back to one that was passed."""
        return token is not None and self.mark == _digest(token)

    def next_page(self, chunk: int, token: str, last: str | None) -> Position:
        """The place at the beginning of the next page of the same chunk."""
        pages = self.pages + 1
        mark = _digest(token) if pages & (pages - 1) == 0 else self.mark
        return Position(chunk, token, 0, last, False, pages, mark)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:16]


class _Row(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    chunk: int
    token: str | None
    offset: int
    last: str | None
    exhausted: bool
    pages: int = 0
    mark: str | None = None


class _Payload(msgspec.Struct, forbid_unknown_fields=True):
    q: str
    r: dict[str, _Row]


class Cursors:
    """Mints and opens cursors; the first secret signs, all of them are accepted."""

    def __init__(self, secrets: Sequence[bytes]) -> None:
        self._secrets = tuple(secrets)

    def mint(self, question: str, positions: Mapping[str, Position]) -> str:
        """The cursor text for these positions in the walk over this question."""
        rows = {
            key: _Row(p.chunk, p.token, p.offset, p.last, p.exhausted, p.pages, p.mark)
            for key, p in positions.items()
        }
        payload = msgspec.json.encode(_Payload(question, rows), order="sorted")
        text = base64.urlsafe_b64encode(payload + self._mac(self._secrets[0], payload))
        return text.rstrip(b"=").decode()

    def open(self, question: str, cursor: str) -> dict[str, Position]:
        """The positions in a cursor.

        Raises:
            BadCursor: for a cursor that was forged, cut, or made for another question.
        """
        if len(cursor) > MAX_LENGTH:
            raise BadCursor(_REFUSED)
        try:
            sealed = base64.b64decode(
                cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True
            )
        except (binascii.Error, ValueError) as error:
            raise BadCursor(_REFUSED) from error
        if base64.urlsafe_b64encode(sealed).rstrip(b"=").decode() != cursor:
            raise BadCursor(_REFUSED)  # one spelling per cursor
        payload, mac = sealed[:-_MAC], sealed[-_MAC:]
        if not self.made(payload, mac):
            raise BadCursor(_REFUSED)
        opened = msgspec.json.decode(payload, type=_Payload)
        if opened.q != question:
            raise BadCursor(_REFUSED)
        return {key: Position(*msgspec.structs.astuple(row)) for key, row in opened.r.items()}

    def made(self, payload: bytes, mac: bytes) -> bool:
        """Whether one of the secrets signed this."""
        known = [hmac.compare_digest(self._mac(s, payload), mac) for s in self._secrets]
        return any(known)

    @staticmethod
    def _mac(secret: bytes, payload: bytes) -> bytes:
        return hmac.new(secret, payload, hashlib.sha256).digest()[:_MAC]
