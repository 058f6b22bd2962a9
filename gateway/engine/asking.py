"""Reads `@ask` from an operation: the only switches on how it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import DirectiveNode, GraphQLSchema, OperationDefinitionNode
from graphql.execution.values import get_directive_values

from gateway.config import LimitSettings
from gateway.errors import BadInput
from gateway.stitch.ask import Ask


def apply_ask(
    ask: Ask,
    operation: OperationDefinitionNode,
    schema: GraphQLSchema,
    variables: Any,
    limits: LimitSettings,
    now: float,
) -> None:
    """Sets the operation's terms from its `@ask` directive.

    Raises:
        BadInput: for a timeout that is not between 0 and the gateway's own.
    """
    if not any(_named(directive) for directive in operation.directives or ()):
        return
    directive = schema.get_directive("ask")
    if directive is None:
        return
    given: Mapping[str, Any] = get_directive_values(directive, operation, variables) or {}
    terms = ask.terms
    terms.max_age = given.get("maxAge", terms.max_age)
    terms.max_stale = given.get("maxStale", terms.max_stale)
    ask.require_all = bool(given.get("requireAll") or False)
    timeout = given.get("timeout")
    if timeout is not None:
        if not 0 < timeout <= limits.timeout:
            raise BadInput(
                f"`timeout` must be above PT0S and at most PT{int(limits.timeout)}S.",
                argument="timeout",
            )
        terms.deadline = now + timeout


def _named(directive: DirectiveNode) -> bool:
    return directive.name.value == "ask"
