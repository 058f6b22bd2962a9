"""One condition of `where`, such as `country: { eq: KE }`: what it means, or why it cannot hold.

A condition that no record can satisfy whatever registries say is a slip of the asker, and an
empty answer would hide it: no operator given, an empty list, a range that ends before it begins,
operators that exclude each other, a word that the vocabulary does not have.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from strawberry import UNSET

from gateway.errors import BadInput, unknown
from gateway.harmonise.table import fold
from gateway.harmonise.vocabulary import Vocabulary, vocabularies
from gateway.model.nearest import or_else
from gateway.model.question import Op, Predicate
from gateway.stitch.coverage import camel

MAX_TEXT = 200
MAX_LIST = 500
# A year outside of these is a slip of the keys: carbon credits began in the 1990s.
YEARS = range(1900, 2200)
_OPS = {
    "eq": Op.EQ,
    "in_": Op.IN,
    "contains": Op.CONTAINS,
    "starts_with": Op.STARTS_WITH,
    "gte": Op.GTE,
    "lte": Op.LTE,
    "is_null": Op.IS_NULL,
}
_SHOWN = {name: op.value for name, op in _OPS.items()}
# What a record has several of: one may satisfy the one operator, and another the other.
_SEVERAL = frozenset({"country", "sector", "project_type", "methodology", "label", "co_benefit"})


def given(value: Any) -> list[tuple[str, Any]]:
    """The members of an input that say something, by name; null says nothing."""
    if value is None or value is UNSET:
        return []
    named = ((f.name, getattr(value, f.name)) for f in dataclasses.fields(value))
    return [(name, part) for name, part in named if part is not UNSET and part is not None]


def read(name: str, condition: Any, prefix: str = "") -> list[Predicate]:
    """What the condition on a filter means.

    Raises:
        BadInput: where nothing can satisfy it, naming the place and the nearest right word.
    """
    place = f"where.{camel(prefix + name)}"
    found = operators(place, condition)
    _agree(place, name, dict(found))
    words = vocabularies().get(name)
    for op, value in found:
        for at, text in _values(place, op, value):
            if words is not None and words.closed:
                _known(words, at, op, text)
            if name == "vintage_year" and text not in YEARS and op != "is_null":
                raise BadInput(f"`{at}`: a year has four digits, such as 2021.", argument=at)
    return [
        Predicate(prefix + name, _OPS[op], tuple(value) if isinstance(value, list) else value)
        for op, value in found
    ]


def operators(place: str, condition: Any) -> list[tuple[str, Any]]:
    """The operators that are given, each with a value that can be asked.

    Raises:
        BadInput: for none, an empty list, and what is longer than registries can be asked.
    """
    found = given(condition)
    if not found:
        every = [_SHOWN.get(f.name, camel(f.name)) for f in dataclasses.fields(condition)]
        raise BadInput(
            f"`{place}` has no condition; give one of {', '.join(every)}, or leave it out. "
            "To ask for what a registry does not say, use `isNull: true` where there is one.",
            argument=place,
        )
    for op, value in found:
        at = f"{place}.{_SHOWN[op]}"
        if value == []:
            raise BadInput(f"`{at}` is empty: nothing is in it. Leave it out.", argument=at)
        _fits(place, at, value)
    return found


def _fits(place: str, at: str, value: Any) -> None:
    parts = value if isinstance(value, list) else [value]
    shown = place.removeprefix("where.")
    if len(parts) > MAX_LIST:
        raise BadInput(f"`{shown}` takes at most {MAX_LIST} values.", argument=at)
    for part in parts:
        if isinstance(part, str) and (len(part) > MAX_TEXT or not part.strip()):
            raise BadInput(
                f"A text in `{shown}` must have 1 to {MAX_TEXT} characters.", argument=at
            )
        if isinstance(part, str) and any(ord(c) < 32 or ord(c) == 127 for c in part):
            raise BadInput(f"A text in `{shown}` holds a control character.", argument=at)


def _values(place: str, op: str, value: Any) -> Iterable[tuple[str, Any]]:
    at = f"{place}.{_SHOWN[op]}"
    if isinstance(value, list):
        return [(f"{at}[{number}]", part) for number, part in enumerate(value)]
    return [(at, value)]


def _known(words: Vocabulary, at: str, op: str, text: Any) -> None:
    if op in ("eq", "in_"):
        if text not in words:
            raise unknown(at, text, words.near(text), f"one of the {len(words.words)} that exist")
    elif op in ("contains", "starts_with") and not words.holds(text, start=op == "starts_with"):
        how = "starts with" if op == "starts_with" else "contains"
        near = words.near(text)
        raise BadInput(
            f"`{at}`: no {camel(words.name)} {how} {text!r}.{or_else(near)}",
            argument=at,
            **({"didYouMean": list(near)} if near else {}),
        )


def _agree(place: str, name: str, ops: dict[str, Any]) -> None:
    """Refuses operators that exclude each other."""
    if ops.get("is_null") and len(ops) > 1:
        raise BadInput(
            f"`{place}` asks for what is not said and for a value of it at once.", argument=place
        )
    low, high = ops.get("gte"), ops.get("lte")
    if low is not None and high is not None and low > high:
        raise BadInput(
            f"`{place}` begins after it ends: nothing is from {low} on and up to {high}. "
            "`gte` is the lower end.",
            argument=place,
        )
    if name in _SEVERAL:
        return
    wanted = [ops["eq"]] if "eq" in ops else ops.get("in_")
    if wanted is None:
        return
    among = {_plain(value) for value in ops["in_"]} if "eq" in ops and "in_" in ops else None
    left = [
        value
        for value in wanted
        if (among is None or _plain(value) in among)
        and (low is None or value >= low)
        and (high is None or value <= high)
        and _plain(ops.get("contains") or "") in _plain(value)
        and _plain(value).startswith(_plain(ops.get("starts_with") or ""))
    ]
    if not left:
        raise BadInput(
            f"`{place}` has conditions that exclude each other; all of them must hold.",
            argument=place,
        )


def _plain(value: Any) -> Any:
    return fold(value) if type(value) is str else str(value)
