"""The keys of a directory as a running gateway uses them: looked at whenever they are used."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

from gateway.clock import Clock
from gateway.errors import ConfigError, NoSigningKey
from gateway.provenance.jwks import PublishedKey, jwks
from gateway.provenance.keyring import Keyring, Mark
from gateway.provenance.keys import LocalSigner
from gateway.provenance.keyview import KeyView
from gateway.provenance.published import PublishedCopy, older, step_back

# Seconds that the last good reading serves while the history cannot be read: as long as a copy
# that is not atomic may take. Longer, and a revocation might be missed.
GRACE = 30.0
# Seconds between attempts to read a private key that was missing.
AGAIN = 1.0
# Seconds after which to ask again where nobody knows when a key will come.
RETRY = 5
MOST_RETRY = 300


class KeyWatch:
    """Signs by the key whose time it is, and publishes by the same reading of the directory.

    The history file is looked at for every statement (a few microseconds), so that a change by
    another process holds from the next statement on, in every process that shares the directory.
    What was read is kept until the file is another one, the private keys in it too: nothing is
    read at the moment when one key takes over from the other.

    What was published is remembered: a history that takes something of it back (an older file
    put in place by hand, in which a revoked key is a good one again) is refused like one that
    cannot be read. `copy`, outside of the directory, remembers it for the next start.
    """

    def __init__(self, ring: Keyring, clock: Clock, *, copy: PublishedCopy | None = None) -> None:
        """Reads the directory.

        Raises:
            ConfigError: the history is missing, damaged, or older than what was published.
        """
        self._ring = ring
        self._clock = clock
        self._copy = copy
        self._mark, keys = ring.marked()
        if copy is not None:
            copy.refuse_older(copy.read(), keys)
        self._view = self._viewed(keys, {})
        self._tried = clock.monotonic()
        # The state of the file that could not be read, why, and since when on the monotonic clock.
        self._refused: Mark | None = None
        self._trouble = ""
        self._since = 0.0

    @property
    def trouble(self) -> str:
        """Why the history cannot be taken now; empty while it can."""
        return self._trouble

    def view(self) -> KeyView:
        """The present reading: the last good one while the file cannot be read."""
        try:
            mark = self._ring.mark()
            if mark != self._mark:
                self._read(mark)
            elif self._view.problems and self._clock.monotonic() - self._tried >= AGAIN:
                self._see(list(self._view.keys))
            if mark == self._mark:
                self._trouble, self._refused = "", None
        except ConfigError as problem:
            self._troubled(problem.message)
        return self._view

    def at(self, moment: datetime) -> tuple[LocalSigner, ...]:
        """The key that signs what is dated so.

        Raises:
            NoSigningKey: none is in its time, or the directory could not be read for long.
        """
        view = self.view()
        if self._trouble and self._clock.monotonic() - self._since > GRACE:
            raise NoSigningKey(
                "The signing keys cannot be read, or are older than what was published, so the "
                "gateway answers nothing.",
                retryAfterSeconds=RETRY,
            )
        seconds = moment.timestamp()
        signer = view.signer_at(seconds)
        if signer is None:
            begins = view.begins_after(seconds)
            wait = RETRY if begins is None else math.ceil(begins - seconds)
            raise NoSigningKey(
                "No signing key is in its time, so the gateway answers nothing.",
                retryAfterSeconds=min(max(wait, 1), MOST_RETRY),
            )
        return (signer,)

    def stand(self, signers: tuple[Any, ...], moment: datetime) -> bool:
        """Whether these keys, as they are known now, may have signed what is dated so."""
        view, seconds = self.view(), moment.timestamp()
        return all(view.stands(signer.kid, seconds) for signer in signers)

    def jwks(self) -> dict[str, Any]:
        """The document for `/.well-known/jwks.json`."""
        return jwks(self.view().keys)

    @property
    def remembered(self) -> bool:
        """Whether `remember` has nothing to write."""
        return self._copy is None or self._copy.holds(self._view.keys)

    def remember(self) -> None:
        """Writes down outside of the directory what is published. Blocks.

        Raises:
            OSError: it cannot be written.
        """
        if self._copy is not None:
            self._copy.keep(self._view.keys)

    def seconds_left(self, moment: datetime) -> tuple[float | None, float | None]:
        """Seconds until the key that signs ends, and until no key is left that follows."""
        view, seconds = self.view(), moment.timestamp()
        key, ends = view.key_at(seconds), view.ends_after(seconds)
        if key is None:
            return 0.0, 0.0
        return (
            None if key.expires is None else key.expires - seconds,
            None if ends is None else ends - seconds,
        )

    def _read(self, mark: Mark) -> None:
        # A state that was refused is not parsed again for every statement.
        if mark == self._refused:
            return
        self._refused = mark
        read, keys = self._ring.marked()
        if why := step_back(self._view.keys, keys):
            raise ConfigError(older(why, "FILE, with what /.well-known/jwks.json gives"))
        self._mark = read
        self._see(keys)

    def _see(self, keys: list[PublishedKey]) -> None:
        held = {key.kid: signer for key, signer in self._view.pairs}
        self._view = self._viewed(keys, held)
        self._tried = self._clock.monotonic()

    def _viewed(self, keys: list[PublishedKey], held: dict[str, LocalSigner]) -> KeyView:
        """The view of these keys. What was `held` is not read again: `retire` deletes the
        private part a moment before the key ends."""
        now = self._clock.now().timestamp()
        signers: dict[str, LocalSigner] = {}
        problems: dict[str, str] = {}
        for key in keys:
            if key.revoked_at is not None or (key.expires is not None and key.expires <= now):
                continue
            try:
                signers[key.kid] = held.get(key.kid) or self._ring.private(key.kid)
            except ConfigError as problem:
                problems[key.kid] = problem.message
        return KeyView.of(keys, signers, problems)

    def _troubled(self, why: str) -> None:
        if not self._trouble:
            self._since = self._clock.monotonic()
        self._trouble = why
