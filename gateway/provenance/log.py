"""The append-only log of everything signed: hashes only, and no answer ever waits for it."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from gateway.clock import Clock
from gateway.errors import ConfigError, LogStopped, Overloaded, ProvenanceError
from gateway.provenance.begun import Begun
from gateway.provenance.journal import ENTRY
from gateway.provenance.keys import Signer
from gateway.provenance.logstore import STAMPS, LogStore
from gateway.provenance.note import NoteKey
from gateway.provenance.timestamp import Stamper
from gateway.provenance.tlogproof import tlog_proof

MOST_WAITING = 100_000
# Seconds between repetitions of a trouble that has not changed.
AGAIN = 60.0
_SERVED = re.compile(
    r"checkpoint|tile/(?:[0-9]|[1-5][0-9]|6[0-3]|entries)/(?:x\d{3}/)*\d{3}(?:\.p/\d{1,3})?"
)


class Log:
    """A C2SP tlog-tiles log with one writer.

    Await `start()`, keep `run()` as a task, cancel it and await `close()` at the end.

    `period` is the seconds between checkpoints while there is anything to log. A log that is
    `required` refuses answers that it cannot take; another one lets them pass unlogged, and
    their statements say so (`log: null`).

    Trouble has two degrees. `stalled`: the tree cannot grow now (no descriptors, a full disk), and
    the journal takes what comes. `broken`: nothing can be taken. Both are tried again at each
    period, both end the gateway's readiness, and nothing that was taken is given up for either.
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
        begun: Begun | None = None,
        trouble: Callable[[str], None] = lambda message: None,
    ) -> None:
        self.store = store
        self.broken = ""
        self.stalled = ""
        self._signer = signer
        self._clock = clock
        self._period = period
        self._required = required
        self._most_waiting = most_waiting
        self._stamper = stamper
        self._begun = begun
        self._trouble = trouble
        self._told: tuple[str, float] | None = None
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

    @property
    def trouble(self) -> str:
        """Why the log does not go on now; empty while it does."""
        return self.broken or self.stalled

    @property
    def held(self) -> int:
        """How many entries were taken and are not yet under a checkpoint."""
        return len(self._held)

    def submit(self, entry: bytes) -> None:
        """Takes a 32-byte hash. When this returns, the entry is in the journal: who kills the
        process then has lost nothing.

        Raises:
            LogStopped: it could not be written down, so that the answer must not name this log.
            ProvenanceError: the entry is not 32 bytes long.
        """
        if len(entry) != ENTRY:
            raise ProvenanceError("a log entry is a SHA-256")
        if entry in self._held:
            return
        try:
            if self.broken:
                raise LogStopped(self.broken, retryAfterSeconds=2)
            self.store.append(entry)
        except OSError as problem:
            self._broke(problem)
            raise LogStopped(self.broken, retryAfterSeconds=2) from None
        self._held.add(entry)
        self._came.set()

    async def start(self) -> None:
        """Locks and verifies the directory.

        Raises:
            ConfigError: another process writes it, it is inconsistent, or it is empty where it
                was begun before.
        """
        async with self._files:
            if self._begun is not None:
                await asyncio.to_thread(self._begun.refuse_anew, self.store.directory)
            await asyncio.to_thread(self.store.open)
            await self._remember()
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
            await self._guarded(self._flush)

    async def _guarded(self, step: Callable[[], Awaitable[None]]) -> None:
        """Runs one step; after trouble the directory is opened anew before the next one."""
        async with self._files:
            try:
                if self.trouble:
                    await asyncio.to_thread(self.store.open)
                    self.broken = ""
                await step()
                self.stalled, self._told = "", None
            except (OSError, sqlite3.Error) as problem:
                if self.store.takes and not self.broken:
                    self._stalls(problem)
                else:
                    self._broke(problem)
            except (ConfigError, ProvenanceError) as problem:
                self._broke(problem)

    def _broke(self, problem: Exception) -> None:
        self.broken = str(problem) or type(problem).__name__
        self._tell(f"the transparency log has stopped: {self.broken}")

    def _stalls(self, problem: Exception) -> None:
        self.stalled = str(problem)
        self._tell(
            f"the transparency log takes entries, and puts none under a checkpoint: {problem}"
        )

    def _tell(self, text: str) -> None:
        now = self._clock.monotonic()
        if self._told is None or self._told[0] != text or now - self._told[1] >= AGAIN:
            self._told = (text, now)
            self._trouble(text)
        self._came.clear()
        self._kept.set()

    async def _flush(self) -> None:
        self._came.clear()
        await asyncio.to_thread(self.store.flush)
        self._kept.set()

    async def _commit(self) -> None:
        if not self.store.waiting:
            return
        await self._flush()
        self._kept.clear()
        head = await asyncio.to_thread(self.store.grow)
        done = self.store.waiting[: head.size - self.store.head.size]
        signature = await self._signer.sign(head.text().encode())
        await asyncio.to_thread(self.store.publish, head, head.signed(self.store.key, signature))
        self._held.difference_update(done)
        await self._remember()
        if self.store.waiting:
            self._kept.set()

    async def _remember(self) -> None:
        """Has it noted elsewhere that there is a log now."""
        if self._begun is None or self._begun.kept or not self.store.head.size:
            return
        try:
            await asyncio.to_thread(self._begun.keep)
        except OSError as problem:
            self._begun.kept = True
            self._trouble(
                "nothing outside of log.directory remembers that the log was begun, so that an "
                f"emptied directory would pass for a new one ({problem}); set signing.recipes_dir"
            )


def open_log(
    directory: str,
    origin: str,
    signer: Signer,
    clock: Clock,
    *,
    required: bool = False,
    stamper: Stamper | None = None,
    beside: Sequence[Path] = (),
    trouble: Callable[[str], None] = lambda message: None,
) -> Log:
    """A log in a directory under a name such as `gw.example/log`; that it was begun is noted in
    the folders `beside`.

    Raises:
        ConfigError: a name that no checkpoint can carry.
    """
    if not re.fullmatch(r"[^\s+]+", origin):
        raise ConfigError("the log's origin must have no spaces and no plus signs")
    store = LogStore(directory, NoteKey(origin, signer.public))
    return Log(
        store,
        signer,
        clock,
        required=required,
        stamper=stamper,
        begun=Begun(origin, beside) if beside else None,
        trouble=trouble,
    )
