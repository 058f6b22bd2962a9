"""What a document may be made of, counted before anything looks at what it means.

Nothing here knows the schema. Every definition counts, also those that the operation does not
reach: they are all parsed, kept and validated. What is counted is what the work that follows
grows with, faster than the text itself does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Token,
    TokenKind,
)

from gateway.config import LimitSettings
from gateway.errors import TooComplex

# Nobody writes brackets this deep by hand, and what reads them recurses once for each.
MOST_BRACKETS = 100
# A response key comes back with every record.
MOST_NAME = 200
# Two fields of one name are merged, after each was compared with each.
MOST_COMPARED = 4_000
# Fields of all selections, fragments written out where they are spread.
MOST_SELECTED = 4_000
# Operations and fragments; some rules of validation look at each from each.
MOST_DEFINITIONS = 100
MOST_VARIABLES = 100
# Values in the variables that are given, all levels together, and characters of one text.
MOST_VALUES = 5_000
MOST_TEXT = 10_000
# The largest number that every JSON reader reads alike.
_MOST_SHOWN = 2**53 - 1

OPEN = frozenset({TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L})
CLOSE = frozenset({TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R})


def within(limit: str, measured: int, allowed: int) -> None:
    """Refuse what is measured over its limit.

    Raises:
        TooComplex: `measured` is over `allowed`; the message and the details name `limit`.
    """
    if measured > allowed:
        shown = min(measured, _MOST_SHOWN)
        raise TooComplex(
            f"the query is too complex: {limit} is {shown}, at most {allowed} is allowed",
            limit=limit,
            measured=shown,
            allowed=allowed,
        )


def check_tokens(first: Token) -> int:
    """How many tokens follow the first; they are let go of, which would else outlive the parsing
    as one ring.

    Raises:
        TooComplex: `brackets` or `name_chars` is over its limit.
    """
    many = open_now = deepest = longest = 0
    token: Token | None = first
    while token is not None:
        many += 1
        if token.kind in OPEN:
            open_now += 1
            deepest = max(deepest, open_now)
        elif token.kind in CLOSE:
            open_now -= 1
        elif token.kind is TokenKind.NAME:
            longest = max(longest, token.end - token.start)
        following = token.next
        token.prev = token.next = None
        token = following
    within("brackets", deepest, MOST_BRACKETS)
    within("name_chars", longest, MOST_NAME)
    return many


def check_definitions(document: DocumentNode, limits: LimitSettings) -> None:
    """Every operation and fragment, whichever of them is asked for.

    Raises:
        TooComplex: `definitions`, `variables`, `root_fields`, `fields` or `fields_of_one_name`
            is over its limit.
    """
    within("definitions", len(document.definitions), MOST_DEFINITIONS)
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    count = _Count(fragments)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            variables = len(definition.variable_definitions or ())
            within("variables", variables, MOST_VARIABLES)
            roots = count.merged([definition.selection_set])
            within("root_fields", roots, limits.root_fields)
    for name, fragment in fragments.items():
        if name not in count.reached:
            count.merged([fragment.selection_set])


class _Count:
    """Fields of merged selections, and the comparisons that their merging takes."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self.reached: set[str] = set()
        self._selected = 0
        self._compared = 0

    def merged(self, selections: Sequence[SelectionSetNode]) -> int:
        """How many response names these selections have together; what is below them counts."""
        names = 0
        pending = [(0, list(selections))]
        while pending:
            level, sets = pending.pop()
            grouped: dict[str, list[FieldNode]] = {}
            for node in self._fields(sets):
                grouped.setdefault((node.alias or node.name).value, []).append(node)
            if not level:
                names = len(grouped)
            for nodes in grouped.values():
                self._compared += len(nodes) * (len(nodes) - 1) // 2
                inner = [node.selection_set for node in nodes if node.selection_set]
                if inner:
                    pending.append((level + 1, inner))
            within("fields_of_one_name", self._compared, MOST_COMPARED)
        return names

    def _fields(self, sets: list[SelectionSetNode]) -> Iterator[FieldNode]:
        seen: set[str] = set()
        while sets:
            for node in sets.pop().selections:
                # Spreads count too: a selection of nothing else is walked all the same.
                self._selected += 1
                if isinstance(node, FieldNode):
                    yield node
                elif not isinstance(node, FragmentSpreadNode):
                    sets.append(node.selection_set)  # type: ignore[attr-defined]
                elif (name := node.name.value) not in seen and name in self._fragments:
                    seen.add(name)
                    self.reached.add(name)
                    sets.append(self._fragments[name].selection_set)
            within("fields", self._selected, MOST_SELECTED)


def check_variables(given: Mapping[str, Any]) -> None:
    """The values that came with the document, before any of them is looked at.

    Raises:
        TooComplex: `variables`, `variable_values` or `variable_chars` is over its limit.
    """
    within("variables", len(given), MOST_VARIABLES)
    values = 0
    pending: list[Any] = [given]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            within("variable_chars", len(value), MOST_TEXT)
            continue
        if isinstance(value, dict):
            for name in value:
                within("variable_chars", len(name), MOST_TEXT)
            inner: Any = value.values()
        elif isinstance(value, list):
            inner = value
        else:
            continue
        values += len(value)
        within("variable_values", values, MOST_VALUES)
        pending.extend(inner)
