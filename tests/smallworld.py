"""An endpoint over a schema of two fields, and clients of it."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
from graphql import (
    GraphQLError,
    build_schema,
    execute_sync,
    get_operation_ast,
    validate,
)

from gateway.clock import SystemChance, SystemClock
from gateway.config import LimitSettings
from gateway.endpoint import Endpoint
from gateway.engine.limits import parse
from gateway.engine.operation import GraphQLRequest, Result
from gateway.errors import Outcome, TooComplex, ValidationFailed
from gateway.provenance.canonical import canonical
from gateway.provenance.evidence import CacheFacts, Exchange
from gateway.provenance.keys import throw_away_signer, verifies
from gateway.provenance.notary import Notary
from gateway.provenance.statement import Builder
from gateway.provenance.strict import decode64, encode64
from gateway.stitch.coverage import Coverage
from gateway.upstream.terms import Terms

SCHEMA = build_schema("type Query { zebra: String, apple(id: ID): String }")
GRAPHQL = "application/graphql-response+json"
SIGNER = throw_away_signer()


@dataclass
class Operation:
    terms: Terms
    covered: list[Coverage] = field(default_factory=list)
    truncated: bool = False
    records: bool = False


class Small:
    """Answers a schema of two fields, and does what `apple` says."""

    def __init__(self) -> None:
        self.cancelled = asyncio.Event()
        self.started = asyncio.Event()

    async def execute(self, request: GraphQLRequest, context: Any) -> Result:
        document = parse(request.query, LimitSettings())
        errors = validate(SCHEMA, document)
        operation = get_operation_ast(document, request.operation_name)
        if errors or operation is None:
            raise ValidationFailed("invalid", locations=[{"line": 1, "column": 3}])
        if "slow" in request.query:
            self.started.set()
            try:
                await asyncio.sleep(30)
            finally:
                self.cancelled.set()
        if "bug" in request.query:
            raise ZeroDivisionError("secret-detail")
        if "refuse" in request.query:
            raise TooComplex("too much", limit="cost", measured=9, allowed=1)
        if "masked" in request.query:
            said = [{"message": "masked", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]
            return Result(False, errors=said)
        if "ask" in request.query:
            context.covered.append(Coverage("verra", returned=2, pushed_down=("country eq",)))
            exchange = Exchange(
                "verra", Outcome.OK, "POST", "https://a.example/x", digest="0" * 64, status=200,
                cache=CacheFacts(fwd="uri-miss", ttl_seconds=60), latency_ms=7, body=b"raw",
            )  # fmt: skip
            context.terms.evidence.add(exchange)
            held = CacheFacts(hit=True, ttl_seconds=-5, collapsed=True)
            context.terms.evidence.add(replace(exchange, cache=held, registry="gold-standard"))
        found = execute_sync(SCHEMA, document, {"zebra": "z", "apple": _apple})
        said = [{"message": error.message} for error in found.errors or []]
        return Result(True, found.data, said)

    async def explain(self, request: GraphQLRequest, context: Any) -> list[dict[str, Any]]:
        if "refuse" in request.query:
            raise TooComplex("too much", limit="cost", measured=9, allowed=1)
        return [{"registry": "verra", "calls": {"least": 1, "most": 2}}]


def _apple(_info: Any, id: str | None = None) -> str:
    if id == "fail":
        raise GraphQLError("no apple")
    return "a"


def endpoint(executor: Any = None, **changes: Any) -> Endpoint:
    clock = SystemClock()
    builder = Builder(version="0", schema_digest="0" * 64)
    notary = Notary("http://gw.example", builder, SIGNER, clock, SystemChance())
    made = Endpoint(executor or Small(), notary, Operation, LimitSettings(), clock)
    return replace(made, **changes)


def client(app: Endpoint | None = None) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app or endpoint())
    return httpx.AsyncClient(transport=transport, base_url="http://gw.example")


async def ask(query: str, accept: str = GRAPHQL, **more: Any) -> httpx.Response:
    async with client() as http:
        body = {"query": query, **more}
        return await http.post("/graphql", json=body, headers={"accept": accept})


def code(response: httpx.Response) -> str:
    (error,) = response.json()["errors"]
    assert "data" not in response.json()
    found = error["extensions"]["code"]
    assert isinstance(found, str)
    return found


def check_signature(response: httpx.Response) -> dict[str, Any]:
    """The signed predicate, once the signature and the digest of the answer hold."""
    body = response.json()
    provenance = body["extensions"]["provenance"]
    said = {name: body[name] for name in ("data", "errors") if name in body}
    statement = provenance["statement"]
    digest = hashlib.sha256(canonical(said)).hexdigest()
    assert statement["subject"][0]["digest"]["sha256"] == digest
    (signed,) = provenance["signatures"]
    payload = canonical(statement)
    message = f"{signed['protected']}.{encode64(payload)}"
    assert verifies(SIGNER.public, decode64(signed["signature"]), message.encode())
    predicate = statement["predicate"]
    assert isinstance(predicate, dict)
    return predicate
