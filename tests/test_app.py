"""The routes, as a client and a browser meet them."""

from __future__ import annotations

import gzip
import hashlib
import html
import json
import re
from collections.abc import AsyncIterator

import httpx
import pytest
from graphql import get_introspection_query

from gateway.app import Readiness, create_app
from gateway.assemble import Gateway, assemble
from gateway.config import Settings
from gateway.provenance.keys import throw_away_signer
from gateway.provenance.strict import load_json
from gateway.provenance.verify import verify_response
from gateway.web import example


def gateway(**server: object) -> Gateway:
    # A node that is not configured is the one registry that nobody can be asked by mistake.
    given = {"server": {"issuer": "http://gw.example", **server}, "only": ["cad-trust"]}
    settings = Settings.model_validate(given)
    return assemble(settings, signer=throw_away_signer())


def client(made: Gateway | None = None, *, sandbox: bool = False) -> httpx.AsyncClient:
    app = create_app(made or gateway(), sandbox=sandbox)
    transport = httpx.ASGITransport(app)
    return httpx.AsyncClient(transport=transport, base_url="http://gw.example")


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with client() as made:
        yield made


async def test_an_answer_verifies_with_the_published_keys(http: httpx.AsyncClient) -> None:
    query = "{ registries { key name configured } }"
    response = await http.post("/graphql", json={"query": query})
    assert response.headers["x-request-id"]
    keys = await http.get("/.well-known/jwks.json")
    assert keys.headers["cache-control"] == "public, max-age=300"
    verdict = verify_response(load_json(response.content), keys.json(), query=query)
    assert verdict.valid, verdict.as_text()


async def test_introspection_is_answered_within_the_limits(http: httpx.AsyncClient) -> None:
    query = get_introspection_query(descriptions=True, input_value_deprecation=True)
    response = await http.post("/graphql", json={"query": query})
    body = response.json()
    assert "errors" not in body
    names = {found["name"] for found in body["data"]["__schema"]["types"]}
    assert {"Project", "Unit", "Issuance", "RegistryCoverage"} <= names


async def test_an_error_of_the_question_says_where(http: httpx.AsyncClient) -> None:
    response = await http.post("/graphql", json={"query": "{ registries { nothing } }"})
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert error["locations"] == [{"line": 1, "column": 16}]


async def test_more_than_can_be_done_is_turned_away_and_health_is_not() -> None:
    made = gateway(in_flight=1)
    async with client(made) as http:
        with made.admission.admit():
            refused = await http.post("/graphql", json={"query": "{__typename}"})
            healthy = await http.get("/healthz")
        answered = await http.post("/graphql", json={"query": "{__typename}"})
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert healthy.status_code == answered.status_code == 200


async def test_health_and_readiness(http: httpx.AsyncClient) -> None:
    assert (await http.get("/healthz")).json() == {"status": "ok"}
    assert (await http.get("/readyz")).status_code == 503


@pytest.mark.parametrize(
    ("started", "draining", "status", "word"),
    [
        (False, False, 503, "starting"),
        (True, False, 200, "ready"),
        (True, True, 503, "draining"),
        (False, True, 503, "draining"),
    ],
)
async def test_readiness_follows_the_life_of_the_process(
    started: bool, draining: bool, status: int, word: str
) -> None:
    app = create_app(gateway(), readiness=Readiness(started, draining))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gw.example") as http:
        response = await http.get("/readyz")
    assert (response.status_code, response.json()) == (status, {"status": word})


async def test_machines_find_everything_from_one_document(http: httpx.AsyncClient) -> None:
    about = (await http.get("/.well-known/carbon-gateway.json")).json()
    assert about["issuer"] == "http://gw.example"
    schema = await http.get(about["schema_uri"])
    assert hashlib.sha256(schema.content).hexdigest() == about["schema_digest"]["sha256"]
    assert (await http.get(about["jwks_uri"])).status_code == 200


async def test_the_issuer_is_never_taken_from_the_host_header(http: httpx.AsyncClient) -> None:
    response = await http.get(
        "/.well-known/carbon-gateway.json", headers={"host": "localhost:9", "x-forwarded-host": "e"}
    )
    assert response.json()["issuer"] == "http://gw.example"


async def test_mapping_recipes_are_served_under_their_digest() -> None:
    made = gateway()
    async with client(made) as http:
        for digest in made.recipes.all():
            response = await http.get(f"/.well-known/carbon-gateway/mappings/{digest}")
            assert hashlib.sha256(response.content).hexdigest() == digest
            assert "immutable" in response.headers["cache-control"]
        missing = await http.get("/.well-known/carbon-gateway/mappings/" + "0" * 64)
    assert missing.status_code == 404


async def test_the_landing_page_says_what_this_is(http: httpx.AsyncClient) -> None:
    page = await http.get("/")
    assert "http://gw.example/graphql" in page.text
    assert "not configured: set registries.cad-trust.base_url" in page.text
    assert "sandbox" not in page.text.lower()
    assert "/graphiql" not in page.text
    assert "script-src" not in page.headers["content-security-policy"]


