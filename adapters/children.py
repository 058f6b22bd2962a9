"""Children that the mapping tables tell: methodologies, labels and development goals."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from gateway.harmonise.labels import LabelFact
from gateway.harmonise.methodologies import Methodology
from gateway.harmonise.sdgs import sdg
from gateway.model.field import wire
from gateway.model.project import LabelView, MethodologyView

SUBJECT = "children"


class Method(MethodologyView[Methodology]):
    """One methodology out of a registry's text."""

    __slots__ = ()
    methodology_code = wire("code")
    methodology_name = wire("name")
    methodology_raw = wire("raw")
    methodology_version = wire("version")


class Label(LabelView[LabelFact]):
    """One label out of a registry's text."""

    __slots__ = ()
    label = wire("label")
    label_raw = wire("raw")
    label_type = wire("label_type")


def goal_name(text: str) -> str | None:
    """CAD Trust's spelling of a Sustainable Development Goal such as "SDG 13"."""
    found = sdg(text)
    return found.co_benefit if found else None


def goal_number(text: str) -> int | None:
    """The number of a Sustainable Development Goal."""
    found = sdg(text)
    return found.number if found else None


def numbered_goal(name: str) -> Callable[[Any], int | None]:
    """A rule for the number of the goal in the wire field `name`.

    As a rule on the whole row it says nothing of texts that name no goal; the goal's own name
    has told that already.
    """
    text = attrgetter(name)

    def rule(row: Any) -> int | None:
        said = text(row)
        return goal_number(said) if said else None

    rule.__qualname__ = numbered_goal.__qualname__
    return rule
