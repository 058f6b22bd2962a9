"""Refusals: a registry's own error answers, with the words that it uses, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.errors import Outcome


@dataclass(frozen=True, slots=True)
class Refusal:
    """One answer: its status and body, and the outcome that it has to have.

    `words` are those of the body that a person would read: they go to the operator, not into an
    answer. `later` is how many seconds the registry is to be left alone, where that is known.
    """

    status: int
    body: str
    outcome: Outcome
    words: str = ""
    later: float | None = None


def nest(status: int, message: str) -> Refusal:
    """A refusal of NestJS, in which several registries are written."""
    body = f'{{"statusCode":{status},"message":"{message}"}}'
    return Refusal(status, body, Outcome.HTTP_ERROR, message)


def graphql(code: str, message: str, outcome: Outcome, status: int = 200) -> Refusal:
    """Errors of a GraphQL server, which most send with a good status."""
    body = f'{{"data":null,"errors":[{{"message":"{message}","extensions":{{"code":"{code}"}}}}]}}'
    return Refusal(status, body, outcome, message)


REFUSALS: Final[Mapping[str, Mapping[str, Refusal]]] = {
    "greentrace": {
        "a ban that reads like a wrong key": Refusal(
            401, '{"message":"Invalid API Key"}', Outcome.RATE_LIMITED, "Invalid API Key", 3_600.0
        ),
        "an address that is none": Refusal(
            500, '{"message":"No static resource x."}', Outcome.HTTP_ERROR, "No static resource x."
        ),
    },
    "undp": {
        "a token that has ended": nest(401, "Unauthorized"),
        "a role without the right": nest(403, "Forbidden resource"),
        "a certifier asks for credits": nest(400, "unauthorized"),
        "a statement that breaks": nest(500, "Internal server error"),
    },
    "social-carbon": {
        "a field that is not there": Refusal(
            404,
            '{"status":"NOT_FOUND","message":"Field not found Project Status: object project"}',
            Outcome.HTTP_ERROR,
            "Field not found Project Status: object project",
        ),
    },
    "sp": {
        "no identity": Refusal(
            500, '{"message":"Internal Server Error"}', Outcome.HTTP_ERROR, "Internal Server Error"
        ),
        "no identity, by id": Refusal(400, "", Outcome.HTTP_ERROR),
    },
    "gold-standard": {
        "a page that is too long": Refusal(403, "", Outcome.HTTP_ERROR),
    },
    "ecoregistry": {
        "another site's Origin": Refusal(500, "", Outcome.HTTP_ERROR),
        "headers that are missing": Refusal(
            200,
            '{"status":0,"codeMessages":[{"codeMessage":"ERROR_401","param":"invalid",'
            '"message":"No autorizado"}]}',
            Outcome.INVALID_PAYLOAD,
        ),
    },
    "biocarbon": {
        "no key": Refusal(
            200,
            '{"status":403,"data":[],"message":"You do not have permissions."}',
            Outcome.INVALID_PAYLOAD,
            "You do not have permissions.",
        ),
        "a key that is refused": Refusal(
            401, '{"message":"Unauthenticated."}', Outcome.HTTP_ERROR, "Unauthenticated."
        ),
    },
    "icr": {
        "a token that has ended": Refusal(
            401, '{"error":"invalid_token"}', Outcome.HTTP_ERROR, "invalid_token"
        ),
    },
    "isometric": {
        "asked too often": graphql("RATE_LIMITED", "Slow down", Outcome.RATE_LIMITED),
        "away": graphql("SERVICE_UNAVAILABLE", "Back at noon", Outcome.UNAVAILABLE),
        "a field that is not there": graphql(
            "GRAPHQL_VALIDATION_FAILED", "Cannot query field x", Outcome.HTTP_ERROR, 400
        ),
        "no rights": graphql("FORBIDDEN", "Not yours", Outcome.INVALID_PAYLOAD),
    },
    "rest": {
        "a key that is refused": Refusal(
            401, '{"detail":"No active account"}', Outcome.HTTP_ERROR, "No active account"
        ),
        "away": Refusal(
            503, '{"error":{"message":"Maintenance"}}', Outcome.HTTP_ERROR, "Maintenance"
        ),
    },
}
