"""How one registry's part of an answer ended."""

from enum import StrEnum


class Outcome(StrEnum):
    """Typed outcomes, as coverage shows them and the signed statement carries them."""

    OK = "OK"
    STALE = "STALE"
    PARTIAL = "PARTIAL"
    TIMEOUT = "TIMEOUT"
    CONNECT_ERROR = "CONNECT_ERROR"
    HTTP_ERROR = "HTTP_ERROR"
    UNAVAILABLE = "UNAVAILABLE"
    RATE_LIMITED = "RATE_LIMITED"
    INVALID_PAYLOAD = "INVALID_PAYLOAD"
    TOO_LARGE = "TOO_LARGE"
    CIRCUIT_OPEN = "CIRCUIT_OPEN"
    SHED = "SHED"
    SKIPPED = "SKIPPED"
    NOT_CONFIGURED = "NOT_CONFIGURED"

    @property
    def answered(self) -> bool:
        """Whether any data came from the registry."""
        return self in (Outcome.OK, Outcome.STALE, Outcome.PARTIAL)
