"""A directory of keys and their history: made, rotated, retired and revoked, never forgotten.

`keys.json` holds the public history, `<kid>.pem` each private key that may still sign, and
`published.json` a copy of the history, by which an older one that is put back is known. Changes
are made under a lock and land by rename, so that a reader sees the old or the new, never half.
"""

from __future__ import annotations

import fcntl
import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gateway.clock import Clock
from gateway.errors import ConfigError, ProvenanceError
from gateway.provenance.durable import write_atomically
from gateway.provenance.jwks import PublishedKey, jwks, read_jwks
from gateway.provenance.keys import LocalSigner, read_private, signer_from_pem, throw_away_signer
from gateway.provenance.keyview import signing_ends
from gateway.provenance.published import PublishedCopy, as_file, strictest
from gateway.provenance.strict import load_json

DAY = 86_400
# A key signs this long; the next one is published this long before it signs, so that everybody
# who caches the key set has it in time.
LIFETIME_DAYS = 90
OVERLAP_DAYS = 7
# What takes effect "now" does so this many seconds later at least, on a whole second: by then
# every process that shares the directory has seen it, and nobody signed beyond it.
AHEAD = 0.75
# How long before the last key ends its owner is warned.
WARN_DAYS = 14
# A history of some thousand keys.
MOST_BYTES = 1024 * 1024
REASONS = ("keyCompromise", "superseded", "cessationOfOperation", "unspecified")


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One key as `cgw keys list` shows it. `state` is next, active, retired or revoked."""

    kid: str
    state: str
    not_before: int | None
    expires: int | None
    can_sign: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Tells one state of the history file from another without reading it."""

    inode: int
    size: int
    modified: int
    changed: int


