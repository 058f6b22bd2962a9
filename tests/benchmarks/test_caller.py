"""Asking: one connection for many questions, and wrk with another variable each time."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from benchmarks import load
from benchmarks.caller import Caller, ask
from benchmarks.place import BenchError
from tests.tools import needs


@contextmanager
def answering(answer: Any, status: int = 200) -> Iterator[tuple[int, list[Any]]]:
    """A server that says the same to everybody, and what it was asked."""
    heard: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            heard.append((self.client_address, asked))
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_address[1], heard
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_the_connection_is_kept_between_questions() -> None:
    with answering({"data": {"x": 1}}) as (port, heard), Caller(port) as caller:
        first = caller.ask("{ x }")
        caller.ask("{ x }", {"a": 1}, {"timing": True})
    assert first.parsed() == {"data": {"x": 1}}
    assert first.ms > 0
    assert heard[0][0] == heard[1][0]
    assert heard[1][1] == {"query": "{ x }", "variables": {"a": 1}, "extensions": {"timing": True}}


def test_an_answer_with_errors_is_no_answer() -> None:
    with (
        answering({"errors": [{"message": "no"}]}) as (port, _),
        pytest.raises(BenchError, match="errors"),
    ):
        ask(port, "{ x }")


def test_another_status_is_no_answer() -> None:
    with answering({}, 503) as (port, _), pytest.raises(BenchError, match="status 503"):
        ask(port, "{ x }")


@needs("wrk")
def test_wrk_asks_with_another_variable_each_time(tmp_path: Path) -> None:
    with answering({"data": {}}) as (port, heard):
        named = {"id": f"a-{load.TURN_MARK}-z"}
        found = load.run(port, "{ x }", 1, 1, 0, tmp_path, variables=named, turns=4)
    names = [asked["variables"]["id"] for _, asked in heard]
    assert set(names) == {f"a-{turn:08x}-z" for turn in range(4)}
    assert names[0] != names[1]
    assert 0 < found.answers <= len(names)


@needs("wrk")
def test_a_run_with_refusals_is_no_run(tmp_path: Path) -> None:
    with answering({}, 503) as (port, _), pytest.raises(BenchError, match="no 200"):
        load.run(port, "{ x }", 1, 1, 0, tmp_path)
