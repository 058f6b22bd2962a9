"""`cgw check` over the sandbox: all well, and each thing that can be wrong."""

from __future__ import annotations

import copy
import dataclasses
import io
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from aiohttp.typedefs import Handler, Middleware
from rich.console import Console
from typer.testing import CliRunner

from adapters.catalogue import MANIFESTS, adapters
from adapters.contract import Adapter
from gateway.check import check
from gateway.check_cli import document, exit_code, print_reports, run_check
from gateway.check_report import KindReport, RegistryReport, span
from gateway.cli import CONFIG_ERROR
from gateway.cli import app as program
from gateway.clock import SystemChance, SystemClock
from gateway.config import RegistrySettings, Settings
from gateway.errors import ConfigError, Outcome
from gateway.model.entity import Entity
from gateway.model.question import Collection
from gateway.sandbox.fault import Fault
from gateway.sandbox.runner import Sandbox
from gateway.sandbox.social_carbon import application
from tests.adapters.invented import Invented
from tests.upstream.tls import certificate

SOCIAL = "social-carbon"


@asynccontextmanager
async def asked(
    *keys: str, trouble: Fault | Middleware | None = None, only: tuple[str, ...] = ()
) -> AsyncIterator[list[RegistryReport]]:
    """The reports of these registries of the sandbox, the first of which has this trouble."""
    async with Sandbox(only=keys) as sandbox:
        if trouble is not None:
            sandbox.fail(keys[0], trouble, delay=5)
        settings = Settings(registries=sandbox.settings(), only=keys)
        yield await checked(settings, only, seconds=3)


def expecting(adapter: Adapter, expected: tuple[int, int | None]) -> Adapter:
    """The adapter with another declaration of how many rows there should be of everything."""
    other = copy.copy(adapter)
    collections = {
        entity: dataclasses.replace(collection, expected=expected)
        for entity, collection in adapter.collections.items()
    }
    object.__setattr__(other, "collections", collections)
    return other


def undemanding() -> dict[str, Adapter]:
    """All adapters, content with the sandbox's small market."""
    return {key: expecting(adapter, (1, None)) for key, adapter in adapters().items()}


async def checked(
    settings: Settings,
    only: tuple[str, ...] = (),
    known: Mapping[str, Adapter] | None = None,
    **others: Any,
) -> list[RegistryReport]:
    found = undemanding() if known is None else known
    return await check(settings, found, only, clock=SystemClock(), chance=SystemChance(), **others)


