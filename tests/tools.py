"""What tests need: programs, without which a few are skipped except in CI, and sweeps."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterable
from typing import Any

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


def sweep(values: Iterable[Any], few: int | Collection[Any]) -> list[Any]:
    """The values for `parametrize`, all but so many, or but these, marked slow."""
    listed = list(values)
    quick = listed[:few] if isinstance(few, int) else few
    assert all(value in listed for value in quick), "a sweep keeps some of its own"
    return [
        value
        if value in quick
        else pytest.param(*value, marks=pytest.mark.slow)
        if type(value) is tuple
        else pytest.param(value, marks=pytest.mark.slow)
        for value in listed
    ]
