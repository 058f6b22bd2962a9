"""Pairs of requests that a joined key would take for one, from a seed."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Every control character, and what programs join texts with; NUL above all.
SEPARATORS = [
    *"\0" * 8,
    *map(chr, range(0x20)),
    "\x7f",
    "\x85",
    "\u2028",
    "\ufeff",
    "\u200b",
    "\ufffd",
    " ",
]
SEPARATORS += [*"-_:;,.|/#+&=@!~'\\\"", "::", "--", '","', "\\u0000", "%00", "\\0"]


@dataclass(frozen=True)
class Sent:
    """A request as it goes over the wire."""

    query: str
    name: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    extensions: Mapping[str, Any] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        told: dict[str, Any] = {"query": self.query}
        if self.name is not None:
            told["operationName"] = self.name
        if self.variables:
            told["variables"] = self.variables
        if self.extensions:
            told["extensions"] = self.extensions
        return json.dumps(told).encode()


def pair(chance: random.Random) -> tuple[Sent, Sent]:
    """Two requests, alike but for where one text ends and the next begins."""
    made = chance.choice([_name_and_document, _names, _variables, _strings, _lists, _extensions])
    one, other = made(chance, chance.choice(SEPARATORS))
    return (one, other) if chance.random() < 0.5 else (other, one)


def _operation(chance: random.Random, name: str) -> str:
    """An operation that says by its alias which one it is."""
    mark = f"m{chance.randrange(30)}"
    read = 'projects(first: 1, registries: ["verra"]) { nodes { id projectName } }'
    return f"query {name} {{ {mark}: {chance.choice(['__typename'] * 6 + [read])} }}"


def _name_and_document(chance: random.Random, joint: str) -> tuple[Sent, Sent]:
    """One text, cut into name and document at two places."""
    one, other = _operation(chance, "A"), _operation(chance, chance.choice("AB"))
    comment = f"{one} #"
    return Sent(f"{comment}{joint}{other}", "A"), Sent(other, f"A{joint}{comment}")


def _names(chance: random.Random, joint: str) -> tuple[Sent, Sent]:
    """One document, and names that only nearly differ."""
    document = f"{_operation(chance, 'A')} {_operation(chance, 'B')}"
    if chance.random() < 0.3:
        document = _operation(chance, "A")
    names = [None, "", "A", "B", "AB", f"A{joint}", f"{joint}B", f"A{joint}B"]
    one, other = chance.sample(names, 2)
    return Sent(document, one), Sent(document, other)


_LOOKUP = "($s: String!, $v: String!) { lookup(scheme: $s, value: $v) { id } }"
_NAMED = """($t: String) { projects(first: 2, registries: ["verra"],
  where: { projectName: { contains: $t } }) { nodes { id projectName } pageInfo { hasNextPage } } }
"""
_LISTED = """($l: [String!]) { projects(first: 2, registries: ["gold-standard"],
  where: { projectId: { in: $l } }) { nodes { id } } }"""
_SWITCHED = "($a: Boolean = false, $b: Boolean = false) {{ {}: __typename @skip(if: $a) "
_SWITCHED += "{}: __typename @include(if: $b) version: __typename }}"


def _variables(chance: random.Random, joint: str) -> tuple[Sent, Sent]:
    """Variables that one text could stand for: values of other types, members that moved."""
    if chance.random() < 0.5:
        marks = [f"m{chance.randrange(30)}" for _ in range(2)]
        document = "query" + _SWITCHED.format(*marks)
        values: list[Any] = [True, False, None, 1, 0, "true", 1.0, [True], {"a": True}]
        made = [{n: chance.choice(values) for n in chance.sample("ab", 2)} for _ in range(2)]
        return Sent(document, variables=made[0]), Sent(document, variables=made[1])
    text = chance.choice(["VCS1", "GS7495", "verra.vcs"])
    document = f"query {_LOOKUP}"
    return (
        Sent(document, variables={"s": text, "v": f"x{joint}y"}),
        Sent(document, variables={"s": f"{text}{joint}x", "v": "y"}),
    )


def _strings(chance: random.Random, joint: str) -> tuple[Sent, Sent]:
    """A text and itself with a separator in it, as a variable or written out."""
    texts = chance.sample(["Project", f"Pro{joint}ject", f"Project{joint}", f"{joint}", "pro"], 2)
    if chance.random() < 0.7:
        document = f"query {_NAMED}"
        return Sent(document, variables={"t": texts[0]}), Sent(document, variables={"t": texts[1]})
    written = [_NAMED.replace("($t: String)", "").replace("$t", json.dumps(t)) for t in texts]
    if chance.random() < 0.5:
        # The character itself, where JSON would write an escape.
        written = [w.replace(json.dumps(t)[1:-1], t) for w, t in zip(written, texts, strict=True)]
    return Sent(written[0]), Sent(written[1])


def _lists(chance: random.Random, joint: str) -> tuple[Sent, Sent]:
    """A list, and the list of its joined values."""
    ids = chance.sample(["GS7495", "GS1", "7495", "GS2001", "1"], 2)
    document = f"query {_LISTED}"
    return (
        Sent(document, variables={"l": ids}),
        Sent(document, variables={"l": chance.choice([[joint.join(ids)], ids[:1], ids[::-1]])}),
    )


def _extensions(chance: random.Random, joint: str) -> tuple[Sent, Sent]:
    """One question with other extensions, and other questions with an extension in their text."""
    document = _operation(chance, "A")
    kinds: list[Mapping[str, Any]] = [
        {},
        {"explain": True},
        {"timing": True},
        {"provenance": {"level": "RECORDS"}},
        {"provenance": {"nonce": "n" + (joint if joint.isprintable() else "-")}},
        {"provenance": {"evidence": True}},
        {"other": {"query": document, "operationName": f"A{joint}B"}},
    ]
    one, other = chance.sample(kinds, 2)
    second = document if chance.random() < 0.7 else f"{document} #{joint}{json.dumps(one)}"
    return Sent(document, "A", {}, one), Sent(second, "A", {}, other)
