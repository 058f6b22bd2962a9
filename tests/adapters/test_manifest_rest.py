"""REST and GraphQL lists: asked with what the manifest says, and believed no further than that."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.manifest_adapter import ManifestAdapter
from gateway.errors import (
    BadCursor,
    InvalidPayload,
    RegistryHttpError,
    RegistryNotConfigured,
)
from gateway.model.entity import Entity
from gateway.model.picklists import UnitStatus
from gateway.model.question import Op, Question
from tests.adapters.manifests import Desk, asked, desk, manifest, problem

REST = """\
[client]
type = "rest"
headers = { "X-Client" = "gateway" }
CLIENT

[lookups.state]
LIVE = "Held"
ALIVE = "Held"
USED = "Retired"

[resources.unit]
PARTS
[resources.unit.endpoint]
path = "units"
data_selector = "data.rows"
total_selector = "data.total"
ENDPOINT
[resources.unit.fields]
key = "serial"
project_key = "project"
unit_count = "tonnes"
vintage_year = "vintage"
unit_status = { from = "state", lookup = "state" }
unit_owner = "owner"
is_ex_ante = "planned"
"""
FILTERS = """\
[resources.unit.filters]
unit_status = { ops = ["eq", "in"], most = 9, param = "state", exact = true }
vintage_year = { ops = ["eq", "gte"], params = { eq = "year", gte = "since" }, exact = true }
unit_owner = { ops = ["contains"], param = "holder" }
is_ex_ante = { ops = ["eq"], param = "planned" }
"project.country" = { ops = ["eq"], param = "country" }
[resources.unit.parents]
project = { param = "projects", most = 3, separator = "," }
"""
ROWS: list[dict[str, Any]] = [
    {"serial": "U-1", "project": "P-1", "tonnes": 46.001, "vintage": 2020, "state": "LIVE"},
    {"serial": "U-2", "project": "P-2", "tonnes": 7, "vintage": 2021, "state": "USED"},
    {"serial": "U/3", "project": "P-1", "tonnes": 9, "vintage": 2022, "state": "ALIVE"},
]
Answer = Callable[[web.Request, Any], Any]


def text(parts: str = "", client: str = "", endpoint: str = "") -> str:
    said = {"PARTS": parts, "CLIENT": client, "ENDPOINT": endpoint}
    found = REST
    for mark, value in said.items():
        found = found.replace(mark, value)
    return found


class Interface:
    """Answers everything with all rows, and remembers what it was asked."""

    def __init__(self, answer: Answer | None = None) -> None:
        self.requests: list[web.Request] = []
        self.bodies: list[Any] = []
        self.answer = answer

    async def serve(self, request: web.Request) -> web.Response:
        body = await request.json() if request.can_read_body else None
        self.requests.append(request)
        self.bodies.append(body)
        made: Any = {"data": {"rows": ROWS, "total": len(ROWS)}}
        if self.answer is not None:
            made = self.answer(request, body)
        return made if isinstance(made, web.Response) else web.json_response(made)

    @property
    def query(self) -> list[tuple[str, str]]:
        """The last query, in its order."""
        return list(self.requests[-1].query.items())


@asynccontextmanager
async def facing(
    adapter: ManifestAdapter, interface: Interface, **settings: Any
) -> AsyncIterator[Desk]:
    app = web.Application()
    app.router.add_route("*", "/api{rest:.*}", interface.serve)
    async with (
        TestServer(app) as server,
        desk(adapter, str(server.make_url("/api")), **settings) as at,
    ):
        yield at


def rows(*found: Mapping[str, Any], total: int | None = None) -> dict[str, Any]:
    return {"data": {"rows": list(found), "total": len(found) if total is None else total}}


async def test_a_list_is_read_with_the_manifests_own_headers_and_parameters(tmp_path: Path) -> None:
    interface = Interface()
    adapter = manifest(
        tmp_path, text(endpoint='params = { detail = "full", active = true, n = 2 }')
    )
    async with facing(adapter, interface) as at:
        first, *_ = await at.ask(Entity.UNIT)
    assert interface.query == [("detail", "full"), ("active", "true"), ("n", "2")]
    assert interface.requests[0].headers["X-Client"] == "gateway"
    assert interface.requests[0].path == "/api/units"
    assert (str(first.unit_count), first.unit_count_raw) == ("46.001", "46.001")
    assert first.pointer == "/data/rows/0"
    assert at.evidence.exchanges[0].uri.endswith("/units?detail=full&active=true&n=2")


async def test_filters_are_sent_in_the_registrys_words(tmp_path: Path) -> None:
    interface = Interface(lambda request, _: rows())
    async with facing(manifest(tmp_path, text(FILTERS)), interface) as at:

        async def sent(*predicates: Any) -> list[tuple[str, str]]:
            await at.ask(Entity.UNIT, *predicates)
            return interface.query

        held = asked("unit_status", UnitStatus.HELD)
        assert await sent(held) == [("state", "LIVE"), ("state", "ALIVE")]
        both = (UnitStatus.RETIRED, UnitStatus.HELD)
        many = await sent(asked("unit_status", both, Op.IN))
        assert many == [("state", "USED"), ("state", "LIVE"), ("state", "ALIVE")]
        assert await sent(asked("vintage_year", 2020)) == [("year", "2020")]
        assert await sent(asked("vintage_year", 2020, Op.GTE)) == [("since", "2020")]
        assert await sent(asked("is_ex_ante", False)) == [("planned", "false")]
        assert await sent(asked("project.country", "KE")) == [("country", "KE")]
        assert await sent(asked("unit_owner", "Jane", Op.CONTAINS)) == [("holder", "Jane")]
        await at.ask(Entity.UNIT, below=(Entity.PROJECT, ["P-1", "P-2"]))
        assert interface.query == [("projects", "P-1,P-2")]
    uris = [exchange.uri for exchange in at.evidence.exchanges]
    assert any("holder=REDACTED" in uri for uri in uris)
    assert not any("Jane" in uri for uri in uris)
    assert any("year=2020" in uri for uri in uris)


async def test_a_value_that_the_registry_has_no_word_for_is_not_asked(tmp_path: Path) -> None:
    interface = Interface()
    async with facing(manifest(tmp_path, text(FILTERS)), interface) as at:
        (page,) = await at.pages(
            Question(Entity.UNIT, (asked("unit_status", UnitStatus.CANCELLED),))
        )
    assert (page.records, page.total, interface.requests) == ((), 0, [])


async def test_a_filter_or_parent_that_is_ignored_is_an_invalid_payload(tmp_path: Path) -> None:
    async with facing(manifest(tmp_path, text(FILTERS)), Interface()) as at:
        with pytest.raises(InvalidPayload, match="ignored the filter unit_status: U-1"):
            await at.ask(Entity.UNIT, asked("unit_status", UnitStatus.RETIRED))
        with pytest.raises(InvalidPayload, match="ignored the filter vintage_year"):
            await at.ask(Entity.UNIT, asked("vintage_year", 2021, Op.GTE))
        with pytest.raises(InvalidPayload, match="ignored which parents"):
            await at.ask(Entity.UNIT, below=(Entity.PROJECT, ["P-1"]))
        # An inexact filter is checked again by the gateway.
        assert len(await at.ask(Entity.UNIT, asked("unit_owner", "x", Op.CONTAINS))) == 3


async def test_parents_that_cannot_be_asked_for_are_picked_here(tmp_path: Path) -> None:
    async with facing(manifest(tmp_path, text()), Interface()) as at:
        found = await at.ask(Entity.UNIT, below=(Entity.PROJECT, ["P-1"]))
        assert [record.key for record in found] == ["U-1", "U/3"]
        assert at.adapter.collections[Entity.UNIT].parents == frozenset()


async def test_records_are_read_at_a_path_of_their_key(tmp_path: Path) -> None:
    def answer(request: web.Request, _: Any) -> Any:
        found = [
            row for row in ROWS if request.raw_path.endswith(row["serial"].replace("/", "%2F"))
        ]
        return {"unit": found[0]} if found else web.Response(status=404)

    by_key = 'by_key = { path = "units/{key}", data_selector = "unit" }'
    interface = Interface(answer)
    async with facing(manifest(tmp_path, text(by_key)), interface) as at:
        found = await at.by_keys("U/3", "U-9", "..", "a/../b", "%2e%2e", "x\n", entity=Entity.UNIT)
        assert [(record.key, record.pointer) for record in found] == [("U/3", "/unit")]
        assert len(interface.requests) == 2
        assert at.adapter.collections[Entity.UNIT].keys_per_call == 1
        interface.answer = lambda request, _: {"unit": ROWS[0]}
        with pytest.raises(InvalidPayload, match="other records"):
            await at.by_keys("U-2", entity=Entity.UNIT)
        interface.answer = lambda request, _: {"unit": "none"}
        with pytest.raises(InvalidPayload, match="no row where one was asked for"):
            await at.by_keys("U-2", entity=Entity.UNIT)


async def test_records_are_read_by_a_parameter_of_several_keys(tmp_path: Path) -> None:
    def answer(request: web.Request, _: Any) -> Any:
        wanted = request.query["serials"].split(";")
        return rows(*(row for row in ROWS if row["serial"] in wanted))

    by_key = 'by_key = { param = "serials", separator = ";", most = 2 }'
    interface = Interface(answer)
    async with facing(manifest(tmp_path, text(by_key)), interface) as at:
        found = await at.by_keys("U-1", "U-2", "U/3", "U-9", entity=Entity.UNIT)
        assert [record.key for record in found] == ["U-1", "U-2", "U/3"]
        assert len(interface.requests) == 2
        interface.answer = lambda request, _: rows(total=1)
        with pytest.raises(InvalidPayload, match="0 rows came, where there are 1"):
            await at.by_keys("U-1", entity=Entity.UNIT)
        interface.answer = lambda request, _: rows(ROWS[0], ROWS[0])
        both = await at.by_keys("U-1", entity=Entity.UNIT)
        assert [record.key for record in both] == ["U-1", "U-1"]
        interface.answer = lambda request, _: rows(ROWS[1])
        with pytest.raises(InvalidPayload, match="other records"):
            await at.by_keys("U-1", entity=Entity.UNIT)


async def test_records_are_looked_for_in_the_list_where_keys_cannot_be_asked(
    tmp_path: Path,
) -> None:
    identifier = 'identifier = { scheme = "x", pattern = "U.*" }'
    interface = Interface()
    async with facing(manifest(tmp_path, text(identifier)), interface) as at:
        found = await at.by_keys("U/3", "P-1", "U-1", entity=Entity.UNIT)
        assert sorted(record.key for record in found) == ["U-1", "U/3"]
        assert await at.by_keys("P-1", entity=Entity.UNIT) == []
        assert len(interface.requests) == 1


async def test_a_post_carries_its_values_in_the_body(tmp_path: Path) -> None:
    parts = """\
