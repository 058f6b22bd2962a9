"""What a replay that gives something else, or nothing, means; and what was demanded in vain."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import (
    BadInput,
    ConfigError,
    GatewayError,
    OperationUnresolved,
    Outcome,
    ParseFailed,
    TooComplex,
    TooExpensive,
    ValidationFailed,
)
from gateway.provenance.bundle import Bundle
from gateway.provenance.bundle_verify import Demands, verify_bundle
from gateway.provenance.canonical import canonical
from gateway.provenance.disclosure import disclose
from gateway.provenance.evidence import Evidence, Exchange
from gateway.provenance.note import NoteKey
from gateway.provenance.replay import Pattern, Question, Replayed
from gateway.provenance.statement import Level
from gateway.provenance.strict import encode64
from gateway.provenance.verdict import Mark, Verdict
from gateway.provenance.verify_cli import run
from tests.provenance.answers import (
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
from tests.provenance.test_bundle import LOG, RECIPES, Ledger, log_proof
from tests.provenance.test_stream import events

BODY = b'{"value":[]}'


class Replays:
    """A replayer that answers, or refuses, what it was told to."""

    def __init__(self, what: Any, volatile: frozenset[Pattern] = frozenset()) -> None:
        self._what = what
        self._volatile = volatile

    def mapping(self, registry: str) -> str | None:
        return RECIPES["verra"].digest if registry == "verra" else "0" * 64

    def answer(self, question: Question, exchanges: Sequence[Exchange]) -> Replayed:
        if isinstance(self._what, GatewayError):
            raise self._what
        return Replayed(self._what, self._volatile)


def replayed(response: Any, what: Any, **options: Any) -> tuple[Mark, str]:
    bundle = Bundle(json.dumps(response).encode(), None, QUERY, canonical(VARIABLES))
    bundle.bodies[0] = BODY
    replayer = Replays(what, **options)
    verdict = verify_bundle(bundle, Demands(jwks=key_set(), now=NOW, replayer=replayer))
    (found,) = [f for f in verdict.findings if f.check == "replay"]
    return found.mark, found.text


def answered(answer: Any, *more: Exchange) -> Any:
    evidence = Evidence(False, [exchange(BODY), *more])
    found = matter(answer=answer, level=Level.STATEMENT, records=(), evidence=evidence)
    return signed(found, notary(mappings=RECIPES | {"other": RECIPES["verra"]}))


@pytest.mark.parametrize("kind", [ParseFailed, ValidationFailed, OperationUnresolved, BadInput])
def test_an_answer_to_what_is_no_question_is_invalid(kind: type[GatewayError]) -> None:
    mark, text = replayed(answered({"data": {}}), kind("there is no field of that name"))
    assert mark is Mark.FAILS
    assert "cannot have been answered: there is no field of that name" in text
    assert "names version 0.0.1" in text


@pytest.mark.parametrize(
    "problem", [TooComplex("too deep"), TooExpensive("too dear"), ConfigError("no such registry")]
)
def test_what_the_settings_here_forbid_could_not_be_checked(problem: GatewayError) -> None:
    mark, text = replayed(answered({"data": {}}), problem)
    assert mark is Mark.UNCHECKED
    assert problem.message in text


def refusal(code: Any) -> Any:
    return answered({"errors": [{"message": "no", "extensions": {"code": code}}]})


def test_a_refusal_is_a_refusal_again_or_it_was_none() -> None:
    assert replayed(refusal("GRAPHQL_PARSE_FAILED"), ParseFailed("no"))[0] is Mark.HOLDS
    assert replayed(refusal("GRAPHQL_PARSE_FAILED"), ValidationFailed("no"))[0] is Mark.FAILS
    assert replayed(refusal("GRAPHQL_PARSE_FAILED"), {})[0] is Mark.FAILS
    assert replayed(refusal("QUERY_TOO_COMPLEX"), {})[0] is Mark.UNCHECKED
    for odd in (answered({"errors": [1, {}, {"extensions": 1}]}), refusal(7)):
        assert replayed(odd, {})[0] is Mark.FAILS


def test_whose_a_refused_cursor_was_cannot_be_told() -> None:
    errors = [{"message": "no", "extensions": {"code": "BAD_CURSOR"}}]
    response = answered({"data": None, "errors": errors})
    assert replayed(response, {"projects": {}})[0] is Mark.UNCHECKED
    assert replayed(response, None)[0] is Mark.HOLDS


RECORDS: dict[str, Any] = {
    "projects": {
        "nodes": [
            {"id": "cgw:verra:project:1", "projectName": "A", "m": "x", "units": {"nodes": []}},
            {"id": "cgw:other:project:1", "projectName": "B"},
            {"id": "no id of ours", "projectName": "C"},
        ]
    }
}


def changed(index: int, **fields: Any) -> Any:
    found = copy.deepcopy(RECORDS)
    found["projects"]["nodes"][index].update(fields)
    return found


FAILED = Exchange("other", Outcome.TIMEOUT, "GET", "https://other.example/")


@pytest.mark.parametrize("excuse", [FAILED, exchange(BODY, "other")])
def test_one_registrys_failure_or_mapping_excuses_no_others_record(excuse: Exchange) -> None:
    response = answered({"data": RECORDS}, excuse)
    bundle = Bundle(json.dumps(response).encode(), None, QUERY, canonical(VARIABLES))
    bundle.bodies.update({0: BODY, 1: BODY} if excuse.digest else {0: BODY})

    def verdict(again: Any, volatile: frozenset[Pattern] = frozenset()) -> Verdict:
        replayer = Replays(again, volatile)
        return verify_bundle(bundle, Demands(jwks=key_set(), now=NOW, replayer=replayer))

    told = verdict(changed(0, projectName="Z"))
    assert told.exit_code == 1
    assert "gives another answer: /projects/nodes/0/projectName." in told.as_text()
    # Its neighbour's is excused, whatever else moved; so is what cannot be told apart.
    for again in (
        changed(1, projectName="Z"),
        changed(2, projectName="Z"),
        changed(0, units={"nodes": [1]}),
        {"projects": {"nodes": RECORDS["projects"]["nodes"][:1]}},
        {"projects": {"nodes": [RECORDS["projects"]["nodes"][1]]}},
        {"projects": {"nodes": [changed(0, m="y")["projects"]["nodes"][0]] * 2}},
    ):
        assert verdict(again).exit_code == 2, again
    moved = changed(0, m="y")
    moved["projects"]["nodes"].pop()
    assert verdict(moved, frozenset({("projects", "nodes", "m")})).exit_code == 2
    assert verdict(moved).exit_code == 1


def test_a_source_that_no_gateway_writes_is_a_failure() -> None:
    response = answered({"data": {}})
    source = response["extensions"]["provenance"]["statement"]["predicate"]["sources"][0]
    source["outcome"] = "FINE"
    again = answered({"data": {}})
    again["extensions"]["provenance"]["statement"] = response["extensions"]["provenance"][
        "statement"
    ]
    item = again["extensions"]["provenance"]["signatures"][0]
    payload = encode64(canonical(response["extensions"]["provenance"]["statement"]))
    item["signature"] = encode64(signer().sign_now(f"{item['protected']}.{payload}".encode()))
    mark, text = replayed(again, {})
    assert mark is Mark.FAILS
    assert "a source of the statement is broken" in text


def unchecked(capsys: pytest.CaptureFixture[str]) -> set[str]:
    found = json.loads(capsys.readouterr().out)["findings"]
    return {f["check"] for f in found if f["result"] == "UNCHECKED"}


def test_what_is_demanded_and_cannot_be_had_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    whole = signed(matter(seed=3))
    files = {
        "jwks.json": json.dumps(key_set()),
        "query.graphql": QUERY,
        "variables.json": json.dumps(VARIABLES),
        "policy": f"log {NoteKey('a', signer().public).vkey}\nquorum none\n",
        "record.json": json.dumps(disclose(whole, 1)),
        "stream.json": json.dumps(events()),
        "response.json": json.dumps(whole),
    }
    for name, text in files.items():
        Path(name).write_text(text)
    asked = ["--jwks", "jwks.json", "--query", "query.graphql", "--variables", "variables.json"]
    more = ["--policy", "policy", "--tsa-roots", "policy", "--replay", "--refetch", "--json"]
    for name in ("record.json", "stream.json"):
        assert run([name, *asked, *more], replayer=Replays({}), fetch=lambda _: b"") == 2
        assert unchecked(capsys) == {"log", "stamp", "replay", "refetch"}, name
    assert run(["response.json", *asked, *more[:4], "--json"]) == 2
    assert unchecked(capsys) == {"log", "stamp"}


def logged(proof: str | None, stamp: bytes | None = None, **demands: Any) -> Verdict:
    ledger = Ledger()
    response = signed(matter(), notary(mappings=RECIPES, log=ledger))
    text = json.dumps(response).encode()
    right = log_proof(ledger.entry)
    bundle = Bundle(text, None, QUERY, canonical(VARIABLES), proof=proof and right, stamp=stamp)
    bundle.proof = right if proof == "right" else proof
    return verify_bundle(bundle, Demands(jwks=key_set(), now=NOW, **demands))


def marks(verdict: Verdict) -> dict[str, Mark]:
    return {f.check: f.mark for f in verdict.findings if f.check in ("log", "stamp")}


def test_a_proof_that_cannot_hold_is_refused_without_its_logs_key() -> None:
    assert marks(logged("right")) == {"log": Mark.UNCHECKED}
    assert marks(logged("right", logs=(LOG,))) == {"log": Mark.HOLDS}
    assert marks(logged(log_proof(bytes(32)))) == {"log": Mark.FAILS}
    assert marks(logged("no proof")) == {"log": Mark.FAILS}


def test_a_stamp_that_is_missing_or_over_nothing_is_told() -> None:
    roots = {"tsa_roots": b"pem"}
    assert marks(logged("right", logs=(LOG,), **roots)) == {
        "log": Mark.HOLDS,
        "stamp": Mark.UNCHECKED,
    }
    for stamp, demands in ((None, roots), (b"stamp", {})):
        found = marks(logged(None, stamp, **demands))
        assert found == {"log": Mark.UNCHECKED, "stamp": Mark.UNCHECKED}


def test_a_log_is_demanded_of_a_statement_that_names_none() -> None:
    text = json.dumps(answered({"data": {}})).encode()
    bundle = Bundle(text, None, QUERY, canonical(VARIABLES))
    verdict = verify_bundle(bundle, Demands(jwks=key_set(), now=NOW, logs=(LOG,)))
    assert marks(verdict) == {"log": Mark.UNCHECKED}
