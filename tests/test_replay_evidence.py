"""`cgw verify --replay`: real answers of the sandbox, mapped again from their evidence."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from adapters.contract import Politeness, Reply, Request
from gateway.app import create_app
from gateway.assemble import assemble
from gateway.cli import app
from gateway.config import LimitSettings, Settings
from gateway.demo import settings
from gateway.errors import (
    InvalidPayload,
    Outcome,
    RegistryError,
    RegistryHttpError,
    RegistryTimeout,
    RegistryUnreachable,
)
from gateway.provenance.canonical import canonical
from gateway.provenance.disclosure import disclose, verify_record
from gateway.provenance.evidence import Exchange
from gateway.provenance.jwks import jwks_of_signers
from gateway.provenance.keys import LocalSigner, signer_from_pem
from gateway.provenance.replay import Question, differences
from gateway.provenance.strict import decode64, encode64, load_json
from gateway.provenance.verify_cli import run
from gateway.replay import EvidenceReplayer, EvidenceSource, volatile
from gateway.sandbox.runner import Sandbox
from gateway.schema.build import core_schema
from gateway.upstream.upstream import Upstream
from gateway.web.example import SANDBOX
from tests.market import make
from tests.provenance.answers import NOW, PEM

SECRET = "planted-secret-7c1d9e"
LONE = '{ projects(registries: ["gold-standard"], first: 3) { nodes { id projectName } } }'
PAGED = """
query Paged($first: Int!) {
  projects(first: $first) {
    edges { cursor node { id projectName provenance { source pointer mappingDigest } } }
    pageInfo { endCursor hasNextPage }
    coverage { ...Told }
  }
}
fragment Told on RegistryCoverage { registry outcome waited: latencyMs totalCount message }
"""


def signer() -> LocalSigner:
    return signer_from_pem(PEM)


@asynccontextmanager
async def gateway(used: list[Settings]) -> AsyncIterator[httpx.AsyncClient]:
    async with Sandbox(make(scale=1)) as sandbox:
        used.append(settings(sandbox, "127.0.0.1", 8000))
        made = assemble(used[-1], signer=signer())
        await made.start()
        transport = httpx.ASGITransport(create_app(made))
        address = "http://127.0.0.1:8000"
        async with httpx.AsyncClient(transport=transport, base_url=address, timeout=30) as client:
            yield client
        await made.close()


async def asked(query: str, variables: dict[str, Any], level: str = "STATEMENT") -> Answered:
    used: list[Settings] = []
    async with gateway(used) as client:
        body = {
            "query": query,
            "variables": variables,
            "extensions": {"provenance": {"evidence": True, "level": level}},
        }
        reply = await client.post("/graphql", json=body)
        return Answered(reply.content, used[-1])


@dataclass(frozen=True)
class Answered:
    """An answer, and the settings of the gateway that gave it."""

    body: bytes
    settings: Settings

    def read(self) -> Any:
        return load_json(self.body)


@pytest.fixture(scope="module")
def answers() -> dict[str, Answered]:
    return {
        SANDBOX: asyncio.run(asked(SANDBOX, {})),
        PAGED: asyncio.run(asked(PAGED, {"first": 30})),
        LONE: asyncio.run(asked(LONE, {})),
        "records": asyncio.run(asked(SANDBOX, {}, "RECORDS")),
    }


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("jwks.json").write_text(json.dumps(jwks_of_signers([signer()])))
    Path("variables.json").write_text('{"first": 30}')
    return tmp_path


def verify(answered: Answered, query: str, *more: str, response: bytes | None = None) -> int:
    Path("response.json").write_bytes(answered.body if response is None else response)
    Path("query.graphql").write_text(query)
    argv = ["response.json", "--jwks", "jwks.json", "--query", "query.graphql", "--replay", *more]
    return run(argv, replayer=EvidenceReplayer(answered.settings))


@pytest.mark.slow
def test_the_command_replays_too(here: Path, answers: dict[str, Answered]) -> None:
    verify(answers[LONE], LONE)
    argv = [
        "verify",
        "response.json",
        "--jwks",
        "jwks.json",
        "--query",
        "query.graphql",
        "--replay",
    ]
    found = CliRunner().invoke(app, argv)
    assert found.exit_code == 0, found.output
    assert "Mapping the upstream bytes again gives the same answer." in found.output


@pytest.mark.parametrize("query", [SANDBOX, PAGED])
def test_an_answer_is_given_again_out_of_its_evidence(
    here: Path, answers: dict[str, Answered], query: str, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ("--variables", "variables.json") if query is PAGED else ()
    assert verify(answers[query], query, *more) == 0, capsys.readouterr().out
    assert "Mapping the upstream bytes again gives the same answer." in capsys.readouterr().out


LATER = (
    "query ($a: String) { projects(first: 5, after: $a) { nodes { id } pageInfo { endCursor } } }"
)


async def second_page(after: str | None = None) -> tuple[Answered, str]:
    """An answer that goes on from another one's cursor, or from this text, and that cursor."""
    used: list[Settings] = []
    async with gateway(used) as client:

        async def page(cursor: str | None) -> bytes:
            wishes = {"provenance": {"evidence": True}}
            body = {"query": LATER, "variables": {"a": cursor}, "extensions": wishes}
            return (await client.post("/graphql", json=body)).content

        first = json.loads(await page(None))
        cursor = after or first["data"]["projects"]["pageInfo"]["endCursor"]
        return Answered(await page(cursor), used[-1]), cursor


