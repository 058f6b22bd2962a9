"""Every number of a configuration and of a manifest has a least and a most."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from adapters.manifest_model import MODELS
from gateway.config import Settings
from gateway.configfile import load
from gateway.configtypes import bounds, span
from gateway.errors import ConfigError

NUMBERS = {int, float, Decimal}


class Number(typing.NamedTuple):
    model: type[BaseModel]
    name: str
    metadata: list[Any]


def parts(kind: Any, metadata: list[Any]) -> Iterator[tuple[Any, list[Any]]]:
    """The types that an annotation is made of, each with what is said beside it."""
    if hasattr(kind, "__metadata__"):
        yield from parts(kind.__origin__, [*metadata, *kind.__metadata__])
    elif typing.get_origin(kind) in (typing.Union, types.UnionType):
        for one in kind.__args__:
            yield from parts(one, metadata)
    elif arguments := getattr(kind, "__args__", ()):
        for one in arguments:
            yield from parts(one, [])
    else:
        yield kind, metadata


def numbers(model: type[BaseModel], seen: set[type[BaseModel]]) -> Iterator[Number]:
    if model in seen:
        return
    seen.add(model)
    for name, field in model.model_fields.items():
        for kind, metadata in parts(field.annotation, field.metadata):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from numbers(kind, seen)
            elif kind in NUMBERS:
                yield Number(model, name, metadata)


def bounded(metadata: list[Any]) -> bool:
    flat = [two for one in metadata for two in (one, *getattr(one, "metadata", ()))]
    lower = any(hasattr(one, "ge") or hasattr(one, "gt") for one in flat)
    return lower and any(hasattr(one, "le") or hasattr(one, "lt") for one in flat)


def test_every_numeric_setting_has_both_bounds() -> None:
    found = list(numbers(Settings, set()))
    assert len(found) >= 35
    assert [f"{one.model.__name__}.{one.name}" for one in found if not bounded(one.metadata)] == []
    # What is printed in messages and on the page is what is checked.
    assert all(span(one.model.model_fields[one.name]) for one in found)


def test_every_number_of_a_manifest_has_both_bounds() -> None:
    seen: set[type[BaseModel]] = set()
    found = [one for model in MODELS.values() for one in numbers(model, seen)]
    assert len(found) >= 20
    loose = [f"{one.model.__name__}.{one.name}" for one in found if not bounded(one.metadata)]
    assert loose == []


def settings() -> Iterator[tuple[str, str, FieldInfo]]:
    for section, outer in Settings.model_fields.items():
        for name, field in getattr(outer.annotation, "model_fields", {}).items():
            if span(field):
                yield section, name, field


@pytest.mark.parametrize(
    ("section", "name", "field"), [pytest.param(*one, id=".".join(one[:2])) for one in settings()]
)
def test_the_bounds_themselves_are_taken_and_what_is_beyond_is_named(
    section: str, name: str, field: FieldInfo
) -> None:
    least, most = bounds(field)
    variable = f"CGW_{section}__{name}".upper()
    for value in (least, most):
        loaded = load(None, {variable: str(value)})
        assert getattr(getattr(loaded, section), name) == value
    for value in (least - 1, most + 1, most * 10**9 + 1):
        with pytest.raises(ConfigError) as caught:
            load(None, {variable: str(value)})
        told = caught.value.message
        assert told == f"{variable}: {section}.{name}: {value} is out of range; it must be " + span(
            field
        )
