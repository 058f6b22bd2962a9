"""docs/harmonisation.md lists what the tables hold, no more and no less."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from enum import Enum

import pytest

from gateway.harmonise import project_status_data, project_types, sectors, unit_status_data
from gateway.harmonise.labels import corsia, label
from gateway.harmonise.methodologies import methodologies
from gateway.harmonise.statuses import PROJECT_TABLES, UNIT_TABLES
from tests.paths import ROOT

PAGE = (ROOT / "docs" / "harmonisation.md").read_text(encoding="utf-8")
TICKED = re.compile(r"`([^`]+)`")


def listed(heading: str) -> dict[str, str]:
    """Raw text to value, from the first table after the line that starts with the heading."""
    lines = PAGE[PAGE.index(heading) :].split("\n")[1:]
    found: dict[str, str] = {}
    for line in lines:
        if line.startswith("|"):
            value, raws = (cell.strip() for cell in line.strip("|").split("|"))
            found.update(dict.fromkeys(TICKED.findall(raws), value))
        elif found:
            break
    return found


def plain(entries: Mapping[str, object]) -> dict[str, str]:
    return {
        raw: str(value.value if isinstance(value, Enum) else value)
        for raw, value in entries.items()
    }


def heading_of(kind: str, registry: str) -> str:
    found = re.search(rf"^#### {kind}: .*`{registry}`.*$", PAGE, re.MULTILINE)
    assert found, f"{kind} of {registry} are not on the page"
    return found[0]


@pytest.mark.parametrize("registry", PROJECT_TABLES)
def test_project_statuses_on_the_page_are_those_of_the_table(registry: str) -> None:
    table = PROJECT_TABLES[registry]
    assert listed(heading_of("Projects", registry)) == plain(table.entries)


@pytest.mark.parametrize("registry", UNIT_TABLES)
def test_unit_statuses_on_the_page_are_those_of_the_table(registry: str) -> None:
    assert listed(heading_of("Units", registry)) == plain(UNIT_TABLES[registry].entries)


def test_words_without_a_status_are_on_the_page() -> None:
    unmapped = {**project_status_data.UNMAPPED, **unit_status_data.UNMAPPED}
    section = PAGE[PAGE.index("#### Known words without a status") : PAGE.index("## Sectors")]
    rows = re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", section, re.MULTILINE)
    assert {name: tuple(TICKED.findall(raws)) for name, raws in rows} == unmapped


@pytest.mark.parametrize(
    ("heading", "entries"),
    [
        ("## Sectors", sectors.TABLE.entries),
        ("## Project types", project_types.TABLE.entries),
    ],
)
def test_variants_on_the_page_are_those_of_the_table(
    heading: str, entries: Mapping[str, str]
) -> None:
    assert listed(heading) == {raw: value for raw, value in entries.items() if raw != value}


def test_every_module_is_on_the_page() -> None:
    for path in (ROOT / "gateway" / "harmonise").glob("*.py"):
        data = path.stem.endswith(("_data", "_codes")) or path.stem in ("__init__", "load")
        assert data or f"`{path.name}`" in PAGE, path.name


def test_what_the_page_says_of_methodologies_holds() -> None:
    section = PAGE[PAGE.index("## Methodologies") : PAGE.index("## Countries")]
    data = json.loads((ROOT / "gateway" / "harmonise" / "data" / "protocols.json").read_bytes())
    assert f"a table of {len(data['protocols'])} protocols" in section
    for raw, code in (
        ("ACM 0002", "ACM0002"),
        ("VM00015", "VM0015"),
        ("AMS-1. D-", "AMS-I.D"),
        ("AMSI.D.", "AMS-I.D"),
        ("ASM-I.D", "AMS-I.D"),
    ):
        assert f"`{raw}`" in section
        assert [one.code for one in methodologies(raw)] == [code]


def test_what_the_page_says_of_corsia_holds() -> None:
    for state in ("Eligible", "Scope", "Pending"):
        assert f"`CORSIA - <phase>, <years> {state}`" in PAGE
        spelled = corsia("First Phase, 2024-2026", state)
        found = label(spelled)
        assert found is not None
        assert found.label == spelled
