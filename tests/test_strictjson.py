"""Client JSON has one meaning or is refused."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import strictjson
from gateway.errors import BadRequest

SAFE = 2**53 - 1
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-SAFE, SAFE)
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def refused(body: bytes) -> str:
    with pytest.raises(BadRequest) as caught:
        strictjson.parse(body)
    assert caught.value.code == "BAD_REQUEST"
    return caught.value.message


@given(json_values)
def test_reads_what_the_standard_library_writes(value: Any) -> None:
    assert strictjson.parse(json.dumps(value).encode()) == value
    assert strictjson.parse(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_a_code(body: bytes) -> None:
    try:
        strictjson.parse(body)
    except BadRequest as error:
        assert error.message  # noqa: PT017 - both ends of the alternative are fine


@given(st.text(alphabet='"\\[]{}:,a0 \n', max_size=80))
def test_text_made_of_json_punctuation_never_escapes_the_error_tree(text: str) -> None:
    try:
        strictjson.parse(text.encode())
    except BadRequest as error:
        assert error.message  # noqa: PT017 - both ends of the alternative are fine


def test_empty_body_is_refused_with_its_place() -> None:
    assert refused(b"") == "the body is not JSON: Expecting value at line 1, column 1"


def test_trailing_bytes_are_refused() -> None:
    assert "Extra data" in refused(b'{"query": "{a}"} x')


def test_truncated_body_is_refused() -> None:
    assert "line 1, column" in refused(b'{"query": "{a}')


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"])
def test_byte_order_marks_are_refused(mark: bytes) -> None:
    assert "byte order mark" in refused(mark + b"{}")


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_other_encodings_are_refused(codec: str) -> None:
    assert "UTF-8" in refused('{"query": "{a}"}'.encode(codec))


def test_bytes_that_are_not_utf8_are_refused_with_their_offset() -> None:
    assert "offset 11" in refused(b'{"query": "\xff"}')


def test_duplicate_keys_are_refused_at_any_depth() -> None:
    assert '"b"' in refused(b'{"a": [{"b": 1, "b": 1}]}')


def test_duplicate_keys_are_seen_through_escapes() -> None:
    assert "twice" in refused(b'{"query": 1, "\\u0071uery": 2}')


@pytest.mark.parametrize("text", [b"NaN", b"Infinity", b"-Infinity"])
def test_constants_that_are_not_json_are_refused(text: bytes) -> None:
    assert refused(b'{"variables": {"a": ' + text + b"}}").endswith("is not JSON")


def test_numbers_that_overflow_are_refused() -> None:
    assert "out of range" in refused(b"[1e999]")


@pytest.mark.parametrize("text", [str(SAFE + 1), "-" + str(SAFE + 1), "9" * 5000])
def test_integers_that_lose_digits_elsewhere_are_refused_with_the_remedy(text: str) -> None:
    assert "write it as a string" in refused(text.encode())


def test_the_largest_exact_integers_are_read() -> None:
    assert strictjson.parse(f"[{SAFE}, -{SAFE}]".encode()) == [SAFE, -SAFE]


def test_lone_surrogates_are_refused_with_their_place() -> None:
    assert "/variables/a/1" in refused(b'{"variables": {"a": ["", "\\ud800"]}}')
    assert "a key of /variables" in refused(b'{"variables": {"\\udc00": 1}}')
    assert "the top level" in refused(b'"\\ud800"')


def test_surrogate_pairs_are_text() -> None:
    assert strictjson.parse(b'"\\ud83c\\udfc3"') == "\N{RUNNER}"


def test_nesting_is_refused_before_it_is_parsed() -> None:
    started = time.process_time()
    assert "64 levels at offset 64" in refused(b"[" * 100_000)
    assert "64 levels" in refused(b'{"a":' * 100_000)
    assert time.process_time() - started < 10


def test_nesting_up_to_the_cap_is_read() -> None:
    body = b"[" * 64 + b"]" * 64
    assert json.dumps(strictjson.parse(body)) == body.decode()


def test_brackets_in_strings_are_not_nesting() -> None:
    query = '{ a(x: "\\"") { b } }' * 40
    assert strictjson.parse(json.dumps({"query": query}).encode()) == {"query": query}


@pytest.mark.parametrize("unit", [b'"', b'\\"', b'"\\', b'[[["\\"'])
def test_hostile_quoting_takes_linear_time(unit: bytes) -> None:
    started = time.process_time()
    refused(b'["' + unit * (1_000_000 // len(unit)))
    assert time.process_time() - started < 10
