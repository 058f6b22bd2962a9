"""The parameters of an emulated CAD Trust node, validated in the words of the real one's (Joi)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from multidict import MultiMapping

PROJECT_COLUMNS = (
    "warehouseProjectId", "currentRegistry", "registryOfOrigin", "program", "projectName",
    "projectLink", "projectDeveloper", "sector", "projectType", "NDCLinkage", "projectStatus",
    "unitMetric", "methodology", "methodologyVersion", "validationApproach", "projectTag",
    "estimatedAnnualAverageEmissionReduction", "timeStaged", "description",
)  # fmt: skip
MOST = 1000
MOST_FILTER = 100

_FILTER = re.compile(r"^[^:]*?(?<!\w)(\w++):(.+):(in|eq|not|lt|gt|lte|gte|like)")
_ORDER = re.compile(r"(?<!\w)(\w++):(ASC|DESC)")


class Invalid(Exception):
    """What is wrong with the parameters, one sentence each."""

    def __init__(self, errors: Sequence[str]) -> None:
        super().__init__("; ".join(errors))
        self.errors = list(errors)


@dataclass(frozen=True, slots=True)
class Shape:
    """One list's parameters: `single` names the key that asks for one record."""

    single: str
    lists: Mapping[str, int]
    orders: frozenset[str] = frozenset()
    switches: frozenset[str] = frozenset()


PROJECTS = Shape(
    "warehouseProjectId", {"columns": 0, "projectIds": 200},
    switches=frozenset({"onlyMarketplaceProjects"}),
)  # fmt: skip
UNITS = Shape(
    "warehouseUnitId", {"columns": 0, "marketplaceIdentifiers": 200},
    frozenset({"SERIALNUMBER", "ASC", "DESC"}),
    frozenset({"hasMarketplaceIdentifier", "onlyTokenizedUnits", "includeProjectInfoInSearch"}),
)  # fmt: skip
_TEXTS = ("search", "orgUid", "filter", "order")


@dataclass(frozen=True, slots=True)
class Params:
    """Valid parameters; `page` and `limit` are None where one record or all of a few are asked."""

    texts: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]]
    switches: Mapping[str, bool]
    page: int | None
    limit: int | None


def validated(query: MultiMapping[str], shape: Shape) -> Params:
    """The parameters of a request.

    Raises:
        Invalid: in the order of the schema, then for every name that it does not have.
    """
    errors: list[str] = []
    single = shape.single in query
    page = _number(query, "page", errors)
    limit = _number(query, "limit", errors)
    if limit is not None and limit > MOST:
        errors.append(f'"limit" must be less than or equal to {MOST}')
    few = single or (len(query.getall("projectIds", ())) == 1 and "projectIds" in shape.lists)
    if not few:
        missing = (name for name in ("page", "limit") if name not in query)
        errors += [f'"{name}" is required' for name in missing]
    texts = {name: _text(query, name, errors) for name in (*_TEXTS, shape.single) if name in query}
    _check_texts(texts, shape, errors)
    lists = {name: tuple(query.getall(name, ())) for name in shape.lists}
    for name, most in shape.lists.items():
        if most and len(lists[name]) > most:
            errors.append(f'"{name}" must contain less than or equal to {most} items')
    if "projectIds" in shape.lists:
        for place, column in enumerate(lists["columns"]):
            if column not in PROJECT_COLUMNS:
                named = ", ".join(PROJECT_COLUMNS)
                errors.append(f'"columns[{place}]" must be one of [{named}]')
    switches = {name: query.get(name) == "true" for name in shape.switches if name in query}
    errors += [
        f'"{name}" must be a boolean' for name in switches if query[name] not in ("true", "false")
    ]
    known = {"page", "limit", shape.single, *_TEXTS, *shape.lists, *shape.switches}
    errors += [f'"{name}" is not allowed' for name in dict.fromkeys(query) if name not in known]
    if errors:
        raise Invalid(errors)
    return Params(texts, lists, switches, page, limit)


def _number(query: MultiMapping[str], name: str, errors: list[str]) -> int | None:
    text = query.get(name)
    if text is None:
        return None
    if not re.fullmatch(r"-?\d{1,15}", text):
        errors.append(f'"{name}" must be a number')
        return None
    if int(text) < 1:
        errors.append(f'"{name}" must be greater than or equal to 1')
    return int(text)


def _text(query: MultiMapping[str], name: str, errors: list[str]) -> str:
    given = query.getall(name)
    if len(given) > 1:
        errors.append(f'"{name}" must be a string')
    elif not given[0]:
        errors.append(f'"{name}" is not allowed to be empty')
    return given[0]


def _check_texts(texts: Mapping[str, str], shape: Shape, errors: list[str]) -> None:
    asked = texts.get("filter")
    if asked:
        if not _FILTER.search(asked):
            errors.append(f'"filter" with value "{asked}" fails to match the required pattern')
        if len(asked) > MOST_FILTER:
            errors.append(
                f'"filter" length must be less than or equal to {MOST_FILTER} characters long'
            )
    order = texts.get("order")
    if order and order not in shape.orders and not _ORDER.search(order):
        errors.append(f'"order" with value "{order}" fails to match the required pattern')