by_key = { body_path = "query.serials", most = 5 }
[resources.unit.filters]
unit_status = { ops = ["in"], most = 9, body_path = "query.states" }
vintage_year = { ops = ["eq", "lte"], body_path = "query.year", body_paths = { lte = "query.to" } }
[resources.unit.parents]
project = { body_path = "query.project", separator = "+", most = 2 }
"""
    endpoint = """\
method = "POST"
json = { query = { kind = "unit" }, sort = ["serial"] }
paginator = { type = "offset", limit = 5, offset_body_path = "from", limit_body_path = "size" }
"""
    interface = Interface(lambda request, _: rows())
    async with facing(manifest(tmp_path, text(parts, endpoint=endpoint)), interface) as at:
        await at.ask(Entity.UNIT)
        plain = {"query": {"kind": "unit"}, "sort": ["serial"], "from": 0, "size": 5}
        assert interface.bodies[-1] == plain
        states = asked("unit_status", (UnitStatus.HELD,), Op.IN)
        await at.ask(Entity.UNIT, states, asked("vintage_year", 2021, Op.LTE))
        assert interface.bodies[-1]["query"] == {
            "kind": "unit",
            "states": ["LIVE", "ALIVE"],
            "to": 2021,
        }
        await at.ask(
            Entity.UNIT, asked("vintage_year", 2021), below=(Entity.PROJECT, ["P-1", "P-2"])
        )
        assert interface.bodies[-1]["query"]["project"] == "P-1+P-2"
        assert interface.bodies[-1]["query"]["year"] == 2021
        await at.by_keys("U-1", "U-2", entity=Entity.UNIT)
        assert interface.bodies[-1]["query"]["serials"] == ["U-1", "U-2"]
        await at.ask(Entity.UNIT)
        assert interface.bodies[-1] == plain
    assert all(exchange.request_digest for exchange in at.evidence.exchanges)


AUTHS = [
    ('auth = { type = "api_key", name = "X-Key" }', "s3cret", "X-Key", "s3cret"),
    ('auth = { type = "bearer" }', "t0ken", "Authorization", "Bearer t0ken"),
    (
        'auth = { type = "http_basic" }',
        "u:p",
        "Authorization",
        "Basic " + base64.b64encode(b"u:p").decode(),
    ),
    (
        'auth = { type = "oauth2_client_credentials", access_token_url = "token", scope = "r" }',
        "i:s",
        "Authorization",
        "Bearer granted",
    ),
]


@pytest.mark.parametrize(("client", "secret", "header", "value"), AUTHS)
async def test_credentials_are_sent_as_the_manifest_says(
    tmp_path: Path, client: str, secret: str, header: str, value: str
) -> None:
    def answer(request: web.Request, _: Any) -> Any:
        return {"access_token": "granted"} if request.path.endswith("/token") else rows()

    interface = Interface()

    async def form(request: web.Request) -> web.Response:
        interface.requests.append(request)
        return web.json_response(answer(request, None))

    interface.serve = form  # type: ignore[method-assign]
    adapter = manifest(tmp_path, text(client=client))
    async with facing(adapter, interface, credential=secret) as at:
        await at.ask(Entity.UNIT)
    assert interface.requests[-1].headers[header] == value
    assert secret not in repr(at.evidence.exchanges)
    async with facing(adapter, interface) as at:
        with pytest.raises(RegistryNotConfigured, match=r"registries\.invented\.credential"):
            await at.ask(Entity.UNIT)


async def test_refusals_are_typed(tmp_path: Path) -> None:
    refusing = Interface(lambda r, b: web.Response(status=403))
    async with facing(manifest(tmp_path, text()), refusing) as at:
        with pytest.raises(RegistryHttpError):
            await at.ask(Entity.UNIT)
        for token in ("x", "1", ".", "1.2.3", "-1.0"):
            with pytest.raises(BadCursor):
                await at.pages(Question(Entity.UNIT), token)


@pytest.mark.parametrize(
    ("parts", "endpoint", "told"),
    [
        ('by_key = { path = "units" }', "", "must hold {key}"),
        ('by_key = { path = "{key}", most = 2 }', "", "a path reads one key"),
        ("by_key = { most = 2 }", "", "say where the value goes"),
        ('by_key = { param = "a", body_path = "b" }', "", "say either param or body_path"),
        ('by_key = { body_path = "b" }', "", 'a GET has no body: set method = "POST"'),
        ('parents = { issuance = { param = "x" } }', "", "the rows do not tell their issuance"),
        ('parents = { unit = { param = "x" } }', "", "parents.unit"),
        ('filters = { owner = { ops = ["eq"], param = "x" } }', "", "there is no filter owner"),
        ('filters = { unit_owner = { ops = [], param = "x" } }', "", "filters.unit_owner.ops"),
        ('filters = { unit_owner = { ops = ["like"], param = "x" } }', "", "input should be 'eq'"),
        ('filters = { unit_owner = { ops = ["eq"] } }', "", "say where the value goes"),
        (
            'filters = { vintage_year = { ops = ["eq", "gte"], params = { eq = "y" } } }',
            "",
            "say where the value of gte goes",
        ),
        ('filters = { vintage_year = { ops = ["in"], param = "y" } }', "", "needs `most`"),
        (
            'filters = { vintage_year = { ops = ["eq"], param = "y", most = 2 } }',
            "",
            '`most` is for the operator "in"',
        ),
        (
            'filters = { unit_status = { ops = ["eq"], param = "s" } }',
            "",
            "has several words",
        ),
        (
            'filters = { marketplace = { ops = ["eq"], param = "s", exact = true } }',
            "",
            "marketplace cannot be exact: the rows do not tell it",
        ),
        (
            'filters = { unit_type = { ops = ["eq"], param = "s", lookup = "no" } }',
            "",
            "there is no lookup no",
        ),
        ("", 'total_selector = "x["', "is not JMESPath"),
        ("", "params = { a = [1] }", "must be a text, a number, true or false"),
    ],
)
def test_what_cannot_be_asked_is_told_when_it_is_loaded(
    tmp_path: Path, parts: str, endpoint: str, told: str
) -> None:
    said = text(parts, endpoint=endpoint)
    if "total_selector" in endpoint:
        said = said.replace('total_selector = "data.total"\n', "")
    message = problem(tmp_path, said)
    assert message.startswith("invented.toml, line ")
    assert told in message


async def test_unknown_fields_and_drift_are_told_of_a_paged_list(tmp_path: Path) -> None:
    said = text('expect = { min = 9 }\nignored = ["vintage"]').replace(
        'vintage_year = "vintage"\n', ""
    )
    interface = Interface(lambda r, b: rows(*({**row, "zone": 1} for row in ROWS)))
    async with facing(manifest(tmp_path, said), interface) as at:
        (page,) = await at.pages(Question(Entity.UNIT))
    assert page.warnings == ("unit: not in the manifest: zone",)
    assert page.whole == "unit: 3 rows, where at least 9 are expected"
