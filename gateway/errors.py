"""Every error the gateway raises on purpose, each with the code a client sees.

    GatewayError
      RequestError                 the client's question cannot be answered as asked
        BadRequest                 BAD_REQUEST
        BodyTooLarge               BODY_TOO_LARGE
        BatchingDisabled           BATCHING_DISABLED
        ParseFailed                GRAPHQL_PARSE_FAILED
        ValidationFailed           GRAPHQL_VALIDATION_FAILED
        OperationUnresolved        OPERATION_RESOLUTION_FAILURE
        TooComplex                 QUERY_TOO_COMPLEX
        TooExpensive               QUERY_TOO_EXPENSIVE
        BadInput                   BAD_USER_INPUT
        BadCursor                  BAD_CURSOR
        OrderUnsupported           ORDER_UNSUPPORTED
      RegistryError                one registry could not answer; carries a typed Outcome
        RegistryTimeout            REGISTRY_TIMEOUT
        RegistryUnreachable        REGISTRY_CONNECT_ERROR
        RegistryHttpError          REGISTRY_HTTP_ERROR
        RegistryUnavailable        REGISTRY_UNAVAILABLE
        RegistryRateLimited        REGISTRY_RATE_LIMITED
        InvalidPayload             REGISTRY_INVALID_PAYLOAD
        PayloadTooLarge            REGISTRY_TOO_LARGE
        CircuitOpen                REGISTRY_CIRCUIT_OPEN
        RegistryShed               REGISTRY_SHED
        RegistryNotConfigured      REGISTRY_NOT_CONFIGURED
      Incomplete                   REGISTRY_INCOMPLETE      requireAll was asked for
      Overloaded                   OVERLOADED               the gateway itself sheds load
      RateLimited                  RATE_LIMITED             one client asks for more than its share
      NoSigningKey                 NO_SIGNING_KEY           no key is in its time; 503
      ConfigError                  CONFIG_ERROR             exit code 78, file and line
      ProvenanceError              PROVENANCE_INVALID       a proof that does not hold
      LogStopped                   LOG_STOPPED              the transparency log stands still
      AskFailed                    ASK_FAILED               the command line got no answer
      InternalError                INTERNAL_SERVER_ERROR    a bug, masked

The codes follow Apollo's set where it has one. Nothing else may reach a client: whatever is
raised that is not in this tree is a bug, and is answered as INTERNAL_SERVER_ERROR with the
request id that the log carries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, ClassVar

from gateway.model.nearest import or_else
from gateway.model.values import shown


class Outcome(StrEnum):
    """How one registry's part of an answer ended, as coverage and the signed statement say it."""

    OK = "OK"
    STALE = "STALE"
    PARTIAL = "PARTIAL"
    TIMEOUT = "TIMEOUT"
    CONNECT_ERROR = "CONNECT_ERROR"
    HTTP_ERROR = "HTTP_ERROR"
    UNAVAILABLE = "UNAVAILABLE"
    RATE_LIMITED = "RATE_LIMITED"
    INVALID_PAYLOAD = "INVALID_PAYLOAD"
    TOO_LARGE = "TOO_LARGE"
    CIRCUIT_OPEN = "CIRCUIT_OPEN"
    SHED = "SHED"
    SKIPPED = "SKIPPED"
    NOT_CONFIGURED = "NOT_CONFIGURED"

    @property
    def answered(self) -> bool:
        """Whether any data came from the registry."""
        return self in (Outcome.OK, Outcome.STALE, Outcome.PARTIAL)


class GatewayError(Exception):
    """The root of the tree: `code` for machines, the message for people."""

    code: ClassVar[str] = "INTERNAL_SERVER_ERROR"

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details

    @property
    def extensions(self) -> dict[str, Any]:
        """What goes into `errors[].extensions`: the code and the typed details."""
        return {"code": self.code, **self.details}


class RequestError(GatewayError):
    """The question cannot be answered as it was asked; asking again as is will not help."""

    code = "BAD_REQUEST"


class BadRequest(RequestError):
    """The HTTP request is not a well-formed GraphQL request."""


class BodyTooLarge(RequestError):
    """The request body is over the limit."""

    code = "BODY_TOO_LARGE"


class BatchingDisabled(RequestError):
    """An array of operations was sent in one request."""

    code = "BATCHING_DISABLED"


class ParseFailed(RequestError):
    """The GraphQL document is not well formed."""

    code = "GRAPHQL_PARSE_FAILED"


class ValidationFailed(RequestError):
    """The GraphQL document does not fit the schema; `errors` are all that was found, formatted."""

    code = "GRAPHQL_VALIDATION_FAILED"

    def __init__(self, message: str, errors: Sequence[Mapping[str, Any]] = (), **details: Any):
        super().__init__(message, **details)
        self.errors = errors


class OperationUnresolved(RequestError):
    """The document has no operation of the given name, or several and no name was given."""

    code = "OPERATION_RESOLUTION_FAILURE"


class TooComplex(RequestError):
    """A static limit (depth, tokens, aliases, cost, ...) is exceeded; nothing was asked."""

    code = "QUERY_TOO_COMPLEX"


class TooExpensive(RequestError):
    """Answering would cost the registries more calls than the budget allows."""

    code = "QUERY_TOO_EXPENSIVE"


class BadInput(RequestError):
    """An argument or variable has a value that cannot mean anything here."""

    code = "BAD_USER_INPUT"


