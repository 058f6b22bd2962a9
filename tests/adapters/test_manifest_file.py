"""Uploads: files from a folder or a URL, read anew when they change, and never a part of one."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters import catalogue
from adapters.manifest_adapter import ManifestAdapter
from gateway.errors import InvalidPayload, Outcome, RegistryError, RegistryHttpError
from gateway.model.entity import Entity
from gateway.model.link import Links
from gateway.model.question import Parent, Question
from gateway.sandbox.national_csv import EMULATOR, files
from gateway.sandbox.runner import telling
from gateway.upstream.memory import BoundedMemoryCache
from tests.adapters.manifests import desk, manifest
from tests.market import make
from tests.turns import counted

TEXT = """\
[client]
type = "file"

[lookups.status]
"Live" = "Registered"

[resources.project]
endpoint = { path = "projects.csv", page_size = 2 }
expect = { min = 2, max = 3 }
ignored = ["Remarks"]

[resources.project.fields]
key = "Code"
project_name = { from = ["Name", "Title"] }
project_status = { from = "Status", lookup = "status" }
registration_date = "Registered"

[resources.unit]
endpoint = { path = "units.jsonl" }
ignored = ["*"]

[resources.unit.fields]
key = "serial"
project_key = "project.code"
issuance_key = "issuance"
unit_count = "tonnes"
"""
PROJECTS = """\
Code,Name,Status,Registered,Remarks
P-3,Three,Live,2024-01-31,
P-1,One,Odd,soon,
P-2,,,,
"""
UNITS = """\
{"serial": "U-1", "project": {"code": "P-1"}, "issuance": "I-1", "tonnes": 46.001}
{"serial": "U-2", "project": {"code": "P-3"}, "issuance": "I-2", "tonnes": 7, "new": true}
"""


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    folder = tmp_path / "uploads"
    folder.mkdir()
    write(folder, PROJECTS)
    (folder / "units.jsonl").write_text(UNITS)
    return folder


def write(folder: Path, text: str) -> None:
    """A new upload takes the place of the last one."""
    (folder / "next").write_text(text)
    (folder / "next").rename(folder / "projects.csv")


def adapter(folder: Path, text: str = TEXT) -> ManifestAdapter:
    return manifest(folder.parent, text)


async def test_rows_come_in_the_order_of_their_keys_a_page_at_a_time(uploads: Path) -> None:
    async with desk(adapter(uploads), f"file://{uploads}") as at:
        first, second = await at.pages(Question(Entity.PROJECT))
        assert [r.key for r in first.records] == ["P-1", "P-2"]
        assert [r.key for r in second.records] == ["P-3"]
        assert first.total == second.total == 3
        assert [record.pointer for record in first.records] == ["/1", "/2"]
        assert (first.next, second.token, second.next) == ("P-2", "P-2", None)
        (record,) = second.records
        named: Any = record
        assert (named.project_name, named.project_status.value) == ("Three", "Registered")
        assert named.registration_date == "2024-01-31"


async def test_what_is_not_understood_is_null_beside_its_text(uploads: Path) -> None:
    async with desk(adapter(uploads), f"file://{uploads}") as at:
        one, two, _ = await at.ask()
    assert (one.project_status, one.project_status_raw) == (None, "Odd")
    assert (one.registration_date, one.registration_date_raw) == (None, "soon")
    assert (two.project_name, two.project_status_raw) == (None, None)


async def test_the_evidence_is_the_hash_of_the_file(uploads: Path) -> None:
    async with desk(adapter(uploads), f"file://{uploads}") as at:
        await at.ask()
        (exchange,) = at.evidence.exchanges
    assert exchange.digest == hashlib.sha256(PROJECTS.encode()).hexdigest()
    assert exchange.uri == "https://invented.invalid/projects.csv"
    assert str(uploads) not in repr(exchange)


async def test_a_new_upload_is_read_at_once_and_an_old_one_not_again(uploads: Path) -> None:
    store = BoundedMemoryCache(1_000_000)
    async with desk(adapter(uploads), f"file://{uploads}", store) as at:
        assert await at.keys() == ["P-1", "P-2", "P-3"]
        assert await at.keys() == ["P-1", "P-2", "P-3"]
        assert at.door.health("invented").revalidations == 1
        write(uploads, PROJECTS.replace("P-3", "P-4"))
        assert await at.keys() == ["P-1", "P-2", "P-4"]


async def test_a_page_goes_on_after_its_last_key_whatever_the_file_became(uploads: Path) -> None:
    async with desk(adapter(uploads), f"file://{uploads}") as at:
        first = (await at.pages(Question(Entity.PROJECT)))[0]
        write(uploads, PROJECTS.replace("P-1", "P-0").replace("P-2", "P-15"))
        (page,) = await at.pages(Question(Entity.PROJECT), first.next)
        assert [r.key for r in page.records] == ["P-3"]


async def test_children_and_records_by_key_are_found_in_the_whole_file(uploads: Path) -> None:
    async with desk(adapter(uploads), f"file://{uploads}") as at:
        (unit,) = await at.ask(Entity.UNIT, below=(Entity.PROJECT, ["P-3", "P-9"]))
        assert (unit.key, unit.unit_count, unit.unit_count_raw) == ("U-2", 7, "7")
        (unit,) = await at.ask(Entity.UNIT, below=(Entity.ISSUANCE, ["I-1"]))
        assert str(unit.unit_count) == "46.001"
        assert [r.key for r in await at.by_keys("P-2", "P-9", "P-2", "")] == ["P-2"]
        assert await at.by_keys() == []
        collection = at.adapter.collections[Entity.UNIT]
        assert collection.parents == {Entity.PROJECT, Entity.ISSUANCE}
        assert collection.full_scan_calls == 1


async def test_new_columns_and_odd_counts_are_warnings(uploads: Path) -> None:
    async with desk(adapter(uploads), f"file://{uploads}") as at:
        assert (await at.pages(Question(Entity.PROJECT)))[0].warnings == ()
        assert (await at.pages(Question(Entity.UNIT)))[0].warnings == ()
        write(uploads, "Code,Name,Status,Registered,Remarks,Zone\nP-1,One,Live,,,5\n")
        (page,) = await at.pages(Question(Entity.PROJECT))
        assert page.warnings == ("project: not in the manifest: Zone",)
        told = "project: 1 rows, where at least 2 are expected"
        assert page.whole == told
        assert (await at.adapter.by_keys(at.source(), Entity.PROJECT, ["P-9"])).whole == told
        write(uploads, "Code,Name,Status,Registered,Remarks\n")
        (page,) = await at.pages(Question(Entity.PROJECT))
        assert (page.records, page.whole) == ([], told.replace("1 rows", "0 rows"))
        write(uploads, PROJECTS + "P-4,,,,\n")
        warnings = (await at.pages(Question(Entity.PROJECT)))[0].warnings
        assert warnings == ("project: 4 rows, where at most 3 are expected",)
    assert at.adapter.collections[Entity.PROJECT].expected == (2, 3)
    assert at.adapter.collections[Entity.UNIT].expected is None


HEADER = "Code,Name,Status,Registered,Remarks\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (PROJECTS.replace("Status", "State"), "there is no column 'Status'"),
        (PROJECTS[:-3], "does not end with a line end"),
        ("", "the file is empty"),
        (HEADER + "\x07,a,,,\n", "project: no row can be read; line 2: its Code is '\\x07'"),
    ],
)
async def test_a_bad_upload_is_an_invalid_payload(uploads: Path, text: str, told: str) -> None:
    write(uploads, text)
    async with desk(adapter(uploads), f"file://{uploads}") as at:
        with pytest.raises(InvalidPayload) as raised:
            await at.ask()
    assert told in raised.value.message


async def test_a_file_that_is_not_there_is_no_empty_registry(uploads: Path) -> None:
    (uploads / "projects.csv").unlink()
    async with desk(adapter(uploads), f"file://{uploads}") as at:
        with pytest.raises(RegistryHttpError):
            await at.ask()


async def test_required_fields_must_be_there_and_be_understood(uploads: Path) -> None:
    text = TEXT.replace('date = "Registered"', 'date = { from = "Registered", required = true }')
    async with desk(adapter(uploads, text), f"file://{uploads}") as at:
        assert [record.key for record in await at.ask()] == ["P-3"]
        assert at.unread() == [
            "line 3: its Registered is 'soon'",
            "line 4: its Registered is missing",
        ]
        write(uploads, PROJECTS.replace("2024-01-31", ""))
        told = "project: no row can be read; line 2: its Registered is missing"
        with pytest.raises(InvalidPayload, match=told):
            await at.ask()


async def test_an_odd_cell_costs_one_value_and_a_row_without_a_key_that_row(uploads: Path) -> None:
    write(uploads, PROJECTS + ",x,,,\nP-4,Four,Live,soon,\nP-5\n,,,,\n")
    async with desk(adapter(uploads), f"file://{uploads}") as at:
        found = await at.ask()
        assert [record.key for record in found] == ["P-1", "P-2", "P-3", "P-4"]
        assert (found[3].registration_date, found[3].registration_date_raw) == (None, "soon")
        assert at.unread() == [
            "line 5: its Code is missing",
            "line 7: it has 1 cells, where the header has 5",
        ]


async def test_a_line_whose_key_does_not_fit_the_pattern_is_no_record(uploads: Path) -> None:
    text = TEXT.replace(
        "[resources.project.fields]",
        'identifier = { scheme = "example", pattern = "P-\\\\d" }\n[resources.project.fields]',
    )
    write(uploads, PROJECTS + "* provisional figures,,,,\n")
    async with desk(adapter(uploads, text), f"file://{uploads}") as at:
        assert [record.key for record in await at.ask()] == ["P-1", "P-2", "P-3"]
        assert at.unread() == ["line 5: its Code is '* provisional figures'"]


async def test_texts_for_no_value_are_said_in_the_manifest(uploads: Path) -> None:
    write(uploads, PROJECTS.replace("Three", "n/a"))
    text = TEXT.replace('ignored = ["Remarks"]', 'ignored = ["Remarks"]\nnulls = ["n/a"]')
    async with desk(adapter(uploads, text), f"file://{uploads}") as at:
        assert (await at.ask())[-1].project_name is None


async def test_a_url_is_asked_with_its_parameters(uploads: Path) -> None:
    async def download(request: web.Request) -> web.Response:
        return web.Response(text=PROJECTS if request.query_string == "format=csv&v=2" else "")

    app = web.Application()
    app.router.add_get("/export/all", download)
    text = TEXT.replace(
        '{ path = "projects.csv"',
        '{ path = "all", format = "csv", params = { format = "csv", v = 2 }',
    )
    async with (
        TestServer(app) as server,
        desk(adapter(uploads, text), str(server.make_url("/export"))) as at,
    ):
        assert await at.keys() == ["P-1", "P-2", "P-3"]
        assert at.evidence.exchanges[0].uri.endswith("/all?format=csv&v=2")


async def test_the_worked_example_reads_the_same_from_a_folder(tmp_path: Path) -> None:
    for name, body in files(telling(make(), EMULATOR)).items():
        (tmp_path / name).write_bytes(body)
    example = catalogue.examples()["example-national-csv"]
    assert isinstance(example, ManifestAdapter)
    told = telling(make(), EMULATOR)
    async with desk(example, f"file://{tmp_path}") as at:
        for entity, rows in (
            (Entity.PROJECT, told.projects),
            (Entity.ISSUANCE, told.issuances),
            (Entity.UNIT, told.units),
        ):
            assert {r.key for r in await at.ask(entity)} == {row.key for row in rows}


async def test_outcomes_of_a_folder_are_typed(uploads: Path) -> None:
    empty = uploads / "empty"
    empty.mkdir()
    async with desk(adapter(uploads), f"file://{empty}") as at:
        with pytest.raises(RegistryError) as raised:
            await at.ask()
    assert raised.value.outcome is Outcome.HTTP_ERROR


LINKED = """\
[client]
type = "file"

