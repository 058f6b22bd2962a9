"""Replay: answering the question again out of the evidence, and comparing the answers.

This module only says what a replayer is; `gateway.replay` is one, and needs the whole server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Played:
    """One upstream exchange as the statement tells it, with its body where that was kept.

    `request_digest` is the hex SHA-256 of the request body, `mapping` the hex digest of the
    recipe that was used then.
    """

    index: int
    registry: str
    outcome: str
    method: str
    uri: str
    request_digest: str | None
    status: int | None
    media_type: str | None
    body: bytes | None
    mapping: str | None


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, and when: replaying must not depend on today."""

    query: str
    variables: Mapping[str, Any] | None
    operation_name: str | None
    asked_at: str


class Replayer(Protocol):
    """Runs the installed mapping over kept bodies instead of the network."""

    def mapping(self, registry: str) -> str | None:
        """The hex digest of the recipe that is installed for a registry."""
        ...

    def answer(self, question: Question, exchanges: Sequence[Played]) -> Mapping[str, Any]:
        """`{data[, errors]}` as the gateway would answer from these exchanges alone.

        Raises:
            ProvenanceError: it cannot be answered from them.
        """
        ...
