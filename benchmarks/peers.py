"""Who takes part: how each competitor is started, and how it is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks import hive, mercurius, ours, questions
from benchmarks.process import Process
from benchmarks.site import Site

OURS, STOCK, HIVE, NODE = "carbon-gateway", "strawberry", "hive", "mercurius"
BARE, CONDITIONAL = "pass-through", "pass-through-304"

NAMES = {
    OURS: "carbon-gateway",
    HIVE: "Hive Gateway",
    NODE: "Mercurius",
    STOCK: "stock Strawberry",
    BARE: "pass-through",
    CONDITIONAL: "pass-through with 304",
}
TITLES = {
    OURS: "carbon-gateway",
    HIVE: "Hive Gateway, Mesh REST sources",
    NODE: "Mercurius with JIT, by hand",
    STOCK: "Strawberry on graphql-core, same resolvers",
    BARE: "aiohttp pass-through (reads nothing)",
    CONDITIONAL: "aiohttp pass-through with 304",
}

Start = Callable[[Site], Process]


@dataclass(frozen=True, slots=True)
class Peer:
    """A competitor. `documents` are its texts of the questions."""

    name: str
    start: Start
    documents: Mapping[str, str]
    id_of: Callable[[str], str] = str

    def document(self, question: str, project_id: str) -> str:
        """Its text of a question."""
        return self.documents[question].replace(questions.ID_MARK, self.id_of(project_id))


def everyone(*, npm: bool = True) -> list[Peer]:
    """All competitors, ours first; without `npm` only those made of Python."""
    found = [
        Peer(OURS, ours.gateway, questions.OURS),
        Peer(STOCK, ours.reference, questions.OURS),
        Peer(BARE, ours.pass_through, _NAMED),
        Peer(CONDITIONAL, ours.conditional, _NAMED),
    ]
    if npm:
        found[1:1] = [
            Peer(HIVE, hive.start, questions.HIVE, _key),
            Peer(NODE, mercurius.start, questions.MERCURIUS),
        ]
    return found


def _key(project_id: str) -> str:
    return project_id.rpartition(":")[2]


# The pass-through reads no GraphQL: the question is told by its name.
_NAMED = {name: f"{{ {name} }}" for name in questions.OURS}
