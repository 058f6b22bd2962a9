"""What `cgw adapters new` writes is a whole adapter: it passes the suite before it is changed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from adapters.scaffold import SUITE, scaffold, suite
from gateway.errors import ConfigError
from tests.adapters.installed import cgw_adapters, install


@pytest.mark.slow
def test_a_new_adapter_passes_the_conformance_suite(tmp_path: Path) -> None:
    scaffold("my-registry", tmp_path, "My Registry")
    install(tmp_path / "my-registry")
    ran = cgw_adapters(tmp_path / "my-registry", "test", "my-registry")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert " passed" in ran.stdout


@pytest.mark.slow
def test_a_new_manifest_passes_the_conformance_suite(tmp_path: Path) -> None:
    scaffold("my-registry", tmp_path, "My Registry", manifest=True)
    install(tmp_path / "my-registry")
    ran = cgw_adapters(tmp_path / "my-registry", "test", "my-registry")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert " passed" in ran.stdout


@pytest.mark.parametrize("manifest", [False, True])
def test_a_new_adapter_follows_the_house_rules(tmp_path: Path, manifest: bool) -> None:
    written = scaffold("my-registry", tmp_path, manifest=manifest)
    sources = [str(path) for path in written if path.suffix == ".py"]
    config = str(SUITE.parents[2] / "pyproject.toml")
    for command in (
        ["ruff", "check", "--no-cache", "--config", config],
        ["ruff", "format", "--check", "--no-cache", "--config", config],
    ):
        ran = subprocess.run(
            [sys.executable, "-m", *command, *sources], capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_names_are_made_from_the_key(tmp_path: Path) -> None:
    scaffold("2nd-registry", tmp_path)
    root = tmp_path / "2nd-registry"
    adapter = (root / "carbon_2nd_registry" / "adapter.py").read_text("utf-8")
    assert 'name="2Nd Registry"' in adapter
    assert "class Registry2ndRegistry:" in adapter
    assert "$" not in adapter + (root / "pyproject.toml").read_text("utf-8")


@pytest.mark.parametrize("key", ["", "Upper", "-dash", "a" * 33, "a/b", "..", "with blank"])
def test_a_key_that_cannot_be_one_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(ConfigError, match="registry key"):
        scaffold(key, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ['a "quoted" name', "a\nline", "back\\slash", "$name", " "])
def test_a_name_that_would_break_the_code_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="name"):
        scaffold("my-registry", tmp_path, name)
    assert not list(tmp_path.iterdir())


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    scaffold("my-registry", tmp_path)
    (tmp_path / "my-registry" / "README.md").write_text("mine")
    with pytest.raises(ConfigError, match="there already"):
        scaffold("my-registry", tmp_path)
    assert (tmp_path / "my-registry" / "README.md").read_text() == "mine"


def test_a_folder_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="cannot be written"):
        scaffold("my-registry", tmp_path / "file")


@pytest.mark.slow
def test_the_suite_is_run_for_one_key_only() -> None:
    ran = subprocess.run(
        [*suite("verra"), "--collect-only"], capture_output=True, text=True, check=False
    )
    ids = [line for line in ran.stdout.splitlines() if "::" in line]
    assert ids
    assert all(line.endswith(("[verra]", "-verra]")) for line in ids)
