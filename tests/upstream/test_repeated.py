"""JSON with one meaning is taken, JSON with two is refused, whichever decoder reads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import InvalidPayload, Reply, Request
from gateway.upstream.decoding.run import run
from gateway.upstream.memory import BoundedMemoryCache
from gateway.upstream.repeated import refuse_repeated_keys
from gateway.upstream.sql_rows import Rows, Statement
from gateway.upstream.sqlite_file import SqliteFile
from tests.upstream.bench import facing, terms


class Row(msgspec.Struct):
    key: str


def as_rows(reply: Reply) -> list[Row]:
    return msgspec.json.decode(reply.body, type=list[Row])


def refused(body: bytes) -> bool:
    try:
        refuse_repeated_keys(Reply(200, {}, body))
    except InvalidPayload:
        return True
    return False


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1,"a":1}',
        b'{"a":1,"\\u0061":2}',
        b'[{"key":"1"},{"key":"2","unread":{"x":1,"x":2}}]',
        b' \n{"a":{"b":[{"c":1,"c":{"d:":":"}}]}}',
        b'{"a":"\\u003a","a":"::"}',
        b'{"a":"\\\\u003a","a":1}',
        b'{"a":1e400,"a":2}',
        b'{"a":"\\ud83d","b":1,"b":2}',
        b'{"a":' + b"9" * 5000 + b',"a":2}',
        b'\xef\xbb\xbf{"a":1,"a":2}',
        b'{"a":1}\n{"b":1,"b":2}\n',
        b'{"a":"\\ud83d"}\n\nno json\n{"b":1,"b":2}',
        b" " * 200 + b'{"a":1,"a":2}',
        b'{"":1,"":2}',
    ],
)
def test_a_key_that_is_there_twice_is_refused(body: bytes) -> None:
    assert refused(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"a,a\n1,2\n",
        b"[note],[note]\n",
        b'{"a":"\\u003a:\\\\u003a\\u003A"}',
        b'{"a":1e400,"b":[{"a":1},{"a":2}]}',
        b'{"a":"\\ud83d","b":" \\"b\\":\\"b\\": "}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":1}\n{"a":2}\n',
        b'{"a":"\xff"}',
        b'{"a":1} trailing',
        b'{"a":NaN}',
    ],
)
def test_a_body_without_one_is_left_to_its_decoder(body: bytes) -> None:
    assert not refused(body)


def test_json_that_nests_without_an_end_is_refused() -> None:
    assert refused(b'{"a":' * 100_000)
    assert refused(b'{"z":"\\ud83d","a":' + b'{"a":' * 100_000)


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(':\\"u003aA\ud800 x'),
    lambda inner: (
        st.lists(inner) | st.lists(st.tuples(st.sampled_from('ab:\\"'), inner)).map(tuple)
    ),
)


def _written(value: Any, escape: bool) -> str:
    if isinstance(value, tuple):
        inner = (f"{_written(k, escape)}:{_written(v, escape)}" for k, v in value)
        return "{" + ",".join(inner) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_written(v, escape) for v in value) + "]"
    told = json.dumps(value)
    return told.replace(":", "\\u003a") if escape else told


def _twice(value: Any) -> bool:
    if isinstance(value, tuple):
        names = [name for name, _ in value]
        return len(set(names)) < len(names) or any(_twice(inner) for _, inner in value)
    return isinstance(value, list) and any(map(_twice, value))


@pytest.mark.slow
@given(_values, st.booleans())
def test_every_repeated_key_is_found_and_nothing_else(value: Any, escape: bool) -> None:
    body = _written([value], escape).encode()
    assert refused(body) is _twice(value)


def test_the_name_of_the_key_is_told_and_bounded() -> None:
    with pytest.raises(InvalidPayload, match=r'the key "retired" is there twice in one object'):
        refuse_repeated_keys(Reply(200, {}, b'[{"retired":1,"retired":0}]'))
    long = b'{"%b":1,"%b":2}' % (b"k" * 5000, b"k" * 5000)
    with pytest.raises(InvalidPayload) as caught:
        refuse_repeated_keys(Reply(200, {}, long))
    assert len(str(caught.value)) < 200


def test_a_decoder_that_reads_only_the_other_members_gets_no_say() -> None:
    body = b'[{"key":"1","status":"issued","status":"cancelled"}]'
    assert as_rows(Reply(200, {}, body)) == [Row("1")]
    with pytest.raises(InvalidPayload):
        run(as_rows, Reply(200, {}, body))


async def test_through_the_door_the_body_is_not_kept_and_counts_against_the_registry() -> None:
    async def page(_: web.Request) -> web.Response:
        return web.Response(text='[{"key":"1","key":"2"}]', content_type="application/json")

    store = BoundedMemoryCache(1_000_000, monotonic=lambda: 0.0)
    async with facing(page, store=store) as (registry, door):
        for _ in range(5):
            with pytest.raises(InvalidPayload):
                await door.source("sample", terms()).read(Request("rows"), as_rows)
        assert (registry.calls, len(store)) == (5, 0)
        assert door.health("sample").breaker.value == "OPEN"


async def test_two_columns_of_one_name_are_refused_too(tmp_path: Path) -> None:
    import sqlite3

    from gateway.upstream.failure import Failure

    path = tmp_path / "rows.sqlite"
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE t (a, b)")
        made.execute("INSERT INTO t VALUES (1, 2)")
    made.close()
    database = SqliteFile.at(f"sqlite://{path}")
    with pytest.raises(Failure, match="two columns called a"):
        await database.read(Statement("SELECT a, b AS a FROM t", ()), Rows(1000))
