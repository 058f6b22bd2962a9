"""Lists in one text of a manifest's row: no part is lost beside another one that is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.model.entity import Entity
from gateway.model.question import Op, Predicate, Question
from gateway.stitch.coverage import each_unmapped
from gateway.stitch.filters import decide
from tests.adapters.manifests import asked, desk, manifest
from tests.adapters.test_manifest_rest import Interface, facing, rows, text

FILE = """
[client]
type = "file"
LOOKUPS
[resources.project]
endpoint = { path = "p.csv", format = "csv" }
fields = { key = "Code", FIELD }
"""
LOOKUPS = {
    "own": 'forests = "Agriculture"\nbuses = "Transport"',
    "protocols": 'M-1 = "ACM0001"',
}
TRANSPORT, ENERGY = "Transport", "Energy demand"
MIXED = "Energy demand; Joy for all; Transport"


async def read(folder: Path, field: str, cell: str) -> Any:
    (folder / "p.csv").write_text(f'Code,S\nA,"{cell}"\n', "utf-8")
    used = [f"[lookups.{name}]\n{said}" for name, said in LOOKUPS.items() if f'"{name}"' in field]
    said = FILE.replace("LOOKUPS", "\n".join(used)).replace("FIELD", field)
    async with desk(manifest(folder, said), folder.as_uri()) as at:
        (found,) = await at.ask()
    return found


def eq(name: str, value: Any) -> tuple[Predicate, ...]:
    return (Predicate(name, Op.EQ, value),)


@pytest.mark.parametrize("field", ['sectors = "S"', 'sector = "S"', 'sector = "S", sectors = "S"'])
async def test_an_unknown_sector_beside_known_ones_is_told_and_decides_nothing(
    tmp_path: Path, field: str
) -> None:
    record = await read(tmp_path, field, MIXED)
    assert record.sectors == (ENERGY, TRANSPORT)
    assert list(each_unmapped(record)) == [("sector", "Joy for all")]
    for known in (ENERGY, TRANSPORT):
        assert decide(record, eq("sector", known)) is True
    open_ = decide(record, eq("sector", "Metal production"))
    assert isinstance(open_, tuple)
    (doubt,) = open_
    assert doubt.texts == ("Joy for all",)
    assert decide(record, (Predicate("sector", Op.IS_NULL, True),)) is False


async def test_a_field_of_one_value_gives_the_first_and_the_list_beside_it_all(
    tmp_path: Path,
) -> None:
    record = await read(tmp_path, 'sector = "S"', "Energy demand, Transport")
    assert (record.sector, record.sectors) == (ENERGY, (ENERGY, TRANSPORT))
    assert decide(record, eq("sector", "Metal production")) is False


@pytest.mark.parametrize("field", ['project_types = "S"', 'project_type = "S"'])
async def test_an_unknown_type_beside_a_known_one_is_told_and_decides_nothing(
    tmp_path: Path, field: str
) -> None:
    record = await read(tmp_path, field, "Afforestation/reforestation, Joy")
    (known,) = record.project_types
    assert list(each_unmapped(record)) == [("project_type", "Joy")]
    assert decide(record, eq("project_type", known)) is True
    assert decide(record, eq("project_type", "Wind")) not in (True, False)


async def test_words_that_name_no_one_type_are_not_said(tmp_path: Path) -> None:
    record = await read(tmp_path, 'project_type = "S"', "Other")
    assert (record.project_type, list(each_unmapped(record))) == (None, [])


@pytest.mark.parametrize(
    "field",
    [
        'sector = { from = "S", lookup = "own" }',
        'sectors = { from = "S", lookup = "own" }',
        'sectors = { from = "S", lookup = "own", convert = "sectors" }',
        'sector = { from = "S", lookup = "own", convert = "sector" }',
    ],
)
async def test_a_lookup_reads_every_part_of_a_list(tmp_path: Path, field: str) -> None:
    record = await read(tmp_path, field, "buses; Joy | forests")
    assert record.sectors == (TRANSPORT, "Agriculture")
    assert list(each_unmapped(record)) == [("sector", "Joy")]


@pytest.mark.parametrize(
    ("convert", "found"), [("", (TRANSPORT,)), (', convert = "sectors"', (TRANSPORT, ENERGY))]
)
async def test_what_the_lookup_does_not_know_goes_to_the_converter_if_there_is_one(
    tmp_path: Path, convert: str, found: tuple[str, ...]
) -> None:
    field = f'sectors = {{ from = "S", lookup = "own"{convert} }}'
    record = await read(tmp_path, field, "Energy demand; buses")
    assert sorted(record.sectors) == sorted(found)
    told = [] if convert else [("sector", "Energy demand")]
    assert list(each_unmapped(record)) == told


async def test_every_methodology_of_a_text_is_found_where_only_the_first_has_a_field(
    tmp_path: Path,
) -> None:
    record = await read(tmp_path, 'methodology = "S"', "ACM0001; AMS-I.D.; Joy by hand")
    assert record.methodology == "ACM0001"
    for text_ in ("ACM0001", "AMS-I.D.", "Joy by hand"):
        assert decide(record, eq("methodology", text_)) is True
    assert decide(record, eq("methodology", "ACM0002")) not in (True, False)
    assert "Joy by hand" in [raw for _, raw in each_unmapped(record)]


async def test_methodologies_beside_one_that_a_lookup_does_not_know_are_told(
    tmp_path: Path,
) -> None:
    field = 'methodology = { from = "S", lookup = "protocols", convert = "methodology" }'
    record = await read(tmp_path, field, "M-1")
    assert record.methodology == "ACM0001"
    assert list(each_unmapped(record)) == []
    record = await read(tmp_path, field, "ACM0002; AMS-I.D.")
    assert record.methodology == "ACM0002"
    assert list(each_unmapped(record)) == [("methodology", "AMS-I.D.")]
    assert decide(record, eq("methodology", "AMS-I.D.")) not in (True, False)


CLOSED = """\
[resources.unit.filters]
unit_status = { ops = ["eq", "in"], most = 9, param = "state", exact = true, closed = true }
"""
OPEN = CLOSED.replace(", closed = true", "")
ROW = {"serial": "U-1", "project": "P-1", "tonnes": 1, "vintage": 2020, "state": "LIVE"}


@pytest.mark.parametrize(("said", "closed"), [(CLOSED, True), (OPEN, False)])
def test_words_are_compared_by_the_interface_alone_only_where_the_manifest_says_closed(
    tmp_path: Path, said: str, closed: bool
) -> None:
    adapter = manifest(tmp_path, text(said))
    pushed = adapter.collections[Entity.UNIT].filters["unit_status"]
    assert (pushed.exact, pushed.by_words) == (closed, not closed)


@pytest.mark.parametrize(("said", "told"), [(CLOSED, True), (OPEN, False)])
async def test_a_row_in_another_word_shows_that_a_filter_is_not_closed(
    tmp_path: Path, said: str, told: bool
) -> None:
    interface = Interface(lambda request, body: rows(ROW, ROW | {"serial": "U-2", "state": "ODD"}))
    async with facing(manifest(tmp_path, text(said)), interface) as at:
        (page,) = await at.pages(Question(Entity.UNIT, want=10))
    found = [warning for warning in page.warnings if "said to be closed" in warning]
    assert bool(found) is told
    assert all("'ODD'" in warning and "add it to the lookup" in warning for warning in found)


TRANSLATED = """\
[resources.unit.filters]
"project.country" = { ops = ["eq"], param = "country"CLOSED }
"""


@pytest.mark.parametrize(("closed", "by_words"), [("", True), (", closed = true", False)])
def test_a_word_of_ours_that_is_sent_as_it_is_may_be_another_one_there(
    tmp_path: Path, closed: str, by_words: bool
) -> None:
    adapter = manifest(tmp_path, text(TRANSLATED.replace("CLOSED", closed)))
    (pushed,) = adapter.collections[Entity.UNIT].filters.values()
    assert pushed.by_words is by_words


async def test_an_exact_filter_on_a_list_believes_rows_that_have_the_word_in_second_place(
    tmp_path: Path,
) -> None:
    said = """\
[client]
type = "rest"
[lookups.own]
forests = "Agriculture"
buses = "Transport"
[resources.project]
[resources.project.endpoint]
path = "projects"
data_selector = "rows"
[resources.project.filters]
sector = { ops = ["eq"], param = "sector", exact = true, closed = true }
[resources.project.fields]
key = "code"
sector = { from = "words", lookup = "own" }
"""
    interface = Interface(lambda r, b: {"rows": [{"code": "A", "words": "forests, buses"}]})
    async with facing(manifest(tmp_path, said), interface) as at:
        assert await at.keys(asked("sector", TRANSPORT)) == ["A"]
        assert interface.query == [("sector", "buses")]
