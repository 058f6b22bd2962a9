"""What an outcome of a check means, and what to do about it, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.errors import Outcome

_MEANINGS: Final[Mapping[Outcome, str]] = {
    Outcome.TIMEOUT: "It is slow or stuck: raise `timeout` of the registry, or ask its operator",
    Outcome.CONNECT_ERROR: "Nobody answers at its address: check `base_url`, the network and TLS",
    Outcome.HTTP_ERROR: "It refuses the question itself: check `base_url`, headers and credential",
    Outcome.UNAVAILABLE: (
        "It is there and cannot serve its data for now: that passes, or its operator must look"
    ),
    Outcome.RATE_LIMITED: "It wants to be asked less often: lower `rate` of the registry",
    Outcome.INVALID_PAYLOAD: (
        "Its answer is not what the adapter knows: the registry has changed, or a proxy answers "
        "in its place"
    ),
    Outcome.TOO_LARGE: "Its answer is longer than allowed: raise `max_bytes` of the registry",
    Outcome.NOT_CONFIGURED: "The settings of the registry cannot be used: correct them",
}


def meaning(outcome: Outcome) -> str:
    """What stands behind the message of a kind that could not be asked; empty for the others."""
    return _MEANINGS.get(outcome, "")
