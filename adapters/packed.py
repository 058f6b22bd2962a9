"""Packed files, opened with care: ZIP containers part by part, and gzip, within limits.

What an archive says of sizes is believed only where it forbids: the bytes are counted as they come.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator

from adapters.contract import InvalidPayload
from gateway.errors import PayloadTooLarge

_CHUNK = 256 * 1024
_MOST_PARTS = 10_000
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_GZIP = b"\x1f\x8b"


class Archive:
    """A ZIP container, of which parts are read once each, `most` bytes in all.

    Raises:
        InvalidPayload: it is none.
        PayloadTooLarge: it says that it has more parts or bytes than it may.
    """

    def __init__(self, body: bytes, what: str, most: int) -> None:
        self._what = what
        self._most = self._left = most
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(body))
        except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError) as error:
            raise self._broken() from error
        self._parts = {
            part.filename.lstrip("/").casefold(): part for part in self._archive.filelist
        }
        if len(self._archive.filelist) > _MOST_PARTS:
            raise PayloadTooLarge(f"the {what} has more than {_MOST_PARTS} parts")

    def __contains__(self, name: str) -> bool:
        return name.lstrip("/").casefold() in self._parts

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of a part, piece by piece.

        Raises:
            InvalidPayload: there is none, or it is damaged.
            PayloadTooLarge: it has more than it may.
        """
        part = self._parts.get(name.lstrip("/").casefold())
        if part is None:
            raise InvalidPayload(f"the {self._what} is not whole: it has no {name}")
        if part.file_size > self._left:
            raise self._too_large()
        if part.compress_type not in _METHODS or part.flag_bits & 1:
            raise InvalidPayload(f"the {self._what} is packed in a way that is not read")
        try:
            with self._archive.open(part) as content:
                while chunk := content.read(_CHUNK):
                    self._left -= len(chunk)
                    if self._left < 0:
                        raise self._too_large()
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError) as error:
            raise self._broken() from error

    def _too_large(self) -> PayloadTooLarge:
        return PayloadTooLarge(f"the {self._what} unpacks to more than {self._most} bytes")

    def _broken(self) -> InvalidPayload:
        return InvalidPayload(f"this is no whole {self._what}")


def unzipped(body: bytes, most: int) -> bytes:
    """What a gzip body holds, of at most so many bytes.

    Raises:
        InvalidPayload: it is no gzip, damaged, or cut short.
        PayloadTooLarge: it unpacks to more.
    """
    found: list[bytes] = []
    left, rest = most, body
    while rest[:2] == _GZIP:
        unpack = zlib.decompressobj(wbits=31)
        while not unpack.eof:
            try:
                piece = unpack.decompress(rest, _CHUNK)
            except zlib.error as error:
                raise InvalidPayload(f"the file is no whole gzip ({error})") from error
            left -= len(piece)
            if left < 0:
                raise PayloadTooLarge(f"the file unpacks to more than {most} bytes")
            found.append(piece)
            rest = unpack.unconsumed_tail
            if not piece and not rest and not unpack.eof:
                raise InvalidPayload("the gzip file is cut short")
        rest = unpack.unused_data
    if rest.strip(b"\0") or not found:
        raise InvalidPayload("the file is no gzip, or something stands behind it")
    return b"".join(found)
