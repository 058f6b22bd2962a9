"""One registry fails: the others answer, the answer says so, and its signature covers that."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import cache
from typing import Any

import httpx
import pytest

from gateway.app import create_app
from gateway.assemble import Gateway, assemble
from gateway.config import CacheSettings, RegistrySettings, Settings
from gateway.provenance.keys import throw_away_signer
from gateway.provenance.strict import load_json
from gateway.provenance.verify import verify_response
from gateway.sandbox.fault import Fault
from gateway.sandbox.runner import Sandbox
from tests.market import make

ALL = ("cad-trust", "gold-standard", "verra")
BROKEN = "gold-standard"
PAGE = """
query Page($after: String, $first: Int! = 25) @ask(%s) {
  projects(first: $first, after: $after) {
    nodes { id registry }
    totalCount
    pageInfo { hasNextPage endCursor }
    coverage { registry outcome complete exhausted returned message paused retryAfterSeconds }
  }
}
"""
PATIENT = PAGE % 'timeout: "PT25S"'
# How each fault is told.
OUTCOMES = {
    Fault.DOWN: "CONNECT_ERROR",
    Fault.SLOW: "TIMEOUT",
    Fault.ERROR: "HTTP_ERROR",
    Fault.LIMITED: "RATE_LIMITED",
    Fault.HTML: "INVALID_PAYLOAD",
    Fault.EMPTY: "INVALID_PAYLOAD",
    Fault.TRUNCATED: "INVALID_PAYLOAD",
    Fault.WRONG_TYPE: "INVALID_PAYLOAD",
}
every_fault = pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.value)
world = cache(make)


class House:
    """The assembled gateway over the sandbox, asked over its HTTP face; nothing is kept between
    questions, so that each one meets the registries as they are. Each has time for an answer on a
    busy machine, but for those of `hasty`."""

    def __init__(
        self, sandbox: Sandbox, only: Sequence[str] = ALL, hasty: Mapping[str, float] | None = None
    ) -> None:
        self.sandbox = sandbox
        self._only, self._hasty = tuple(only), hasty or {}
        self.gateway = self._gateway()
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(create_app(self.gateway)),
            base_url=self.gateway.settings.server.origin,
            timeout=60,
        )

    def _gateway(self) -> Gateway:
        registries: Mapping[str, RegistrySettings] = {
            key: given.model_copy(update={"timeout": self._hasty.get(key, 60.0)})
            for key, given in self.sandbox.settings().items()
        }
        settings = Settings(
            registries=dict(registries), only=self._only, cache=CacheSettings(backend="off")
        )
        return assemble(settings, signer=throw_away_signer())

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The answer; its signature holds, over exactly this question and these values."""
        response = await self.http.post("/graphql", json={"query": query, "variables": variables})
        body = load_json(response.content)
        verdict = verify_response(body, self.gateway.jwks(), query=query, variables=variables)
        assert verdict.valid, verdict.as_text()
        assert isinstance(body, dict)
        return body

    async def close(self) -> None:
        await self.http.aclose()
        await self.gateway.close()


@pytest.fixture
async def house(request: pytest.FixtureRequest) -> AsyncIterator[House]:
    """A fault that only ends with the time for one try gets little of it."""
    given = getattr(request.node, "callspec", None)
    slow = given is not None and given.params.get("fault") is Fault.SLOW
    async with Sandbox(world(), only=ALL) as sandbox:
        made = House(sandbox, hasty={BROKEN: 2.0} if slow else None)
        yield made
        await made.close()


def covered(body: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["registry"]: row for row in body["data"]["projects"]["coverage"]}


def of(body: dict[str, Any], registry: str) -> list[str]:
    nodes = body["data"]["projects"]["nodes"]
    return [node["id"] for node in nodes if node["registry"] == registry]


def signed(body: dict[str, Any]) -> dict[str, Any]:
    predicate: dict[str, Any] = body["extensions"]["provenance"]["statement"]["predicate"]
    return predicate


@every_fault
async def test_a_failing_registry_leaves_the_others_whole(house: House, fault: Fault) -> None:
    well = await house.ask(PATIENT, first=500)
    assert all(row["complete"] for row in covered(well).values())
    house.sandbox.fail(BROKEN, fault)
    body = await house.ask(PATIENT, first=500)
    assert "errors" not in body
    for registry in set(ALL) - {BROKEN}:
        assert of(body, registry) == of(well, registry)
        row = covered(body)[registry]
        assert (row["outcome"], row["complete"]) == ("OK", True)
    row = covered(body)[BROKEN]
    assert (row["outcome"], row["complete"]) == (OUTCOMES[fault], False)
    assert row["message"].startswith(f"REGISTRY_{OUTCOMES[fault]}: ")
    assert of(body, BROKEN) == []


