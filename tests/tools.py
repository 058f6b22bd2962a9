"""Programs that a few tests drive; without them these tests are skipped, except in CI."""

from __future__ import annotations

import shutil

import pytest


def needed(name: str) -> str:
    """The path of a program, or a skip that says which one is missing."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found
