"""The main question over real records: captured payloads, replayed as the registries' hosts.

The captures share no project, so this shows decoding, mapping, coverage and signing; stitching
is shown in the sandbox.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import Decimal
from typing import Any

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.sp_platform import EXPECT_ROWS
from gateway.app import create_app
from gateway.assemble import assemble
from gateway.config import Settings
from gateway.provenance.keys import throw_away_signer
from gateway.provenance.strict import load_json
from gateway.provenance.verify import verify_response
from gateway.web.example import SANDBOX as MAIN_QUESTION
from tests.adapters.shelf import Shelf
from tests.paths import SHARED

pytestmark = pytest.mark.captured

REGISTRIES = ("cad-trust", "gold-standard", "verra")
Row = dict[str, Any]


def captured(place: str) -> Any:
    """A captured JSON body; the test is skipped where the folder with them is missing."""
    path = SHARED / place
    if not path.is_file():
        pytest.skip(f"no captured payload: ../shared/{place}")
    return json.loads(path.read_text("utf-8"))


def verra() -> web.Application:
    """The S&P platform with one real row in each ledger."""
    found = captured("registries/samples/verra/spglobal-first-entities-2026-07-27.json")
    return Shelf({ledger: [one["first_entity"]] for ledger, one in found.items()}).application()


def gold_standard() -> web.Application:
    """Real projects and credits, cut into pages and narrowed as the real host does it."""
    projects = captured("registries/samples/gold-standard/gs-projects.json")
    credits = captured("registries/samples/gold-standard/gs-credits.json")
    # The capture holds rows of several pages; the host lists the newest first.
    credits.sort(key=lambda row: -int(row["id"]))

    def listed(rows: list[Row], belongs: Callable[[Row, str], bool]) -> Any:
        async def answer(request: web.Request) -> web.Response:
            page, size = int(request.query.get("page", 1)), int(request.query.get("size", 25))
            wanted = request.query.get("query")
            found = [row for row in rows if wanted is None or belongs(row, wanted)]
            total = {"x-total-count": str(len(found))}
            return web.json_response(found[(page - 1) * size : page * size], headers=total)

        return answer

    app = web.Application()
    app.router.add_get("/projects", listed(projects, lambda row, text: text in row["name"]))
    app.router.add_get(
        "/credits", listed(credits, lambda row, text: text == row["project"]["sustaincert_id"])
    )
    return app


def fits(told: str, how: str, value: str) -> bool:
    """The node's filter operators, as far as the main question uses them."""
    if how == "in":
        return told in json.loads(value)
    return told.endswith(value.lstrip("%")) if how == "like" else told == value


def cad_trust() -> web.Application:
    """A node with two real projects and their units, which knows its one filter."""
    page = captured("cadtrust/samples/v1_projects_page.json")
    units = captured("cadtrust/samples/v1_units_page.json")
    passed = {name: text for name, text in page["headers"].items() if name.startswith("x-")}

    def listed(key: str, rows: list[Row]) -> Any:
        async def answer(request: web.Request) -> web.Response:
            found = sorted(rows, key=lambda row: str(row[key]))
            if wanted := request.query.getall("projectIds", []):
                found = [row for row in found if row[key] in wanted]
            if narrowed := request.query.get("filter"):
                field, text, how = re.split(r":(?=.*:)|:(?=\w+$)", narrowed)
                found = [row for row in found if fits(str(row[field]), how, text)]
            pages = 1 if found else 0
            return web.json_response({"page": 1, "pageCount": pages, "data": found}, headers=passed)

        return answer

    app = web.Application()
    app.router.add_get("/v1/projects", listed("warehouseProjectId", page["body"]["data"]))
    app.router.add_get("/v1/units", listed("warehouseUnitId", units["body"]["data"]))
    return app


@asynccontextmanager
async def asking() -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway whose registries are the replayed ones."""
    async with AsyncExitStack() as stack:
        registries: dict[str, Any] = {}
        for key, made in (
            ("verra", verra()),
            ("gold-standard", gold_standard()),
            ("cad-trust", cad_trust()),
        ):
            server = await stack.enter_async_context(TestServer(made))
            registries[key] = {
                "base_url": str(server.make_url("")),
                "allow_private": True,
                "rate": 1000.0,
                "burst": 100,
            }
        # No capture of the holdings ledger: here, an empty one is what there is.
        ledgers = "VCS.project VCS.issuances VCS.retirements VCS.cancellations"
        registries["verra"] |= {"credential": "replayed", "options": {EXPECT_ROWS: ledgers}}
        settings = Settings.model_validate({"registries": registries, "only": list(registries)})
        gateway = assemble(settings, signer=throw_away_signer())
        await gateway.start()
        stack.push_async_callback(gateway.close)
        transport = httpx.ASGITransport(create_app(gateway))
        yield await stack.enter_async_context(
            httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", timeout=30)
        )


async def answered(http: httpx.AsyncClient, query: str, variables: Row | None = None) -> Any:
    """The data, once the whole answer verifies with the published keys."""
    response = await http.post("/graphql", json={"query": query, "variables": variables})
    keys = (await http.get("/.well-known/jwks.json")).json()
    answer: Any = load_json(response.content)
    assert "errors" not in answer, answer["errors"]
    verdict = verify_response(answer, keys, query=query, variables=variables)
    assert verdict.valid, verdict.as_text()
    return answer["data"]


async def test_the_main_question_runs_over_real_records_and_verifies() -> None:
    async with asking() as http:
        data = await answered(http, MAIN_QUESTION, {"where": None})
    nodes = data["projects"]["nodes"]
    told = {key: [n for n in nodes if n["registry"] == key] for key in REGISTRIES}
    assert {key: len(rows) for key, rows in told.items()} == {
        "cad-trust": 2,
        "gold-standard": 5,
        "verra": 1,
    }
    # The captured node says that it has a change to go.
    outcomes = [row["outcome"] for row in data["projects"]["coverage"]]
    assert outcomes == ["PARTIAL", "OK", "OK"]
    for node in nodes:
        assert node["projectId"]
        assert node["projectStatus"], node["projectStatusRaw"]
    units = [unit for node in told["cad-trust"] for unit in node["units"]["nodes"]]
    assert [unit["unitStatus"] for unit in units] == ["RETIRED", "HELD"]
    assert [unit["unitCount"] for unit in units] == ["500", "10"]


async def test_every_real_unit_is_told_with_the_place_and_digest_of_its_bytes() -> None:
    query = """
      { units(first: 50) {
          nodes { registry unitSerialId unitCount unitStatus unitStatusRaw vintageYear
                  provenance { pointer bodyDigest } }
          coverage { registry outcome returned message } } }
    """
    async with asking() as http:
        data = await answered(http, query)
    nodes = data["units"]["nodes"]
    assert [(row["registry"], row["outcome"]) for row in data["units"]["coverage"]] == [
        (key, "PARTIAL" if key == "cad-trust" else "OK") for key in REGISTRIES
    ]
    told = {key: [n for n in nodes if n["registry"] == key] for key in REGISTRIES}
    assert {key: len(rows) for key, rows in told.items()} == {
        "cad-trust": 2,
        "gold-standard": 8,
        "verra": 2,
    }
    for node in nodes:
        assert node["unitSerialId"]
        assert node["unitStatus"], node["unitStatusRaw"]
        assert Decimal(node["unitCount"]) > 0
        assert re.fullmatch("[0-9a-f]{64}", node["provenance"]["bodyDigest"])
        assert re.fullmatch(r"(/(data|entities))?/\d+", node["provenance"]["pointer"])
