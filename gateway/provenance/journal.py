"""The journal of a log: what was taken and is not yet under a checkpoint, in memory and on disk.

A file `journal.<n>` holds the entries from index n on, 32 bytes each, in the order of the log. It
and its folder stay open, so that an entry costs no descriptor, and it is written before the answer
of the entry is sent: a process that is killed then has lost nothing.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from threading import Lock

from gateway.provenance.durable import write_atomically

ENTRY = 32
# A file that is longer is followed by another one, even while entries wait in it.
MOST_BYTES = 4 * 1024 * 1024


class Journal:
    """`append` may be called while another thread is in any of the other methods."""

    def __init__(self, directory: Path, sync: Callable[[int], None] = os.fsync) -> None:
        self.waiting: list[bytes] = []
        self._directory = directory
        self._sync = sync
        self._lock = Lock()
        self._file = -1
        self._path = directory
        self._folder = -1
        self._begun = False
        self._failed = False
        self._fresh = False
        self._length = 0

    @property
    def takes(self) -> bool:
        """Whether what is appended is kept: in memory before the log was opened, then on disk."""
        return not self._failed and (self._file >= 0 or not self._begun)

    def append(self, entry: bytes) -> None:
        """Takes an entry in; whoever kills the process from here on does not undo it.

        Raises:
            OSError: it could not be written whole, and is not taken.
        """
        with self._lock:
            if self._begun:
                self._write(entry)
            self.waiting.append(entry)

    def flush(self) -> None:
        """Flushes to disk what was appended.

        Raises:
            OSError: nobody knows what is on the disk now; the next `begin` writes all anew.
        """
        try:
            self._sync(self._file)
            if self._fresh:
                os.fsync(self._folder)
                self._fresh = False
        except OSError:
            self._failed = True
            raise

    def begin(self, size: int, done: int) -> None:
        """Writes anew, into one file, all that waits after the checkpoint of this size. `done` is
        how many of those that wait in memory came under it.

        Raises:
            OSError: it cannot be written; what was there is as it was.
        """
        with self._lock:
            # What came before the first opening is under no checkpoint, however far that is.
            rest = self.waiting[done:] if self._begun else self.waiting
            found = list(dict.fromkeys([*self._on_disk(size), *rest]))
            path = self._at(size)
            write_atomically(path, b"".join(found), mode=0o644)
            folder = os.open(self._directory, os.O_RDONLY)
            if self._folder >= 0:
                os.close(self._folder)
            self._folder = folder
            self._follow(path, os.open(path, os.O_WRONLY | os.O_APPEND), len(found) * ENTRY)
            self.waiting, self._failed, self._begun = found, False, True
            for other in self._files():
                if other != path:
                    other.unlink(missing_ok=True)

    def advance(self, size: int, done: int) -> None:
        """The first `done` entries came under the checkpoint of this size."""
        with self._lock:
            del self.waiting[:done]
            if self.waiting and self._length < MOST_BYTES:
                return
            path = self._at(size + len(self.waiting))
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
            self._follow(path, os.open(path, flags, 0o644), 0)
            self._fresh = True
        for path, follower in pairwise(self._files()):
            if _base(follower) <= size:
                path.unlink(missing_ok=True)

    def lost(self) -> bool:
        """Whether the open file is no longer the one below the directory."""
        try:
            there = os.stat(self._path)
        except (FileNotFoundError, NotADirectoryError):
            return True
        held = os.fstat(self._file)
        return (held.st_dev, held.st_ino) != (there.st_dev, there.st_ino)

    def stop(self) -> None:
        """Takes nothing more until `begin`."""
        self._failed = True

    def close(self) -> None:
        """Lets go of the file."""
        with self._lock:
            self._follow(self._path, -1, 0)
            if self._folder >= 0:
                os.close(self._folder)
                self._folder = -1

    def _write(self, entry: bytes) -> None:
        if self._failed or self._file < 0:
            raise OSError(errno.EIO, "the journal takes nothing now")
        try:
            if os.fstat(self._file).st_nlink == 0:
                raise OSError(errno.ENOENT, "the journal was removed")
            if os.write(self._file, entry) < len(entry):
                raise OSError(errno.ENOSPC, "no room for a whole entry")
        except OSError:
            # What may stand there of it is written over by `begin`, or dropped as a torn end.
            self._failed = True
            raise
        self._length += len(entry)

    def _on_disk(self, size: int) -> list[bytes]:
        found: list[bytes] = []
        for path in self._files():
            data = path.read_bytes()
            # A crash left the last entry half written; nobody was told that it is in.
            whole = [data[i : i + ENTRY] for i in range(0, len(data) - ENTRY + 1, ENTRY)]
            found.extend(whole[max(0, size - _base(path)) :])
        return found

    def _follow(self, path: Path, file: int, length: int) -> None:
        if self._file >= 0:
            os.close(self._file)
        self._path, self._file, self._length = path, file, length

    def _files(self) -> list[Path]:
        # Listed, since a pattern that cannot be looked for is told as one that nothing fits.
        names = [name for name in os.listdir(self._directory) if name.startswith("journal.")]
        return sorted(map(self._directory.joinpath, names), key=_base)

    def _at(self, size: int) -> Path:
        return self._directory / f"journal.{size}"


def _base(path: Path) -> int:
    suffix = path.suffix[1:]
    return int(suffix) if suffix.isdecimal() else 0
