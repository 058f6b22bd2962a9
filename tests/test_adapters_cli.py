"""`cgw adapters` from a shell."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from gateway.adapters_cli import CONFIG_ERROR, app

shell = CliRunner()


def test_the_list_names_every_adapter() -> None:
    ran = shell.invoke(app, ["list"])
    assert ran.exit_code == 0
    assert "verra" in ran.output
    assert "Gold Standard" in ran.output


def test_the_matrix_is_printed_or_written(tmp_path: Path) -> None:
    printed = shell.invoke(app, ["matrix"])
    assert printed.exit_code == 0
    assert printed.output.startswith("# Registries\n")
    page = tmp_path / "registries.md"
    assert shell.invoke(app, ["matrix", "--output", str(page)]).exit_code == 0
    assert page.read_text("utf-8") == printed.output


def test_a_new_adapter_is_written_and_the_next_step_named(tmp_path: Path) -> None:
    ran = shell.invoke(app, ["new", "my-registry", "--dir", str(tmp_path), "--name", "Mine"])
    assert ran.exit_code == 0
    assert "cgw adapters test my-registry" in ran.output
    assert (tmp_path / "my-registry" / "carbon_my_registry" / "adapter.py").is_file()


def test_a_new_manifest_is_written(tmp_path: Path) -> None:
    ran = shell.invoke(app, ["new", "my-registry", "--dir", str(tmp_path), "--manifest"])
    assert ran.exit_code == 0
    written = (tmp_path / "my-registry" / "carbon_my_registry" / "manifest.toml").read_text()
    assert 'key = "my-registry"' in written


def test_a_bad_key_is_a_sentence_and_an_exit_code(tmp_path: Path) -> None:
    ran = shell.invoke(app, ["new", "Not A Key", "--dir", str(tmp_path)])
    assert ran.exit_code == CONFIG_ERROR
    assert "registry key" in ran.output
    assert "Traceback" not in ran.output


def test_the_suite_of_an_unknown_adapter_is_not_run() -> None:
    ran = shell.invoke(app, ["test", "nobody"])
    assert ran.exit_code == CONFIG_ERROR
    assert "there is no adapter nobody" in ran.output
