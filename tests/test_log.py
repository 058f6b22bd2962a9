"""The log is JSON lines."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from gateway import log


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    stream = io.StringIO()
    log.configure("debug", stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


def only(stream: io.StringIO) -> dict[str, Any]:
    (line,) = stream.getvalue().splitlines()
    found = json.loads(line)
    assert isinstance(found, dict)
    return found


def test_an_event_is_one_line_with_its_fields_and_the_request_id(lines: io.StringIO) -> None:
    token = log.request_id.set("r-1")
    log.event(logging.getLogger("cgw.test"), logging.INFO, "request", status=200)
    log.request_id.reset(token)
    found = only(lines)
    assert found.pop("time").endswith("+00:00")
    assert found == {
        "level": "info",
        "logger": "cgw.test",
        "message": "request",
        "requestId": "r-1",
        "status": 200,
    }


def test_line_breaks_and_control_characters_cannot_forge_a_line(lines: io.StringIO) -> None:
    logging.getLogger("cgw.test").warning('a\n{"level": "info"}\u2028\x1b[31m')
    assert only(lines)["message"].startswith("a\n{")
    assert lines.getvalue().isascii()


def test_a_traceback_is_part_of_its_line(lines: io.StringIO) -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        logging.getLogger("cgw.test").exception("request failed")
    assert "ValueError: broken" in only(lines)["exception"]


def test_the_server_library_logs_no_addresses_of_requests(lines: io.StringIO) -> None:
    logging.getLogger("uvicorn.access").info("GET /graphql?query={secret}")
    assert lines.getvalue() == ""