def unknown(
    argument: str, text: str, near: Sequence[str], what: str, *, listed: str = ""
) -> BadInput:
    """A word that is none of those that exist: names its place, and the words it may stand for.

    `what` says what it should be (`a registry`), `listed` where all of them can be read.
    """
    details: dict[str, Any] = {"didYouMean": list(near)} if near else {}
    shown = text if len(text) <= 60 else f"{text[:57]}..."
    where = f" {listed}" if listed else ""
    return BadInput(
        f"`{argument}`: {shown!r} is not {what}.{or_else(near)}{where}",
        argument=argument,
        **details,
    )


class BadCursor(RequestError):
    """A cursor that this gateway did not make for this question."""

    code = "BAD_CURSOR"


class OrderUnsupported(RequestError):
    """A registry can neither sort by this field nor be read whole within the budget."""

    code = "ORDER_UNSUPPORTED"


class RegistryError(GatewayError):
    """One registry could not answer; `outcome` is what coverage and the statement say.

    The message is our own, and is shown to clients. `told` is what the registry itself said of it,
    on one line. It may hold anything, so it is for the operator (the log, `cgw check`) and never
    part of an answer.
    """

    code = "REGISTRY_ERROR"
    outcome: ClassVar[Outcome] = Outcome.HTTP_ERROR
    retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        registry: str = "",
        retry_after: float | None = None,
        source: int | None = None,
        told: str = "",
    ) -> None:
        super().__init__(shown(message))
        self.told = told
        self.registry = registry
        self.retry_after = retry_after
        self.source = source

    @property
    def extensions(self) -> dict[str, Any]:
        """The code, the registry and when it is worth asking again (whole seconds)."""
        found: dict[str, Any] = {
            "code": self.code,
            "registry": self.registry,
            "retryable": self.retryable,
        }
        if self.retry_after is not None:
            found["retryAfterSeconds"] = int(-(-self.retry_after // 1))
        if self.source is not None:
            found["source"] = self.source
        return found


class RegistryTimeout(RegistryError):
    """No whole answer before the deadline."""

    code, outcome, retryable = "REGISTRY_TIMEOUT", Outcome.TIMEOUT, True


class RegistryUnreachable(RegistryError):
    """Name resolution, connection, TLS or an early close."""

    code, outcome, retryable = "REGISTRY_CONNECT_ERROR", Outcome.CONNECT_ERROR, True


class RegistryHttpError(RegistryError):
    """A status that is neither a success nor 429."""

    code, outcome = "REGISTRY_HTTP_ERROR", Outcome.HTTP_ERROR

    def __init__(
        self, message: str, *, status: int = 0, registry: str = "", told: str = ""
    ) -> None:
        super().__init__(message, registry=registry, told=told)
        self.status = status


class RegistryUnavailable(RegistryError):
    """The registry says, with whatever status, that it cannot serve its data for the moment."""

    code, outcome, retryable = "REGISTRY_UNAVAILABLE", Outcome.UNAVAILABLE, True


class RegistryRateLimited(RegistryError):
    """The registry asked us to wait, or our own pacing cannot fit the deadline."""

    code, outcome, retryable = "REGISTRY_RATE_LIMITED", Outcome.RATE_LIMITED, True


class InvalidPayload(RegistryError):
    """A success status with a body that is not what this registry's interface promises."""

    code, outcome = "REGISTRY_INVALID_PAYLOAD", Outcome.INVALID_PAYLOAD


class PayloadTooLarge(RegistryError):
    """The body is over the registry's cap, before or after decompression."""

    code, outcome = "REGISTRY_TOO_LARGE", Outcome.TOO_LARGE


class CircuitOpen(RegistryError):
    """The registry failed so often lately that it is left alone for a while."""

    code, outcome, retryable = "REGISTRY_CIRCUIT_OPEN", Outcome.CIRCUIT_OPEN, True


class RegistryShed(RegistryError):
    """Too many questions already wait for this registry."""

    code, outcome, retryable = "REGISTRY_SHED", Outcome.SHED, True


class RegistryNotConfigured(RegistryError):
    """The operator gave no host or credential for this registry."""

    code, outcome = "REGISTRY_NOT_CONFIGURED", Outcome.NOT_CONFIGURED


class Incomplete(GatewayError):
    """`requireAll: true`, and a registry did not answer in full."""

    code = "REGISTRY_INCOMPLETE"


class Overloaded(GatewayError):
    """The gateway has more work than it can do in time; HTTP 503 with Retry-After."""

    code = "OVERLOADED"


class RateLimited(GatewayError):
    """This client asked for more than its share, by price; HTTP 429 with Retry-After."""

    code = "RATE_LIMITED"


class NoSigningKey(GatewayError):
    """No signing key is in its time, so nothing is answered; HTTP 503 with Retry-After."""

    code = "NO_SIGNING_KEY"


class ConfigError(GatewayError):
    """The configuration cannot be used; the message names the file, the line and the remedy."""

    code = "CONFIG_ERROR"


class ProvenanceError(GatewayError):
    """A statement, signature, proof or key that does not hold."""

    code = "PROVENANCE_INVALID"


class LogStopped(GatewayError):
    """The transparency log cannot take or read an entry now; HTTP 503 with Retry-After."""

    code = "LOG_STOPPED"


class AskFailed(GatewayError):
    """A gateway that the command line asked could not be reached, or gave no answer."""

    code = "ASK_FAILED"


class InternalError(GatewayError):
    """A bug. The client gets a request id, the log gets the rest."""

    code = "INTERNAL_SERVER_ERROR"