[resources.project]
endpoint = { path = "p.csv" }

[resources.project.fields]
key = "ID"
project_name = "Name"

[resources.unit]
endpoint = { path = "u.csv" }

[resources.unit.fields]
key = "Serial"
project_key = "Project"
"""


async def test_links_of_files_are_compared_without_blanks_and_what_leads_nowhere_is_told(
    tmp_path: Path,
) -> None:
    (tmp_path / "p.csv").write_text("ID,Name\nP1,Wind\nP2 ,Solar\n7,Hydro\n", "utf-8")
    (tmp_path / "u.csv").write_text(
        "Serial,Project\nS1,P1 \nS2,P2\nS3,7.0\nS4,P9\nS5,\nS6,P1\u00a0\n", "utf-8"
    )
    adapter = manifest(tmp_path, LINKED)
    async with desk(adapter, f"file://{tmp_path}") as at:
        for project, units in (("P1", {"S1", "S6"}), ("P2 ", {"S2"}), ("7", {"S3"})):
            parent = Parent(Entity.PROJECT, (project,))
            (page,) = await at.pages(Question(Entity.UNIT, parent=parent))
            assert {r.key for r in page.records if getattr(r, "project_key", None)} == units
            # The row that names no project may be anybody's.
            assert "S5" in {r.key for r in page.records}
            (told,) = page.warnings
            assert "1 of the rows name a project that is not in the list, such as 'P9'" in told
        (found,) = (await at.adapter.by_keys(at.source(), Entity.PROJECT, ["P2"])).records
        assert found.key == "P2 "


async def test_a_key_that_stands_twice_is_two_rows_of_one_page(uploads: Path) -> None:
    write(uploads, PROJECTS + "P-1,x,,,\n")
    async with desk(adapter(uploads), f"file://{uploads}") as at:
        found = await at.ask()
        assert [record.key for record in found].count("P-1") == 2
        both = (await at.adapter.by_keys(at.source(), Entity.PROJECT, ["P-1", "P-2"])).records
        assert [record.key for record in both] == ["P-1", "P-1", "P-2"]


COUNTED = """
[client]
type = "file"
[resources.unit]
endpoint = { path = "u.csv", delimiter = ";" }
[resources.unit.fields]
key = "Serial"
unit_count = { from = "Tonnes", convert = "grouped" }
"""
DOTS = "Serial;Tonnes\nS1;1.500\nS2;12.750\nS3;1.250.000\nS4;1.500,5\nS5;980\nS6;2,5\n"


async def test_a_number_that_two_conventions_read_differently_is_odd(uploads: Path) -> None:
    (uploads / "u.csv").write_text(DOTS, "utf-8")
    async with desk(manifest(uploads, COUNTED), f"file://{uploads}") as at:
        found = {record.key: record for record in await at.ask(Entity.UNIT)}
    counts = [found[f"S{n}"].unit_count for n in range(1, 7)]
    assert counts == [None, None, 1_250_000, None, 980, None]
    assert [found[f"S{n}"].unit_count_raw for n in (1, 4, 6)] == ["1.500", "1.500,5", "2,5"]
    assert found["S2"].unmapped("unit_count") == ("12.750",)


async def test_the_manifest_may_say_which_convention_holds(uploads: Path) -> None:
    (uploads / "u.csv").write_text(DOTS, "utf-8")
    text = COUNTED.replace('"grouped"', '"dot_grouped"')
    async with desk(manifest(uploads, text), f"file://{uploads}") as at:
        counts = [record.unit_count for record in await at.ask(Entity.UNIT)]
    assert list(map(str, counts)) == ["1500", "12750", "1250000", "1500.5", "980", "2.5"]


async def test_a_single_dot_is_a_point_where_nothing_says_otherwise(uploads: Path) -> None:
    (uploads / "u.csv").write_text("Serial;Tonnes\nS1;1.500\nS2;7\n", "utf-8")
    async with desk(manifest(uploads, COUNTED), f"file://{uploads}") as at:
        counts = [record.unit_count for record in await at.ask(Entity.UNIT)]
    assert list(map(str, counts)) == ["1.500", "7"]


async def test_rows_that_name_parents_by_thousands_are_looked_at_once_and_in_turns(
    tmp_path: Path,
) -> None:
    many = 20_000
    (tmp_path / "p.csv").write_text("ID,Name\nP1,Wind\n", "utf-8")
    lines = [f"S{n},X{n}\n" for n in range(many)]
    (tmp_path / "u.csv").write_text("Serial,Project\nA,P1\nB, P1 \n" + "".join(lines), "utf-8")
    async with desk(manifest(tmp_path, LINKED), f"file://{tmp_path}") as at:
        # Whoever asks by a name that leads nowhere is told of the others.
        for parent, keys, others in (("P1", {"A", "B"}, many), ("X7", {"S7"}, many - 1)):
            asked = Question(Entity.UNIT, parent=Parent(Entity.PROJECT, (parent,)))
            (page,) = await at.pages(asked)
            assert {record.key for record in page.records} == keys
            assert f"{others} of the rows name a project that is not" in page.warnings[0]
        sheet, _ = await at.adapter.files[1]._read(at.source())
        known = Links(())
        for times in (many // 2_000 - 1, 0):
            async with counted() as turns:
                assert len(await sheet.lost(Entity.PROJECT, known)) == many + 2
            assert turns.count >= times
            assert times or turns.count == 0