class Keyring:
    """The keys below one directory, which only its owner may enter."""

    def __init__(self, directory: str | Path, clock: Clock) -> None:
        self.directory = Path(directory)
        self._clock = clock
        self._copy = PublishedCopy(self.directory / "published.json")

    @property
    def _file(self) -> Path:
        return self.directory / "keys.json"

    def published(self) -> list[PublishedKey]:
        """Every key there ever was, oldest first.

        Raises:
            ConfigError: the history is missing, damaged, or older than what was published.
        """
        return self.marked()[1]

    def mark(self) -> Mark:
        """The state of the history file, at the price of opening it: on a network's disk only
        that asks for the present one.

        Raises:
            ConfigError: there is none, or it cannot be reached.
        """
        return self._opened(read=False)[0]

    def marked(self) -> tuple[Mark, list[PublishedKey]]:
        """What `published` gives, and the state of the file that it was read from.

        Raises:
            ConfigError: the history is missing, damaged, or older than what was published.
        """
        # The copy first: it is written last, so what is read after it is never older by chance.
        before = self._copy.read()
        mark, data = self._opened(read=True)
        keys = self._parsed(data)
        self._copy.refuse_older(before, keys)
        return mark, keys

    def _opened(self, *, read: bool) -> tuple[Mark, bytes]:
        try:
            handle = os.open(self._file, os.O_RDONLY)
            try:
                # Before the reading: what is written meanwhile gives another state.
                seen = os.fstat(handle)
                if seen.st_size > MOST_BYTES:
                    raise ConfigError(f"{self._file} is larger than {MOST_BYTES} bytes")
                data = os.read(handle, seen.st_size + 1) if read else b""
            finally:
                os.close(handle)
        except OSError as problem:
            raise ConfigError(f"{self._file} cannot be read: {problem.strerror}") from None
        return Mark(seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns), data

    def _parsed(self, data: bytes) -> list[PublishedKey]:
        try:
            return list(read_jwks(load_json(data)).values())
        except ProvenanceError as problem:
            raise ConfigError(f"{self._file} is damaged: {problem.message}") from None

    def jwks(self) -> dict[str, Any]:
        """The document for `/.well-known/jwks.json`."""
        return jwks(self.published())

    def signer(self) -> LocalSigner:
        """The key that signs now: the newest one whose time has come.

        Raises:
            ConfigError: none is in its time, or its file is missing or open to others.
        """
        now = self._now()
        for key in reversed(self.published()):
            if _state(key, now) == "active":
                return self.private(key.kid)
        raise ConfigError(f"no key in {self.directory} may sign now; run: cgw keys rotate --now")

    def private(self, kid: str) -> LocalSigner:
        """The private part of a key.

        Raises:
            ConfigError: its file is missing, open to others, or holds another key.
        """
        found = signer_from_pem(read_private(self._pem(kid)), where=f"key {kid}")
        if found.kid != kid:
            raise ConfigError(f"{self._pem(kid)} holds another key than its name says")
        return found

    def ends_within(self, days: int = WARN_DAYS) -> int | None:
        """When signing ends if that is within so many days, in Unix seconds, else None. Keys
        that follow without a gap and whose private part is there are counted."""
        now = self._now()
        usable = [key for key in self.published() if self._pem(key.kid).exists()]
        ends = signing_ends(usable, now)
        return ends if ends is not None and ends - now < days * DAY else None

    def rows(self) -> list[KeyRow]:
        """All keys with their states, oldest first."""
        now = self._now()
        return [
            KeyRow(
                key.kid,
                _state(key, now),
                key.not_before,
                key.expires,
                self._pem(key.kid).exists(),
                key.reason,
            )
            for key in self.published()
        ]

    def new(self, *, days: float = LIFETIME_DAYS) -> PublishedKey:
        """Makes the first key, in force from now, for so many days.

        Raises:
            ConfigError: there is a key that signs already.
        """
        self._prepare()
        with self._locked():
            keys = self.published() if self._file.exists() else []
            # Keys that were published are not forgotten with the file that named them.
            self._copy.refuse_older(self._copy.read(), keys)
            now = self._now()
            if any(_state(key, now) in ("active", "next") for key in keys):
                raise ConfigError("there is a key already; run: cgw keys rotate")
            made = self._make(now, now + max(1, round(days * DAY)))
            self._write([*keys, made])
        return made

    def rotate(
        self, *, overlap_days: float = OVERLAP_DAYS, days: float = LIFETIME_DAYS
    ) -> PublishedKey:
        """Publishes the next key and ends the present one where the next begins.

        With `overlap_days=0` the switch is within two seconds; who has a copy of the key set
        must fetch it again. It is also at once where nothing signs now, and no later than the
        present key ends: a published end is never put off, since copies of it are about.

        Raises:
            ConfigError: a next key waits already, and there is an overlap.
        """
        with self._locked():
            keys, now = self.published(), self._now()
            active = [key for key in keys if _state(key, now) == "active"]
            waiting = [key for key in keys if _state(key, now) == "next"]
            if waiting and overlap_days > 0:
                raise ConfigError(
                    "the next key is published already; it begins by itself, "
                    "and `cgw keys rotate --now` puts another one before it"
                )
            begins = max(self._soon(), now + round(overlap_days * DAY)) if active else now
            if active and (last := signing_ends(active, now)) is not None:
                begins = min(begins, last)
            ends = begins + max(1, round(days * DAY))
            # What is published about the waiting key holds; the new one fills the time before.
            ends = min([ends, *(key.not_before or ends for key in waiting)])
            if ends <= begins:
                raise ConfigError("the next key begins this very moment, by itself")
            made = self._make(begins, ends)
            ended = [replace(key, expires=_earlier(key, begins)) for key in active]
            kids = {key.kid: key for key in ended}
            self._write([*(kids.get(key.kid, key) for key in keys), made])
        return made

    def retire(self, kid: str) -> PublishedKey:
        """Ends a key within two seconds and deletes its private part; what it signed stays
        valid.

        Raises:
            ConfigError: there is no such key, or it is revoked already.
        """
        with self._locked():
            keys = self.published()
            key = _find(keys, kid)
            if key.revoked_at is not None:
                raise ConfigError(f"the key {key.kid} is revoked already")
            ends = _earlier(key, self._soon())
            # A key that never signed ends where it would have begun.
            changed = replace(key, expires=max(ends, key.not_before or ends))
            self._write([changed if k.kid == key.kid else k for k in keys])
            self._pem(key.kid).unlink(missing_ok=True)
        return changed

    def revoke(
        self, kid: str, *, reason: str = "keyCompromise", since: int | None = None
    ) -> PublishedKey:
        """Marks a key as not to be trusted and deletes its private part.

        `since` is when it was lost, in Unix seconds (None: now, as soon as every process has
        seen it). After `keyCompromise` nothing it signed holds, except what a log time-stamped
        before. A signer that sees the revocation stops at once, whatever its date.

        Raises:
            ConfigError: there is no such key, the reason is none of the four, or `since` is in the
                future.
        """
        if reason not in REASONS:
            raise ConfigError(f"the reason is one of {', '.join(REASONS)}")
        with self._locked():
            keys, now = self.published(), self._now()
            key = _find(keys, kid)
            if since is not None and since > now:
                raise ConfigError("a key cannot be revoked in the future")
            at = self._soon() if since is None else since
            # What was said of it before holds: a key that is lost is not found again.
            (changed,) = strictest([key], [replace(key, revoked_at=at, reason=reason)])
            self._write([changed if k.kid == key.kid else k for k in keys])
            self._pem(key.kid).unlink(missing_ok=True)
        return changed

    def restore(self, document: object = None) -> list[PublishedKey]:
        """Brings back what was published and the history has lost: keys, ends, revocations.

        `document` is a key set such as `/.well-known/jwks.json` gives; the copy in the directory
        is read in any case. Nothing becomes looser by it. Gives the whole history.

        Raises:
            ConfigError: the history, the copy or the document is damaged.
        """
        with self._locked():
            try:
                given = [] if document is None else list(read_jwks(document).values())
            except ProvenanceError as problem:
                raise ConfigError(f"the key set is not one: {problem.message}") from None
            present = self._parsed(self._opened(read=True)[1]) if self._file.exists() else []
            keys = strictest(strictest(self._copy.read(), given), present)
            if not keys:
                raise ConfigError(f"no keys were ever published from {self.directory}")
            self._write(keys)
        return keys

    def _now(self) -> int:
        return int(self._clock.now().timestamp())

    def _soon(self) -> int:
        return math.floor(self._clock.now().timestamp() + AHEAD) + 1

    def _pem(self, kid: str) -> Path:
        return self.directory / f"{kid}.pem"

    def _prepare(self) -> None:
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as problem:
            raise ConfigError(f"{self.directory} cannot be made: {problem.strerror}") from None

    def _make(self, begins: int, ends: int) -> PublishedKey:
        made = throw_away_signer()
        # The private key is on disk before anything says that it exists.
        write_atomically(self._pem(made.kid), made.pem(), mode=0o600)
        return PublishedKey(made.public, self._now(), begins, ends)

    def _write(self, keys: Sequence[PublishedKey]) -> None:
        write_atomically(self._file, as_file(jwks(keys)), mode=0o644)
        # A crash between the two leaves a copy that is older, which refuses nothing.
        self._copy.keep(keys)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            lock = os.open(self.directory / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as problem:
            raise ConfigError(
                f"{self.directory} cannot be used: {problem.strerror}; run: cgw keys new"
            ) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def _state(key: PublishedKey, now: int) -> str:
    if key.revoked_at is not None:
        return "revoked"
    if key.expires is not None and now >= key.expires:
        return "retired"
    if key.not_before is not None and now < key.not_before:
        return "next"
    return "active"


def _earlier(key: PublishedKey, ends: int) -> int:
    return ends if key.expires is None else min(key.expires, ends)


def _find(keys: Sequence[PublishedKey], kid: str) -> PublishedKey:
    found = [key for key in keys if key.kid.startswith(kid)] if kid else []
    if len(found) != 1:
        what = "no key has" if not found else "several keys have"
        raise ConfigError(f"{what} a thumbprint that begins with {kid!r}")
    return found[0]
