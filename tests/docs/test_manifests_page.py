"""`docs/manifests.md`: its manifests load, its first example answers, its tables are true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from adapters.manifest import load
from adapters.manifest_paging import Counted, Cursor, HeaderLink, JsonLink, Offset, PageNumber
from adapters.manifest_resource import FileEndpoint, RestEndpoint, SqlFilter
from gateway.config import Settings
from gateway.configfile import load as load_settings
from gateway.model.entity import Entity
from gateway.model.question import Op, Question
from tests.adapters.manifests import Desk, desk
from tests.paths import DOCS

PAGE = (DOCS / "manifests.md").read_text("utf-8")
BLOCK = re.compile(r'^```(toml|csv) title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
BLOCKS = {name: text for _, name, text in BLOCK.findall(PAGE)}
MANIFESTS = [n for n in BLOCKS if n.endswith(".toml") and not n.startswith("cgw")]


def written(folder: Path, *names: str) -> Path:
    """The folder with these files of the page in it."""
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_text(BLOCKS[name], "utf-8")
    return folder


@pytest.mark.parametrize("name", MANIFESTS)
def test_every_manifest_on_the_page_loads(tmp_path: Path, name: str) -> None:
    adapter = load(written(tmp_path, name) / name)
    assert adapter.collections


@pytest.mark.parametrize("name", [n for n in BLOCKS if n.startswith("cgw")])
def test_every_configuration_on_the_page_loads(tmp_path: Path, name: str) -> None:
    settings = load_settings(written(tmp_path, name) / name, {"REGISTRY_PASSWORD": "none"})
    assert isinstance(settings, Settings)
    assert settings.registries


def test_every_toml_on_the_page_has_a_name() -> None:
    assert PAGE.count("```toml") == len([n for n in BLOCKS if n.endswith(".toml")])
    assert len(MANIFESTS) == 5


async def test_the_first_example_answers_as_the_page_says(tmp_path: Path) -> None:
    written(tmp_path / "manifests", "uploads.toml")
    uploads = written(tmp_path / "uploads", "projects.csv", "units.csv")
    written(tmp_path, "cgw.toml")
    settings = load_settings(tmp_path / "cgw.toml", {})
    assert settings.manifests == str(tmp_path / "manifests")
    given = settings.registries["my-country"]
    assert given.base_url == f"file://{uploads}"
    adapter = load(tmp_path / "manifests" / "uploads.toml")
    async with desk(adapter, str(given.base_url)) as at:
        (project,) = await at.ask()
        assert (project.key, project.project_status.value) == ("MC-1", "Registered")
        assert project.registration_date == "2024-01-31"
        assert project.project_locations[0].country == "KE"
        (unit,) = await at.ask(Entity.UNIT, below=(Entity.PROJECT, ["MC-1"]))
        assert (unit.unit_count, unit.unit_count_raw) == (1500, "1,500")
        assert unit.unit_status.value == "Held"
        await expect_no_warning(at)


async def expect_no_warning(at: Desk) -> None:
    for entity in at.adapter.collections:
        for page in await at.pages(Question(entity)):
            assert page.warnings == ()


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_the_tables_name_every_key() -> None:
    rest = section("REST")
    for model in (PageNumber, Offset, Cursor, HeaderLink, JsonLink, Counted):
        for name in model.model_fields:
            assert f"`{name}`" in rest or name == "type", name
    for name in RestEndpoint.model_fields:
        assert f"`{name.rstrip('_')}`" in rest, name
    for op in Op:
        assert f"`{op.value}`" in rest, op
    for name in FileEndpoint.model_fields:
        assert f"`{name}`" in section("Files"), name
    types = re.findall(r"'(\w+)'", str(SqlFilter.model_fields["type"].annotation))
    for name in types:
        assert f"| `{name}` |" in section("Databases"), name


def test_the_worked_examples_are_where_the_page_says() -> None:
    for link in re.findall(r"\]\((\.\./adapters/[^)]+)\)", PAGE):
        assert (DOCS / link).is_file()
