"""Log lines that may come often: each is written once in a while, with the number of those that
were left out.

A registry that is down for an hour is one line a minute, not one for each of a million questions;
and nothing is left out in silence.
"""

from __future__ import annotations

import logging
from collections import OrderedDict, deque
from collections.abc import Hashable
from typing import Any

from gateway import log
from gateway.clock import Clock

_QUIET = 60.0
# Different things that are remembered; the one that was told longest ago is forgotten first.
_MOST = 512
_TEXT = 200
_RATE = 120


class Sparing:
    """One part's log. `of` names what a line is about; lines about the same thing are one. `rate`
    is how many lines there are in `quiet` seconds, whatever they are about."""

    def __init__(
        self,
        logger: logging.Logger,
        clock: Clock,
        *,
        quiet: float = _QUIET,
        most: int = _MOST,
        rate: int = _RATE,
    ) -> None:
        self._logger = logger
        self._clock = clock
        self._quiet = quiet
        self._most = most
        # When each was told, and how many were left out since.
        self._told: OrderedDict[Hashable, list[float]] = OrderedDict()
        self._forgotten = 0
        self._times: deque[float] = deque(maxlen=rate)

    def first(self, of: Hashable) -> bool:
        """Whether this is the first time lately; asked where it costs to find out what a line
        would say."""
        known = self._told.get(of)
        now = self._clock.monotonic()
        if known is not None and now - known[0] < self._quiet:
            return False
        self._remember(of, now)
        return True

    def tell(self, level: int, message: str, of: Hashable, **fields: Any) -> None:
        """Write the line, unless one about the same was written lately. Texts are cut."""
        now = self._clock.monotonic()
        known = self._told.get(of)
        if known is not None and now - known[0] < self._quiet:
            known[1] += 1
            return
        if len(self._times) == self._times.maxlen and now - self._times[0] < self._quiet:
            self._forgotten += 1
            return
        self._times.append(now)
        self._remember(of, now)
        left_out = int(known[1]) if known is not None else 0
        if left_out:
            fields["leftOut"] = left_out
        if self._forgotten:
            fields["leftOutOfOthers"], self._forgotten = self._forgotten, 0
        cut = {name: _short(value) for name, value in fields.items()}
        log.event(self._logger, level, message, **cut)

    def _remember(self, of: Hashable, now: float) -> None:
        self._told[of] = [now, 0]
        self._told.move_to_end(of)
        while len(self._told) > self._most:
            _, (_, left_out) = self._told.popitem(last=False)
            self._forgotten += int(left_out)


def _short(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    line = "".join(sign if sign.isprintable() else " " for sign in value)
    return line if len(line) <= _TEXT else f"{line[: _TEXT - 1]}…"
