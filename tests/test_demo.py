"""`cgw demo`, whole: the sandbox, the gateway over it, one question, its verified answer."""

from __future__ import annotations

import io
import json
import logging
import socket
from typing import Any

import pytest
from rich.console import Console

from gateway.demo import demo, settings
from gateway.errors import ConfigError
from gateway.provenance.verdict import Verdict
from gateway.sandbox.runner import Sandbox
from gateway.serve import listen
from gateway.stitch import guarded
from gateway.telling import by_hand, tell


def console() -> Console:
    return Console(file=io.StringIO(), width=120)


def printed(made: Console) -> str:
    assert isinstance(made.file, io.StringIO)
    return made.file.getvalue()


async def test_the_demo_asks_verifies_tells_and_stops() -> None:
    out = console()
    assert await demo(out, host="127.0.0.1", port=0, scale=1, once=True) == 0
    text = printed(out)
    assert "THIS IS A SANDBOX" in text
    assert "THROW-AWAY KEY" in text
    assert "FAIL" not in text
    assert "error:" not in text
    for registry in ("verra", "gold-standard", "cad-trust"):
        assert f"│ {registry}" in text
    assert "curl -s http://127.0.0.1:" in text
    assert "verify answer.json --jwks jwks.json" in text


async def test_the_demo_logs_nothing_of_the_odd_rows_that_it_planted_itself(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    assert await demo(console(), host="127.0.0.1", port=0, scale=1, once=True) == 0
    assert [record.getMessage() for record in caplog.records] == []
    # Only the demo is silent of them, and only while it runs.
    for planted in (guarded.UNKNOWN_TEXT, guarded.NOTED):
        logging.getLogger(guarded.__name__).warning(planted)
    assert len(caplog.records) == 2


async def test_a_taken_port_is_told_before_anything_starts() -> None:
    taken = listen("127.0.0.1", 0)
    with pytest.raises(ConfigError, match="Choose another port with --port"):
        await demo(console(), host="127.0.0.1", port=taken.getsockname()[1], scale=1)
    taken.close()


async def test_the_sandbox_gateway_serves_nothing_but_the_sandbox() -> None:
    async with Sandbox() as sandbox:
        made = settings(sandbox, "127.0.0.1", 8000)
    assert set(made.only) == set(made.registries)
    for registry in made.registries.values():
        assert registry.base_url is not None
        # On loopback, or a file of the sandbox's own.
        assert registry.base_url.startswith(("http://127.0.0.1:", "sqlite://"))
        assert registry.public_uri == registry.base_url


def said(**answer: Any) -> str:
    out = console()
    verdict = Verdict()
    verdict.fails("answer", "Data and errors are NOT what was signed.")
    tell(out, "http://gw.example", "{ a }", answer, verdict)
    return printed(out)


def test_a_failed_verification_is_not_hidden() -> None:
    text = said(data=None, errors=[{"message": "no [bold]luck[/bold]"}])
    assert "error: no [bold]luck[/bold]" in text
    assert "INVALID: do not rely on this." in text


def test_what_registries_say_of_one_project_is_shown_where_it_differs() -> None:
    other = {"registry": "cad-trust", "projectId": "1", "projectStatus": "LISTED"}
    node = {
        "registry": "verra",
        "projectId": "1",
        "projectName": "[red]Name",
        "projectStatus": None,
        "projectStatusRaw": "Odd",
        "sameAs": {"links": [{"basis": "X", "project": other}]},
        "units": {"nodes": [{"unitCount": "5", "unitStatus": None, "vintageYear": 2020}]},
    }
    row = {
        "registry": "verra",
        "outcome": "PARTIAL",
        "returned": 1,
        "complete": False,
        "latencyMs": 3,
    }
    text = said(data={"projects": {"nodes": [node], "coverage": [row]}})
    assert "cad-trust 1 - BUT listed" in text
    assert "1 [red]Name" in text
    assert "odd" in text
    assert "5 ?, 2020" in text
    assert "NO" in text


def test_the_commands_by_hand_hold_the_question_as_json() -> None:
    commands = by_hand("http://gw.example")
    body = commands.split("-d '")[1].split("' >")[0]
    assert json.loads(body)["query"].startswith("{ projects(where:")
    assert socket.gethostname() not in commands
