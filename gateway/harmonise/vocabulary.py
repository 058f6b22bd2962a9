"""The words that a filter can be asked with, and what a word that is none of them may stand for.

A vocabulary is *closed* where the filtered value can only ever be one of its words, since a table
of ours makes it: a word outside of it can match nothing, and asking with it is a slip. It is
*open* where registries' own texts are compared too: a word outside of it may be some registry's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Final

from gateway.harmonise import labels as label_rules
from gateway.harmonise import methodologies, project_types, registries, sdgs, sectors
from gateway.harmonise.countries import country, country_name, table
from gateway.harmonise.picklist import picklist
from gateway.harmonise.table import fold
from gateway.model.nearest import MOST, nearest

# Nobody asks for a longer text than a filter takes; see the limit on texts in `where`.
_REMEMBERED = 1024

Means = Callable[[str], str | None]


@dataclass(frozen=True)
class Vocabulary:
    """The words of one filter.

    `means` gives the word that some other spelling stands for (`Renewable energy`), None where
    it stands for none. `has` says of an open vocabulary what else it knows.
    """

    name: str
    words: tuple[str, ...]
    closed: bool
    means: Means = field(default=lambda text: None)
    has: Callable[[str], bool] = field(default=lambda text: False)

    def __contains__(self, text: str) -> bool:
        return fold(text) in self._folded or self.has(text)

    def holds(self, part: str, *, start: bool = False) -> bool:
        """Whether any word contains the part, or starts with it."""
        wanted = fold(part)
        if start:
            return any(word.startswith(wanted) for word in self._folded)
        return any(wanted in word for word in self._folded)

    def near(self, text: str) -> tuple[str, ...]:
        """What the text may stand for, best first."""
        return _near(self, text)

    @property
    def _folded(self) -> frozenset[str]:
        return _folded(self)

    def __hash__(self) -> int:
        return hash(self.name)


@cache
def _folded(vocabulary: Vocabulary) -> frozenset[str]:
    return frozenset(fold(word) for word in vocabulary.words)


@lru_cache(_REMEMBERED)
def _near(vocabulary: Vocabulary, text: str) -> tuple[str, ...]:
    meant = vocabulary.means(text)
    alike = nearest(text, vocabulary.words)
    found = alike if meant is None else (meant, *(word for word in alike if word != meant))
    return found[:MOST]


def near_countries(text: str) -> tuple[str, ...]:
    """The ISO 3166-1 alpha-2 codes that a text may stand for: `GB` for "UK", `KE` for "Kenia"."""
    return _near_countries(text.strip()[:200])


def is_country(code: str) -> bool:
    """Whether it is an alpha-2 code of the table."""
    return country_name(code) is not None


@lru_cache(_REMEMBERED)
def _near_countries(text: str) -> tuple[str, ...]:
    meant = country(text) or country(text.upper())
    if meant is not None:
        return (meant,)
    if len(text) <= 3:
        # Letters of a code say little: any two codes are alike.
        return ()
    names = table().entries
    found = nearest(text, [name for name in names if len(name) > 3])
    return tuple(dict.fromkeys(names[name] for name in found))


def _goal(text: str) -> str | None:
    found = sdgs.sdg(text)
    return found.co_benefit if found else None


def _label(text: str) -> str | None:
    found = label_rules.label(text)
    return found.label if found and found.label_type else None


def _is_methodology(text: str) -> bool:
    return any(found.canonical for found in methodologies.methodologies(text))


def _registry(text: str) -> str | None:
    key = registries.registry_key(text)
    return registries.registry_name(key) if key else None


def _values(name: str) -> tuple[str, ...]:
    found = picklist(name)
    return tuple(value.value for value in found.values) if found else ()


_LABELS: Final = (
    "ABACUS",
    "Article 6 Approved",
    "Article 6 Authorized",
    "Article 6 Endorsed",
    "Article 6 Letter of Qualification",
    "CCB",
    "CCB-Biodiversity Gold",
    "CCB-Climate Gold",
    "CCB-Community Gold",
    "CCB-Gold",
    *(
        label_rules.corsia(phase, state)
        for phase in (
            "Pilot Phase, 2021-2023",
            "First Phase, 2024-2026",
            "Second Phase, 2027-2029",
        )
        for state in ("Eligible", "Pending", "Scope")
    ),
    "ICVCM CCP",
    "Letter of Approval",
    "Letter of Authorization",
    "Letter of Qualification",
    "SD VISta",
    "Social Carbon",
    "W+",
)


@cache
def vocabularies() -> MappingProxyType[str, Vocabulary]:
    """The vocabularies by the name of their filter; other filters have none."""
    made = (
        Vocabulary("sector", sectors.SECTORS, True, sectors.sector),
        Vocabulary("project_type", project_types.PROJECT_TYPES, True, project_types.project_type),
        Vocabulary("co_benefit", tuple(sdgs.CO_BENEFITS.values()), True, _goal),
        Vocabulary("label", _LABELS, False, _label, lambda text: _label(text) == text),
        Vocabulary("methodology", methodologies.known_texts(), False, has=_is_methodology),
        Vocabulary("verification_body", _values("verificationBody"), False),
        Vocabulary("registry_of_origin", registries.known_names(), False, _registry),
    )
    return MappingProxyType({one.name: one for one in made})