@every_fault
async def test_the_statement_says_who_did_not_answer(house: House, fault: Fault) -> None:
    house.sandbox.fail(BROKEN, fault)
    body = await house.ask(PATIENT)
    scope = signed(body)["scope"]
    assert scope["registriesRequested"] == list(ALL)
    assert scope["registriesAnswered"] == [key for key in ALL if key != BROKEN]
    assert scope["complete"] is False
    failed = {row["outcome"] for row in signed(body)["sources"] if row["registry"] == BROKEN}
    assert failed == {OUTCOMES[fault]}
    assert body["data"]["projects"]["totalCount"] is None
    assert body["data"]["projects"]["pageInfo"]["hasNextPage"] is True


@every_fault
async def test_whoever_requires_all_gets_an_error_that_names_the_one(
    house: House, fault: Fault
) -> None:
    house.sandbox.fail(BROKEN, fault)
    body = await house.ask(PAGE % "requireAll: true")
    assert body["data"] is None
    (error,) = body["errors"]
    assert error["path"] == ["projects"]
    assert error["extensions"]["code"] == "REGISTRY_INCOMPLETE"
    assert error["extensions"]["registries"] == [BROKEN]
    assert f"{BROKEN}: {OUTCOMES[fault]} " in error["message"]
    assert signed(body)["scope"]["complete"] is False


async def test_requiring_all_is_no_error_while_all_is_well(house: House) -> None:
    body = await house.ask(PAGE % "requireAll: true")
    assert "errors" not in body
    assert signed(body)["scope"]["complete"] is True


async def test_a_row_of_the_wrong_type_is_told_with_its_place(house: House) -> None:
    for registry in ALL:
        house.sandbox.fail(registry, Fault.WRONG_TYPE)
        row = covered(await house.ask(PATIENT))[registry]
        house.sandbox.heal(registry)
        assert "got `object` - at `$" in row["message"]


async def test_every_registry_down_at_once_is_an_answer_too(house: House) -> None:
    for registry in ALL:
        house.sandbox.fail(registry, Fault.DOWN)
    body = await house.ask(PATIENT)
    assert "errors" not in body
    page = body["data"]["projects"]
    assert (page["nodes"], page["totalCount"]) == ([], None)
    assert page["pageInfo"]["hasNextPage"] is False
    assert page["pageInfo"]["endCursor"]
    assert {row["outcome"] for row in page["coverage"]} == {"CONNECT_ERROR"}
    assert all(row["paused"] and row["retryAfterSeconds"] for row in page["coverage"])
    assert signed(body)["scope"]["registriesAnswered"] == []


@pytest.mark.parametrize("fault", [Fault.LIMITED, Fault.TRUNCATED], ids=lambda fault: fault.value)
async def test_a_walk_that_meets_a_failure_in_the_middle_loses_nothing(
    house: House, fault: Fault
) -> None:
    whole = (await house.ask(PATIENT, first=500))["data"]["projects"]["nodes"]
    found: list[str] = []
    after, failed, pages = None, 0, 0
    while True:
        if pages == 2:
            house.sandbox.fail(BROKEN, fault)
        if failed:
            house.sandbox.heal(BROKEN)
        body = await house.ask(PATIENT, first=30, after=after)
        pages += 1
        failed += not covered(body)[BROKEN]["complete"]
        found += [node["id"] for node in body["data"]["projects"]["nodes"]]
        info = body["data"]["projects"]["pageInfo"]
        if not info["hasNextPage"]:
            break
        assert pages < 50
        after = info["endCursor"]
    assert failed
    assert len(found) == len(set(found))
    assert sorted(found) == sorted(node["id"] for node in whole)


