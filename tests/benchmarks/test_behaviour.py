"""Behaviour: a run whose bodies do not behave as the page says is no run."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from subprocess import Popen

import pytest

from benchmarks.behaviour import ANSWERS, FETCHES, behaves
from benchmarks.place import BenchError
from benchmarks.process import Process
from benchmarks.upstream import Mode


@contextmanager
def serving(status: str, *, changing: bool) -> Iterator[tuple[str, Process]]:
    """Gateway and registry in one: answers name a new body each time, or the same one."""
    numbers = count()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._say(f'{{"n": {next(numbers) if changing else 0}}}'.encode())

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            digest = f"{next(numbers) if changing else 0:064x}"
            sources = [{"digest": {"sha256": digest}}]
            statement = {"predicate": {"sources": sources}}
            extensions = {"provenance": {"statement": statement}}
            self._say(json.dumps({"data": {}, "extensions": extensions}).encode())

        def _say(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("cache-status", status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    with Popen(["sleep", "60"]) as popen:
        try:
            port = server.server_address[1]
            yield f"http://127.0.0.1:{port}", Process("test", popen, port, Path("test.log"))
        finally:
            popen.kill()
            server.shutdown()
            server.server_close()
            thread.join()


QUESTION = {"Q1": "{ x }"}


def test_changing_bodies_are_all_different() -> None:
    with serving('"verra"; fwd=miss; fwd-status=200', changing=True) as (upstream, gateway):
        seen = behaves(Mode.CHANGED, upstream, ["a", "b"], gateway, QUESTION)
    assert seen[0] == f"{FETCHES} fetches of each of 2 bodies gave {FETCHES} different ones each"
    assert f"{ANSWERS} different bodies named" in seen[1]


def test_bodies_that_should_change_and_do_not_end_the_run() -> None:
    with (
        serving('"verra"; fwd=miss; fwd-status=200', changing=False) as (upstream, gateway),
        pytest.raises(BenchError, match="gave 1 different bodies"),
    ):
        behaves(Mode.CHANGED, upstream, ["a"], gateway, QUESTION)


def test_answers_about_the_same_body_end_the_run_too() -> None:
    with (
        serving('"verra"; fwd=miss; fwd-status=200', changing=False) as (upstream, gateway),
        pytest.raises(BenchError, match="named 1 bodies"),
    ):
        behaves(Mode.CHANGED, upstream, [], gateway, QUESTION)


@pytest.mark.parametrize(
    ("mode", "status"),
    [
        (Mode.UNCHANGED, '"verra"; fwd=stale; fwd-status=304, "cad-trust"; fwd-status=304'),
        (Mode.FRESH, '"verra"; hit; ttl=5, "cad-trust"; hit'),
    ],
)
def test_every_read_is_looked_at(mode: Mode, status: str) -> None:
    with serving(status, changing=False) as (upstream, gateway):
        (told,) = behaves(mode, upstream, ["a"], gateway, QUESTION)
    assert f"{ANSWERS} answers, {2 * ANSWERS} reads, all" in told


@pytest.mark.parametrize(
    ("mode", "status"),
    [
        (Mode.UNCHANGED, '"verra"; fwd-status=304, "cad-trust"; fwd-status=200'),
        (Mode.UNCHANGED, '"verra"; hit'),
        (Mode.FRESH, '"verra"; fwd=stale; fwd-status=304'),
        (Mode.FRESH, ""),
    ],
)
def test_one_read_that_is_otherwise_ends_the_run(mode: Mode, status: str) -> None:
    with (
        serving(status, changing=False) as (upstream, gateway),
        pytest.raises(BenchError, match="instead of"),
    ):
        behaves(mode, upstream, ["a"], gateway, QUESTION)
