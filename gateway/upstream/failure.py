"""A failed exchange on its way from the wire to the source: the error and what to make of it."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from gateway.errors import RegistryError
from gateway.provenance.evidence import Exchange

if TYPE_CHECKING:
    from gateway.upstream.call import Call
    from gateway.upstream.response import Received


class Failure(Exception):
    """Never leaves the package: the source turns it into evidence and raises `error`.

    `again` says that another attempt may help, `received` is the response where one came whole.
    `call` is the call that failed, and `before` the exchanges of the same read that did not.
    """

    def __init__(
        self, error: RegistryError, *, again: bool = False, received: Received | None = None
    ) -> None:
        super().__init__(error.message)
        self.error = error
        self.again = again
        self.received = received
        self.call: Call | None = None
        self.before: tuple[Exchange, ...] = ()
        self.attempts = 0
        self.latency_ms = 0

    def raised(self, registry: str, source: int) -> RegistryError:
        """The error for one caller; a shared failure gives each his own."""
        error = copy.copy(self.error)
        error.registry, error.source = registry, source
        return error
