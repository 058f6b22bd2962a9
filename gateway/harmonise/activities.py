"""The types and sectors of a project, in its registry's words, else by its methodologies.

Registries name some projects by words that are too coarse for a type or a sector ("Energy
industries"). There the methodology may say more, and the answer says that it was the one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from gateway.harmonise import methodology_activity_data as data
from gateway.harmonise.wordlist import Words
from gateway.model.picklists import ValueBasis


@dataclass(frozen=True, slots=True)
class Named:
    """Types or sectors, what they rest on (None where there are none), and the registry's words
    that no table knows."""

    values: tuple[str, ...] = ()
    basis: ValueBasis | None = None
    unknown: tuple[str, ...] = ()


def types_of(said: Words[str], codes: Iterable[str | None]) -> Named:
    """The types that the registry's words name, else those that the methodologies of these codes
    imply."""
    return _named(said, codes, _types())


def sectors_of(said: Words[str], codes: Iterable[str | None]) -> Named:
    """The sectors that the registry's words name, else those that the methodologies of these codes
    imply."""
    return _named(said, codes, _sectors())


def recipe() -> dict[str, Any]:
    """Both tables as provenance publishes them."""
    return {
        "rule": RULE,
        "types": {code: list(values) for code, values in sorted(_types().items())},
        "sectors": {code: list(values) for code, values in sorted(_sectors().items())},
    }


RULE: Final = "table.methodology-activities/1"


def _named(
    said: Words[str], codes: Iterable[str | None], known: Mapping[str, tuple[str, ...]]
) -> Named:
    if said.values:
        return Named(said.values, ValueBasis.REGISTRY, said.unknown)
    implied = dict.fromkeys(value for code in codes for value in known.get(code or "", ()))
    basis = ValueBasis.METHODOLOGY if implied else None
    return Named(tuple(implied), basis, said.unknown)


@cache
def _types() -> dict[str, tuple[str, ...]]:
    return _by_code(data.TYPES)


@cache
def _sectors() -> dict[str, tuple[str, ...]]:
    return _by_code(data.SECTORS)


def _by_code(table: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for value, codes in table.items():
        for code in codes:
            found[code] = (*found.get(code, ()), value)
    return found
