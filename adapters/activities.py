"""The fields of a project view that tell its types and sectors, and what they rest on.

    project_type, project_types, project_type_basis = type_fields(words, methods, "kind", "method")

Each is a triple: the first value, all of them, and `REGISTRY` or `METHODOLOGY`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any

from gateway.harmonise import activities
from gateway.harmonise.activities import RULE, Named, sectors_of, types_of
from gateway.harmonise.project_types import type_words
from gateway.harmonise.sectors import sector_words
from gateway.harmonise.table import Table
from gateway.harmonise.wordlist import NOTHING, Words
from gateway.model.field import computed
from gateway.model.picklists import ValueBasis
from gateway.model.project import MethodologyView

Said = Callable[[Any], Words[str]]
Methods = Callable[[Any], Iterable[MethodologyView[Any]]]
Fields = tuple[Any, Any, Any]


def sector_fields(said: Said, methods: Methods, *inputs: str) -> Fields:
    """`sector`, `sectors` and `sector_basis` of rows whose own words `said` reads.

    `methods` gives the row's methodologies, `inputs` names the wire fields that both read.
    """
    return _fields(_Rule("sectors", sectors_of, said, methods), inputs)


def type_fields(said: Said, methods: Methods, *inputs: str) -> Fields:
    """`project_type`, `project_types` and `project_type_basis`, in the same way."""
    return _fields(_Rule("types", types_of, said, methods), inputs)


def nothing(row: Any) -> tuple[MethodologyView[Any], ...]:
    """For `methods` of rows that name none."""
    return ()


def sector_words_of(path: str) -> Said:
    """The sectors that the wire field lists."""
    return _words(path, sector_words)


def type_words_of(path: str) -> Said:
    """The types that the wire field lists."""
    return _words(path, type_words)


def looked_up(path: str, table: Table[str], silent: Callable[[str], bool]) -> Said:
    """The value of a registry's own table; `silent` knows the words that have none on purpose."""
    get = attrgetter(path)

    def said(row: Any) -> Words[str]:
        text = get(row)
        if not text or ((value := table(text)) is None and silent(text)):
            return NOTHING
        return Words((), (text,)) if value is None else Words((value,))

    return said


def _words(path: str, read: Callable[[object], Words[str]]) -> Said:
    get = attrgetter(path)
    return lambda row: read(get(row))


class _Rule:
    """Reads a row; its parts are the rules that a mapping recipe names."""

    __slots__ = ("_methods", "_of", "_said", "name")

    def __init__(
        self,
        name: str,
        of: Callable[[Words[str], Iterable[str | None]], Named],
        said: Said,
        methods: Methods,
    ) -> None:
        self.name = name
        self._of, self._said, self._methods = of, said, methods

    def read(self, row: Any) -> Named:
        """What the row says. The methodologies are looked at only where its words name nothing."""
        said = self._said(row)
        if said.values:
            return self._of(said, ())
        return self._of(said, [one.methodology_code for one in self._methods(row)])

    def unknown(self, row: Any) -> tuple[str, ...]:
        """The registry's words that no table knows."""
        return self._said(row).unknown

    def recipe(self) -> dict[str, Any]:
        """The table of methodologies; the registry's own words have the tables of their names."""
        table = activities.recipe()
        return {"rule": RULE, "table": table[self.name]}


class _Part:
    """One of the three fields, as a rule of its own."""

    __slots__ = ("_rule", "_take", "rule")

    def __init__(self, rule: _Rule, part: str, take: Callable[[Named], Any]) -> None:
        self._rule, self._take = rule, take
        self.rule = f"{RULE}:{rule.name}:{part}"

    def __call__(self, row: Any) -> Any:
        return self._take(self._rule.read(row))

    def recipe(self) -> dict[str, Any]:
        """What provenance publishes for the rule."""
        return self._rule.recipe()


def _fields(rule: _Rule, inputs: tuple[str, ...]) -> Fields:
    return (
        computed(_Part(rule, "first", _first), *inputs, unmapped=rule.unknown),
        computed(_Part(rule, "all", _all), *inputs, unmapped=rule.unknown),
        computed(_Part(rule, "basis", _basis), *inputs),
    )


def _first(named: Named) -> str | None:
    return named.values[0] if named.values else None


def _all(named: Named) -> tuple[str, ...] | None:
    """None where nothing is said: an empty list would say that there are none."""
    return named.values or None


def _basis(named: Named) -> ValueBasis | None:
    return named.basis
