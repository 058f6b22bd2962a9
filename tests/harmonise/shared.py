"""Where the reference notes and captured payloads are, and how to skip without them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.paths import SHARED

needs_shared = pytest.mark.skipif(
    not (SHARED / "domain" / "data").is_dir(),
    reason="the reference notes are not beside the repository",
)


def text(*path: str) -> str:
    """A reference file's text."""
    return SHARED.joinpath(*path).read_text(encoding="utf-8")


def data(*path: str) -> Any:
    """A reference file's JSON."""
    return json.loads(text(*path))
