"""GraphQL over HTTP, as a client meets it: statuses, media types, signatures, refusals."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from graphql import (
    GraphQLError,
    build_schema,
    execute_sync,
    get_operation_ast,
    validate,
)

from gateway import log
from gateway.attest import scope
from gateway.clock import SystemChance, SystemClock
from gateway.config import LimitSettings
from gateway.endpoint import Endpoint
from gateway.engine.limits import parse
from gateway.engine.operation import GraphQLRequest, Result
from gateway.errors import BadInput, Overloaded, TooComplex, ValidationFailed
from gateway.model.outcome import Outcome
from gateway.provenance.canonical import canonical
from gateway.provenance.evidence import CacheFacts, Exchange
from gateway.provenance.keys import throw_away_signer, verifies
from gateway.provenance.notary import Notary
from gateway.provenance.statement import Builder, Scope
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


async def test_an_answer_keeps_the_order_of_the_query_and_is_signed() -> None:
    response = await ask("{ zebra apple }")
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{GRAPHQL}; charset=utf-8"
    assert response.text.startswith('{"data":{"zebra":"z","apple":"a"},"extensions"')
    predicate = check_signature(response)
    assert predicate["request"]["documentDigest"] == {
        "sha256": hashlib.sha256(b"{ zebra apple }").hexdigest()
    }


async def test_the_statement_binds_variables_operation_and_nonce() -> None:
    response = await ask(
        "query Q { zebra }",
        variables={"a": 1.5},
        operationName="Q",
        extensions={"provenance": {"nonce": "n-1"}},
    )
    request = check_signature(response)["request"]
    assert request["variablesDigest"] == {"sha256": hashlib.sha256(b'{"a":1.5}').hexdigest()}
    assert (request["operationName"], request["nonce"]) == ("Q", "n-1")


async def test_a_get_answers_the_same() -> None:
    async with client() as http:
        response = await http.get("/graphql", params={"query": "{ zebra }", "variables": "{}"})
    assert response.status_code == 200
    assert response.json()["data"] == {"zebra": "z"}
    check_signature(response)


async def test_field_errors_come_with_data_and_status_200() -> None:
    response = await ask('{ apple(id: "fail") }')
    assert response.status_code == 200
    assert list(response.json()) == ["errors", "data", "extensions"]
    check_signature(response)


@pytest.mark.parametrize("query", ["{", "{ nothing }", "{ zebra # refuse\n}"])
async def test_request_errors_are_400_or_200_by_media_type_and_signed(query: str) -> None:
    new = await ask(query)
    old = await ask(query, "application/json")
    assert (new.status_code, old.status_code) == (400, 200)
    for response in (new, old):
        assert "data" not in response.json()
        assert check_signature(response)["sources"] == []


@pytest.mark.parametrize("query", ["{ }}", "{ nothing }"])
async def test_request_errors_say_their_place_in_the_document(query: str) -> None:
    (error,) = (await ask(query)).json()["errors"]
    assert error["locations"][0]["line"] == 1
    assert set(error["extensions"]) == {"code"}


async def test_an_answer_carries_the_headers_that_it_always_carries() -> None:
    response = await ask("{ zebra }")
    assert response.headers["cache-control"] == "private, no-store"
    assert response.headers["link"] == '</.well-known/jwks.json>; rel="jwks"'
    assert response.headers["vary"] == "Accept, Origin"
    assert "cache-status" not in response.headers


async def test_cache_status_mirrors_the_sources() -> None:
    response = await ask("{ zebra # ask\n}")
    assert response.headers["cache-status"] == (
        '"verra"; fwd=uri-miss; fwd-status=200; ttl=60, "gold-standard"; hit; ttl=-5; collapsed'
    )


async def test_timing_and_evidence_are_there_when_asked_for() -> None:
    plain = (await ask("{ zebra # ask\n}")).json()["extensions"]
    assert list(plain) == ["provenance"]
    assert "evidence" not in plain["provenance"]
    wishes = {"timing": True, "provenance": {"evidence": True}}
    response = await ask("{ zebra # ask\n}", extensions=wishes)
    found = response.json()["extensions"]
    assert found["timing"]["upstream"][0] == {
        "source": 0,
        "registry": "verra",
        "latencyMs": 7,
        "attempts": 1,
        "hit": False,
    }
    assert found["provenance"]["evidence"][0] == {"source": 0, "body": "cmF3"}
    predicate = check_signature(response)
    assert predicate["scope"]["registriesAnswered"] == ["verra"]
    assert len(predicate["sources"]) == 2


async def test_an_explanation_is_a_signed_price_instead_of_an_answer() -> None:
    response = await ask("{ zebra # ask\n}", extensions={"explain": True})
    found = response.json()
    assert found["data"] is None
    assert found["extensions"]["explain"]["prices"][0]["calls"] == {"least": 1, "most": 2}
    assert check_signature(response)["sources"] == []


async def test_what_cannot_be_executed_cannot_be_explained_either() -> None:
    response = await ask("{ zebra # refuse\n}", extensions={"explain": True})
    assert response.json()["errors"][0]["extensions"]["code"] == "QUERY_TOO_COMPLEX"
    assert "data" not in response.json()


def test_the_scope_says_who_was_asked_who_answered_and_what_is_missing() -> None:
    rows = [
        Coverage("a", outcome=Outcome.OK),
        Coverage("b", outcome=Outcome.TIMEOUT, complete=False),
        Coverage("a", outcome=Outcome.HTTP_ERROR),
    ]
    assert scope(rows, truncated=False) == Scope(("a", "b"), ("a",), False, False)
    assert scope(rows[:1], truncated=False) == Scope(("a",), ("a",), True, False)
    assert scope(rows[:1], truncated=True) == Scope(("a",), ("a",), False, True)
    assert scope([], truncated=False) == Scope()


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"1", b'"x"', b'{"query": "{zebra}"} x', b'{"query": 1}', b"\xff", b"{" * 9999],
)
@pytest.mark.parametrize("accept", [GRAPHQL, "application/json"])
async def test_bodies_that_are_no_requests_are_400_in_either_media_type(
    body: bytes, accept: str
) -> None:
    async with client() as http:
        headers = {"content-type": "application/json", "accept": accept}
        response = await http.post("/graphql", content=body, headers=headers)
    assert response.status_code == 400
    assert response.headers["content-type"] == f"{accept}; charset=utf-8"
    assert code(response) == "BAD_REQUEST"
    assert "extensions" not in response.json()


async def test_batches_are_refused_by_name() -> None:
    async with client() as http:
        response = await http.post("/graphql", json=[{"query": "{zebra}"}])
    assert (response.status_code, code(response)) == (400, "BATCHING_DISABLED")


async def test_extensions_of_ours_are_checked() -> None:
    response = await ask("{ zebra }", extensions={"provenance": {"nonce": "x" * 65}})
    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")


async def test_a_body_over_the_limit_is_413_and_the_connection_ends() -> None:
    app = endpoint(limits=LimitSettings(body_bytes=1024))
    async with client(app) as http:
        response = await http.post("/graphql", json={"query": "#" * 2000})
    assert (response.status_code, code(response)) == (413, "BODY_TOO_LARGE")
    assert response.headers["connection"] == "close"


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", None],
)
async def test_content_types_that_browsers_send_across_sites_are_415(
    content_type: str | None,
) -> None:
    headers = {"content-type": content_type} if content_type else {}
    async with client() as http:
        response = await http.post("/graphql", content=b'{"query":"{zebra}"}', headers=headers)
    assert (response.status_code, code(response)) == (415, "BAD_REQUEST")


async def test_compressed_bodies_are_415() -> None:
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    async with client() as http:
        response = await http.post("/graphql", content=b"{}", headers=headers)
    assert response.status_code == 415


async def test_a_client_that_reads_neither_media_type_gets_406() -> None:
    response = await ask("{ zebra }", "text/html")
    assert (response.status_code, code(response)) == (406, "BAD_REQUEST")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "PATCH"])
async def test_other_methods_are_405(method: str) -> None:
    async with client() as http:
        response = await http.request(method, "/graphql")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"


@pytest.mark.parametrize("query", ["mutation { a }", "subscription S { a }"])
async def test_only_queries_may_be_got(query: str) -> None:
    async with client() as http:
        response = await http.get("/graphql", params={"query": query})
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("query", ["{ zebra # mutation\n}", "{ mutation"])
async def test_a_query_that_only_speaks_of_mutations_may(query: str) -> None:
    async with client() as http:
        response = await http.get("/graphql", params={"query": query})
    assert response.status_code == 200
    check_signature(response)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "cross-site"}, 405),
        ({"sec-fetch-site": "same-site"}, 405),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"sec-fetch-site": "cross-site", "graphql-require-preflight": "1"}, 200),
        ({"sec-fetch-site": "cross-site", "origin": "https://friend.example"}, 200),
        ({"sec-fetch-site": "cross-site", "origin": "https://foe.example"}, 405),
    ],
)
async def test_pages_of_other_sites_may_not_get(headers: dict[str, str], status: int) -> None:
    async with client(endpoint(origins={"https://friend.example"})) as http:
        response = await http.get("/graphql", params={"query": "{zebra}"}, headers=headers)
    assert response.status_code == status


async def test_a_bug_is_masked_and_logged_with_the_request_id(
    caplog: pytest.LogCaptureFixture,
) -> None:
    token = log.request_id.set("r-9")
    with caplog.at_level(logging.ERROR):
        response = await ask("{ zebra # bug\n}", "application/json")
    log.request_id.reset(token)
    assert response.status_code == 500
    (error,) = response.json()["errors"]
    assert error["extensions"] == {"code": "INTERNAL_SERVER_ERROR", "requestId": "r-9"}
    assert "secret-detail" not in response.text
    assert "ZeroDivisionError" in caplog.text


async def test_a_bug_that_the_executor_masked_is_500() -> None:
    response = await ask("{ zebra # masked\n}", "application/json")
    assert response.status_code == 500


async def test_too_much_work_is_503_before_anything_is_read() -> None:
    @asynccontextmanager
    async def full() -> AsyncIterator[None]:
        raise Overloaded("try again", retryAfterSeconds=3)
        yield

    async with client(endpoint(admit=full)) as http:
        response = await http.post("/graphql", content=b"rubbish")
    assert (response.status_code, code(response)) == (503, "OVERLOADED")
    assert response.headers["retry-after"] == "3"


async def test_what_the_notary_cannot_sign_is_the_clients_error() -> None:
    class Refusing:
        async def attest(self, matter: object) -> dict[str, Any]:
            raise BadInput("the variables cannot be signed")

    async with client(endpoint(notary=Refusing())) as http:
        response = await http.post("/graphql", json={"query": "{ zebra }"})
    assert (response.status_code, code(response)) == (400, "BAD_USER_INPUT")


class Wire:
    """One raw ASGI exchange, for clients that misbehave."""

    def __init__(self, *incoming: MutableMapping[str, Any]) -> None:
        self.incoming: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
        for message in incoming:
            self.incoming.put_nowait(message)
        self.sent: list[MutableMapping[str, Any]] = []

    async def run(self, app: Endpoint) -> None:
        headers = [(b"content-type", b"application/json")]
        scope = {"type": "http", "method": "POST", "headers": headers, "query_string": b""}
        await app(scope, self.incoming.get, self.send)

    async def send(self, message: MutableMapping[str, Any]) -> None:
        self.sent.append(message)


def body(query: str) -> MutableMapping[str, Any]:
    return {"type": "http.request", "body": json.dumps({"query": query}).encode()}


async def test_a_client_that_leaves_cancels_its_operation() -> None:
    executor = Small()
    wire = Wire(body("{ zebra # slow\n}"))
    running = asyncio.create_task(wire.run(endpoint(executor)))
    await executor.started.wait()
    assert not executor.cancelled.is_set()
    wire.incoming.put_nowait({"type": "http.disconnect"})
    await running
    assert executor.cancelled.is_set()
    assert wire.sent == []


async def test_a_client_that_leaves_before_its_body_is_whole_is_forgotten() -> None:
    wire = Wire({"type": "http.request", "body": b"{", "more_body": True})
    wire.incoming.put_nowait({"type": "http.disconnect"})
    await wire.run(endpoint())
    assert wire.sent == []


async def test_cancelling_the_server_cancels_the_operation() -> None:
    executor = Small()
    wire = Wire(body("{ zebra # slow\n}"))
    running = asyncio.create_task(wire.run(endpoint(executor)))
    await executor.started.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert executor.cancelled.is_set()


async def test_no_task_is_left_behind() -> None:
    before = len(asyncio.all_tasks())
    async with client() as http:
        for _ in range(20):
            await http.post("/graphql", json={"query": "{ zebra }"})
    assert len(asyncio.all_tasks()) == before


def test_the_deadline_is_counted_from_the_request() -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)

    class Still:
        def now(self) -> datetime:
            return moment

        def monotonic(self) -> float:
            return 100.0

        async def sleep(self, seconds: float) -> None:
            raise AssertionError(seconds)

    seen: list[Terms] = []

    def asked(terms: Terms) -> Operation:
        seen.append(terms)
        return Operation(terms)

    wire = Wire(body("{ zebra }"))
    asyncio.run(wire.run(endpoint(clock=Still(), asked=asked, limits=LimitSettings(timeout=7))))
    assert [terms.deadline for terms in seen] == [107.0]
