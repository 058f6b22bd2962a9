"""Pages in a real browser: they run under their own policy and ask nobody else."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from gateway.app import Readiness, create_app
from gateway.assemble import assemble
from gateway.config import Settings
from gateway.provenance.keys import throw_away_signer
from gateway.serve import Server, listen
from tests.tools import needed

pytestmark = pytest.mark.browser


async def dom(path: str, profile: Path) -> tuple[str, str]:
    """The page after its scripts ran, and what the browser logged."""
    browser = needed("chromium")
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    settings = Settings.model_validate(
        {"server": {"port": port, "graphiql": True}, "only": ["cad-trust"]}
    )
    gateway = assemble(settings, signer=throw_away_signer())
    readiness = Readiness()
    server = Server(
        create_app(gateway, sandbox=True, readiness=readiness), settings.server, readiness
    )
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        process = await asyncio.create_subprocess_exec(
            browser,
            *("--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"),
            *("--disable-background-networking", "--disable-component-update", "--dump-dom"),
            *(f"--user-data-dir={profile}", "--virtual-time-budget=10000"),
            f"http://127.0.0.1:{port}{path}",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, log = await asyncio.wait_for(process.communicate(), 90)
    finally:
        server.should_exit = True
        await serving
    return out.decode(), log.decode(errors="replace")


async def test_graphiql_runs_under_the_strict_policy(tmp_path: Path) -> None:
    page, log = await dom("/graphiql", tmp_path)
    assert "graphiql-container" in page
    assert "AcrossRegistries" in page
    assert not re.search(r"CONSOLE.*(Refused|violates|Error)", log), log


async def test_the_landing_page_is_plain_and_complete(tmp_path: Path) -> None:
    page, log = await dom("/", tmp_path)
    assert "This is a sandbox." in page
    assert not re.search(r"CONSOLE.*(Refused|violates|Error)", log), log
