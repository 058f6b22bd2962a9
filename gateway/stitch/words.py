"""What to tell about the words of a question, in vocabularies that are open."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.harmonise.table import search_form
from gateway.harmonise.vocabulary import Vocabulary, vocabularies
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
        if words is None or words.closed:
            continue
        if predicate.op in _PARTS:
            found += _unknown_part(words, predicate)
            continue
        if predicate.op not in (Op.EQ, Op.IN):
            continue
        for text in predicate.values():
            if text in words:
                continue
            if len(found) >= MOST:
                return found
            found.append(
                f"where.{camel(predicate.field)}: no table knows {text!r}."
                f"{or_else(words.near(text))} Registries may use words of their own."
            )
    return found


_PARTS = {Op.CONTAINS: "contains", Op.STARTS_WITH: "starts with"}


def _unknown_part(words: Vocabulary, predicate: Predicate) -> list[str]:
    """The same for a part of a word: that no known word has it, in whichever spelling."""
    part = search_form(str(predicate.value))
    known = map(search_form, words.words)
    if predicate.op is Op.STARTS_WITH:
        fits = any(word.startswith(part) for word in known)
    else:
        fits = any(part in word for word in known)
    if fits or str(predicate.value) in words:
        return []
    return [
        f"where.{camel(predicate.field)}: no word that a table knows {_PARTS[predicate.op]} "
        f"{predicate.value!r}.{or_else(words.near(str(predicate.value)))} "
        "Registries may use words of their own."
    ]
