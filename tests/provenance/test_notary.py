"""The notary and the statement that it makes."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pytest
import rfc8785
from joserfc.jwk import OKPKey
from joserfc.jws import deserialize_compact

from gateway.errors import BadInput, LogStopped, Outcome, Overloaded, ProvenanceError
from gateway.provenance.canonical import canonical
from gateway.provenance.evidence import Evidence, Exchange
from gateway.provenance.keys import throw_away_signer, verifies
from gateway.provenance.records import Place
from gateway.provenance.statement import Chain, Level, Matter, variables_digest
from gateway.provenance.strict import decode64, encode64
from tests.provenance.answers import QUERY, VARIABLES, exchange, matter, notary, signed, signer

SECRET = "planted-secret-0f1e2d3c"


class ListLedger:
    origin = "gw.example/log"

    def __init__(self) -> None:
        self.entries: list[bytes] = []

    def submit(self, entry: bytes) -> None:
        self.entries.append(entry)


class StoppedLedger(ListLedger):
    def submit(self, entry: bytes) -> None:
        raise LogStopped("the disk is full", retryAfterSeconds=2)


async def test_no_answer_names_a_log_that_never_takes_it() -> None:
    with pytest.raises(Overloaded, match="takes no entries"):
        await notary(log=StoppedLedger()).attest(matter())


async def test_the_signature_is_a_jws_over_the_canonical_statement() -> None:
    value = await notary().attest(matter())
    signature = value["signatures"][0]
    payload = rfc8785.dumps(value["statement"])
    header = json.loads(decode64(signature["protected"]))
    assert header == {
        "alg": "Ed25519",
        "cty": "vnd.in-toto+json",
        "kid": signer().kid,
        "typ": "cgw-provenance+jws",
    }
    compact = f"{signature['protected']}.{encode64(payload)}.{signature['signature']}"
    key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": encode64(signer().public)})
    assert deserialize_compact(compact, key, algorithms=["Ed25519"]).payload == payload


async def test_the_statement_binds_answer_question_and_scope() -> None:
    found = matter()
    said = (await notary().attest(found))["statement"]
    assert said["subject"][0]["digest"]["sha256"] == sha256(rfc8785.dumps(found.answer)).hexdigest()
    predicate = said["predicate"]
    assert predicate["request"] == {
        "documentDigest": {"sha256": sha256(QUERY.encode()).hexdigest()},
        "variablesDigest": {"sha256": sha256(rfc8785.dumps(VARIABLES)).hexdigest()},
        "operationName": "Q",
        "nonce": "nonce-1",
    }
    assert predicate["scope"] == {
        "registriesRequested": ["goldstandard", "verra"],
        "registriesAnswered": ["verra"],
        "complete": False,
        "truncated": False,
    }
    assert [source["outcome"] for source in predicate["sources"]] == ["OK", "OK", "TIMEOUT"]


@pytest.mark.parametrize("form", ["digest", "canonical", "answer"])
async def test_the_answer_may_be_given_in_three_forms(form: str) -> None:
    value = matter().answer
    assert value is not None
    given = {
        "digest": Matter("{a}", data_digest=sha256(canonical(value)).hexdigest()),
        "canonical": Matter("{a}", data_canonical=canonical(value)),
        "answer": Matter("{a}", answer=value),
    }[form]
    said = (await notary().attest(given))["statement"]
    assert said["subject"][0]["digest"]["sha256"] == sha256(canonical(value)).hexdigest()


async def test_a_matter_without_an_answer_is_a_mistake() -> None:
    with pytest.raises(ProvenanceError):
        await notary().attest(Matter("{a}"))
    with pytest.raises(ProvenanceError):
        await notary().attest(Matter("{a}", data_digest="0" * 64, level=Level.RECORDS))


async def test_the_default_level_has_no_records() -> None:
    value = await notary().attest(matter(level=Level.STATEMENT))
    assert value["records"] is None
    assert value["statement"]["predicate"]["records"] is None


async def test_a_mapped_source_names_its_recipe_and_a_failed_one_does_not() -> None:
    sources = (await notary().attest(matter()))["statement"]["predicate"]["sources"]
    assert sources[0]["mapping"]["digest"] == {"sha256": sha256(b"recipe").hexdigest()}
    assert sources[2]["mapping"] is None


async def test_a_throw_away_key_says_so_loudly_inside_what_is_signed() -> None:
    value = await notary(signer=throw_away_signer()).attest(matter())
    assert "DO_NOT_RELY_ON_THIS" in value["statement"]["predicate"]["keyStatus"]


async def test_several_keys_sign_in_the_order_of_their_names() -> None:
    other = throw_away_signer()
    value = await notary(co_signers=[other]).attest(matter())
    payload = encode64(rfc8785.dumps(value["statement"]))
    kids = []
    for item in value["signatures"]:
        kid = json.loads(decode64(item["protected"]))["kid"]
        public = {other.kid: other.public, signer().kid: signer().public}[kid]
        message = f"{item['protected']}.{payload}".encode()
        assert verifies(public, decode64(item["signature"]), message)
        kids.append(kid)
    assert kids == sorted([other.kid, signer().kid])


async def test_the_log_gets_the_hash_of_the_compact_jws() -> None:
    ledger = ListLedger()
    value = await notary(log=ledger).attest(matter())
    item = value["signatures"][0]
    compact = (
        f"{item['protected']}.{encode64(rfc8785.dumps(value['statement']))}.{item['signature']}"
    )
    assert ledger.entries == [sha256(compact.encode()).digest()]
    assert value["statement"]["predicate"]["log"] == {"origin": "gw.example/log"}


async def test_bodies_travel_only_when_asked_for() -> None:
    kept = await notary().attest(matter())
    assert [item["source"] for item in kept["evidence"]] == [0, 1]
    assert decode64(kept["evidence"][1]["body"]) == b"id;count\r\n1;2\r\n"
    silent = Evidence(exchanges=matter().evidence.exchanges)
    assert "evidence" not in await notary().attest(matter(evidence=silent))


async def test_a_statement_never_contains_a_planted_secret() -> None:
    body = json.dumps({"token": SECRET}).encode()
    found = matter(
        document=f'{{ projects(where: {{ text: "{SECRET}" }}) {{ totalCount }} }}',
        variables={SECRET: {"deep": [SECRET]}},
        evidence=Evidence(exchanges=[exchange(body), exchange(body, request_digest="0" * 64)]),
        answer={"data": {"a": SECRET}},
        level=Level.STATEMENT,
        records=(),
    )
    value = await notary(signer=signer()).attest(found)
    text = json.dumps(value)
    assert SECRET not in text
    assert SECRET not in canonical(value).decode()
    assert signer().pem().decode().split("\n")[1] not in text


async def test_userinfo_and_fragment_of_an_address_are_never_printed() -> None:
    address = f"https://user:{SECRET}@registry.example/a?x=1#{SECRET}"
    found = Exchange("verra", Outcome.OK, "GET", address)
    value = await notary().attest(matter(evidence=Evidence(exchanges=[found])))
    source = value["statement"]["predicate"]["sources"][0]
    assert source["uri"] == "https://registry.example/a?x=1"
    assert source["uriRedacted"] is True


async def test_an_address_that_cannot_be_read_is_not_printed() -> None:
    found = Exchange("verra", Outcome.OK, "GET", f"https://[{SECRET}@x")
    value = await notary().attest(matter(evidence=Evidence(exchanges=[found])))
    assert value["statement"]["predicate"]["sources"][0]["uri"] is None


async def test_headers_that_are_not_utf8_can_still_be_signed() -> None:
    found = exchange(b"{}", etag='"caf\udce9"')
    value = await notary().attest(matter(evidence=Evidence(exchanges=[found])))
    assert value["statement"]["predicate"]["sources"][0]["etag"] == '"caf?"'


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "x" * 65},
        {"variables": {"a": "\ud800"}},
        {"document": '{a(b: "\ud800")}'},
        {"variables": {"a": 2**60}},
        {"nonce": "\ud800"},
        {"operation_name": "\ud800"},
    ],
)
async def test_a_question_that_cannot_be_bound_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        await notary().attest(matter(**changes))


async def test_a_request_without_a_document_has_no_document_digest() -> None:
    said = (await notary().attest(matter(document=None, variables={})))["statement"]
    assert said["predicate"]["request"]["documentDigest"] is None
    assert said["predicate"]["request"]["variablesDigest"] is None


def test_no_variables_and_empty_variables_are_the_same() -> None:
    assert variables_digest(None) is variables_digest({}) is None


async def test_an_event_of_a_stream_carries_its_place() -> None:
    chain = Chain("s", 1, "0" * 64, final=True)
    said = (await notary().attest(matter(stream=chain)))["statement"]
    assert said["predicate"]["stream"] == {"id": "s", "seq": 1, "prev": "0" * 64, "final": True}


async def test_a_place_that_does_not_fit_the_answer_is_a_mistake() -> None:
    wrong = [Place(("projects", "nodes", 99), "cgw:verra:project:1", ())]
    with pytest.raises(ProvenanceError, match="nowhere"):
        await notary().attest(matter(records=wrong))


def test_signing_does_not_change_the_answer() -> None:
    found = matter(seed=4)
    before = canonical(found.answer)
    signed(found)
    assert canonical(found.answer) == before
