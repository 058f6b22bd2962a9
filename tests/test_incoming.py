"""A request is well formed or says what is wrong with it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config import LimitSettings
from gateway.engine.operation import GraphQLRequest
from gateway.errors import BadRequest, BatchingDisabled, Overloaded
from gateway.incoming import (
    Disconnected,
    Headers,
    Reading,
    Receive,
    Refusal,
    Wishes,
    from_body,
    from_url,
    read_body,
    wishes,
)
from gateway.provenance.statement import Level

LIMITS = LimitSettings(body_bytes=1024)


def arriving(*chunks: bytes, then: str = "", pause: float = 0) -> Receive:
    """The ASGI messages of a body in these chunks; `then` ends it otherwise than by its end."""
    messages: list[MutableMapping[str, Any]] = [
        {"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks
    ]
    if then:
        messages.append({"type": then})
    else:
        messages[-1]["more_body"] = False

    async def receive() -> MutableMapping[str, Any]:
        await asyncio.sleep(pause)
        return messages.pop(0)

    return receive


async def test_a_body_is_put_together_from_its_chunks() -> None:
    assert await read_body(arriving(b"ab", b"", b"c"), None, LIMITS) == b"abc"


async def test_bodies_that_are_being_read_hold_no_more_together_than_there_is_room_for() -> None:
    reading = Reading(most=1_500)
    slow = asyncio.create_task(
        read_body(arriving(b"x" * 1_000, b"y", pause=0.01), None, LIMITS, reading)
    )
    while not reading.now:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await read_body(arriving(b"x" * 600), None, LIMITS, reading)
    assert len(await slow) == 1_001
    assert reading.now == 0
    assert len(await read_body(arriving(b"x" * 1_000), None, LIMITS, reading)) == 1_000


async def test_a_body_at_the_limit_is_read() -> None:
    body = b"x" * 1024
    assert await read_body(arriving(body), "1024", LIMITS) == body


@pytest.mark.parametrize("declared", [None, "10", "rubbish", "-5", "9" * 30, "²"])
async def test_a_body_over_the_limit_is_refused_whatever_it_declares(declared: str | None) -> None:
    with pytest.raises(Refusal) as caught:
        await read_body(arriving(b"x" * 1000, b"x" * 1000), declared, LIMITS)
    assert caught.value.status == 413
    assert caught.value.error.extensions == {
        "code": "BODY_TOO_LARGE",
        "limit": "body_bytes",
        "allowed": 1024,
    }
    assert caught.value.headers == {"connection": "close"}


async def test_a_declared_length_over_the_limit_is_refused_unread() -> None:
    async def never() -> MutableMapping[str, Any]:
        raise AssertionError("nothing should be read")

    with pytest.raises(Refusal) as caught:
        await read_body(never, "1025", LIMITS)
    assert caught.value.status == 413


async def test_a_body_that_drips_is_refused_in_time() -> None:
    hasty = LimitSettings(body_bytes=1024, body_timeout=0.05)
    with pytest.raises(Refusal) as caught:
        await read_body(arriving(*[b"x"] * 100, pause=0.01), None, hasty)
    assert caught.value.status == 408
    assert "0.05 seconds" in caught.value.error.message


async def test_a_client_that_leaves_is_no_error() -> None:
    with pytest.raises(Disconnected):
        await read_body(arriving(b"{", then="http.disconnect"), None, LIMITS)


def test_a_whole_request_is_read_and_unknown_members_are_ignored() -> None:
    body = {
        "query": "{a}",
        "variables": {"x": 1},
        "operationName": "A",
        "extensions": {"y": 2},
        "id": 3,
    }
    assert from_body(json.dumps(body).encode()) == GraphQLRequest("{a}", {"x": 1}, "A", {"y": 2})


def test_null_means_absent() -> None:
    body = b'{"query": "{a}", "variables": null, "operationName": null, "extensions": null}'
    assert from_body(body) == GraphQLRequest("{a}")


@pytest.mark.parametrize("body", [b"[]", b'[{"query": "{a}"}]'])
def test_arrays_are_batches_and_refused(body: bytes) -> None:
    with pytest.raises(BatchingDisabled):
        from_body(body)


@pytest.mark.parametrize("body", [b"null", b"1", b'"x"', b"true", b"", b"{}", b'{"query": null}'])
def test_bodies_without_a_request_are_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        from_body(body)


@pytest.mark.parametrize("member", ["query", "variables", "operationName", "extensions"])
@pytest.mark.parametrize("value", [0, False, ["a"]])
def test_members_of_the_wrong_type_are_refused_by_name(member: str, value: Any) -> None:
    with pytest.raises(BadRequest, match=f"`{member}` must be"):
        from_body(json.dumps({"query": "{a}", member: value}).encode())


@pytest.mark.parametrize("name", ["", "A\0B", "A B", "1A", "é", "A\n", "A-B", " A", "A}"])
def test_an_operation_name_is_a_graphql_name(name: str) -> None:
    with pytest.raises(BadRequest, match="`operationName` must be a GraphQL name"):
        from_body(json.dumps({"query": "{a}", "operationName": name}).encode())


@pytest.mark.parametrize("name", ["A", "_", "__a9", "query"])
def test_every_graphql_name_may_be_an_operation_name(name: str) -> None:
    body = json.dumps({"query": "{a}", "operationName": name}).encode()
    assert from_body(body).operation_name == name


def test_a_url_carries_the_same_request() -> None:
    url = urlencode(
        {
            "query": "{é}",
            "variables": '{"x": 1}',
            "operationName": "A",
            "extensions": "{}",
            "z": "9",
        }
    )
    assert from_url(url.encode()) == GraphQLRequest("{é}", {"x": 1}, "A", {})
    assert from_url(b"query=%7Ba%7D&operationName=") == GraphQLRequest("{a}")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("query=a&query=b", "query is there twice"),
        ("query=%ff", "UTF-8"),
        ("query=a&variables=", "the parameter variables is not JSON"),
        ("query=a&variables=[", "the parameter variables is not JSON"),
        ("query=a&variables=[]", "must be an object"),
        ("query=a&extensions=NaN", "NaN"),
        ("", "there is no query"),
        ("&".join(f"a{n}=1" for n in range(100)), "too long"),
    ],
)
def test_urls_that_carry_none_are_refused(url: str, message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        from_url(url.encode())


@given(st.binary(max_size=60))
def test_any_url_is_read_or_refused(raw: bytes) -> None:
    for url in (raw, b"query=a&variables=" + quote(raw).encode()):
        try:
            from_url(url)
        except BadRequest as error:
            assert error.message  # noqa: PT017 - both ends of the alternative are fine


def test_without_extensions_there_are_no_wishes() -> None:
    assert wishes({}) == Wishes()
    assert wishes({"some": "value", "tracing": True}) == Wishes()
    assert wishes({"provenance": None, "timing": None}) == Wishes()


def test_every_wish_is_read() -> None:
    asked = {
        "provenance": {"level": "STATEMENT", "nonce": "a b", "evidence": True},
        "timing": True,
        "explain": True,
    }
    assert wishes(asked) == Wishes(Level.STATEMENT, "a b", True, True, True)


@pytest.mark.parametrize(
    "asked",
    [
        {"provenance": "STATEMENT"},
        {"provenance": {"levle": "STATEMENT"}},
        {"provenance": {"level": "NONE"}},
        {"provenance": {"level": "ALL"}},
        {"provenance": {"level": ["STATEMENT"]}},
        {"provenance": {"nonce": ""}},
        {"provenance": {"nonce": "x" * 65}},
        {"provenance": {"nonce": "a\nb"}},
        {"provenance": {"nonce": "a\u202eb"}},
        {"provenance": {"nonce": 7}},
        {"provenance": {"evidence": "yes"}},
        {"timing": 1},
        {"explain": "true"},
    ],
)
def test_wishes_that_cannot_be_are_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(BadRequest, match=r"extensions\."):
        wishes(asked)


def test_of_two_headers_of_one_name_the_first_one_counts() -> None:
    headers = Headers([(b"a", b"1"), (b"b", b""), (b"a", b"2"), (b"c", b"\xe9")])
    assert [headers.get(name) for name in (b"a", b"b", b"c", b"d")] == ["1", "", "\xe9", None]
    assert b"b" in headers
    assert b"d" not in headers


def test_a_body_of_very_many_values_is_refused_before_it_is_parsed() -> None:
    body = b'{"query": "{ a }", "variables": {"a": [' + b"[]," * 40_000 + b"1]}}"
    with pytest.raises(BadRequest, match="too many values") as refused:
        from_body(body)
    assert refused.value.details["limit"] == "body_values"


def test_a_document_of_nothing_but_commas_is_parsed() -> None:
    assert from_body(b'{"query": "{ a ' + b"," * 31_000 + b' }"}').query.count(",") == 31_000
