"""What to tell about the words of a question, in vocabularies that are open."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.harmonise.vocabulary import vocabularies
from gateway.model.nearest import or_else
from gateway.model.question import Op, Predicate
from gateway.stitch.coverage import camel

# To look for the nearest word has a price, and nobody reads more.
MOST = 5


def unknown_words(predicates: Iterable[Predicate]) -> list[str]:
    """The words of the question that no table knows, each with the nearest that one does: a
    registry may use a word of its own, but more often it is a slip."""
    found: list[str] = []
    for predicate in predicates:
        words = vocabularies().get(predicate.field.removeprefix("project."))
        if words is None or words.closed or predicate.op not in (Op.EQ, Op.IN):
            continue
        for text in predicate.values():
            if text in words:
                continue
            if len(found) == MOST:
                return found
            found.append(
                f"where.{camel(predicate.field)}: no table knows {text!r}."
                f"{or_else(words.near(text))} Registries may use words of their own."
            )
    return found
