"""What came back from a registry, whatever way it was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Received:
    """A whole response. Header names are lower-case, values free of control characters."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    certificate: str | None = None
