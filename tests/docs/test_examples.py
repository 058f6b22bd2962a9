"""The programs of `examples/`: they hand on what was signed, and nothing else.

`.ci/clients` runs them against a whole gateway; here one answers that lies when it is told to.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gateway.provenance.statement import Level
from tests.paths import ROOT
from tests.provenance.answers import key_set, matter, signed
from tests.tools import needed

EXAMPLES = ROOT / "examples"
PAGE = (ROOT / "docs" / "clients.md").read_text("utf-8")
SHOWN = re.findall(r'^```\w+ title="([^"]+)"\n(.*?)^```$', PAGE, re.MULTILINE | re.DOTALL)
DATA = {
    "projects": {
        "nodes": [{"registry": "verra", "projectId": "7", "projectName": "a wind farm"}],
        "coverage": [{"registry": "puro", "outcome": "TIMEOUT", "message": "no answer in time"}],
    }
}


async def answer(request: web.Request) -> web.Response:
    """An answer to the question that is asked; below `/liar` it is changed after it was signed,
    below `/other` it is the answer to another question."""
    asked = await request.json()
    told = matter(
        level=Level.STATEMENT,
        document="{ other }" if "other" in request.path else asked["query"],
        variables=asked["variables"],
        operation_name=asked.get("operationName"),
        answer={"data": DATA},
    )
    text = json.dumps(signed(told))
    if "liar" in request.path:
        text = text.replace("a wind farm", "a solar farm")
    return web.Response(text=text, content_type="application/json")


async def keys(request: web.Request) -> web.Response:
    return web.json_response(key_set())


@pytest.fixture
async def url() -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/{who}/graphql", answer)
    app.router.add_get("/{who}/.well-known/jwks.json", keys)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


async def run(name: str, url: str) -> tuple[int | None, str, str]:
    program = sys.executable if name.endswith(".py") else needed("node")
    process = await asyncio.create_subprocess_exec(
        program,
        str(EXAMPLES / name),
        url,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


@pytest.mark.parametrize("name", ["ask.py", "ask.mjs"])
async def test_an_example_prints_a_valid_answer_and_who_is_missing(name: str, url: str) -> None:
    code, out, err = await run(name, f"{url}/honest")
    assert code == 0, err
    assert out == "verra\t7\ta wind farm\nmissing: puro (TIMEOUT): no answer in time\n"


@pytest.mark.parametrize("who", ["liar", "other"])
@pytest.mark.parametrize("name", ["ask.py", "ask.mjs"])
async def test_an_example_hands_on_nothing_that_was_not_signed_for_it(
    name: str, who: str, url: str
) -> None:
    code, out, err = await run(name, f"{url}/{who}")
    assert code == 1
    assert out == ""
    assert ("was changed" in err) == (who == "liar")


@pytest.mark.parametrize(("name", "code"), SHOWN)
def test_what_the_page_shows_is_in_the_file(name: str, code: str) -> None:
    assert code in (ROOT / name).read_text("utf-8")


def test_the_page_names_every_example() -> None:
    for path in EXAMPLES.iterdir():
        assert f"examples/{path.name}" in PAGE, path.name
