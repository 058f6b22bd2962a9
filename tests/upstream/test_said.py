"""What a registry says of its trouble reaches the operator, on one line and without secrets."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import web

from adapters.contract import Reply, Request
from gateway.errors import InvalidPayload, RegistryError, RegistryRateLimited
from gateway.upstream.said import MOST_BYTES, spoken
from tests.upstream.bench import facing, terms


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"message": "No  such\nfield"}, "No such field"),
        ({"error": {"message": "Away", "code": 7}}, "Away"),
        ({"errors": [{"message": "One"}, {"detail": "Two"}, 3]}, "One; Two"),
        ({"title": "Bad", "detail": "No field x"}, "No field x; Bad"),
        ({"statusCode": 404, "body": {"status": "NOT_FOUND", "message": "Field"}}, "Field"),
        (["first", "second"], "first; second"),
        ("plain", "plain"),
        ({"error": True, "data": []}, ""),
        ({"message": {"message": {"message": {"message": {"message": "deep"}}}}}, ""),
        (None, ""),
    ],
)
def test_the_sentence_is_found_where_interfaces_put_it(body: Any, told: str) -> None:
    assert spoken(json.dumps(body).encode()) == told


def test_a_page_is_no_sentence_and_a_plain_text_is_one() -> None:
    assert spoken(b"<html>Forbidden</html>", "text/html") == ""
    assert spoken(b"<html>", "text/plain; charset=utf-8") == "<html>"
    assert spoken(b"   ", "text/plain") == ""
    assert spoken(b"[" * 10_000) == ""
    assert spoken(b'{"message":"' + b"x" * MOST_BYTES + b'"}') == ""


def refusing(reply: Reply) -> None:
    """A success that says to come back later, or repeats what it was sent."""
    if b"later" in reply.body:
        raise RegistryRateLimited("too often")
    raise InvalidPayload(reply.body.decode())


class Says:
    def __init__(self, status: int, body: str) -> None:
        self.status, self.body = status, body

    async def __call__(self, _: web.Request) -> web.Response:
        return web.Response(status=self.status, text=self.body, content_type="application/json")


CHANGES = {"headers": {"x-key": "planted-secret-1", "platform": "registry"}}


async def error_of(door: Any, path: str = "x") -> RegistryError:
    with pytest.raises(RegistryError) as caught:
        await door.source("sample", terms()).read(Request(path), refusing)
    return caught.value


async def test_what_was_said_is_logged_once_and_is_no_part_of_the_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    says = Says(500, '{"message":"column x of planted-secret-1"}')
    async with facing(says, changes=CHANGES) as (_, door):
        error = await error_of(door)
        assert error.told == "column x of REDACTED"
        assert "column" not in error.message
        await error_of(door, "y")
        said = [r for r in caplog.records if "the registry says" in r.message]
        assert [record.getMessage() for record in said] == [
            "the registry says: column x of REDACTED"
        ]
        says.body = '{"message":"another"}'
        await error_of(door, "z")
        assert "the registry says: another" in caplog.text


async def test_a_success_may_say_that_it_is_too_often() -> None:
    async with facing(Says(200, '{"message":"later"}'), changes=CHANGES) as (_, door):
        error = await error_of(door)
        assert (error.code, error.told) == ("REGISTRY_RATE_LIMITED", "later")


async def test_an_error_over_a_body_repeats_no_secret_of_it() -> None:
    body = '{"sent":"planted-secret-1 to the registry"}'
    async with facing(Says(200, body), changes=CHANGES) as (_, door):
        error = await error_of(door)
        assert error.message == '{"sent":"REDACTED to the registry"}'
