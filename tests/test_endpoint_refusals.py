"""What the endpoint refuses before anything is executed, and how it says so."""

from __future__ import annotations

import pytest

from gateway.config import LimitSettings
from tests.smallworld import GRAPHQL, ask, check_signature, client, code, endpoint


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
