"""`cgw manifest check` names the file, the row, the column and the remedy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gateway.manifest_cli import CONFIG_ERROR, WRONG, app

TEXT = """
[registry]
key = "mine"
name = "Mine"
operator = ""
url = ""
terms = ""
attribution = ""
[client]
type = "file"
[lookups.state]
"On" = "Registered"
[resources.project]
endpoint = { path = "p.csv" }
[resources.project.fields]
key = "ID"
project_status = { from = "State", lookup = "state" }
[resources.unit]
endpoint = { path = "u.csv" }
[resources.unit.fields]
key = "Serial"
project_key = "Project"
unit_count = { from = "Tonnes", convert = "grouped" }
"""
PROJECTS = "ID,State\nP1,On\nP2,On\n"
UNITS = "Serial,Project,Tonnes\nS1,P1,5\nS2,P2,6\n"


def run(*arguments: str) -> tuple[int, list[str]]:
    done = CliRunner().invoke(app, ["check", *arguments])
    return done.exit_code, done.output.splitlines()


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    (tmp_path / "p.csv").write_text(PROJECTS, "utf-8")
    (tmp_path / "u.csv").write_text(UNITS, "utf-8")
    path = tmp_path / "mine.toml"
    path.write_text(TEXT, "utf-8")
    return path


def test_a_manifest_and_files_that_are_well_are_told_in_a_few_lines(manifest: Path) -> None:
    code, lines = run(str(manifest))
    assert code == 0
    assert lines == [
        f"{manifest}: the manifest of mine can be used.",
        "p.csv: 2 project rows",
        "u.csv: 2 unit rows",
    ]


def test_every_fault_is_told_with_its_place_and_remedy(manifest: Path) -> None:
    (manifest.parent / "p.csv").write_text(PROJECTS + "P3,Off,x\n,On\nP4,Off\nP5,Off\n", "utf-8")
    (manifest.parent / "u.csv").write_text(UNITS + "S1,P9,n/a\nS3,P1,1.000\nS4,P1,2.000.000\n")
    code, lines = run(str(manifest))
    assert code == WRONG
    assert lines[1:] == [
        "p.csv: 4 project rows",
        "wrong  p.csv, line 4: it has 3 cells, where the header has 2; the row is left out: write "
        "it with as many cells as the header, quoted",
        "wrong  p.csv, line 5: its ID is missing; the row is left out: fill it in, or take the "
        "line away",
        "wrong  p.csv, line 6, column State: 'Off' has no value (2 rows); project_status is null: "
        "add the text to the field's lookup, or to `nulls`",
        "u.csv: 5 unit rows",
        "wrong  u.csv, line 4, column Tonnes: 'n/a' has no value; unit_count is null: add the "
        "text to the field's lookup, or to `nulls`",
        "wrong  u.csv, line 5, column Tonnes: '1.000' has no value; which of two conventions holds "
        'has to be said: convert = "dot_grouped" where dots group',
        "wrong  u.csv, line 4, column Serial: the key 'S1' stands on line 2, too; give each row "
        "a key of its own, or write the same once",
        "wrong  u.csv, line 4, column project_key: no project has the key 'P9'; mend the text, or "
        "add the project",
    ]


def test_a_file_that_is_not_there_or_not_whole_is_told(manifest: Path) -> None:
    (manifest.parent / "p.csv").unlink()
    (manifest.parent / "u.csv").write_text(UNITS[:-1], "utf-8")
    code, lines = run(str(manifest), "--json")
    assert code == WRONG
    document: dict[str, Any] = json.loads("\n".join(lines))
    assert document["ok"] is False
    told = [found["told"] for file in document["files"] for found in file["findings"]]
    assert told[0] == "No such file or directory"
    assert "does not end with a line end" in told[1]


def test_files_may_be_elsewhere(manifest: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for name in ("p.csv", "u.csv"):
        (manifest.parent / name).rename(other / name)
    assert run(str(manifest), "--files", str(other))[0] == 0


def test_a_manifest_that_cannot_be_used_says_where(manifest: Path) -> None:
    manifest.write_text(TEXT.replace("project_status", "project_staus"), "utf-8")
    code, lines = run(str(manifest))
    assert code == CONFIG_ERROR
    assert "line 17: resources.project.fields.project_staus: there is no field" in lines[0]


def test_of_a_registry_that_is_elsewhere_only_the_manifest_is_checked(manifest: Path) -> None:
    manifest.write_text(
        TEXT.replace('"file"', '"rest"').replace('"p.csv"', '"p"').replace('"u.csv"', '"u"'),
        "utf-8",
    )
    code, lines = run(str(manifest))
    assert (code, lines[1]) == (
        0,
        "Its records are elsewhere, and were not asked for: --ask does that.",
    )
