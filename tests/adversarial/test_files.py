"""Files that are bombs, lies or no files at all.

What must hold: the file costs its own registry one answer, with a typed error, within bounds of
memory and time; the gateway lives, its loop is never held, and another registry's file is read
while the hostile one is.
"""

from __future__ import annotations

import asyncio
import gzip
import io
import os
import struct
import threading
import zipfile
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.manifest import parse
from adapters.manifest_adapter import ManifestAdapter
from gateway import assemble
from gateway.clock import SystemChance, SystemClock
from gateway.config import RegistrySettings
from gateway.errors import InvalidPayload, PayloadTooLarge, RegistryError, RegistryHttpError
from gateway.model.entity import Entity
from gateway.model.question import Question
from gateway.sandbox.workbook import workbook
from gateway.upstream.decoding.bounds import Bounds
from gateway.upstream.door import Door
from gateway.upstream.terms import Terms
from tests.adapters.manifests import SWIFT
from tests.adapters.test_spreadsheet import changed, sheet

pytestmark = pytest.mark.adversarial

MANIFEST = """
[registry]
key = "{key}"
name = "{key}"
operator = ""
url = ""
terms = ""
attribution = ""
[client]
type = "file"
[resources.project]
endpoint = {{ path = "{path}" }}
ignored = ["*"]
[resources.project.fields]
key = "ID"
project_name = "Name"
"""
GOOD = workbook({"s": [["ID", "Name"], ["P1", "Wind"]]})
BOUNDS = Bounds(memory=300 * 1024 * 1024, seconds=60.0)


class Two:
    """A hostile registry and a good one, behind one door."""

    def __init__(self, door: Door, adapters: dict[str, ManifestAdapter]) -> None:
        self.door = door
        self._adapters = adapters

    async def names(self, key: str, seconds: float = 180.0) -> list[str]:
        source = self.door.source(key, Terms(SystemClock().monotonic() + seconds))
        pages = self._adapters[key].pages(source, Question(Entity.PROJECT))
        records: list[Any] = [record async for page in pages for record in page.records]
        return [record.project_name for record in records]

    async def cost(self) -> RegistryError:
        """What the hostile file costs its registry, while the good one is read again and again."""
        beats = 0
        asking = asyncio.create_task(self.names("hostile"))
        while not asking.done():
            assert await self.names("good") == ["Wind"]
            await asyncio.sleep(0.001)
            beats += 1
        assert await self.names("good") == ["Wind"]
        error = asking.exception()
        assert isinstance(error, RegistryError), asking.result()
        return error


@asynccontextmanager
async def two(folder: Path, path: str, **settings: Any) -> AsyncIterator[Two]:
    """The folder's file of this name as the hostile registry's, beside a good one."""
    (folder / "good").mkdir(exist_ok=True)
    (folder / "good" / "good.xlsx").write_bytes(GOOD)
    (folder / "hostile").mkdir(exist_ok=True)
    adapters = {
        "hostile": parse(MANIFEST.format(key="hostile", path=path), folder / "hostile.toml"),
        "good": parse(MANIFEST.format(key="good", path="good.xlsx"), folder / "good.toml"),
    }
    upstreams = {
        key: assemble.upstream(
            key,
            adapter,
            RegistrySettings(
                base_url=f"file://{folder / key}", rate=10_000, burst=1000, **settings
            ),
        )
        for key, adapter in adapters.items()
    }
    async with Door(
        upstreams,
        clock=SystemClock(),
        chance=SystemChance(),
        user_agent="carbon-gateway-test",
        tuning=replace(SWIFT, decoding=BOUNDS),
    ) as door:
        yield Two(door, adapters)


def stray(place: str) -> bytes:
    number = "".join(filter(str.isdigit, place))
    cell = '<c r="{}" t="inlineStr"><is><t>{}</t></is></c>'
    return sheet(
        f'<row r="1">{cell.format("A1", "ID")}{cell.format("B1", "Name")}</row>'
        f'<row r="{number}">{cell.format(place, "x")}</row>'
    )


