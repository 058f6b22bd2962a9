"""Files as a registry: bytes from the folder that the operator named, and from nowhere else."""

from __future__ import annotations

import asyncio
import hashlib
import os
import stat
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from email.utils import formatdate
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiohttp

from gateway.errors import InternalError, InvalidPayload, PayloadTooLarge, RegistryTimeout
from gateway.upstream.call import Call
from gateway.upstream.failure import Failure
from gateway.upstream.response import Received
from gateway.upstream.upstream import Upstream

_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
_THREADS = 2

MEDIA_TYPES = {
    ".csv": "text/csv",
    ".gz": "application/gzip",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".ndjson": "application/jsonl",
    ".parquet": "application/vnd.apache.parquet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class FileWire:
    """The files below one folder. A file that changed has another ETag, so it is read anew."""

    def __init__(self, upstream: Upstream) -> None:
        self._folder = Path(unquote(urlsplit(upstream.base_url).path))
        self._limit = upstream.politeness.max_bytes
        # Of its own: a folder that hangs, as one of a network may, holds nobody else's threads.
        self._threads: ThreadPoolExecutor | None = None

    async def send(
        self,
        call: Call,
        when: float,
        conditional: Mapping[str, str],
        session: aiohttp.ClientSession | None = None,
    ) -> Received:
        """The file's bytes, or 304, 403, 404 as a web server would say them.

        Raises:
            Failure: RegistryTimeout, where the file is not read before `when` (loop time, seconds).
        """
        name = unquote(call.url.raw_path).removeprefix(str(self._folder)).lstrip("/")
        try:
            async with asyncio.timeout_at(when):
                if self._threads is None:
                    self._threads = ThreadPoolExecutor(_THREADS, "files")
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(self._threads, self._read, name, conditional)
        except TimeoutError as error:
            raise Failure(RegistryTimeout("the file could not be read in time")) from error

    def session(self) -> AbstractAsyncContextManager[aiohttp.ClientSession]:
        """Files know no sessions.

        Raises:
            InternalError: always; an adapter of files asks for none.
        """
        raise InternalError("a folder of files keeps no session")

    async def close(self) -> None:
        """Nothing stays open between reads, but threads."""
        threads, self._threads = self._threads, None
        if threads is not None:
            threads.shutdown(wait=False, cancel_futures=True)

    def _read(self, name: str, conditional: Mapping[str, str]) -> Received:
        try:
            folder = self._folder.resolve()
            path = (folder / name).resolve()
        except (OSError, RuntimeError, ValueError):
            # A link that leads to itself, or a name that none can have.
            return Received(404, {}, b"")
        if not path.is_relative_to(folder):
            # A link that leads out of the folder: what the operator named ends there.
            return Received(403, {}, b"")
        try:
            if not stat.S_ISREG(path.stat().st_mode):
                return Received(404, {}, b"")
            # What was put in its place meanwhile is no file either: a pipe that nobody writes to
            # would be waited for without end.
            number = os.open(path, _FLAGS)
            try:
                return self._content(path, number, conditional)
            finally:
                os.close(number)
        except (FileNotFoundError, NotADirectoryError):
            return Received(404, {}, b"")
        except PermissionError:
            return Received(403, {}, b"")
        except OSError:
            return Received(500, {}, b"")

    def _content(self, path: Path, number: int, conditional: Mapping[str, str]) -> Received:
        before = os.fstat(number)
        if not stat.S_ISREG(before.st_mode):
            return Received(404, {}, b"")
        headers = _headers(path, before)
        if conditional.get("if-none-match") == headers["etag"]:
            return Received(304, headers, b"")
        if before.st_size > self._limit:
            raise Failure(PayloadTooLarge("the file is over the registry's limit"))
        with open(number, "rb", closefd=False) as file:
            body = file.read(self._limit + 1)
        after = os.fstat(number)
        if _mark(before) != _mark(after) or len(body) != after.st_size:
            what = "the file was being written while it was read; ask again"
            raise Failure(InvalidPayload(what), again=True)
        return Received(200, headers, body)


def _mark(found: os.stat_result) -> str:
    """Another text for every other state of a file: written in place, or put in its place."""
    return f"{found.st_ino} {found.st_mtime_ns} {found.st_size}"


def _headers(path: Path, found: os.stat_result) -> dict[str, str]:
    etag = hashlib.sha256(_mark(found).encode()).hexdigest()[:32]
    return {
        "content-type": MEDIA_TYPES.get(path.suffix.lower(), "application/octet-stream"),
        "etag": f'"{etag}"',
        "last-modified": formatdate(int(found.st_mtime), usegmt=True),
        # Whether it changed is told by a look at the folder, so every question looks.
        "cache-control": "no-cache",
    }
