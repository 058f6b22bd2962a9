"""The shape of what a verifier reads: every member is named, typed and nothing else is there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from gateway.errors import ProvenanceError
from gateway.provenance.strict import one_line

_HEX = re.compile(r"[0-9a-f]{64}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def members(value: object, what: str, required: str, optional: str = "") -> dict[str, Any]:
    """`value` as an object that has the required members and no unknown ones.

    Raises:
        ProvenanceError: it is no object, lacks a required member, or has an unknown one.
    """
    if not isinstance(value, dict):
        raise ProvenanceError(f"{what} is not an object")
    needed, known = set(required.split()), set(optional.split())
    if missing := sorted(needed - set(value)):
        raise ProvenanceError(f"{what} has no {missing[0]}")
    if unknown := sorted(set(value) - needed - known):
        raise ProvenanceError(f"{what} has an unknown member: {one_line(unknown[0])}")
    return value


def text(value: object, what: str) -> str:
    """`value` as text.

    Raises:
        ProvenanceError: it is no text; the message begins with `what`.
    """
    if not isinstance(value, str):
        raise ProvenanceError(f"{what} is not text")
    return value


def optional_text(value: object, what: str) -> str | None:
    """`value` as text or null."""
    return None if value is None else text(value, what)


def flag(value: object, what: str) -> bool:
    """`value` as true or false.

    Raises:
        ProvenanceError: it is neither true nor false.
    """
    if not isinstance(value, bool):
        raise ProvenanceError(f"{what} is not true or false")
    return value


def whole(value: object, what: str) -> int:
    """`value` as a whole number that is not negative.

    Raises:
        ProvenanceError: it is no whole number, or negative.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ProvenanceError(f"{what} is not a whole number")
    return value


def listed(value: object, what: str) -> list[Any]:
    """`value` as a list.

    Raises:
        ProvenanceError: it is no list.
    """
    if not isinstance(value, list):
        raise ProvenanceError(f"{what} is not a list")
    return value


def texts(value: object, what: str) -> list[str]:
    """`value` as a list of texts."""
    return [text(item, what) for item in listed(value, what)]


def hex_digest(value: object, what: str) -> str:
    """`value` as 64 lower-case hex digits.

    Raises:
        ProvenanceError: it is anything else.
    """
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise ProvenanceError(f"{what} is not a SHA-256 in lower-case hex")
    return value


def digest_of(value: object, what: str) -> str:
    """The hex of a `{"sha256": hex}`."""
    return hex_digest(members(value, what, "sha256")["sha256"], what)


def optional_digest(value: object, what: str) -> str | None:
    """The hex of a `{"sha256": hex}`, or None for null."""
    return None if value is None else digest_of(value, what)


def instant(value: object, what: str) -> datetime:
    """`value` as RFC 3339 in UTC with milliseconds.

    Raises:
        ProvenanceError: it is anything else.
    """
    if isinstance(value, str) and _TIME.fullmatch(value):
        try:
            return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
        except ValueError:
            pass
    raise ProvenanceError(f"{what} is not a time in UTC with milliseconds")


def nullable(read: Callable[[object, str], Any], value: object, what: str) -> Any:
    """`read(value)`, or None for null."""
    return None if value is None else read(value, what)


def mapping(value: object, what: str) -> Mapping[str, Any]:
    """`value` as an object of any shape.

    Raises:
        ProvenanceError: it is no object.
    """
    if not isinstance(value, dict):
        raise ProvenanceError(f"{what} is not an object")
    return value
