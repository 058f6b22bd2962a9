"""A registry that lies about its bodies: the charset, the length, the coding.

What must hold: nothing is signed that is a part of a body, or that reads otherwise than the bytes
say. The lie costs this registry its answer, with a typed error; the next question is asked anew,
and another registry's answer beside it is whole.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
import pytest

from adapters.contract import Reply, Request
from gateway.errors import InvalidPayload, Outcome, RegistryError
from gateway.provenance.evidence import Evidence
from gateway.upstream.terms import Terms
from tests.upstream.bench import as_text, door_to, upstream
from tests.upstream.test_wire import raw_server

pytestmark = pytest.mark.adversarial

ROWS = [{"name": "Wälder £"}, {"name": "森林"}]
JSON = json.dumps(ROWS, ensure_ascii=False).encode()
LINES = b'{"name":"a"}\n{"name":"b"}\n'
TABLE = b"name,count\na,1\nb,2\n"
UTF8 = b"Content-Type: application/json; charset=utf-8"

# Without the time of day, so that every process that runs tests knows them by the same names.
packed = partial(gzip.compress, mtime=0)


class Row(msgspec.Struct):
    name: str


def as_rows(reply: Reply) -> list[Row]:
    return msgspec.json.decode(reply.body, type=list[Row])


def as_lines(reply: Reply) -> list[Row]:
    return msgspec.json.Decoder(Row).decode_lines(reply.body)


def http(body: bytes, *headers: bytes, length: int | None = -1, start: bytes = b"1.1") -> bytes:
    lines = [b"HTTP/%s 200 OK" % start, b"Connection: close", *headers]
    if length is not None:
        lines.append(b"Content-Length: %d" % (len(body) if length < 0 else length))
    return b"\r\n".join([*lines, b"", b""]) + body


def chunked(*chunks: bytes, last: bytes = b"0\r\n\r\n", coding: bytes = b"chunked") -> bytes:
    parts = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return http(parts + last, b"Transfer-Encoding: " + coding, length=None)


async def read(response: bytes, decode: Callable[[Reply], Any]) -> tuple[Any, Evidence]:
    """What the door makes of the response, and what would be signed about it."""
    server = await raw_server(response)
    port = server.sockets[0].getsockname()[1]
    evidence = Evidence()
    try:
        async with door_to(upstream(f"http://127.0.0.1:{port}")) as door:
            terms = Terms(deadline=door_deadline(), evidence=evidence)
            answer = await door.source("sample", terms).read(Request("x"), decode)
            return answer.value, evidence
    except RegistryError as error:
        return error, evidence
    finally:
        server.close()


def door_deadline() -> float:
    return time.monotonic() + 60.0


def refused(found: Any, evidence: Evidence) -> None:
    assert isinstance(found, InvalidPayload), found
    assert all(exchange.outcome is not Outcome.OK for exchange in evidence.exchanges)


@pytest.mark.parametrize(
    ("body", "header"),
    [
        (JSON.decode().encode("utf-16"), UTF8),
        (JSON.decode().encode("utf-16-le"), UTF8),
        (JSON.decode().encode("utf-32"), UTF8),
        (json.dumps(ROWS[:1], ensure_ascii=False).encode("latin-1"), UTF8),
        (json.dumps(ROWS[:1], ensure_ascii=False).encode("latin-1"), b"X: none"),
        (JSON, b"Content-Type: application/json; charset=utf-16"),
        (JSON, b"Content-Type: application/json; charset=iso-8859-1"),
        (b"\xef\xbb\xbf" + JSON, UTF8),
        (b"\xef\xbb\xbf\xef\xbb\xbf" + JSON, UTF8),
        (b'[{"name":"\xed\xa0\x80"}]', UTF8),
        (b'[{"name":"\xc0\xaf"}]', UTF8),
    ],
)
async def test_a_wrong_charset_gives_the_right_letters_or_none(body: bytes, header: bytes) -> None:
    found, evidence = await read(http(body, header), as_rows)
    if isinstance(found, RegistryError):
        refused(found, evidence)
    else:
        # JSON is UTF-8 whatever a header says of it (RFC 8259, 8.1 and 11).
        assert [row.name for row in found] == [row["name"] for row in ROWS]
        assert evidence.exchanges[0].size == len(body)


@pytest.mark.parametrize("decode", [as_lines, as_text])
@pytest.mark.parametrize(
    "response",
    [
        http(LINES, length=len(LINES) + 1),
        http(LINES, length=len(LINES) * 1000),
        http(LINES, length=len(LINES) // 2),
        http(TABLE, length=TABLE.index(b"b,")),
        http(LINES, b"Content-Length: %d" % (len(LINES) // 2)),
        http(LINES, b"Transfer-Encoding: chunked"),
        chunked(LINES[:13], last=b""),
        chunked(LINES[:13], last=b"0\r\n"),
        chunked(LINES[:13], last=b"d\r\n" + LINES[13:17]),
        chunked(LINES, coding=b"gzip, chunked"),
        chunked(LINES, coding=b"chunked, chunked"),
        # Nothing says where these end but the end of the connection, which a cut has too.
        http(LINES[:13], length=None),
        http(TABLE[:15], length=None),
        http(TABLE, length=None, start=b"1.0"),
    ],
)
async def test_a_part_of_a_body_is_never_taken_for_the_whole(
    response: bytes, decode: Callable[[Reply], Any]
) -> None:
    refused(*await read(response, decode))


@pytest.mark.parametrize(
    "response",
    [
        http(packed(LINES)[:-1], b"Content-Encoding: gzip"),
        http(packed(LINES)[:-9], b"Content-Encoding: gzip"),
        http(packed(LINES)[:12], b"Content-Encoding: gzip"),
        http(packed(LINES[:13]) + packed(LINES[13:])[:15], b"Content-Encoding: gzip"),
        http(packed(LINES) + b"more", b"Content-Encoding: gzip"),
        http(packed(LINES)[:-3], b"Content-Encoding: gzip", length=None),
        http(LINES, b"Content-Encoding: gzip"),
        http(packed(LINES)),
        http(packed(packed(LINES)), b"Content-Encoding: gzip"),
        http(packed(LINES), b"Content-Encoding: gzip", b"Content-Encoding: gzip"),
        http(packed(LINES), b"Content-Encoding: identity", b"Content-Encoding: gzip"),
        http(packed(LINES), b"Content-Encoding: br"),
        http(LINES, b"Content-Encoding: utf-8"),
    ],
)
async def test_a_coding_that_is_cut_or_made_up_is_no_answer(response: bytes) -> None:
    refused(*await read(response, as_lines))


@pytest.mark.parametrize(
    "response",
    [
        http(JSON, length=None),
        http(JSON, length=None, start=b"1.0"),
        http(JSON, b"Content-Encoding: identity"),
        http(packed(JSON), b"Content-Encoding: gzip", length=None),
        http(packed(JSON[:9]) + packed(JSON[9:]), b"Content-Encoding: x-gzip"),
        chunked(JSON[:9], JSON[9:]),
    ],
)
async def test_a_body_that_shows_its_end_is_taken(response: bytes) -> None:
    found, evidence = await read(response, as_rows)
    assert [row.name for row in found] == [row["name"] for row in ROWS]
    assert [exchange.outcome for exchange in evidence.exchanges] == [Outcome.OK]


async def test_an_object_without_a_length_is_taken_where_one_is_all() -> None:
    kinds = {"application/json": 1, "application/hal+json": 1, "application/x-ndjson": 0, "": 0}
    for kind, taken in kinds.items():
        response = http(b'{"name":"a"}', b"Content-Type: " + kind.encode(), length=None)
        found, _ = await read(response, as_text)
        assert isinstance(found, RegistryError) is not bool(taken), kind
    for cut in (b'{"name":"a"', b'{"a":' * 100_000, b"7", b'"a"'):
        refused(*await read(http(cut, length=None), as_text))
    for whole in (b"PK\x03\x04...", b"PAR1..."):
        found, _ = await read(http(whole, length=None), len_of)
        assert found == len(whole)


def len_of(reply: Reply) -> int:
    return len(reply.body)


async def test_the_one_beside_it_answers_whole() -> None:
    liar = await raw_server(http(LINES, length=len(LINES) // 2))
    honest = await raw_server(http(JSON))
    ports = [server.sockets[0].getsockname()[1] for server in (liar, honest)]
    two = [upstream(f"http://127.0.0.1:{port}", key) for port, key in zip(ports, "ab", strict=True)]
    try:
        async with door_to(*two) as door:
            evidence = Evidence()
            terms = Terms(deadline=door_deadline(), evidence=evidence)
            with pytest.raises(InvalidPayload):
                await door.source("a", terms).read(Request("x"), as_lines)
            answer = await door.source("b", terms).read(Request("x"), as_rows)
        assert len(answer.value) == len(ROWS)
        outcomes = {exchange.registry: exchange.outcome for exchange in evidence.exchanges}
        assert outcomes == {"a": Outcome.INVALID_PAYLOAD, "b": Outcome.OK}
    finally:
        liar.close()
        honest.close()
