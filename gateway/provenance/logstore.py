"""A log's directory: tiles, entries, checkpoint and journal, in an order that a crash cannot hurt.

    journal.<n>      entries from index n on that were taken, flushed before all else
    tile/...         entry bundles and hash tiles, flushed before the checkpoint that needs them
    checkpoint       the last signed head; only what lies under it counts
    entries.sqlite   which entry is where: derived from the bundles, remade when it is missing

Whatever a crash leaves beyond the checkpoint is written again from the journal. One process
writes; a second one is refused, since two writers of one log would sign two histories. Nor is a
directory taken that knows less than this process signed: an emptied one, or an older copy.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from gateway.errors import ConfigError, LogStopped, ProvenanceError
from gateway.provenance.durable import sync_directory, write_atomically
from gateway.provenance.journal import ENTRY, Journal
from gateway.provenance.merkle import EMPTY, leaf_hash
from gateway.provenance.merkle import root as root_of
from gateway.provenance.note import Checkpoint, NoteKey, read_checkpoint
from gateway.provenance.tiles import HASH, WIDTH, TileTree, bundle, tile_path, unbundle

INDEX = "entries.sqlite"
STAMPS = "timestamps"


class LogStore:
    """The files of one log. All methods block; the log runs them in a thread, one at a time."""

    def __init__(
        self, directory: str | Path, key: NoteKey, *, sync: Callable[[int], None] = os.fsync
    ) -> None:
        self.directory = Path(directory)
        self.key = key
        self.head = Checkpoint(key.name, 0, EMPTY)
        self._journal = Journal(self.directory, sync)
        self._lock = -1

    @property
    def waiting(self) -> list[bytes]:
        """What was taken and is not yet under the checkpoint, in its order."""
        return self._journal.waiting

    @property
    def takes(self) -> bool:
        """Whether an entry that is given now is kept."""
        return self._journal.takes

    def open(self) -> None:
        """Locks the directory, verifies what is there, and takes up what the journal still has.
        To be called again after trouble: what was taken before is kept through it.

        Raises:
            ConfigError: another process writes, or the tiles do not give the signed root, or not
                what was signed here before; then nothing more may be signed until an operator
                has looked.
            OSError, sqlite3.Error: on a second call, what is still in the way.
        """
        first = self._lock < 0
        try:
            if self.head.size == 0:
                self.directory.mkdir(parents=True, exist_ok=True)
            self._take_lock()
            note = self.read("checkpoint")
            head = self._verified(note) if note else Checkpoint(self.key.name, 0, EMPTY)
            self._check_follows(head)
            done = head.size - self.head.size
            self._journal.begin(head.size, done)
            self.head = head
            self._index()
        except (OSError, sqlite3.Error) as problem:
            if not first:
                raise
            self.close()
            raise ConfigError(f"the log {self.directory} cannot be used: {problem}") from None
        except ProvenanceError as problem:
            if first:
                self.close()
            self._journal.stop()
            raise ConfigError(f"the log {self.directory} is inconsistent: {problem}") from None
        except ConfigError:
            self._journal.stop()
            raise

    def close(self) -> None:
        """Lets go of the directory."""
        self._journal.close()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def read(self, path: str) -> bytes | None:
        """A file below the directory, or None."""
        try:
            return (self.directory / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    def tree(self, size: int | None = None) -> TileTree:
        """The tree under the checkpoint."""
        return TileTree(self.read, self.head.size if size is None else size)

    def append(self, entry: bytes) -> None:
        """Takes an entry in at once; `flush` puts it on disk.

        Raises:
            OSError: it cannot be written, and is not taken.
        """
        self._journal.append(entry)

    def flush(self) -> None:
        """Flushes what was appended."""
        self._journal.flush()

    def journal(self, entries: Sequence[bytes]) -> None:
        """Takes entries in, on disk before this returns."""
        for entry in entries:
            self.append(entry)
        self.flush()

    def grow(self) -> Checkpoint:
        """Writes tiles for all waiting entries; the head that may now be signed.

        Raises:
            ProvenanceError: the tiles on disk do not continue the signed tree, or the directory
                is not the one that was opened.
        """
        if not self._same_lock() or self._journal.lost():
            self._journal.stop()
            raise ProvenanceError(f"the log's directory {self.directory} was moved or removed")
        old, entries = self.head, list(self.waiting)
        size = old.size + len(entries)
        self._extend(old.size, [bundle([e]) for e in entries], "entries", 2 + ENTRY)
        fresh = [leaf_hash(entry) for entry in entries]
        level, start = 0, old.size
        while fresh or level == 0:
            full = self._extend(start, fresh, level, HASH)
            start >>= 8
            fresh, level = full, level + 1
        # Read back from the files: only what is on disk and continues the old head is signed.
        tree = self.tree(size)
        if tree.root(old.size) != old.root:
            raise ProvenanceError("the tiles no longer give the root that was signed last")
        self._check_last_bundle(size)
        return Checkpoint(self.key.name, size, tree.root())

    def publish(self, head: Checkpoint, note: str) -> None:
        """Puts the signed checkpoint in place; its entries wait no more."""
        self._verified(note.encode())
        write_atomically(self.directory / "checkpoint", note.encode(), mode=0o644)
        done = head.size - self.head.size
        self.head = head
        if done:
            self._journal.advance(head.size, done)
        self._index()

    def find(self, entry: bytes) -> int | None:
        """The index of an entry under the checkpoint, or None.

        Raises:
            LogStopped: the index cannot be read now, so that nobody knows.
        """
        try:
            place = f"file:{quote(str(self.directory / INDEX))}?mode=ro"
            with closing(sqlite3.connect(place, uri=True)) as index:
                row = index.execute("SELECT at FROM entries WHERE entry = ?", (entry,)).fetchone()
        except sqlite3.Error as problem:
            raise LogStopped(f"the log's index cannot be read now: {problem}") from None
        return int(row[0]) if row and row[0] < self.head.size else None

    def stamp(self, head: Checkpoint, note: bytes, token: bytes) -> None:
        """Keeps a time stamp beside the checkpoint that it is over."""
        folder = self.directory / STAMPS
        folder.mkdir(exist_ok=True)
        write_atomically(folder / f"{head.size}.tsr", token, mode=0o644)
        write_atomically(folder / f"{head.size}.checkpoint", note, mode=0o644)

    def stamps(self) -> list[int]:
        """The sizes of all stamped checkpoints, ascending."""
        found = (self.directory / STAMPS).glob("*.checkpoint")
        return sorted(int(path.stem) for path in found if path.stem.isdecimal())

    def _extend(
        self, start: int, items: Sequence[bytes], level: int | str, size: int
    ) -> list[bytes]:
        """Appends hashes or entries from index `start`; the roots of tiles that became full."""
        full: list[bytes] = []
        touched: set[Path] = set()
        number, width = divmod(start, WIDTH)
        held = self._partial(level, number, width) if width else b""
        waiting = list(items)
        while waiting:
            taken = waiting[: WIDTH - len(held) // size]
            del waiting[: len(taken)]
            held += b"".join(taken)
            count = len(held) // size
            path = self.directory / tile_path(level, number, count)
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, held, mode=0o644)
            touched.update(path.parents)
            if count == WIDTH:
                if level != "entries":
                    full.append(root_of([held[i : i + HASH] for i in range(0, len(held), HASH)]))
                self._drop_partials(level, number)
                number, held = number + 1, b""
            else:
                # Left by a writer that died before its checkpoint; it would be read first.
                (self.directory / tile_path(level, number)).unlink(missing_ok=True)
        for folder in touched:
            if folder.is_relative_to(self.directory):
                sync_directory(folder)
        return full

    def _partial(self, level: int | str, number: int, width: int) -> bytes:
        for path in (tile_path(level, number, width), tile_path(level, number)):
            found = self.read(path)
            if found is not None:
                size = 2 + ENTRY if level == "entries" else HASH
                return found[: width * size]
        raise ProvenanceError(f"{tile_path(level, number, width)} is missing")

    def _drop_partials(self, level: int | str, number: int) -> None:
        folder = self.directory / f"{tile_path(level, number)}.p"
        if folder.is_dir():
            for file in folder.iterdir():
                file.unlink()
            folder.rmdir()

    def _take_lock(self) -> None:
        if self._same_lock():
            return
        lock = os.open(self.directory / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise ConfigError(f"another process writes the log {self.directory}") from None
        if self._lock >= 0:
            os.close(self._lock)
        self._lock = lock

    def _same_lock(self) -> bool:
        """Whether the lock that is held is the one below the directory."""
        if self._lock < 0:
            return False
        held = os.fstat(self._lock)
        try:
            there = os.stat(self.directory / ".lock")
        except (FileNotFoundError, NotADirectoryError):
            return False
        return (held.st_dev, held.st_ino) == (there.st_dev, there.st_ino)

    def _check_follows(self, head: Checkpoint) -> None:
        """What this process signed stays the beginning of whatever is found on disk."""
        known = self.head
        if head.size < known.size or (
            known.size and self.tree(head.size).root(known.size) != known.root
        ):
            raise ProvenanceError(
                f"it does not go on from the {known.size} entries that were signed last; "
                "put the directory back as it was"
            )

    def _verified(self, note: bytes) -> Checkpoint:
        """The head of a note that this log's key signed and that the tiles bear out."""
        try:
            head = read_checkpoint(note.decode(), [self.key])
        except UnicodeDecodeError:
            raise ProvenanceError("the checkpoint is not text") from None
        if head.size:
            if self.tree(head.size).root() != head.root:
                raise ProvenanceError("the tiles do not give the signed root")
            self._check_last_bundle(head.size)
        return head

    def _check_last_bundle(self, size: int) -> None:
        number = (size - 1) // WIDTH
        width = size - number * WIDTH
        entries = unbundle(self._partial("entries", number, width))
        hashes = b"".join(leaf_hash(entry) for entry in entries)
        if hashes != self.tree(size).tile(0, number):
            raise ProvenanceError("the last entries are not the ones in the tree")

    def _index(self) -> None:
        try:
            self._fill_index()
        except sqlite3.OperationalError:
            # A full disk or a lack of descriptors says nothing against the file.
            raise
        except sqlite3.DatabaseError:
            # Nothing is lost with it.
            (self.directory / INDEX).unlink(missing_ok=True)
            self._fill_index()

    def _fill_index(self) -> None:
        with closing(sqlite3.connect(self.directory / INDEX)) as index, index:
            index.execute(
                "CREATE TABLE IF NOT EXISTS entries (entry BLOB PRIMARY KEY, at INTEGER NOT NULL)"
                " WITHOUT ROWID"
            )
            index.execute("CREATE TABLE IF NOT EXISTS done (size INTEGER NOT NULL)")
            row = index.execute("SELECT max(size) FROM done").fetchone()
            done = min(int(row[0] or 0), self.head.size)
            for number in range(done // WIDTH, -(-self.head.size // WIDTH)):
                first = number * WIDTH
                width = min(WIDTH, self.head.size - first)
                entries = unbundle(self._partial("entries", number, width))
                index.executemany(
                    "INSERT OR IGNORE INTO entries VALUES (?, ?)",
                    ((entry, first + i) for i, entry in enumerate(entries)),
                )
            index.execute("DELETE FROM done")
            index.execute("INSERT INTO done VALUES (?)", (self.head.size,))
