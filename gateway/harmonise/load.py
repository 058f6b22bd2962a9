"""Reads this package's own data files, at first use."""

from __future__ import annotations

from importlib.resources import files
from typing import TypeVar

import msgspec

SUBJECT = "load"
T = TypeVar("T")


def load(name: str, shape: type[T]) -> T:
    """The data file `data/<name>`, decoded strictly into its shape."""
    body = files(__package__).joinpath("data", name).read_bytes()
    return msgspec.json.decode(body, type=shape)
