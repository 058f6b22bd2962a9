"""Formatted errors: ours with their codes, bugs masked and logged."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from graphql import GraphQLError

from gateway.errors import GatewayError

log = logging.getLogger(__name__)


def formatted(error: GraphQLError, request_id: str = "") -> Mapping[str, Any]:
    """The error as a client may see it.

    What is neither ours nor GraphQL's own is a bug: the client gets a code and the request id,
    the log gets the traceback.
    """
    shown: dict[str, Any] = {"message": error.message}
    if error.locations:
        shown["locations"] = [{"line": p.line, "column": p.column} for p in error.locations]
    if error.path is not None:
        shown["path"] = list(error.path)
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    if isinstance(cause, GatewayError):
        shown["message"] = cause.message
        shown["extensions"] = cause.extensions
    elif cause is None:
        shown["extensions"] = {"code": "BAD_USER_INPUT" if error.path is None else "GRAPHQL_ERROR"}
    else:
        log.error("bug in a resolver", exc_info=cause, extra={"request_id": request_id})
        shown["message"] = "Something went wrong in the gateway; its log has the request id."
        shown["extensions"] = {"code": "INTERNAL_SERVER_ERROR", "requestId": request_id}
    return shown