def changing(change: Callable[[dict[str, Any]], None]) -> Middleware:
    """Changes every row of Social Carbon's answers."""

    @web.middleware
    async def trap(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        assert isinstance(response, web.Response)
        assert isinstance(response.body, bytes)
        body = json.loads(response.body)
        for row in body["response"]["results"]:
            change(row)
        response.body = json.dumps(body).encode()
        return response

    return trap


@pytest.mark.slow
async def test_the_whole_sandbox_is_well() -> None:
    async with Sandbox() as sandbox:
        keys = tuple(key for key in sandbox.settings() if key in adapters())
        found = await checked(Settings(registries=sandbox.settings(), only=keys))
    assert [report.registry for report in found if report.problems] == []
    assert exit_code(found) == 0
    for report in found:
        assert report.reachable
        assert report.latency_ms is not None
        # A database has no clock to look at.
        assert report.clock_skew in (None, 0)
        assert report.auth in ("none", "accepted")
        for kind in report.kinds:
            assert kind.rows > 0
            assert kind.as_expected is not False
            assert (kind.scan_minutes is None) is (kind.scan_calls is None)


async def test_a_registry_that_is_down_is_not_reachable() -> None:
    async with asked(SOCIAL, "icr", trouble=Fault.DOWN) as found:
        other, down = sorted(found, key=lambda report: report.registry)
        assert down.reachable is False
        assert all(kind.outcome is Outcome.CONNECT_ERROR for kind in down.kinds)
        assert "project: CONNECT_ERROR: REGISTRY_CONNECT_ERROR:" in down.problems[0]
        assert (down.latency_ms, down.clock_skew) == (None, None)
        assert other.problems == []
        assert exit_code([down, other]) == 1


async def test_a_credential_that_is_refused_is_told() -> None:
    @web.middleware
    async def refuse(request: web.Request, handler: Handler) -> web.StreamResponse:
        return web.json_response({"message": "Unauthorized"}, status=401)

    async with asked("icr", trouble=refuse) as (report,):
        assert report.auth == "refused"
        assert report.problems[0] == "the registry refused the credential, or wants one"


async def test_a_column_that_nobody_knows_is_drift() -> None:
    trap = changing(lambda row: row.update(Colour="green"))
    async with asked(SOCIAL, trouble=trap) as (report,):
        project = report.kinds[0]
        assert project.unknown == {"Colour": project.rows}
        assert f"project: unknown field 'Colour' in {project.rows} rows" in report.problems


async def test_keys_that_stand_twice_are_told() -> None:
    @web.middleware
    async def twice(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        assert isinstance(response, web.Response)
        assert isinstance(response.body, bytes)
        response.body = response.body.replace(b'"cursor": 0', b'"cursor": 0, "cursor": 0')
        return response

    async with asked(SOCIAL, trouble=twice) as (report,):
        # Each kind's first list is refused, so those after it are not read.
        assert report.duplicate_keys == {"cursor": 3}
        assert "the key 'cursor' stands twice in one object" in report.problems


@pytest.mark.parametrize(("minutes", "wrong"), [(0, False), (-10, True), (10, True)])
async def test_a_clock_that_goes_wrong_is_told(minutes: int, wrong: bool) -> None:
    @web.middleware
    async def dated(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        when = datetime.now(UTC) + timedelta(minutes=minutes)
        response.headers["Date"] = when.strftime("%a, %d %b %Y %H:%M:%S GMT")
        return response

    async with asked(SOCIAL, trouble=dated) as (report,):
        assert report.clock_skew is not None
        assert abs(report.clock_skew - 60 * minutes) < 5
        assert any("clock" in problem for problem in report.problems) is wrong


async def test_a_date_that_is_none_tells_nothing_of_the_clock() -> None:
    @web.middleware
    async def undated(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        response.headers["Date"] = "yesterday"
        return response

    async with asked(SOCIAL, trouble=undated) as (report,):
        assert report.clock_skew is None


async def test_a_certificate_that_ends_soon_is_told(tmp_path: Path) -> None:
    made = certificate(tmp_path, "localhost")
    async with Sandbox(only=(SOCIAL,)) as sandbox:
        server = TestServer(application(sandbox.world.told_by(SOCIAL)), host="localhost")
        await server.start_server(ssl=made.server)
        given = RegistrySettings.model_validate(
            {"base_url": f"https://localhost:{server.port}", "allow_private": True, "rate": 100}
        )
        settings = Settings(registries={SOCIAL: given}, only=(SOCIAL,))
        (report,) = await checked(settings, tls=made.client)
        (untrusted,) = await checked(settings)
        await server.close()
    assert report.certificate_ends is not None
    assert timedelta(0) < report.certificate_ends - datetime.now(UTC) < timedelta(hours=1)
    assert report.problems == ["the certificate ends in 0 days"]
    assert untrusted.certificate_ends is None
    assert "TLS" in untrusted.problems[0]


@pytest.mark.parametrize(
    ("expected", "wrong"), [((1, None), False), ((1, 100), False), ((500, None), True)]
)
async def test_fewer_rows_than_there_should_be_are_drift(
    expected: tuple[int, int | None], wrong: bool
) -> None:
    known = {SOCIAL: expecting(adapters()[SOCIAL], expected)}
    async with Sandbox(only=(SOCIAL,)) as sandbox:
        settings = Settings(registries=sandbox.settings())
        (report,) = await checked(settings, known=known)
    problems = [problem for problem in report.problems if problem.startswith("project")]
    assert bool(problems) is wrong
    if wrong:
        assert problems == [f"project: {report.kinds[0].total} rows, expected at least 500"]


async def test_an_adapter_that_fails_does_not_hide_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken(Invented):
        """Fails at the first question."""

        collections = {Entity.PROJECT: Collection()}

        async def pages(self, source: Any, question: Any, token: Any = None) -> Any:
            raise ZeroDivisionError
            yield

    given = RegistrySettings.model_validate({"base_url": "https://registry.example"})
    settings = Settings(registries={"invented": given})
    (report,) = await checked(settings, known={"invented": Broken()})
    assert report.problems == [
        "project: INVALID_PAYLOAD: the adapter failed: ZeroDivisionError. That is a fault of the "
        "adapter: the log says where."
    ]
    assert "the adapter of invented failed" in caplog.text


async def test_an_option_that_cannot_be_used_is_told() -> None:
    async with Sandbox(only=("gold-standard",)) as sandbox:
        given = sandbox.settings()["gold-standard"]
        given = given.model_copy(update={"options": {"issuance_blocks": "many"}})
        settings = Settings(registries={"gold-standard": given}, only=("gold-standard",))
        (report,) = await checked(settings)
    assert any("CONFIG_ERROR" in problem for problem in report.problems)


async def test_a_registry_that_is_not_configured_is_wrong_only_where_it_is_named() -> None:
    settings = Settings(only=("undp",))
    (report,) = await checked(settings)
    assert (report.reachable, report.auth, report.problems) == (None, "missing", [])
    assert "base_url" in report.notes[0]
    (named,) = await checked(settings, ("undp",))
    assert "base_url" in named.problems[0]
    assert named.notes == []


async def test_a_registry_that_is_not_served_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError, match="there is no registry nobody"):
        await checked(Settings(only=("undp",)), ("nobody",))


async def test_a_second_instance_has_its_adapters_columns_left_alone() -> None:
    async with Sandbox(only=(SOCIAL,)) as sandbox:
        given = sandbox.settings()[SOCIAL].model_copy(update={"adapter": SOCIAL})
        settings = Settings(registries={"other": given}, only=("other",))
        (report,) = await checked(settings)
    assert (report.registry, report.problems) == ("other", [])


def test_expectations_are_told_in_words() -> None:
    assert [span(one) for one in (None, (1, None), (2, 9))] == ["", "at least 1", "2 to 9"]


def printed(reports: list[RegistryReport]) -> str:
    out = Console(file=io.StringIO(), width=200)
    print_reports(reports, out)
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


async def test_the_table_has_a_line_for_each_kind_and_a_sentence_for_each_problem() -> None:
    trap = changing(lambda row: row.update(Colour="green"))
    async with asked(SOCIAL, "undp", trouble=trap) as reports:
        text = printed(reports)
    assert text.count(SOCIAL) > 1
    assert "accepted" in text
    assert "wrong  social-carbon: project: unknown field 'Colour'" in text
    assert "2 of 2 registries asked; 1 with problems." in text


def test_the_table_says_what_could_not_be_told() -> None:
    empty = KindReport(Entity.PROJECT, Outcome.OK)
    odd = dataclasses.replace(empty, total=5, expected=(9, None), unmapped={("a", "b"): 2})
    silent = KindReport(Entity.UNIT, Outcome.TIMEOUT, scan_calls=1, scan_minutes=0.5)
    refused = RegistryReport("one", "One", True, "refused", kinds=(empty, odd, silent))
    missing = RegistryReport("two", "Two", False, "missing", why_not="set [this]")
    late = dataclasses.replace(
        refused,
        registry="three",
        certificate_ends=datetime(2030, 1, 1, tzinfo=UTC),
        clock_skew=5,
        latency_ms=7,
    )
    text = printed([refused, missing, late])
    assert "not configured" in text
    assert "set [this]" in text
    assert "TIMEOUT" in text
    assert "1 call, 0.5 min" in text
    assert "until 2030-01-01" in text
    assert "1 in 2 rows" in text
    assert "all is well" not in text
    assert "all is well" in printed([missing])


async def test_the_json_says_the_same() -> None:
    async with asked("isometric", "undp") as reports:
        told = document(reports, SystemClock())
    assert told["ok"] is True
    assert json.loads(json.dumps(told)) == told
    isometric, undp = told["registries"]
    assert (isometric["registry"], isometric["auth"], undp["auth"]) == (
        "isometric",
        "none",
        "accepted",
    )
    kind = isometric["kinds"][0]
    assert kind["fullScan"]["calls"] == 2
    assert kind["unknownFields"] == {}
    assert kind["asExpected"] is True
    units = next(one for one in isometric["kinds"] if one["kind"] == "unit")
    assert {one["kind"]: one["orphans"] for one in units["quality"]["parents"]}["project"] == []
    assert "methodology" in kind["quality"]["neverMatching"]


def test_the_command_prints_json_and_exits_by_what_it_finds(tmp_path: Path) -> None:
    config = tmp_path / "cgw.toml"
    config.write_text('only = ["undp"]\n', "utf-8")
    shell = CliRunner()
    ran = shell.invoke(program, ["check", "--json", "--config", str(config)])
    assert ran.exit_code == 0
    assert json.loads(ran.stdout)["registries"][0]["registry"] == "undp"
    named = shell.invoke(program, ["check", "undp", "--config", str(config)])
    assert named.exit_code == 1
    assert "not configured" in named.output
    other = shell.invoke(program, ["check", "nobody", "--config", str(config)])
    assert other.exit_code == CONFIG_ERROR
    assert "there is no registry nobody" in other.output


def test_registries_of_the_operators_own_manifests_are_checked(tmp_path: Path) -> None:
    text = (MANIFESTS / "example-national-csv.toml").read_text("utf-8")
    folder = tmp_path / "manifests"
    folder.mkdir()
    (folder / "mine.toml").write_text(text.replace('key = "example-national-csv"', 'key = "mine"'))
    config = tmp_path / "cgw.toml"
    files = f'[registries.mine]\nbase_url = "file://{tmp_path}"\n'
    config.write_text(f'only = ["mine"]\nmanifests = "{folder}"\n{files}', "utf-8")
    ran = CliRunner().invoke(program, ["check", "--json", "--config", str(config)])
    assert ran.exit_code == 1
    (report,) = json.loads(ran.stdout)["registries"]
    assert (report["registry"], report["configured"], report["reachable"]) == ("mine", True, False)


@pytest.mark.parametrize(
    ("set_", "named"),
    [
        ('credential = "x"', "registries.gold-standard.credential: this registry is read without"),
        ('options = { nobody = "x" }', "registries.gold-standard.options.nobody: there is no such"),
    ],
)
def test_a_setting_that_nobody_would_read_is_refused_as_by_the_servers_start(
    tmp_path: Path, set_: str, named: str
) -> None:
    config = tmp_path / "cgw.toml"
    # Also of a registry that this check does not ask.
    text = f"[registries.gold-standard]\n{set_}\n[registries.icr]\nenabled = true\n"
    config.write_text(text, "utf-8")
    ran = CliRunner().invoke(program, ["check", "--config", str(config), "icr"])
    assert ran.exit_code == 78
    assert named in ran.stderr


def test_progress_moves_with_each_kind(tmp_path: Path) -> None:
    config = tmp_path / "cgw.toml"
    place = 'base_url = "https://127.0.0.1:1"\nallow_private = true\n'
    config.write_text(f'only = ["icr"]\n[registries.icr]\ncredential = "x"\n{place}', "utf-8")
    out, progress = Console(file=io.StringIO()), Console(file=io.StringIO(), force_terminal=True)
    code = run_check((), config, {}, as_json=True, rows=10, seconds=1, out=out, progress=progress)
    assert code == 1
    assert isinstance(progress.file, io.StringIO)
    assert "icr" in progress.file.getvalue()