def test_a_later_page_is_given_again_without_the_gateways_secret(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answered, cursor = asyncio.run(second_page())
    Path("variables.json").write_text(json.dumps({"a": cursor}))
    assert verify(answered, LATER, "--variables", "variables.json") == 0, capsys.readouterr().out


def test_a_text_that_is_no_cursor_is_refused_again(here: Path) -> None:
    nonsense = encode64(b"no JSON" + bytes(16))
    answered, _ = asyncio.run(second_page(nonsense))
    Path("variables.json").write_text(json.dumps({"a": nonsense}))
    assert verify(answered, LATER, "--variables", "variables.json") == 0


def test_each_record_is_shown_alone_and_found_in_its_upstream_body(
    here: Path, answers: dict[str, Answered]
) -> None:
    response = answers["records"].read()
    assert verify(answers["records"], SANDBOX) == 0
    proof = response["extensions"]["provenance"]
    bodies = {item["source"]: decode64(item["body"]) for item in proof["evidence"]}
    sources = proof["statement"]["predicate"]["sources"]
    assert len({place["id"].split(":")[1] for place in proof["records"]}) > 2
    keys = jwks_of_signers([signer()])
    for index, place in enumerate(proof["records"]):
        shown = disclose(response, index)
        assert verify_record(shown, keys, query=SANDBOX).exit_code == 0
        for origin in place["from"]:
            source = origin["source"]
            if "json" in sources[source]["mediaType"]:
                assert isinstance(pointed(load_json(bodies[source]), origin["pointer"]), dict)


def pointed(body: Any, pointer: str) -> Any:
    """What a JSON pointer (RFC 6901) leads to."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        body = body[int(name)] if isinstance(body, list) else body[name]
    return body


def test_no_planted_secret_is_in_an_answer(here: Path) -> None:
    async def answered() -> str:
        async with Sandbox(make(scale=1)) as sandbox:
            given = settings(sandbox, "127.0.0.1", 8000)
            registries = {
                key: registry.model_copy(
                    update={
                        "headers": {**registry.headers, "x-planted": SecretStr(SECRET)},
                        "public_uri": f"https://{key}.example",
                    }
                )
                for key, registry in given.registries.items()
            }
            made = assemble(given.model_copy(update={"registries": registries}), signer=signer())
            await made.start()
            transport = httpx.ASGITransport(create_app(made))
            body = {
                "query": "query ($asked: String!) { projects(first: 3) { nodes { id } } other: "
                'projects(registries: ["car"], where: {projectName: {contains: $asked}}) '
                f"{{ totalCount }} }} # {SECRET}",
                "variables": {"asked": SECRET},
                "extensions": {"provenance": {"nonce": "n", "level": "RECORDS"}, "timing": True},
            }
            address = "http://127.0.0.1:8000"
            async with httpx.AsyncClient(transport=transport, base_url=address) as client:
                reply = await client.post(
                    "/graphql", json=body, headers={"authorization": f"Bearer {SECRET}"}
                )
                mappings = [made.recipes.get(r.digest) for r in made.recipes.named.values()]
            await made.close()
            assert not any(SECRET.encode() in (body or b"") for body in mappings)
            return reply.text

    text = asyncio.run(answered())
    assert '"statement"' in text
    assert '"sources":[{' in text.replace(" ", "")
    assert SECRET not in text
    assert "127.0.0.1:8000" in text.replace(SECRET, "")


def resigned(response: Any) -> bytes:
    """The response as a dishonest gateway would sign it: whatever it says now."""
    proof = response["extensions"]["provenance"]
    answer = {"data": response["data"]}
    said = proof["statement"]
    said["subject"][0]["digest"]["sha256"] = sha256(canonical(answer)).hexdigest()
    item = proof["signatures"][0]
    message = f"{item['protected']}.{encode64(canonical(said))}".encode()
    item["signature"] = encode64(signer().sign_now(message))
    return json.dumps(response).encode()


def test_a_signed_answer_that_its_evidence_does_not_give_is_refused(
    here: Path, answers: dict[str, Answered], capsys: pytest.CaptureFixture[str]
) -> None:
    response = answers[SANDBOX].read()
    response["data"]["projects"]["nodes"][0]["projectStatus"] = "COMPLETED"
    assert verify(answers[SANDBOX], SANDBOX, response=resigned(response)) == 1
    out = capsys.readouterr().out
    assert "gives another answer: /projects/nodes/0/projectStatus." in out


def test_another_mapping_then_is_told_and_not_condemned(
    here: Path, answers: dict[str, Answered], capsys: pytest.CaptureFixture[str]
) -> None:
    response = answers[SANDBOX].read()
    response["data"]["projects"]["nodes"][0]["projectStatus"] = "COMPLETED"
    sources = response["extensions"]["provenance"]["statement"]["predicate"]["sources"]
    for source in sources:
        source["mapping"]["digest"]["sha256"] = "0" * 64
    assert verify(answers[SANDBOX], SANDBOX, response=resigned(response)) == 2
    assert "was another one then, and gives something else" in capsys.readouterr().out


def test_an_exchange_that_is_missing_is_named(
    here: Path, answers: dict[str, Answered], capsys: pytest.CaptureFixture[str]
) -> None:
    response = answers[SANDBOX].read()
    proof = response["extensions"]["provenance"]
    proof["statement"]["predicate"]["sources"].pop()
    del proof["evidence"][-1:]
    assert verify(answers[SANDBOX], SANDBOX, response=resigned(response)) == 2
    assert "the evidence has no answer to" in capsys.readouterr().out


def test_evidence_without_its_bodies_is_told(
    here: Path, answers: dict[str, Answered], capsys: pytest.CaptureFixture[str]
) -> None:
    response = answers[SANDBOX].read()
    del response["extensions"]["provenance"]["evidence"]
    assert verify(answers[SANDBOX], SANDBOX, response=json.dumps(response).encode()) == 2
    assert "are needed" in capsys.readouterr().out


def test_places_that_rest_on_the_moment_are_known_by_their_type_wherever_they_stand() -> None:
    question = Question(PAGED, {}, None, NOW, ())
    assert volatile(question, core_schema(), LimitSettings()) == {
        ("projects", "edges", "cursor"),
        ("projects", "pageInfo", "endCursor"),
        ("projects", "coverage", "waited"),
        ("projects", "coverage", "message"),
    }
    inline = "{ registries { ... on Registry { key health { latencyMs } } } }"
    found = volatile(Question(inline, {}, None, NOW, ()), core_schema(), LimitSettings())
    assert found == {("registries", "health")}


UPSTREAM = Upstream(
    "verra",
    "https://here.invalid/base",
    "https://here.invalid/base",
    Politeness(),
    options={"a": "b"},
)
PAGE = Request("/page", query=(("n", "1"),), public=frozenset("n"))


def told(outcome: Outcome, body: bytes | None, **facts: Any) -> Exchange:
    digest = None if body is None else sha256(body).hexdigest()
    address = "https://registry.example/page?n=1"
    return Exchange("verra", outcome, "GET", address, digest=digest, body=body, **facts)


def text(reply: Reply) -> str:
    if b"bad" in reply.body:
        raise InvalidPayload("bad")
    return f"{reply.status} {reply.headers.get('x-total-count')} {reply.body.decode()}"


async def read(*exchanges: Exchange, times: int = 1) -> list[str]:
    source = EvidenceSource(UPSTREAM, exchanges, [])
    assert (source.registry, source.options) == ("verra", {"a": "b"})
    return [f"{a.source}: {a.value}" for a in [await source.read(PAGE, text) for _ in range(times)]]


async def test_exchanges_are_given_in_their_order_with_the_headers_that_were_read() -> None:
    first = told(Outcome.OK, b"one", status=206, headers={"x-total-count": "2", "x-none": None})
    assert await read(first, told(Outcome.OK, b"two"), times=2) == [
        "0: 206 2 one",
        "1: 200 None two",
    ]


async def test_an_old_copy_stands_in_for_its_failed_attempt_again() -> None:
    assert await read(told(Outcome.TIMEOUT, None), told(Outcome.STALE, b"old")) == [
        "1: 200 None old"
    ]


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        (Outcome.TIMEOUT, RegistryTimeout),
        (Outcome.HTTP_ERROR, RegistryHttpError),
        (Outcome.SKIPPED, RegistryUnreachable),
    ],
)
async def test_a_failed_exchange_fails_again(outcome: Outcome, error: type[RegistryError]) -> None:
    with pytest.raises(error) as caught:
        await read(told(outcome, None))
    assert (caught.value.registry, caught.value.source) == ("verra", 0)


async def test_a_body_that_was_no_answer_is_none_again() -> None:
    with pytest.raises(InvalidPayload) as caught:
        await read(told(Outcome.INVALID_PAYLOAD, b"bad"))
    assert caught.value.source == 0


async def test_a_question_that_was_not_asked_then_has_no_answer() -> None:
    with pytest.raises(RegistryTimeout):
        await read(replace(told(Outcome.OK, b"x"), uri="https://registry.example/page?n=2"))


def test_differences_are_told_as_json_pointers() -> None:
    said = {"a": [1, {"b": "x"}], "c": None, "d": {"e": 1}}
    again = {"a": [True, {"b": "y"}, 3], "c": None, "f": 1, "d": {"e": 2}}
    assert differences(said, again, frozenset({("d", "e")})) == ["/a", "/a/0", "/a/1/b", "/f"]
    assert differences(None, {}, frozenset()) == ["/"]