async def test_records_by_id_fail_one_by_one(house: House) -> None:
    house.sandbox.fail("verra", Fault.DOWN)
    ids = ["cgw:verra:project:901002", "cgw:gold-standard:project:GS990003"]
    body = await house.ask("query N($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)
    assert body["data"] == {"nodes": [None, {"id": ids[1]}]}
    (error,) = body["errors"]
    assert error["path"] == ["nodes", 0]
    assert error["extensions"]["registry"] == "verra"


async def test_a_lookup_that_one_registry_cannot_answer_takes_nothing_else_with_it(
    house: House,
) -> None:
    query = '{ lookup(scheme: "verra.vcs", value: "901002") { id } registries { key } }'
    assert (await house.ask(query))["data"]["lookup"] == [{"id": "cgw:verra:project:901002"}]
    house.sandbox.fail("verra", Fault.DOWN)
    body = await house.ask(query)
    assert body["data"]["lookup"] == [None]
    assert [row["key"] for row in body["data"]["registries"]] == list(ALL)
    (error,) = body["errors"]
    assert error["path"] == ["lookup", 0]
    assert error["extensions"]["code"] == "REGISTRY_CONNECT_ERROR"


async def test_what_is_not_configured_is_named_and_is_no_error(house: House) -> None:
    registries = dict(house.sandbox.settings())
    del registries["cad-trust"]
    settings = Settings(registries=registries, only=ALL)
    gateway = assemble(settings, signer=throw_away_signer())
    uuid = "9b9bb857-c71b-4649-b805-a289db27dc1c"
    queries = (
        f'{{ lookup(scheme: "cadtrust.warehouseProjectId", value: "{uuid}") {{ id }} }}',
        '{ project(registry: "verra", projectId: "901002") { sameAs { coverage { outcome } } } }',
        "query @ask(requireAll: true) { projects(first: 1) { coverage { outcome } } }",
    )
    transport = httpx.ASGITransport(create_app(gateway))
    async with httpx.AsyncClient(transport=transport, base_url=settings.server.origin) as http:
        for query in queries:
            body = (await http.post("/graphql", json={"query": query})).json()
            assert "errors" not in body
            assert "cad-trust" in signed(body)["scope"]["registriesRequested"]
            assert "cad-trust" not in signed(body)["scope"]["registriesAnswered"]
            assert "NOT_CONFIGURED" in json.dumps(body["data"]) or "lookup" in body["data"]
            assert all(row["registry"] != "cad-trust" for row in signed(body)["sources"])
    await gateway.close()


async def test_an_edge_that_one_registry_holds_up_is_partial_for_its_parent() -> None:
    query = """
    query Edge {
      project(registry: "verra", projectId: "901002") {
        id
        units(first: 5, stitched: true) { nodes { id } coverage { registry outcome complete } }
      }
    }
    """
    async with Sandbox(world(), only=ALL) as sandbox:
        house = House(sandbox, hasty={"cad-trust": 2.0})
        well = await house.ask(query)
        rows = well["data"]["project"]["units"]["coverage"]
        assert {row["outcome"] for row in rows} == {"OK"}
        sandbox.fail("cad-trust", Fault.SLOW)
        body = await house.ask(query)
        await house.close()
    assert "errors" not in body
    units = body["data"]["project"]["units"]
    rows = {row["registry"]: row for row in units["coverage"]}
    assert rows["verra"]["outcome"] == "OK"
    assert not rows["cad-trust"]["complete"]
    assert units["nodes"]


async def test_a_link_that_is_waited_for_in_vain_leaves_time_for_the_projects_own_units() -> None:
    query = """
    query Edge @ask(timeout: "PT6S") {
      project(registry: "verra", projectId: "901002") {
        units(first: 5, stitched: true) { nodes { id } coverage { registry outcome complete } }
      }
    }
    """
    async with Sandbox(world(), only=ALL) as sandbox:
        house = House(sandbox)
        sandbox.fail("cad-trust", Fault.SLOW)
        body = await house.ask(query)
        await house.close()
    assert "errors" not in body
    units = body["data"]["project"]["units"]
    rows = {row["registry"]: row for row in units["coverage"]}
    assert (rows["verra"]["outcome"], rows["cad-trust"]["outcome"]) == ("OK", "TIMEOUT")
    assert units["nodes"]


async def test_an_argument_that_means_nothing_is_named_with_its_place(house: House) -> None:
    places = {
        '{ nodes(ids: ["cgw:verra:project:%41"]) { id } }': "ids[0]",
        "{ projects(registries: []) { nodes { id } } }": "registries",
    }
    for query, place in places.items():
        body = await house.ask(query)
        (error,) = body["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert error["extensions"]["argument"] == place
        assert signed(body)["sources"] == []
    body = await house.ask('{ projects(after: "") { nodes { id } } }')
    assert json.dumps(body["errors"]).count("BAD_CURSOR") == 1


@pytest.mark.slow_for(Fault.SLOW, Fault.LIMITED)
@every_fault
@pytest.mark.parametrize(
    "order", ["", ", orderBy: { field: PROJECT_NAME }"], ids=["plain", "sorted"]
)
async def test_a_plain_loop_ends_while_one_registry_fails_and_goes_on_when_it_is_well(
    house: House, fault: Fault, order: str
) -> None:
    query = PATIENT.replace("after: $after", f"after: $after{order}")
    whole = await house.ask(query, first=500)
    house.sandbox.fail(BROKEN, fault)
    found: list[str] = []
    after, more, pages = None, True, 0
    while more:
        body = await house.ask(query, first=200, after=after)
        found += [node["id"] for node in body["data"]["projects"]["nodes"]]
        info = body["data"]["projects"]["pageInfo"]
        after, more, pages = info["endCursor"], info["hasNextPage"], pages + 1
        assert pages < 6
    row = covered(body)[BROKEN]
    assert (row["outcome"], row["paused"], row["exhausted"]) == (OUTCOMES[fault], True, False)
    assert row["retryAfterSeconds"] >= 1
    house.sandbox.heal(BROKEN)
    # As a client does that was told when to come again: each "later" waits longer than the last.
    await asyncio.sleep(house.gateway.door.lane(BROKEN).gate.wait)
    rest = await house.ask(query, first=500, after=after)
    found += of(rest, BROKEN)
    assert rest["data"]["projects"]["pageInfo"]["hasNextPage"] is False
    assert len(found) == len(set(found))
    assert sorted(found) == sorted(n["id"] for n in whole["data"]["projects"]["nodes"])
