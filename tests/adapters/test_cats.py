"""CATS by upload: files that somebody puts in place, over HTTP or in a folder."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp.typedefs import Middleware

from adapters.cats import Cats, adapter, manifest
from adapters.contract import Adapter
from adapters.manifest_model import FileManifest
from gateway import assemble
from gateway.clock import SystemChance, SystemClock
from gateway.config import RegistrySettings
from gateway.errors import ConfigError, InvalidPayload
from gateway.model.entity import Entity
from gateway.model.question import Parent, Question
from gateway.sandbox.cats import (
    TRAPS,
    application,
    as_csv,
    as_jsonl,
    issuance_row,
    project_row,
    unit_row,
)
from gateway.upstream.door import Door
from gateway.upstream.terms import Terms
from tests.adapters.source import LoopbackSource, loopback
from tests.market import make
from tests.paths import DOCS

TOLD = make().told_by("cats")
PAGE = DOCS / "cats.md"
JSONL = {"format": "jsonl"}


@asynccontextmanager
async def registry(
    trap: Middleware | None = None, options: Mapping[str, str] | None = None
) -> AsyncIterator[LoopbackSource]:
    served = application(TOLD)
    if trap:
        served.middlewares.insert(0, trap)
    async with loopback(served, "cats", options=options) as source:
        yield source


async def records(source: Any, question: Question) -> list[Any]:
    return [r async for page in adapter.pages(source, question) for r in page.records]


def test_it_is_an_adapter_that_says_what_it_is_not() -> None:
    checked: Adapter = adapter
    assert checked.info.base_url == checked.info.verified == ""
    assert checked.info.notes.startswith("Manual upload: no public interface of CATS is known")
    assert "base_url" in assemble.upstream("cats", adapter, None).why_not


@pytest.mark.parametrize("options", [None, JSONL])
async def test_both_formats_tell_the_same(options: Mapping[str, str] | None) -> None:
    async with registry(options=options) as source:
        projects = await records(source, Question(Entity.PROJECT))
        units = await records(source, Question(Entity.UNIT))
        key = TOLD.issuances[0].key
        (issuance,) = (await adapter.by_keys(source, Entity.ISSUANCE, [key])).records
        parent = Parent(Entity.ISSUANCE, (key,))
        inside = await records(source, Question(Entity.UNIT, parent=parent))
    assert {p.key: p.project_name for p in projects} == {
        p.key: p.project_name for p in TOLD.projects
    }
    assert {u.key: u.unit_count for u in units} == {u.key: u.unit_count for u in TOLD.units}
    assert inside
    assert all(adapter.belongs(unit, issuance) for unit in inside)
    ending = "jsonl" if options else "csv"
    assert {request.path.rpartition(".")[2] for request in source.asked} == {ending}


async def test_another_format_is_a_configuration_error_that_names_it() -> None:
    async with registry(options={"format": "pdf"}) as source:
        with pytest.raises(ConfigError, match=r"options\.format must be csv or jsonl"):
            await records(source, Question(Entity.PROJECT))


@pytest.mark.parametrize("trap", sorted(set(TRAPS) - {"a line stands twice"}))
async def test_a_file_that_is_not_whole_is_an_invalid_payload(trap: str) -> None:
    async with registry(TRAPS[trap]) as source:
        with pytest.raises(InvalidPayload):
            await records(source, Question(Entity.UNIT))


async def test_a_line_that_stands_twice_is_two_rows_for_whoever_looks_at_their_keys() -> None:
    async with registry() as source:
        usual = await records(source, Question(Entity.UNIT))
    async with registry(TRAPS["a line stands twice"]) as source:
        assert len(await records(source, Question(Entity.UNIT))) == len(usual) + 1


async def test_a_folder_of_files_is_read_through_the_door(tmp_path: Path) -> None:
    (tmp_path / "projects.csv").write_bytes(as_csv([project_row(p) for p in TOLD.projects]))
    (tmp_path / "issuances.csv").write_bytes(as_csv([issuance_row(i) for i in TOLD.issuances]))
    (tmp_path / "units.csv").write_bytes(as_csv([unit_row(u) for u in TOLD.units]))
    given = RegistrySettings.model_validate({"base_url": f"file://{tmp_path}"})
    clock = SystemClock()
    door = Door(
        {"cats": assemble.upstream("cats", adapter, given)},
        clock=clock,
        chance=SystemChance(),
        user_agent="test",
    )
    async with door:
        source = door.source("cats", Terms(clock.monotonic() + 10))
        found = await records(source, Question(Entity.UNIT))
    assert {unit.key for unit in found} == {unit.key for unit in TOLD.units}


def test_keys_are_the_programmes_numbers_and_the_serials() -> None:
    assert adapter.project_key(" 352 ") == "352"
    assert adapter.project_key("Oromia") is None
    assert adapter.lookup_key("cats.program", "352") == (Entity.PROJECT, "352")
    assert adapter.lookup_key("cats.serial", "CATS-1-2") == (Entity.UNIT, "CATS-1-2")
    assert adapter.lookup_key("verra.vcs", "352") is None


def test_both_formats_have_views_of_their_own() -> None:
    found = Cats()
    assert all(len(views) == 2 for views in found.views.values())
    names = [
        resource.endpoint.path
        for resource in FileManifest.model_validate(manifest("jsonl")).resources.values()
    ]
    assert names == ["projects.jsonl", "issuances.jsonl", "units.jsonl"]


@pytest.mark.parametrize(
    ("heading", "row"),
    [
        ("projects", project_row(TOLD.projects[0])),
        ("issuances", issuance_row(TOLD.issuances[0])),
        ("units", unit_row(TOLD.units[0])),
    ],
)
def test_the_page_lists_the_columns_that_files_have(heading: str, row: Mapping[str, str]) -> None:
    part = PAGE.read_text("utf-8").split(f"## `{heading}`")[1].split("\n## ")[0]
    listed = set(re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE))
    # The emulated file spells one column as CAD Trust's first version does.
    assert listed == {name.replace("coveredByNDC", "coveredByNdc") for name in row}


def test_an_empty_list_has_a_header_or_no_line() -> None:
    assert as_csv([]) == b"\xef\xbb\xbf\r\n"
    assert as_jsonl([]) == b""
