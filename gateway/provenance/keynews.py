"""Tells the operator about the signing keys: who signs, that none does, that the end is near."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime

from gateway import log
from gateway.clock import Clock
from gateway.provenance.keyring import DAY, WARN_DAYS
from gateway.provenance.keywatch import KeyWatch

# Seconds between looks, and between repetitions of what has not changed.
EVERY = 1.0
AGAIN = 60.0
DAILY = float(DAY)

_logger = logging.getLogger(__name__)


class KeyNews:
    """Looks at the keys every second. Signing does not wait for it: a `KeyWatch` looks itself."""

    def __init__(self, watch: KeyWatch, clock: Clock, *, logger: logging.Logger = _logger) -> None:
        self._watch = watch
        self._clock = clock
        self._logger = logger
        self._signs: str | None = None
        self._told: dict[str, tuple[str, float]] = {}

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            self.tell()
            await self.remember()
            await self._clock.sleep(EVERY)

    def tell(self) -> None:
        """One look: what is new is told at once, what is still so now and then."""
        now = self._clock.now().timestamp()
        view = self._watch.view()
        signer = view.signer_at(now)
        if signer is not None and signer.kid != self._signs:
            log.event(self._logger, logging.INFO, "signing key in use", kid=signer.kid)
            # A change is news for the warnings too.
            self._told.pop("end", None)
        self._signs = None if signer is None else signer.kid
        self._say("trouble", logging.ERROR, self._watch.trouble, AGAIN)
        problems = "; ".join(view.problems.values())
        self._say("problems", logging.ERROR, problems, AGAIN)
        none = "no signing key is in its time, every question is refused with 503; "
        none += "run: cgw keys rotate --now"
        self._say("none", logging.ERROR, none if signer is None else "", AGAIN)
        ends = None if signer is None else view.ends_after(now)
        near = ends is not None and ends - now < WARN_DAYS * DAY
        self._say("end", logging.WARNING, _end(ends) if near and ends else "", DAILY)

    async def remember(self) -> None:
        """Has what is published written down for the next start."""
        failed = ""
        try:
            if not self._watch.remembered:
                await asyncio.to_thread(self._watch.remember)
        except OSError as problem:
            failed = f"the published keys cannot be written down: {problem}"
        self._say("copy", logging.ERROR, failed, AGAIN)

    def _say(self, about: str, level: int, text: str, again: float) -> None:
        """Says the text unless it was said lately; an empty one ends the matter."""
        if not text:
            self._told.pop(about, None)
            return
        said, when = self._told.get(about, ("", 0.0))
        moment = self._clock.monotonic()
        if said != text or moment - when >= again:
            self._told[about] = (text, moment)
            self._logger.log(level, text)


def _end(ends: int) -> str:
    day = f"{datetime.fromtimestamp(ends, UTC):%Y-%m-%dT%H:%M:%SZ}"
    return f"the last signing key ends at {day} and none follows; run: cgw keys rotate"
