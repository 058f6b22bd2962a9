"""The append-only log of everything signed: hashes only, and no answer ever waits for it."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable

from gateway.clock import Clock
from gateway.errors import ConfigError, Overloaded, ProvenanceError
from gateway.provenance.keys import Signer
from gateway.provenance.logstore import ENTRY, STAMPS, LogStore
from gateway.provenance.note import NoteKey
from gateway.provenance.timestamp import Stamper
from gateway.provenance.tlogproof import tlog_proof

MOST_WAITING = 100_000
_SERVED = re.compile(
    r"checkpoint|tile/(?:[0-9]|[1-5][0-9]|6[0-3]|entries)/(?:x\d{3}/)*\d{3}(?:\.p/\d{1,3})?"
)


class Log:
    """A C2SP tlog-tiles log with one writer.

    Await `start()`, keep `run()` as a task, cancel it and await `close()` at the end.

    `period` is the seconds between checkpoints while there is anything to log. A log that is
    `required` refuses answers that it cannot take; another one lets them pass unlogged, and
    their statements say so (`log: null`).
    """

    def __init__(
        self,
        store: LogStore,
        signer: Signer,
        clock: Clock,
        *,
        period: float = 2.0,
        required: bool = False,
        most_waiting: int = MOST_WAITING,
        stamper: Stamper | None = None,
        trouble: Callable[[str], None] = lambda message: None,
    ) -> None:
        self.store = store
        self.broken = ""
        self._signer = signer
        self._clock = clock
        self._period = period
        self._required = required
        self._most_waiting = most_waiting
        self._stamper = stamper
        self._trouble = trouble
        self._queue: deque[bytes] = deque()
        self._held: set[bytes] = set()
        self._came = asyncio.Event()
        self._kept = asyncio.Event()
        self._files = asyncio.Lock()

    @property
    def vkey(self) -> str:
        """The log's verifier key, for policy files."""
        return self.store.key.vkey

    @property
    def origin(self) -> str | None:
        """The log's name, or None while it can take nothing.

        Raises:
            Overloaded: it can take nothing and it is required.
        """
        if not self.broken and len(self._held) < self._most_waiting:
            return self.store.key.name
        if self._required:
            raise Overloaded("the transparency log takes no entries now", retryAfterSeconds=2)
        return None

    def submit(self, entry: bytes) -> None:
        """Takes a 32-byte hash; returns at once."""
        if len(entry) != ENTRY:
            raise ProvenanceError("a log entry is a SHA-256")
        if entry not in self._held:
            self._held.add(entry)
            self._queue.append(entry)
            self._came.set()

    async def start(self) -> None:
        """Locks and verifies the directory.

        Raises:
            ConfigError: another process writes it, or it is inconsistent.
        """
        async with self._files:
            await asyncio.to_thread(self.store.open)
        self._held.update(self.store.waiting)
        if self.store.waiting:
            self._kept.set()

    async def run(self) -> None:
        """Writes until cancelled; entries that came are on disk first, then under a checkpoint."""
        beside = [asyncio.create_task(self._keep())]
        if self._stamper is not None:
            beside.append(asyncio.create_task(self._stamp_always(self._stamper)))
        try:
            while True:
                await self._kept.wait()
                await self._clock.sleep(self._period)
                self._kept.clear()
                await self._guarded(self._commit)
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    async def flush(self) -> None:
        """Puts everything that was submitted under a checkpoint now."""
        await self._guarded(self._journal)
        await self._guarded(self._commit)

    async def close(self) -> None:
        """Flushes and lets go of the directory; call it after `run` was cancelled."""
        await self.flush()
        self.store.close()

    async def proof(self, entry: bytes) -> str | None:
        """The tlog-proof of an entry under the present checkpoint, or None."""
        async with self._files:
            return await asyncio.to_thread(self._proof, entry)

    async def stamped_proof(self, entry: bytes) -> tuple[str, bytes] | None:
        """The proof under the first time-stamped checkpoint that has the entry, and the stamp."""
        async with self._files:
            return await asyncio.to_thread(self._stamped_proof, entry)

    async def stamp(self, stamper: Stamper) -> bool:
        """Has the present checkpoint time-stamped; False where it is stamped already.

        Raises:
            ProvenanceError: the authority did not answer, or not with a stamp that holds.
        """
        async with self._files:
            head, note = self.store.head, await asyncio.to_thread(self.store.read, "checkpoint")
            stamped = await asyncio.to_thread(self.store.stamps)
        if note is None or head.size in stamped:
            return False
        token = await stamper.stamp(note)
        await asyncio.to_thread(self.store.stamp, head, note, token)
        return True

    def pending(self, entry: bytes) -> bool:
        """Whether the entry was taken and waits for its checkpoint (404 with Retry-After: 2)."""
        return entry in self._held

    async def consistency(self, old: int, new: int) -> list[bytes]:
        """The proof that the log of size `old` is the beginning of the log of size `new`."""
        async with self._files:
            return await asyncio.to_thread(self.store.tree().consistency, old, new)

    async def file(self, path: str) -> bytes | None:
        """The content of `checkpoint`, a tile or an entry bundle; None for any other path."""
        if not _SERVED.fullmatch(path):
            return None
        return await asyncio.to_thread(self.store.read, path)

    def _proof(self, entry: bytes) -> str | None:
        index = self.store.find(entry)
        note = self.store.read("checkpoint")
        if index is None or note is None:
            return None
        return tlog_proof(index, self.store.tree().inclusion(index), note.decode())

    def _stamped_proof(self, entry: bytes) -> tuple[str, bytes] | None:
        index = self.store.find(entry)
        for size in self.store.stamps():
            if index is None or index >= size:
                continue
            note = self.store.read(f"{STAMPS}/{size}.checkpoint")
            token = self.store.read(f"{STAMPS}/{size}.tsr")
            if note is not None and token is not None:
                path = self.store.tree().inclusion(index, size)
                return tlog_proof(index, path, note.decode()), token
        return None

    async def _stamp_always(self, stamper: Stamper) -> None:
        while True:
            await self._clock.sleep(stamper.every)
            try:
                await self.stamp(stamper)
            except (OSError, ProvenanceError) as problem:
                self._trouble(f"the checkpoint was not time-stamped: {problem}")

    async def _keep(self) -> None:
        while True:
            await self._came.wait()
            await self._guarded(self._journal)

    async def _guarded(self, step: Callable[[], Awaitable[None]]) -> None:
        """Runs one step; trouble with the disk closes the log until it can be opened again."""
        async with self._files:
            try:
                if self.broken:
                    await asyncio.to_thread(self.store.open)
                    self.broken = ""
                await step()
            except (OSError, sqlite3.Error, ConfigError, ProvenanceError) as problem:
                self.broken = str(problem)
                self._trouble(f"the transparency log has stopped: {problem}")
                self._kept.set()

    async def _journal(self) -> None:
        self._came.clear()
        entries = list(self._queue)
        if entries:
            await asyncio.to_thread(self.store.journal, entries)
            for _ in entries:
                self._queue.popleft()
            self._kept.set()

    async def _commit(self) -> None:
        await self._journal()
        if not self.store.waiting:
            return
        head = await asyncio.to_thread(self.store.grow)
        done = self.store.waiting[: head.size - self.store.head.size]
        signature = await self._signer.sign(head.text().encode())
        await asyncio.to_thread(self.store.publish, head, head.signed(self.store.key, signature))
        self._held.difference_update(done)


def open_log(
    directory: str,
    origin: str,
    signer: Signer,
    clock: Clock,
    *,
    required: bool = False,
    stamper: Stamper | None = None,
    trouble: Callable[[str], None] = lambda message: None,
) -> Log:
    """A log in a directory under a name such as `gw.example/log`.

    Raises:
        ConfigError: a name that no checkpoint can carry.
    """
    if not re.fullmatch(r"[^\s+]+", origin):
        raise ConfigError("the log's origin must have no spaces and no plus signs")
    store = LogStore(directory, NoteKey(origin, signer.public))
    return Log(store, signer, clock, required=required, stamper=stamper, trouble=trouble)
