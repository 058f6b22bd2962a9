"""A list of a REST or GraphQL interface as the manifest declares it, checked when it is loaded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

from adapters.manifest_filters import Asked
from adapters.manifest_problem import Problem
from adapters.manifest_records import Records
from adapters.manifest_request import check_placed
from adapters.manifest_resource import (
    GraphqlKey,
    GraphqlResource,
    Placed,
    RestFilter,
    RestKey,
    RestResource,
)
from gateway.model.question import Op

P = TypeVar("P", bound=Placed)


@dataclass(frozen=True, slots=True)
class Shown:
    """The list as both kinds of interface declare it."""

    path: str
    params: Mapping[str, Any]
    body: Mapping[str, Any] | None
    data_selector: str
    total_selector: str | None
    graphql: bool


def shown(resource: RestResource | GraphqlResource) -> Shown:
    """The list as it is asked for."""
    endpoint = resource.endpoint
    path = f"/{endpoint.path.lstrip('/')}" if endpoint.path else ""
    path = quote(path, safe="/%:@!$&'()*+,;=~-._")
    if isinstance(resource, GraphqlResource):
        body = {"query": resource.endpoint.query, "variables": dict(resource.endpoint.variables)}
        return Shown(path, {}, body, endpoint.data_selector, endpoint.total_selector, True)
    rest = resource.endpoint
    return Shown(
        path,
        rest.params,
        (rest.json_ or {}) if rest.method == "POST" else None,
        rest.data_selector,
        rest.total_selector,
        False,
    )


def by_key(
    resource: RestResource | GraphqlResource, records: Records
) -> RestKey | GraphqlKey | None:
    """How records are read by key, checked.

    Raises:
        Problem: the path lacks `{key}`, or is written beside what only a list of keys has.
    """
    where = resource.by_key
    if where is None:
        return None
    here = (*records.place, "by_key")
    path = where.path if isinstance(where, RestKey) else None
    if path is not None:
        if "{key}" not in path:
            raise Problem((*here, "path"), "must hold {key}, the place of the record's key")
        if where.most != 1 or where.param or where.body_path:
            raise Problem(here, "a path reads one key: leave out most, param and body_path")
        return where
    return into(where, here, resource)


def pointer(expression: str) -> str | None:
    """The JSON pointer of what a plain path selects; None for selections that are more."""
    if expression == "@":
        return ""
    if not re.fullmatch(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", expression, re.ASCII):
        return None
    return "/" + expression.replace(".", "/")


def placed(
    declared: RestFilter, asked: Asked, resource: RestResource | GraphqlResource
) -> RestFilter:
    """Where a filter's values go, checked for each of its operators.

    Raises:
        Problem: one has no place, or not room enough.
    """
    by_op = bool(declared.params or declared.body_paths)
    found = into(declared, asked.place, resource, other=by_op)
    for op in declared.ops:
        named = op in declared.params or op in declared.body_paths
        if not named and found.param is None and found.body_path is None:
            raise Problem(asked.place, f"say where the value of {op.value} goes")
        if op is Op.IN and declared.most < 2:
            raise Problem((*asked.place, "most"), 'the operator "in" needs `most`, 2 or more')
    for entry in asked.table.entries.values() if asked.table is not None else ():
        if len(asked.words(entry)) > max(1, declared.most):
            told = f"{entry!r} has several words: raise `most`, or leave the filter out"
            raise Problem((*asked.place, "most"), told)
    return found


def into(
    where: P,
    place: tuple[str, ...],
    resource: RestResource | GraphqlResource,
    *,
    other: bool = False,
) -> P:
    """The place of a value, checked; a GraphQL parameter is a variable.

    Raises:
        Problem: there is none, or two, or a body where nothing is posted.
    """
    check_placed(where, place, other=other)
    if isinstance(resource, RestResource):
        if where.body_path is not None and resource.endpoint.method == "GET":
            raise Problem((*place, "body_path"), 'a GET has no body: set method = "POST"')
    elif where.param is not None:
        path = f"variables.{where.param}"
        return where.model_copy(update={"param": None, "body_path": path})
    return where