async def test_the_landing_page_of_a_sandbox_says_so_loudly() -> None:
    async with client(gateway(graphiql=True), sandbox=True) as http:
        page = await http.get("/")
    assert "<strong>This is a sandbox.</strong>" in page.text
    assert 'href="/graphiql"' in page.text


@pytest.mark.parametrize(("sandbox", "question"), [(True, example.SANDBOX), (False, example.LIVE)])
async def test_graphiql_is_there_when_it_is_turned_on(sandbox: bool, question: str) -> None:
    async with client(gateway(graphiql=True), sandbox=sandbox) as http:
        page = await http.get("/graphiql")
        answered = await http.post("/graphql", json={"query": question})
    assert html.escape(question) in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "errors" not in answered.json()


async def test_graphiql_is_off_unless_asked_for(http: httpx.AsyncClient) -> None:
    assert (await http.get("/graphiql")).status_code == 404


async def test_pages_load_nothing_from_elsewhere() -> None:
    async with client(gateway(graphiql=True), sandbox=True) as http:
        for path in ("/", "/graphiql"):
            page = (await http.get(path)).text
            for found in re.findall(r'(?:src|href)="([^"]*)"', page):
                assert re.match(r"/(?!/)|data:", found), found


@pytest.mark.parametrize("name", ["graphiql.js", "graphiql.css", "page.css"])
async def test_assets_are_compressed_and_revalidated(name: str, http: httpx.AsyncClient) -> None:
    packed = await http.get(f"/static/{name}")
    plain = await http.get(f"/static/{name}", headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    again = await http.get(f"/static/{name}", headers={"if-none-match": plain.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert len(gzip.compress(plain.content)) < len(plain.content)


@pytest.mark.parametrize("name", ["nothing.js", "../app.py", "..%2fapp.py", "SHA256SUMS"])
async def test_nothing_else_is_an_asset(name: str, http: httpx.AsyncClient) -> None:
    assert (await http.get(f"/static/{name}")).status_code == 404


async def test_other_origins_get_no_cors_headers(http: httpx.AsyncClient) -> None:
    headers = {"origin": "https://page.example"}
    response = await http.post("/graphql", json={"query": "{__typename}"}, headers=headers)
    assert "access-control-allow-origin" not in response.headers


async def test_configured_origins_may_call_without_credentials() -> None:
    headers = {"origin": "https://page.example"}
    asking = {"access-control-request-method": "POST"}
    async with client(gateway(allowed_origins=["https://page.example"])) as http:
        response = await http.post("/graphql", json={"query": "{__typename}"}, headers=headers)
        preflight = await http.options("/graphql", headers={**headers, **asking})
        other = await http.options("/graphql", headers={"origin": "https://e.example", **asking})
    assert response.headers["access-control-allow-origin"] == "https://page.example"
    assert "access-control-allow-credentials" not in response.headers
    assert preflight.status_code == 200
    assert "access-control-allow-origin" not in other.headers


async def test_planted_secrets_are_shown_nowhere() -> None:
    canary = "canary-0123456789-0123456789-0123456789"
    settings = Settings.model_validate(
        {
            "server": {"issuer": "http://gw.example", "graphiql": True},
            "cursor_secret": canary,
            "registries": {"verra": {"credential": canary, "headers": {"x-key": canary}}},
        }
    )
    made = assemble(settings, signer=throw_away_signer())
    query = "{ registries { key name notes notConfiguredReason configured } }"
    async with client(made) as http:
        for path in ("/", "/.well-known/carbon-gateway.json", "/graphiql", "/nothing"):
            assert canary not in (await http.get(path)).text
        response = await http.post("/graphql", json={"query": query})
    assert canary not in response.text
    assert json.loads(response.text)["data"]


async def test_a_name_that_does_not_exist_names_the_nearest_that_does(
    http: httpx.AsyncClient,
) -> None:
    response = await http.post("/graphql", json={"query": "{ registris { key } }"})
    assert "Did you mean 'registries'" in response.text


async def test_a_refused_filter_is_named_as_the_schema_spells_it(http: httpx.AsyncClient) -> None:
    query = '{ units(where: { project: { coBenefit: { contains: " " } } }) { totalCount } }'
    error = (await http.post("/graphql", json={"query": query})).json()["errors"][0]
    assert "`project.coBenefit`" in error["message"]
    assert error["extensions"]["argument"] == "where.project.coBenefit.contains"


async def test_no_condition_on_the_registry_asks_all_of_them(http: httpx.AsyncClient) -> None:
    query = "{ projects(where: { registry: null }) { coverage { registry } } }"
    body = (await http.post("/graphql", json={"query": query})).json()
    assert body["data"] == {"projects": {"coverage": [{"registry": "cad-trust"}]}}


@pytest.mark.parametrize("condition", ["{}", "{ in: null }", "{ eq: null, in: null }"])
async def test_a_condition_of_nulls_is_refused_for_the_registry_too(
    condition: str, http: httpx.AsyncClient
) -> None:
    query = f"{{ projects(where: {{ registry: {condition} }}) {{ coverage {{ registry }} }} }}"
    (error,) = (await http.post("/graphql", json={"query": query})).json()["errors"]
    assert error["extensions"]["argument"] == "where.registry"
