"""Captured payloads of real registries, where the folder with them lies beside the repository."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapters.contract import Reply

SAMPLES = Path(__file__).parents[3] / "shared" / "registries" / "samples"


def sample(registry: str, name: str) -> bytes:
    """The bytes of one captured body; the test is skipped where there are none."""
    path = SAMPLES / registry / name
    if not path.is_file():
        pytest.skip(f"no captured payload: ../shared/registries/samples/{registry}/{name}")
    return path.read_bytes()


def replied(body: bytes) -> Reply:
    """The body as an adapter's decoder gets it."""
    return Reply(200, {}, body)


def json_type(value: Any) -> str:
    """The JSON type of a decoded value."""
    names = {str: "string", bool: "boolean", dict: "object", list: "array", type(None): "null"}
    return names.get(type(value), "number")


def types_by_key(rows: list[dict[str, Any]]) -> dict[str, set[str]]:
    """Every key of the rows with the JSON types that its values have."""
    found: dict[str, set[str]] = {}
    for row in rows:
        for key, value in row.items():
            found.setdefault(key, set()).add(json_type(value))
    return found