def of_zeros(size: int) -> bytes:
    """A part of a sheet that unpacks to so many bytes of nothing."""
    begin = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(GOOD)) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if "sheet1" not in name:
                new.writestr(name, old.read(name))
        with new.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            part.write(begin)
            for _ in range(size // 1_000_000):
                part.write(b" " * 1_000_000)
    return made.getvalue()


def lying_sizes() -> bytes:
    """A workbook whose directory says that its sheet has ten bytes."""
    body = bytearray(GOOD)
    at = body.rfind(b"PK\x01\x02")
    while at >= 0:
        length = struct.unpack_from("<H", body, at + 28)[0]
        if b"sheet1.xml" in body[at + 46 : at + 46 + length]:
            struct.pack_into("<I", body, at + 24, 10)
        at = body.rfind(b"PK\x01\x02", 0, at)
    return bytes(body)


def overlapping() -> bytes:
    """A workbook of which two names lead to the same bytes."""
    body = bytearray(changed(GOOD, **{"xl/other.xml": "x" * 100}))
    places = []
    at = body.find(b"PK\x01\x02")
    while at >= 0:
        places.append(at)
        at = body.find(b"PK\x01\x02", at + 1)
    offset = struct.unpack_from("<I", body, places[0] + 42)[0]
    for place in places[1:]:
        struct.pack_into("<I", body, place + 42, offset)
    return bytes(body)


def nested() -> bytes:
    inner = gzip.compress(bytes(200_000_000), 1)
    return gzip.compress(inner)


def parquet(rows: int) -> bytes:
    arrow = pytest.importorskip("pyarrow")
    files = pytest.importorskip("pyarrow.parquet")
    made = arrow.BufferOutputStream()
    one = arrow.array(["x"]).dictionary_encode()
    many = arrow.DictionaryArray.from_arrays(arrow.array([0] * rows, arrow.int8()), one.dictionary)
    files.write_table(arrow.table({"ID": many, "Name": many}), made)
    return bytes(made.getvalue().to_pybytes())


def lying_parquet() -> bytes:
    """A footer of another length than there is."""
    body = bytearray(parquet(10))
    body[-8:-4] = struct.pack("<I", 2**31 - 1)
    return bytes(body)


def scrambled() -> bytes:
    body = bytearray(parquet(1000))
    for at in range(len(body) // 2, len(body) - 8, 7):
        body[at] ^= 0x5A
    return bytes(body)


TOO_LARGE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a cell at the last place of a sheet": ("x.xlsx", lambda: stray("XFD1048576")),
    "a cell far from the others": ("x.xlsx", lambda: stray("SF20000")),
    "a sheet that unpacks to 600 MB": ("x.xlsx", lambda: of_zeros(600_000_000)),
    "gzip of 200 MB of zeros": ("x.csv.gz", lambda: gzip.compress(bytes(200_000_000), 1)),
    "Parquet of 40,000,000 rows in 5 kB": ("x.parquet", lambda: parquet(40_000_000)),
}
INVALID: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a directory of the archive that lies about sizes": ("x.xlsx", lying_sizes),
    "parts that overlap": ("x.xlsx", overlapping),
    "gzip in gzip": ("x.csv.gz", nested),
    "a workbook that is cut short": ("x.xlsx", lambda: GOOD[:-100]),
    "text with a workbook's name": ("x.xlsx", lambda: b"ID,Name\nP1,Wind\n"),
    "a workbook with a table's name": ("x.csv", lambda: GOOD),
    "a workbook with Parquet's name": ("x.parquet", lambda: GOOD),
    "Parquet that is cut short": ("x.parquet", lambda: parquet(10)[:-10]),
    "Parquet with a footer that lies": ("x.parquet", lying_parquet),
    "Parquet with other bytes in it": ("x.parquet", scrambled),
    "gzip that is cut short": ("x.csv.gz", lambda: gzip.compress(b"ID,Name\nP1,Wind\n")[:-4]),
    "zlib with gzip's name": ("x.csv.gz", lambda: zlib.compress(b"ID,Name\nP1,Wind\n")),
    "entities of XML": (
        "x.xlsx",
        lambda: changed(
            GOOD,
            **{
                "xl/worksheets/sheet1.xml": '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">]>'
                "<worksheet>&a;</worksheet>"
            },
        ),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", TOO_LARGE)
async def test_a_bomb_costs_its_registry_one_answer(tmp_path: Path, case: str) -> None:
    path, made = TOO_LARGE[case]
    async with two(tmp_path, path) as both:
        (tmp_path / "hostile" / path).write_bytes(made())
        assert isinstance(await both.cost(), PayloadTooLarge)


@pytest.mark.parametrize("case", INVALID)
async def test_what_is_no_such_file_costs_its_registry_one_answer(
    tmp_path: Path, case: str
) -> None:
    path, made = INVALID[case]
    async with two(tmp_path, path) as both:
        (tmp_path / "hostile" / path).write_bytes(made())
        assert isinstance(await both.cost(), InvalidPayload)


async def test_a_pipe_a_folder_a_device_and_a_way_out_are_no_files(tmp_path: Path) -> None:
    async with two(tmp_path, "x.csv") as both:
        place = tmp_path / "hostile" / "x.csv"
        os.mkfifo(place)
        assert _status(await both.cost()) == 404
        place.unlink()
        place.mkdir()
        assert _status(await both.cost()) == 404
        place.rmdir()
        for target in ("/dev/zero", "/etc/passwd", "../good/good.xlsx", "x.csv"):
            place.symlink_to(target)
            assert _status(await both.cost()) in (403, 404, 500)
            place.unlink()


async def test_a_file_without_end_is_not_read(tmp_path: Path) -> None:
    async with two(tmp_path, "x.csv", max_bytes=1_000_000) as both:
        with (tmp_path / "hostile" / "x.csv").open("wb") as file:
            file.truncate(50_000_000_000)
        assert isinstance(await both.cost(), PayloadTooLarge)


async def test_a_file_that_is_written_while_it_is_read_is_told(tmp_path: Path) -> None:
    async with two(tmp_path, "x.csv", max_bytes=64 * 1024 * 1024) as both:
        place = tmp_path / "hostile" / "x.csv"
        with _writing(place):
            asked = await asyncio.gather(
                *(both.names("hostile") for _ in range(5)), return_exceptions=True
            )
            assert await both.names("good") == ["Wind"]
    # Whole or not at all, and never half of a line.
    assert all(
        isinstance(one, InvalidPayload) or set(one) <= {"Wind", "Sun"}  # type: ignore[arg-type]
        for one in asked
    )


class _writing:
    """Writes a file anew, in place, again and again, in a thread."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        for number in self._turns():
            name = b"Wind" if number % 2 else b"Sun"
            lines = [b"ID,Name\n", *(b"P%d,%s\n" % (n, name) for n in range(2000))]
            with self._place.open("wb") as file:
                for line in lines:
                    file.write(line)

    def _turns(self) -> Iterator[int]:
        number = 0
        while not self._stop.is_set():
            yield number
            number += 1

    def __enter__(self) -> None:
        self._place.write_bytes(b"ID,Name\nP1,Wind\n")
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def _status(error: RegistryError) -> int:
    assert isinstance(error, RegistryHttpError), error
    return error.status
