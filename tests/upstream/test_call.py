"""What is sent, what is printed, and what counts as the same question."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import Request
from gateway.errors import BadInput, InternalError
from gateway.upstream.call import prepare
from gateway.upstream.upstream import Grant
from tests.upstream.bench import upstream

BASE = upstream("https://user:pass@api.example/v1", headers={"X-Api-Key": "planted-secret"})


@pytest.mark.parametrize(
    "path",
    [
        "../admin",
        "a/../../b",
        "a/..",
        "..",
        ".",
        "%2e%2e/admin",
        "%2E%2e%2fadmin",
        "%252e%252e/admin",
        "a\\..\\b",
        "//evil.example/x",
        "a?b=c",
        "a#b",
        "a\r\nX: y",
        "a%0d%0ab",
        "a\x00",
        "a%00",
        "100%",
        "%zz",
    ],
)
def test_a_path_that_leaves_the_base_is_refused(path: str) -> None:
    with pytest.raises(BadInput):
        prepare(BASE, Request(path))


@given(st.text(max_size=60))
def test_whatever_the_path_the_call_stays_below_the_base(path: str) -> None:
    try:
        call = prepare(BASE, Request(path))
    except BadInput:
        return
    assert call.url.host == "api.example"
    assert call.url.scheme == "https"
    raw = call.url.raw_path
    assert raw == "/v1" or raw.startswith("/v1/")
    assert not {"..", "."} & set(raw.split("/"))
    assert raw.isascii()
    assert raw.isprintable()


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20)), max_size=6))
def test_query_values_arrive_as_they_were_given(pairs: list[tuple[str, str]]) -> None:
    pairs = [(k.encode("utf-8", "ignore").decode(), v) for k, v in pairs]
    pairs = [(k, v.encode("utf-8", "ignore").decode()) for k, v in pairs]
    call = prepare(BASE, Request("x", query=tuple(pairs)))
    query = urlsplit(str(call.url)).query
    assert parse_qsl(query, keep_blank_values=True) == pairs


def test_the_printed_uri_names_the_public_host_and_public_parameters_only() -> None:
    request = Request(
        "x y", query=(("page", "2"), ("token", "hush"), ("q", "a&b")), public=frozenset({"page"})
    )
    call = prepare(BASE, request)
    assert call.uri == ("https://registry.example/api/x%20y?page=2&token=REDACTED&q=REDACTED")
    assert call.redacted
    assert not prepare(
        BASE, Request("x", query=(("page", "1"),), public=frozenset({"page"}))
    ).redacted


def test_without_a_public_uri_the_base_is_printed_without_its_user() -> None:
    call = prepare(replace(BASE, public_uri=""), Request("x"))
    assert call.uri == "https://api.example/v1/x"


def test_an_empty_path_is_the_base_itself() -> None:
    assert prepare(BASE, Request("")).url.raw_path == "/v1"
    assert prepare(BASE, Request("a/")).url.raw_path == "/v1/a/"
    assert prepare(BASE, Request("/a")).url.raw_path == "/v1/a"


def test_bodies_are_digested_as_sent() -> None:
    call = prepare(BASE, Request("x", method="POST", json={"a": [1, None]}))
    assert call.body == b'{"a":[1,null]}'
    assert call.request_digest == hashlib.sha256(call.body).hexdigest()
    assert call.headers["content-type"] == "application/json"
    form = prepare(BASE, Request("x", method="POST", form=(("a", "ä b"),)))
    assert form.body == b"a=%C3%A4+b"
    assert form.headers["content-type"] == "application/x-www-form-urlencoded"


def test_the_key_tells_apart_whatever_changes_the_answer() -> None:
    request = Request("x", query=(("a", "1"),))
    calls = [
        prepare(BASE, request),
        prepare(replace(BASE, key="other"), request),
        prepare(replace(BASE, base_url="https://api.example/v2"), request),
        prepare(replace(BASE, headers={"X-Api-Key": "another"}), request),
        prepare(BASE, replace(request, query=(("a", "2"),))),
        prepare(BASE, replace(request, method="POST")),
        prepare(BASE, replace(request, json={"a": 1})),
        prepare(BASE, replace(request, json={"a": 2})),
        prepare(BASE, replace(request, accept="text/csv")),
        prepare(BASE, replace(request, headers=(("standardid", "1"),))),
        prepare(BASE, replace(request, headers=(("standardid", "2"),))),
    ]
    assert len({call.key for call in calls}) == len(calls)
    assert prepare(BASE, request).key == calls[0].key


def test_the_key_tells_apart_where_one_part_ends_and_the_next_begins() -> None:
    def keyed(client: str, **headers: str) -> str:
        grant = Grant("https://api.example/token", client, "s")
        given = tuple(headers.items())
        return prepare(replace(BASE, grant=grant), Request("x", headers=given)).key

    assert keyed("c\0a:b") != keyed("c", a="b")
    assert keyed("c\0a\0b") != keyed("c", a="b")


NAMES = st.sampled_from(["a", "b", "ab", "a-b"])
PARTS = st.text(st.sampled_from("a:b=&,; %"), max_size=4)


@given(*[st.tuples(st.dictionaries(NAMES, PARTS), st.dictionaries(NAMES, PARTS), PARTS)] * 2)
def test_two_requests_have_two_keys(
    one: tuple[dict[str, str], dict[str, str], str],
    other: tuple[dict[str, str], dict[str, str], str],
) -> None:
    def keyed(query: dict[str, str], headers: dict[str, str], text: str) -> str:
        asked = Request("x", method="POST", query=tuple(query.items()), json={"t": text})
        return prepare(BASE, replace(asked, headers=tuple(headers.items()))).key

    def order(request: tuple[dict[str, str], dict[str, str], str]) -> object:
        return [*request[0].items()], request[1], request[2]

    assert (keyed(*one) == keyed(*other)) == (order(one) == order(other))


def test_no_secret_is_in_the_key_or_the_printed_uri() -> None:
    call = prepare(BASE, Request("x", query=(("key", "planted-secret"),)))
    for text in (call.key, call.uri):
        assert "planted-secret" not in text
        assert "pass" not in text


@pytest.mark.parametrize("name", ["Host", "cookie", "Content-Length", "Transfer-Encoding", "Range"])
def test_an_adapter_may_not_set_the_doors_own_headers(name: str) -> None:
    with pytest.raises(InternalError):
        prepare(BASE, Request("x", headers=((name, "1"),)))


@pytest.mark.parametrize("pair", [("X-A", "b\r\nc: d"), ("X A", "b"), ("", "b"), ("X-A", "\x00")])
def test_headers_cannot_smuggle_headers(pair: tuple[str, str]) -> None:
    with pytest.raises(BadInput):
        prepare(BASE, Request("x", headers=(pair,)))


def test_configured_headers_win_over_the_adapters() -> None:
    call = prepare(BASE, Request("x", headers=(("X-API-KEY", "mine"),)))
    assert call.headers["x-api-key"] == "planted-secret"


def test_only_reads_are_sent_and_with_one_body_at_most() -> None:
    with pytest.raises(InternalError):
        prepare(BASE, Request("x", method="DELETE"))
    with pytest.raises(InternalError):
        prepare(BASE, Request("x", json={}, form=()))
