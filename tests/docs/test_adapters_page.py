"""`docs/adapters.md` builds a real adapter: its code is taken from the page and put to work."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from adapters.contract import Reply
from gateway.model.record import Origin
from tests.adapters.installed import cgw_adapters, install
from tests.paths import ROOT, SHARED

PAGE = (ROOT / "docs" / "adapters.md").read_text("utf-8")
BLOCK = re.compile(r'^```\w+ title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
CAPTURED = SHARED / "registries/samples/socialcarbon/socialcarbon-projects.json"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The files of the page, each the sum of its blocks."""
    files: dict[str, list[str]] = {}
    for name, code in BLOCK.findall(PAGE):
        files.setdefault(name, []).append(code)
    for name, blocks in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n\n".join(block.rstrip("\n") + "\n" for block in blocks), "utf-8")
    (tmp_path / "my_social_carbon" / "__init__.py").touch()
    return tmp_path


@pytest.mark.slow
def test_the_pages_adapter_passes_the_conformance_suite(package: Path) -> None:
    install(package)
    ran = cgw_adapters(package, "test", "my-social-carbon")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert " passed" in ran.stdout


def test_the_pages_code_follows_the_house_rules(package: Path) -> None:
    sources = [str(path) for path in sorted(package.rglob("*.py"))]
    config = ["--no-cache", "--config", str(ROOT / "pyproject.toml"), *sources]
    for command in (["check", *config], ["format", "--check", *config]):
        ran = subprocess.run(
            [sys.executable, "-m", "ruff", *command], capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.captured
@pytest.mark.skipif(not CAPTURED.is_file(), reason="no captured payloads beside the repository")
def test_the_pages_adapter_reads_what_the_registry_really_sent(package: Path) -> None:
    adapter = module(package / "my_social_carbon" / "adapter.py")
    body = CAPTURED.read_bytes()
    page = adapter.read_page(Reply(200, {}, body))
    sent = json.loads(body)["response"]["results"]
    assert len(page.results) == len(sent)
    for row, raw in zip(page.results, sent, strict=True):
        record = adapter.Project(row, Origin("my-social-carbon", 0))
        assert record.key == raw["_id"]
        assert record.project_name == raw.get("Project Name")
        assert record.project_status_raw == raw.get("Project Status")
        assert (record.project_status is None) == (raw.get("Project Status") is None)
        assert [p.country_raw for p in record.project_locations] == (
            [raw["Country"]] if raw.get("Country") else []
        )
        assert all(place.country for place in record.project_locations)


def module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("page_adapter", path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    try:
        spec.loader.exec_module(made)
    finally:
        del sys.modules[spec.name]
    return made
