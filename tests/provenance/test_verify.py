"""What the verifier says about whole responses."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.errors import Outcome
from gateway.provenance.canonical import canonical
from gateway.provenance.evidence import CacheFacts, Evidence
from gateway.provenance.jwks import PublishedKey, jwks
from gateway.provenance.keys import throw_away_signer
from gateway.provenance.statement import Level, Scope, source_entry
from gateway.provenance.strict import decode64, encode64
from gateway.provenance.verdict import Mark, Verdict
from gateway.provenance.verify import verify_response
from tests.provenance.answers import (
    ASKED,
    NOW,
    QUERY,
    VARIABLES,
    exchange,
    key_set,
    matter,
    notary,
    signed,
    signer,
)

HOUR = timedelta(hours=1)
SOURCE = source_entry(0, exchange(b""), {})


def verified(response: Any = None, keys: Any = None, **options: Any) -> Verdict:
    options.setdefault("now", NOW)
    found = signed(matter()) if response is None else response
    return verify_response(found, key_set() if keys is None else keys, **options)


def failed(verdict: Verdict) -> set[str]:
    return {finding.check for finding in verdict.findings if finding.mark is Mark.FAILS}


def told(verdict: Verdict, check: str) -> str:
    return " ".join(finding.text for finding in verdict.findings if finding.check == check)


def test_a_signed_answer_is_valid() -> None:
    verdict = verified(query=QUERY, variables=VARIABLES, max_age=HOUR, pin=signer().kid)
    assert verdict.exit_code == 0
    assert "No answer in this from: goldstandard." in verdict.as_text()
    assert verdict.as_text().endswith("VALID: it is what the gateway received and said.")


def test_key_order_and_white_space_do_not_matter() -> None:
    response = json.loads(json.dumps(signed(matter()), indent=3, sort_keys=True))
    assert verified(response, **ASKED).exit_code == 0


def test_the_statement_level_is_valid_without_records() -> None:
    assert verified(signed(matter(level=Level.STATEMENT)), **ASKED).exit_code == 0


def test_an_answer_of_errors_alone_is_signed_like_any_other() -> None:
    refused = {"errors": [{"message": "no", "extensions": {"code": "GRAPHQL_PARSE_FAILED"}}]}
    response = signed(
        matter(answer=refused, level=Level.STATEMENT, records=(), evidence=Evidence())
    )
    assert "data" not in response
    assert verified(response, **ASKED).exit_code == 0
    assert failed(verified({**response, "data": None})) == {"answer"}


def test_partial_and_stale_answers_say_so() -> None:
    fresh = exchange(b"[]")
    stale = replace(
        fresh,
        outcome=Outcome.STALE,
        cache=CacheFacts(hit=True, stale=True, stale_reason="TIMEOUT"),
    )
    scope = Scope(("verra",), ("verra",), complete=False, truncated=True)
    found = matter(evidence=Evidence(exchanges=[stale] * 2), scope=scope)
    text = verified(signed(found)).as_text()
    assert "Not every registry answered in full." in text
    assert "A list was cut by a limit; there is more." in text
    assert "Old copies stood in for: verra." in text


@pytest.mark.parametrize(
    ("options", "check"),
    [
        ({"query": "{ other }", "variables": VARIABLES}, "query"),
        ({"query": QUERY}, "variables"),
        ({"variables": {"first": 3}}, "variables"),
        ({"variables": {"first": "\ud800"}}, "variables"),
        ({"pin": "someone-else"}, "pin"),
        ({"max_age": timedelta(seconds=1)}, "age"),
        ({"now": NOW + 2 * HOUR, "max_age": HOUR}, "age"),
        ({"now": NOW - HOUR}, "age"),
    ],
)
def test_what_the_caller_demands_is_checked(options: dict[str, Any], check: str) -> None:
    verdict = verified(**options)
    assert failed(verdict) == {check}
    assert verdict.as_text().endswith("INVALID: do not rely on this.")


def test_an_answer_without_variables_is_told_from_one_with_them() -> None:
    bare = signed(matter(variables=None))
    assert told(verified(bare, query=QUERY), "variables") == "It was asked without variables."
    assert failed(verified(bare, variables=VARIABLES)) == {"variables"}


def test_a_response_without_a_proof_is_refused() -> None:
    for response in [{}, [], {"data": {}}, {"data": {}, "extensions": {}}, {"extensions": []}]:
        verdict = verified(response)
        assert failed(verdict) == {"shape"}
        assert verdict.exit_code == 1


def test_an_unknown_key_is_refused() -> None:
    other = jwks([PublishedKey(throw_away_signer().public)])
    assert "not among the trusted keys" in told(verified(keys=other), "signature")


@pytest.mark.parametrize(
    "keys", [None, {}, {"keys": {}}, {"keys": [7]}, {"keys": [{"kty": "OKP", "crv": "Ed25519"}]}]
)
def test_what_is_no_key_set_is_refused(keys: Any) -> None:
    found = verify_response(signed(matter()), keys, now=NOW)
    assert failed(found) == {"signature"}


def test_a_key_out_of_its_time_is_refused() -> None:
    at = int(NOW.timestamp())
    early = jwks([PublishedKey(signer().public, not_before=at + 60)])
    late = jwks([PublishedKey(signer().public, expires=at - 60)])
    for keys in (early, late):
        assert failed(verified(keys=keys)) == {"keyTime"}


@pytest.mark.parametrize(
    ("revoked", "reason", "bad"),
    [
        (-60, "superseded", True),
        (60, "superseded", False),
        (60, "keyCompromise", True),
        (60, None, True),
    ],
)
def test_a_revoked_key_is_judged_by_time_and_reason(
    revoked: int, reason: str | None, bad: bool
) -> None:
    at = int(NOW.timestamp()) + revoked
    keys = jwks([PublishedKey(signer().public, revoked_at=at, reason=reason)])
    assert failed(verified(keys=keys)) == ({"revoked"} if bad else set())


def test_a_throw_away_key_leaves_the_evidence_incomplete() -> None:
    key = throw_away_signer()
    response = signed(matter(), notary(signer=key))
    verdict = verified(response, jwks([PublishedKey(key.public)]))
    assert verdict.exit_code == 2
    assert "THROW-AWAY KEY" in verdict.as_text()


def test_two_signatures_must_both_hold() -> None:
    other = throw_away_signer()
    response = signed(matter(), notary(co_signers=[other]))
    both = jwks([PublishedKey(key.public) for key in (signer(), other)])
    assert not failed(verified(response, both))
    assert failed(verified(response)) == {"signature"}
    for change in (lambda s: s[::-1], lambda s: [s[0], s[0]]):
        swapped = copy.deepcopy(response)
        proof = swapped["extensions"]["provenance"]
        proof["signatures"] = change(proof["signatures"])
        assert failed(verified(swapped, both)) == {"signature"}


async def resigned(response: Any, header: dict[str, Any] | None = None, **changes: Any) -> Any:
    """The response with a changed statement or header, signed again by the real key."""
    found = copy.deepcopy(response)
    proof = found["extensions"]["provenance"]
    proof["statement"]["predicate"].update(changes)
    protected = proof["signatures"][0]["protected"]
    if header is not None:
        protected = encode64(canonical({**json.loads(decode64(protected)), **header}))
    message = f"{protected}.{encode64(canonical(proof['statement']))}".encode()
    proof["signatures"] = [
        {"protected": protected, "signature": encode64(await signer().sign(message))}
    ]
    return found


@pytest.mark.parametrize(
    "header", [{"alg": "EdDSA"}, {"alg": "none"}, {"typ": "JWT"}, {"crit": ["b64"]}, {"jwk": {}}]
)
async def test_other_algorithms_types_and_headers_are_refused(header: dict[str, Any]) -> None:
    assert failed(verified(await resigned(signed(matter()), header))) == {"signature"}


@pytest.mark.parametrize(
    "changes",
    [
        {"issuedAt": "2026-11-22 18:55:00"},
        {"issuedAt": "2026-13-41T18:55:00.000Z"},
        {"scope": {}},
        {"unknown": 1},
        {"issuer": None},
        {"log": {"origin": 7}},
        {"stream": {"id": "a", "seq": 0, "prev": "x", "final": False}},
        {"stream": {"id": "a", "seq": True, "prev": None, "final": False}},
        {"stream": {"id": "a", "seq": 0, "prev": None, "final": 1}},
        {"sources": [{"index": 0}]},
        {"sources": [{**SOURCE, "index": 1}]},
        {"sources": [{**SOURCE, "method": None}]},
        {"sources": [{**SOURCE, "uriRedacted": 0}]},
        {"sources": [{**SOURCE, "fetchedAt": "today"}]},
        {"sources": [{**SOURCE, "mapping": {"name": "verra"}}]},
        {"sources": "none"},
        {"records": {"alg": "x", "count": 1, "root": "A" * 64}},
        {"id": 1.5},
    ],
)
async def test_a_statement_of_another_shape_is_refused_even_when_signed(
    changes: dict[str, Any],
) -> None:
    assert failed(verified(await resigned(signed(matter()), **changes))) == {"shape"}


def test_a_number_that_the_gateway_never_writes_is_refused() -> None:
    response = signed(matter())
    response["data"]["projects"]["nodes"][0]["vintageYear"] = 2020.0
    assert "never writes" in told(verified(response), "answer")


def test_a_changed_upstream_body_is_refused() -> None:
    response = signed(matter())
    response["extensions"]["provenance"]["evidence"][1]["body"] = encode64(b"id;count\n1;3\n")
    assert failed(verified(response)) == {"evidence"}


def test_a_missing_upstream_body_leaves_the_evidence_incomplete() -> None:
    response = signed(matter())
    del response["extensions"]["provenance"]["evidence"][0]
    assert verified(response).exit_code == 2


def test_nesting_without_end_is_refused_without_a_traceback() -> None:
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    response = signed(matter())
    response["data"] = deep
    assert "answer" in failed(verified(response))


def test_findings_are_there_for_machines() -> None:
    found = verified(**ASKED).as_json()
    assert (found["valid"], found["complete"], found["exitCode"]) == (True, True, 0)
    assert {"check": "answer", "result": "HOLDS"}.items() <= found["findings"][1].items()


def test_strange_names_in_a_proof_cannot_draw_on_the_terminal() -> None:
    response = signed(matter())
    response["extensions"]["provenance"]["\x1b[2J"] = 1
    assert "\x1b" not in verified(response).as_text()
