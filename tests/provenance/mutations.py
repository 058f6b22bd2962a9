"""Seeded mutations of parsed JSON: each changes the value, and says where."""

from __future__ import annotations

import copy
import random
from typing import Any

from gateway.provenance.canonical import canonical

Path = tuple[Any, ...]


def paths(value: Any, below: Path = ()) -> list[Path]:
    """Every place in the value, its root included."""
    found = [below]
    if isinstance(value, dict):
        for key, item in value.items():
            found += paths(item, (*below, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found += paths(item, (*below, index))
    return found


def at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def mutate(value: Any, rng: random.Random, roots: list[Path]) -> tuple[Any, Path]:
    """A changed copy of `value`, changed somewhere below one of `roots`, and the place."""
    while True:
        changed = copy.deepcopy(value)
        root = rng.choice(roots)
        path = rng.choice(paths(at(changed, root), root)[1:] or [root])
        holder, step = at(changed, path[:-1]), path[-1]
        if rng.random() < 0.3:
            _restructure(holder, step, rng)
        else:
            holder[step] = _other(holder[step], rng)
        if canonical(changed) != canonical(value):
            return changed, path


def _restructure(holder: Any, step: Any, rng: random.Random) -> None:
    if isinstance(holder, dict):
        choice = rng.randrange(3)
        if choice == 0:
            del holder[step]
        elif choice == 1:
            holder[rng.choice(["extra", "id", "crit", "data", ""])] = rng.choice([1, None, "x"])
        else:
            holder[f"{step}x"] = holder.pop(step)
    else:
        choice = rng.randrange(4)
        if choice == 0:
            del holder[step]
        elif choice == 1:
            holder.insert(step, copy.deepcopy(holder[step]))
        elif choice == 2:
            other = rng.randrange(len(holder))
            holder[step], holder[other] = holder[other], holder[step]
        else:
            holder.append(rng.choice([0, None, {}, "x"]))


def _other(value: Any, rng: random.Random) -> Any:
    if isinstance(value, bool):
        return rng.choice([not value, int(value), None, str(value).lower()])
    if isinstance(value, int):
        return rng.choice(
            [value + 1, value - 1, -value - 1, value * 10, str(value), None, value + 0.5]
        )
    if isinstance(value, str):
        others: list[Any] = [_other_text(value, rng), _other_case(value), None, [value]]
        return rng.choice(others)
    if value is None:
        return rng.choice([0, False, "", {}, [], "null"])
    if isinstance(value, list):
        return rng.choice([[], None, {}, value[::-1], [value], value[1:]])
    return rng.choice([{}, None, [], [value], dict(list(value.items())[1:])])


def _other_text(text: str, rng: random.Random) -> str:
    place = rng.randrange(len(text) + 1)
    kind = rng.randrange(3)
    letter = rng.choice("0aA_-é \u200b森")
    if kind == 0 or place == len(text):
        return text[:place] + letter + text[place:]
    if kind == 1:
        return text[:place] + text[place + 1 :]
    return text[:place] + letter + text[place + 1 :]


def _other_case(text: str) -> str:
    return text.swapcase() if text.swapcase() != text else f"{text} "
