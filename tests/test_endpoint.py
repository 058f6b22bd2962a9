"""GraphQL over HTTP, as a client meets it: statuses, media types, signatures, refusals."""

from __future__ import annotations

import hashlib
import logging
from typing import Any

import pytest

from gateway import log
from gateway.attest import scope
from gateway.errors import BadInput, Outcome, Overloaded
from gateway.provenance.statement import Scope
from gateway.stitch.coverage import Coverage
from tests.smallworld import GRAPHQL, ask, check_signature, client, code, endpoint
from tests.upstream.test_shares import Machine, contended


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
        "collapsed": False,
    }
    assert set(found["timing"]["stages"]) >= {"signUs", "restUs"}
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


async def test_a_plan_is_signed_as_the_answer_to_no_question() -> None:
    response = await ask("{ zebra # ask\n}", variables={"a": 1}, extensions={"explain": True})
    request = check_signature(response)["request"]
    assert request == dict.fromkeys(["documentDigest", "variablesDigest", "operationName", "nonce"])


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
    def full() -> None:
        raise Overloaded("try again", retryAfterSeconds=3)

    async with client(endpoint(check=full)) as http:
        response = await http.post("/graphql", content=b"rubbish")
    assert (response.status_code, code(response)) == (503, "OVERLOADED")
    assert response.headers["retry-after"] == "3"


async def test_a_client_that_must_give_way_is_told_429_while_it_asks_already() -> None:
    shares = contended(Machine(), {"much": 0.9, "little": 0.005})
    shares.account("much").requests = 1
    for name, status in (("much", 429), ("little", 200)):

        def client_of(scope: Any, name: str = name) -> str:
            return name

        async with client(endpoint(shares=shares, client=client_of)) as http:
            content = b"rubbish" if status == 429 else b'{"query": "{ apple }"}'
            headers = {"content-type": "application/json"}
            response = await http.post("/graphql", content=content, headers=headers)
        assert response.status_code == status, response.text
        if status == 429:
            assert code(response) == "RATE_LIMITED"
            assert int(response.headers["retry-after"]) >= 1


async def test_what_the_notary_cannot_sign_is_the_clients_error() -> None:
    class Refusing:
        async def attest(self, matter: object) -> dict[str, Any]:
            raise BadInput("the variables cannot be signed")

    async with client(endpoint(notary=Refusing())) as http:
        response = await http.post("/graphql", json={"query": "{ zebra }"})
    assert (response.status_code, code(response)) == (400, "BAD_USER_INPUT")
