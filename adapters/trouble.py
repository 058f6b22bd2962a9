"""What registries mean by their error answers, as their documents and their hosts say it.

A status alone misleads: a ban comes as a 401, a page that is too long as a 403, a wrong question
as a 500 that no repetition heals. Here each meaning is our own sentence: what the registry itself
said may hold anything, so it goes to the operator alone (`RegistryError.told`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from adapters.contract import InvalidPayload, Reply
from gateway.errors import (
    RegistryError,
    RegistryHttpError,
    RegistryRateLimited,
    RegistryUnavailable,
)
from gateway.model.values import sentence

# Codes that GraphQL servers put into an error's extensions.
_LATER = frozenset({"RATE_LIMITED", "RATELIMITED", "TOO_MANY_REQUESTS", "THROTTLED"})
_AWAY = frozenset({"SERVICE_UNAVAILABLE", "UNAVAILABLE", "TIMEOUT", "MAINTENANCE"})
_SHUT = frozenset({"UNAUTHENTICATED", "UNAUTHORIZED", "FORBIDDEN", "ACCESS_DENIED"})


def answered(reply: Reply, why: str) -> RegistryHttpError:
    """The error for a status, with what it means here and what to do."""
    told = f"the registry answered with status {reply.status}: {why}"
    return RegistryHttpError(told, status=reply.status)


def meant(reply: Reply, meanings: Mapping[int, str]) -> RegistryError | None:
    """The error for a status that has a meaning of its own at this registry; None for others."""
    why = meanings.get(reply.status)
    return None if why is None else answered(reply, why)


def refused_credential(reply: Reply) -> RegistryError | None:
    """A 401 or 403 of an interface that is opened by a credential; None for other statuses."""
    if reply.status not in (401, 403):
        return None
    return answered(
        reply, "it refuses the credential; the registry's `credential` or `headers` set it"
    )


def of_graphql(errors: Any) -> RegistryError:
    """What an answer's `errors` mean, whatever its status was: too often, away for the moment,
    or a question or credential that it does not take."""
    codes = {_code(one) for one in errors} if isinstance(errors, Sequence) else set()
    error: RegistryError
    if codes & _LATER:
        error = RegistryRateLimited("the registry asks for fewer questions (GraphQL errors)")
    elif codes & _AWAY:
        error = RegistryUnavailable("the registry is away for the moment (GraphQL errors)")
    elif codes & _SHUT:
        error = InvalidPayload(
            "the interface answered with GraphQL errors: it refuses the credential; the "
            "registry's `credential` or `headers` set it"
        )
    else:
        error = InvalidPayload("the interface answered with GraphQL errors")
    error.told = "; ".join(filter(None, map(_message, errors)))[:500] if codes else ""
    return error


def of_graphql_body(reply: Reply) -> RegistryError | None:
    """The same for a body with an error status; None where it is no GraphQL answer."""
    try:
        body = msgspec.json.decode(reply.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    errors = body.get("errors") if isinstance(body, dict) else None
    if not isinstance(errors, list) or not errors:
        return None
    found = of_graphql(errors)
    if isinstance(found, InvalidPayload):
        told = found.told
        found = answered(reply, "the question or its credential was refused (GraphQL errors)")
        found.told = told
    return found


def _code(error: Any) -> str:
    extensions = error.get("extensions") if isinstance(error, dict) else None
    code = extensions.get("code") if isinstance(extensions, dict) else None
    return code.upper() if isinstance(code, str) else ""


def _message(error: Any) -> str:
    return sentence(error.get("message")) if isinstance(error, dict) else ""
