"""The columns that adapters do not read, decided by hand, each with its reason.

`ignored/<registry>.toml` has the registry's own. Where several registries run one platform, their
files name the platform's file (`shared = "_sp_global"`), and add what is their own.

    [[columns]]
    kind = "personal data"
    reason = "A person's address."
    names = ["emailNotification"]

Names are dotted paths as the registry spells them. `cgw check` reports every other column that
comes and is not read: it is new.
"""

from __future__ import annotations

import tomllib
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Annotated

import msgspec

Text = Annotated[str, msgspec.Meta(min_length=1)]


class Kind(StrEnum):
    """Why a column is not read, in short; the reason says more."""

    PERSONAL_DATA = "personal data"
    INTERNAL_KEY = "internal key"
    DISPLAY = "display"
    DUPLICATE = "duplicate"
    NOT_IN_THE_MODEL = "not in the model"
    UNCLEAR = "unclear"
    NOT_MAPPED_YET = "not mapped yet"


class Columns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Columns that are not read for one reason."""

    kind: Kind
    reason: Text
    names: Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    shared: Text | None = None
    columns: tuple[Columns, ...] = ()


def read_columns(text: str) -> tuple[str | None, tuple[Columns, ...]]:
    """What a file says: the name of the file that it shares, if any, and its own columns.

    Raises:
        ValueError: it is no TOML of this form, a reason is missing, or a column stands twice.
    """
    found = msgspec.convert(tomllib.loads(text), _File)
    names = [name for group in found.columns for name in group.names]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"the column {name} stands twice; keep the reason that is right")
    return found.shared, found.columns


@cache
def ignored_columns(adapter_key: str) -> tuple[Columns, ...]:
    """The columns that the adapter of this key does not read, those of its platform first."""
    file = files("adapters").joinpath("ignored", f"{adapter_key}.toml")
    if not file.is_file():
        return ()
    shared, own = read_columns(file.read_text("utf-8"))
    return own if shared is None else (*ignored_columns(shared), *own)


def ignored(adapter_key: str) -> frozenset[str]:
    """The names of these columns, as dotted paths; none for an adapter without a file."""
    return frozenset(name for group in ignored_columns(adapter_key) for name in group.names)
