"""Files come through the door as registries' answers do: hashed, bounded, and from one folder."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import Any

import pytest

from adapters.contract import Request
from gateway.errors import BadInput, InternalError, Outcome, RegistryError
from gateway.upstream.door import Door
from gateway.upstream.file_wire import FileWire
from gateway.upstream.memory import BoundedMemoryCache
from gateway.upstream.terms import Terms
from tests.upstream.bench import as_text, door_to, terms, upstream


async def read(door: Door, path: str, asked: Terms | None = None) -> str:
    source = door.source("sample", asked or terms())
    return (await source.read(Request(path, accept="*/*"), as_text)).value


async def refused(door: Door, path: str) -> tuple[RegistryError, Terms]:
    asked = terms()
    with pytest.raises(RegistryError) as raised:
        await read(door, path, asked)
    return raised.value, asked


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "up loads"
    made.mkdir()
    (made / "projects.csv").write_text("code\nA-1\n")
    return made


def at(folder: Path, **changes: Any) -> Any:
    return upstream(f"file://{folder}".replace(" ", "%20"), **changes)


async def test_a_file_is_read_and_its_bytes_are_hashed(folder: Path) -> None:
    async with door_to(at(folder)) as door:
        asked = terms()
        assert await read(door, "projects.csv", asked) == "code\nA-1\n"
    (exchange,) = asked.evidence.exchanges
    assert exchange.digest == hashlib.sha256(b"code\nA-1\n").hexdigest()
    assert exchange.uri == "https://registry.example/api/projects.csv"
    assert (exchange.status, exchange.media_type) == (200, "text/csv")
    assert exchange.last_modified is not None
    assert exchange.outcome is Outcome.OK


async def test_names_may_hold_what_urls_may_not(folder: Path) -> None:
    (folder / "Projets déclarés 100 %.csv").write_text("x")
    async with door_to(at(folder)) as door:
        assert await read(door, "Projets%20d%C3%A9clar%C3%A9s%20100%20%25.csv") == "x"


async def test_an_unchanged_file_is_answered_from_the_cache_and_a_changed_one_is_read(
    folder: Path,
) -> None:
    store = BoundedMemoryCache(1_000_000)
    async with door_to(at(folder), store=store) as door:
        first = await read(door, "projects.csv")
        assert await read(door, "projects.csv") == first
        assert door.health("sample").revalidations == 1
        (folder / "projects.csv").write_text("code\nA-2\n")
        assert await read(door, "projects.csv") == "code\nA-2\n"
        replaced = folder / "next.csv"
        replaced.write_text("code\nA-3\n")
        replaced.rename(folder / "projects.csv")
        assert await read(door, "projects.csv") == "code\nA-3\n"


@pytest.mark.parametrize("path", ["missing.csv", "below/missing.csv", "projects.csv/x", ""])
async def test_what_is_not_there_is_a_404(folder: Path, path: str) -> None:
    async with door_to(at(folder)) as door:
        error, asked = await refused(door, path)
    assert error.outcome is Outcome.HTTP_ERROR
    assert asked.evidence.exchanges[0].status == 404


@pytest.mark.parametrize("path", ["../secret", "%2e%2e/secret", "a/../../secret", "..%2fsecret"])
async def test_a_path_cannot_climb_out_of_the_folder(folder: Path, path: str) -> None:
    (folder.parent / "secret").write_text("secret")
    async with door_to(at(folder)) as door:
        with pytest.raises(BadInput):
            await read(door, path)


async def test_a_link_cannot_lead_out_of_the_folder(folder: Path) -> None:
    (folder.parent / "secret").write_text("secret")
    (folder / "link").symlink_to(folder.parent / "secret")
    (folder / "inside").symlink_to(folder / "projects.csv")
    async with door_to(at(folder)) as door:
        _, asked = await refused(door, "link")
        assert await read(door, "inside") == "code\nA-1\n"
    assert asked.evidence.exchanges[0].status == 403


async def test_a_pipe_is_no_file(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    async with door_to(at(folder)) as door:
        _, asked = await refused(door, "pipe")
    assert asked.evidence.exchanges[0].status == 404


async def test_a_file_over_the_limit_is_not_read(folder: Path) -> None:
    (folder / "large.csv").write_bytes(b"x" * 2000)
    async with door_to(at(folder, politeness={"max_bytes": 1999})) as door:
        error, _ = await refused(door, "large.csv")
    assert error.outcome is Outcome.TOO_LARGE


async def test_a_file_keeps_no_session(folder: Path) -> None:
    async with door_to(at(folder)) as door:
        with pytest.raises(InternalError):
            door.lane("sample").wire.session()


async def test_a_file_that_cannot_be_read_in_time_is_a_timeout(folder: Path) -> None:
    class Stuck(FileWire):
        def _read(self, name: str, conditional: Any) -> Any:
            time.sleep(0.4)

    stuck = Stuck(at(folder))
    async with door_to(at(folder), transport=lambda one: stuck) as door:
        with pytest.raises(RegistryError) as raised:
            await read(door, "projects.csv", terms(0.1))
    assert raised.value.outcome is Outcome.TIMEOUT
