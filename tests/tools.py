"""Programs that a few tests drive; without them these tests are skipped, except in CI."""

from __future__ import annotations

import os
import shutil

import pytest


def which(name: str) -> str | None:
    """The path of a program; Debian keeps servers where only root looks."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def needs(name: str) -> pytest.MarkDecorator:
    """Marks a test that cannot run without a program."""
    return pytest.mark.skipif(which(name) is None, reason=f"{name} is not installed")


def needed(name: str) -> str:
    """The path of a program, or a skip that says which one is missing."""
    found = which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found
