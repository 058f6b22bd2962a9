"""The sandbox's emulators run on loopback, and each can be made to fail."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace

import aiohttp
import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.errors import ConfigError
from gateway.model.entity import Entity
from gateway.sandbox.codes import SCHEME_OF
from gateway.sandbox.emulator import Emulator
from gateway.sandbox.fault import Fault, wrongly_typed
from gateway.sandbox.runner import EMULATORS, Sandbox, load, places, telling
from gateway.sandbox.world import Telling
from tests.market import make

WORLD = make()


def application(telling: Telling) -> web.Application:
    """A registry that lists the names of its projects."""

    async def projects(request: web.Request) -> web.Response:
        rows = [{"id": p.number, "name": p.project_name} for p in telling.projects]
        return web.json_response({"rows": rows, "total": len(rows)})

    app = web.Application()
    app.router.add_get("/api/projects", projects)
    return app


def tiny(registry: str = "verra", rate: float = 500.0, burst: int = 100) -> Mapping[str, Emulator]:
    return {
        registry: Emulator(
            registry,
            application,
            {Entity.PROJECT: frozenset({"project_name"})},
            rate=rate,
            burst=burst,
            base_path="/api",
            headers={"x-tenant": "sandbox"},
            options={"organisation": "o"},
            credential="no-real-secret",
        )
    }


async def ask(sandbox: Sandbox, registry: str = "verra") -> tuple[int, bytes]:
    base = sandbox.settings()[registry].base_url
    timeout = aiohttp.ClientTimeout(total=2)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.get(f"{base}/projects") as answer,
    ):
        return answer.status, await answer.read()


async def test_an_emulator_tells_its_part_of_the_world() -> None:
    async with Sandbox(WORLD, emulators=tiny()) as sandbox:
        status, body = await ask(sandbox)
    assert status == 200
    names = [row["name"] for row in json.loads(body)["rows"]]
    assert names == [p.project_name for p in WORLD.told_by("verra").projects]


async def test_the_settings_are_what_the_gateway_needs() -> None:
    async with Sandbox(WORLD, emulators=tiny(rate=10.0, burst=3)) as sandbox:
        found = sandbox.settings()["verra"]
    assert found.base_url is not None
    assert found.base_url.startswith("http://127.0.0.1:")
    assert found.base_url.endswith("/api")
    assert found.headers["x-tenant"].get_secret_value() == "sandbox"
    assert found.options == {"organisation": "o"}
    assert found.credential is not None
    assert found.credential.get_secret_value() == "no-real-secret"
    assert (found.rate, found.period, found.burst) == (9.0, 1.0, 1)
    assert found.allow_private


async def test_every_registry_has_a_port_of_its_own() -> None:
    async with Sandbox(WORLD, emulators={**tiny("verra"), **tiny("acr")}) as sandbox:
        bases = {s.base_url for s in sandbox.settings().values()}
        assert len(bases) == 2
        assert (await ask(sandbox, "acr"))[1] != (await ask(sandbox, "verra"))[1]


async def test_nothing_listens_after_closing() -> None:
    async with Sandbox(WORLD, emulators=tiny()) as sandbox:
        base = sandbox.settings()["verra"].base_url
    assert sandbox.settings() == {}
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(f"{base}/projects")


async def test_what_was_started_is_closed_when_another_emulator_cannot_start() -> None:
    def broken(telling: Telling) -> web.Application:
        raise ValueError(telling.registry)

    sandbox = Sandbox(
        WORLD, emulators={**tiny(), "acr": Emulator("acr", broken, {Entity.PROJECT: frozenset()})}
    )
    with pytest.raises(ValueError, match="acr"):
        await sandbox.__aenter__()
    assert sandbox.settings() == {}


async def test_the_rate_is_enforced() -> None:
    async with Sandbox(WORLD, emulators=tiny(rate=0.1, burst=1)) as sandbox:
        assert (await ask(sandbox))[0] == 200
        assert (await ask(sandbox))[0] == 429


async def test_what_was_sent_is_known_by_its_hash() -> None:
    async with Sandbox(WORLD, emulators=tiny(), record=True) as sandbox:
        _, body = await ask(sandbox)
        assert sandbox.sent("verra") == [hashlib.sha256(body).hexdigest()]


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault.ERROR, 500),
        (Fault.LIMITED, 429),
        (Fault.HTML, 200),
        (Fault.EMPTY, 200),
        (Fault.TRUNCATED, 200),
        (Fault.WRONG_TYPE, 200),
    ],
)
async def test_a_fault_changes_the_answer_until_it_is_healed(fault: Fault, status: int) -> None:
    async with Sandbox(WORLD, emulators=tiny()) as sandbox:
        good = await ask(sandbox)
        sandbox.fail("verra", fault)
        bad = await ask(sandbox)
        assert bad[0] == status
        assert bad[1] != good[1]
        sandbox.heal("verra")
        assert await ask(sandbox) == good


async def test_a_registry_that_is_down_gives_no_answer() -> None:
    async with Sandbox(WORLD, emulators=tiny()) as sandbox:
        sandbox.fail("verra", Fault.DOWN)
        with pytest.raises(aiohttp.ClientError):
            await ask(sandbox)


async def test_a_slow_registry_answers_in_the_end() -> None:
    async with Sandbox(WORLD, emulators=tiny()) as sandbox:
        sandbox.fail("verra", Fault.SLOW, delay=0.01)
        assert (await ask(sandbox))[0] == 200
        sandbox.fail("verra", Fault.SLOW)
        with pytest.raises(TimeoutError):
            await ask(sandbox)


async def test_a_fault_can_begin_in_the_middle() -> None:
    async with Sandbox(WORLD, emulators=tiny()) as sandbox:
        sandbox.fail("verra", Fault.ERROR, after=2)
        assert [(await ask(sandbox))[0] for _ in range(4)] == [200, 200, 500, 500]


async def test_a_registrys_own_trap_is_a_fault_like_the_others() -> None:
    @web.middleware
    async def trap(request: web.Request, handler: Handler) -> web.StreamResponse:
        return web.json_response({"error": "ERROR_401"})

    async with Sandbox(WORLD, emulators=tiny()) as sandbox:
        sandbox.fail("verra", trap)
        assert await ask(sandbox) == (200, b'{"error": "ERROR_401"}')


@pytest.mark.parametrize(
    ("body", "spoilt"),
    [
        (b'[{"a": 1}, {"a": 2}]', [{"a": {"unexpected": True}}, {"a": 2}]),
        (b'{"n": 1, "rows": [{"a": 1}]}', {"n": 1, "rows": [{"a": {"unexpected": True}}]}),
        (b'{"d": {"rows": [{"a": 1}]}}', {"d": {"rows": [{"a": {"unexpected": True}}]}}),
        (b'{"a": "b"}', {"a": {"unexpected": True}}),
        (b"[]", {"unexpected": {"unexpected": True}}),
        (b"3", {"unexpected": {"unexpected": True}}),
    ],
)
def test_a_wrong_type_is_put_into_one_row(body: bytes, spoilt: object) -> None:
    assert json.loads(wrongly_typed(body)) == spoilt


def test_a_table_loses_its_digits() -> None:
    assert wrongly_typed(b"id,date\n12,2020\n") == b"id,date\nxx,xxxx\n"


def test_emulators_are_named_by_their_registry() -> None:
    found = load()
    assert set(found) >= set(EMULATORS)
    assert set(found) == set(places())
    assert all(emulated.registry == registry for registry, emulated in found.items())
    assert set(load(("nobody",))) == set()


def test_an_emulator_that_cannot_be_imported_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError, match="nowhere"):
        load(where={"broken": "tests.sandbox.nowhere:EMULATOR"})


def test_a_registry_that_the_world_does_not_know_is_drawn_by_its_scheme() -> None:
    scheme = replace(SCHEME_OF["verra"], registry="mine", name="Mine")
    emulated = replace(tiny("mine")["mine"], scheme=scheme)
    told = telling(WORLD, emulated)
    assert len(told.projects) == scheme.size
    assert {p.current_registry for p in told.projects} == {"Mine"}
    assert telling(WORLD, replace(emulated, scheme=None)).projects == ()
