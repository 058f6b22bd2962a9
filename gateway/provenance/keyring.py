"""A directory of keys and their history: made, rotated, retired and revoked, never forgotten.

`keys.json` holds the public history, `<kid>.pem` each private key that may still sign. Changes
are made under a lock and land by rename, so that a reader sees the old or the new, never half.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gateway.clock import Clock
from gateway.errors import ConfigError, ProvenanceError
from gateway.provenance.jwks import PublishedKey, jwks, read_jwks
from gateway.provenance.keys import LocalSigner, read_private, signer_from_pem, throw_away_signer
from gateway.provenance.strict import load_json

DAY = 86_400
# A key signs this long; the next one is published this long before it signs, so that everybody
# who caches the key set has it in time.
LIFETIME_DAYS = 90
OVERLAP_DAYS = 7
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


class Keyring:
    """The keys below one directory, which only its owner may enter."""

    def __init__(self, directory: str | Path, clock: Clock) -> None:
        self.directory = Path(directory)
        self._clock = clock

    @property
    def _file(self) -> Path:
        return self.directory / "keys.json"

    def published(self) -> list[PublishedKey]:
        """Every key there ever was, oldest first.

        Raises:
            ConfigError: the history is missing or damaged.
        """
        try:
            document = load_json(self._file.read_bytes())
            return list(read_jwks(document).values())
        except OSError as problem:
            raise ConfigError(f"{self._file} cannot be read: {problem.strerror}") from None
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
                found = signer_from_pem(read_private(self._pem(key.kid)), where=f"key {key.kid}")
                if found.kid != key.kid:
                    raise ConfigError(f"{self._pem(key.kid)} holds another key than its name says")
                return found
        raise ConfigError(f"no key in {self.directory} may sign now; run: cgw keys rotate --now")

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

    def new(self, *, days: int = LIFETIME_DAYS) -> PublishedKey:
        """Makes the first key, in force from now.

        Raises:
            ConfigError: there is a key that signs already.
        """
        self._prepare()
        with self._locked():
            keys = self.published() if self._file.exists() else []
            now = self._now()
            if any(_state(key, now) in ("active", "next") for key in keys):
                raise ConfigError("there is a key already; run: cgw keys rotate")
            made = self._make(now, now + days * DAY)
            self._write([*keys, made])
        return made

    def rotate(
        self, *, overlap_days: int = OVERLAP_DAYS, days: int = LIFETIME_DAYS
    ) -> PublishedKey:
        """Publishes the next key and ends the present one where the next begins.

        With `overlap_days=0` the switch is now; verifiers may then miss the new key for as long
        as they cache the key set.

        Raises:
            ConfigError: a next key waits already.
        """
        with self._locked():
            keys, now = self.published(), self._now()
            if any(_state(key, now) == "next" for key in keys):
                raise ConfigError("the next key is published already; it begins by itself")
            begins = now + overlap_days * DAY
            made = self._make(begins, begins + days * DAY)
            ended = [
                replace(key, expires=max(begins, now)) if _state(key, now) == "active" else key
                for key in keys
            ]
            self._write([*ended, made])
        return made

    def retire(self, kid: str) -> PublishedKey:
        """Ends a key now and deletes its private part; what it signed stays valid."""
        with self._locked():
            keys, now = self.published(), self._now()
            key = _find(keys, kid)
            if key.revoked_at is not None:
                raise ConfigError(f"the key {key.kid} is revoked already")
            ends = now if key.expires is None else min(key.expires, now)
            # A key that never signed ends where it would have begun.
            changed = replace(key, expires=max(ends, key.not_before or ends))
            self._write([changed if k.kid == key.kid else k for k in keys])
            self._pem(key.kid).unlink(missing_ok=True)
        return changed

    def revoke(
        self, kid: str, *, reason: str = "keyCompromise", since: int | None = None
    ) -> PublishedKey:
        """Marks a key as not to be trusted and deletes its private part.

        `since` is when it was lost, in Unix seconds (None: now). After `keyCompromise` nothing
        it signed holds, except what a log time-stamped before.
        """
        if reason not in REASONS:
            raise ConfigError(f"the reason is one of {', '.join(REASONS)}")
        with self._locked():
            keys, now = self.published(), self._now()
            key = _find(keys, kid)
            at = now if since is None else since
            if at > now:
                raise ConfigError("a key cannot be revoked in the future")
            earlier = at if key.revoked_at is None else min(at, key.revoked_at)
            changed = replace(key, revoked_at=earlier, reason=reason)
            self._write([changed if k.kid == key.kid else k for k in keys])
            self._pem(key.kid).unlink(missing_ok=True)
        return changed

    def _now(self) -> int:
        return int(self._clock.now().timestamp())

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
        text = json.dumps(jwks(keys), indent=2) + "\n"
        write_atomically(self._file, text.encode(), mode=0o644)

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


async def follow(
    ring: Keyring,
    use: Callable[[LocalSigner], None],
    clock: Clock,
    *,
    every: float = 60.0,
    trouble: Callable[[str], None] = lambda message: None,
) -> None:
    """Hands the key that signs now to `use`, again and again; runs until it is cancelled.

    `trouble` hears why no key could be had; the one in use stays in use meanwhile.
    """
    while True:
        try:
            use(await asyncio.to_thread(ring.signer))
        except ConfigError as problem:
            trouble(problem.message)
        await clock.sleep(every)


def write_atomically(path: Path, data: bytes, *, mode: int) -> None:
    """Puts a whole file in place: written aside, flushed to disk, renamed, directory flushed."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.new")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(aside, mode)
        os.replace(aside, path)
    except OSError:
        aside.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Flushes the names in a directory to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _state(key: PublishedKey, now: int) -> str:
    if key.revoked_at is not None:
        return "revoked"
    if key.expires is not None and now >= key.expires:
        return "retired"
    if key.not_before is not None and now < key.not_before:
        return "next"
    return "active"


def _find(keys: Sequence[PublishedKey], kid: str) -> PublishedKey:
    found = [key for key in keys if key.kid.startswith(kid)] if kid else []
    if len(found) != 1:
        what = "no key has" if not found else "several keys have"
        raise ConfigError(f"{what} a thumbprint that begins with {kid!r}")
    return found[0]
