"""Bodies that could not be decoded at some expense, so that the same bytes do not cost it again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

from gateway.clock import Clock
from gateway.errors import InvalidPayload, PayloadTooLarge, RegistryError


class Unsure(InvalidPayload):
    """A decoding ended, and it may not have been for the body."""


class Spoilt:
    """What each of the last bodies was refused with, for `seconds`: a body that changed is another
    one, and of the same one the reason may have passed, as with a machine short of memory."""

    def __init__(self, clock: Clock, seconds: float = 120.0, most: int = 1_000) -> None:
        self._clock = clock
        self._seconds = seconds
        self._most = most
        self._known: OrderedDict[Hashable, tuple[float, RegistryError]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def note(self, key: Hashable, error: BaseException) -> None:
        """Remembers the error, where it is one that the same bytes would meet again."""
        if isinstance(error, (InvalidPayload, PayloadTooLarge)) and not isinstance(error, Unsure):
            self._known[key] = (self._clock.monotonic() + self._seconds, error)
            self._known.move_to_end(key)
            if len(self._known) > self._most:
                self._known.popitem(last=False)

    def look(self, key: Hashable) -> None:
        """Raises what the body was refused with lately, if it was."""
        found = self._known.get(key)
        if found is None:
            return
        until, error = found
        if self._clock.monotonic() >= until:
            del self._known[key]
            return
        # Anew for each who asks: errors are filled in on their way up.
        again = type(error)(error.message)
        again.told = error.told
        raise again
