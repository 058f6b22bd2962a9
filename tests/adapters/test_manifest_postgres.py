"""The worked example in PostgreSQL: what SQLite answers, a server answers too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.catalogue import examples
from adapters.manifest_adapter import ManifestAdapter
from gateway.model.entity import Entity
from gateway.model.question import Op
from gateway.sandbox.database_file import Database
from gateway.sandbox.national_sql import EMULATOR, TABLES, rows
from gateway.sandbox.runner import telling
from gateway.stitch.filters import decide
from tests.adapters.manifests import Desk, asked, desk, manifest
from tests.adapters.test_manifest_sql import (
    QUESTIONS,
    SOME,
    TABLE,
    TEXT,
    Row,
)
from tests.market import make
from tests.upstream.postgres_server import PASSWORD, postgres_server

Place = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="module")
def postgres() -> Iterator[Place]:
    """Settings for a role of a server that holds the worked example, and `SOME` elsewhere."""
    pytest.importorskip("asyncpg", reason="asyncpg is not installed")
    with postgres_server() as port:
        asyncio.run(_fill(port))
        yield lambda role: {
            "base_url": f"postgresql://{role}@127.0.0.1:{port}/postgres",
            "credential": "reader" if role == "reader" else PASSWORD,
            "options": {"sslmode": "disable"},
        }


async def _fill(port: int) -> None:
    import asyncpg

    connection = await asyncpg.connect(
        host="127.0.0.1", port=port, user="postgres", password=PASSWORD, database="postgres"
    )
    for table in TABLES:
        await connection.execute(table)
    for name, found in rows(telling(make(), EMULATOR)).items():
        await _insert(connection, name, "", found)
    await connection.execute("CREATE SCHEMA elsewhere")
    await connection.execute(TABLE.replace("units", "elsewhere.units"))
    await _insert(connection, "units", "elsewhere", SOME)
    for schema in ("public", "elsewhere"):
        grant = f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO reader"
        role = "CREATE ROLE reader LOGIN PASSWORD 'reader'; " if schema == "public" else ""
        await connection.execute(f"{role}{grant}; GRANT USAGE ON SCHEMA {schema} TO reader")
    await connection.close()


async def _insert(connection: Any, name: str, schema: str, found: list[Row]) -> None:
    where = f"{schema}.{name}" if schema else name
    prepared = await connection.prepare(f"SELECT * FROM {where}")
    kinds = [attribute.type.name for attribute in prepared.get_attributes()]
    written = [
        tuple(_TYPED.get(k, _same)(v) for k, v in zip(kinds, row, strict=True)) for row in found
    ]
    await connection.copy_records_to_table(name, records=written, schema_name=schema or None)


def _same(value: Any) -> Any:
    return value


_TYPED: dict[str, Callable[[Any], Any]] = {
    "date": lambda value: None if value is None else date.fromisoformat(value),
    "numeric": lambda value: None if value is None else Decimal(str(value)),
    "bool": bool,
}


def example_adapter() -> ManifestAdapter:
    found = examples()["example-national-sql"]
    assert isinstance(found, ManifestAdapter)
    return found


@pytest.mark.slow
async def test_the_worked_example_reads_the_same_from_either_database(
    tmp_path: Path, postgres: Place
) -> None:
    path = tmp_path / "registry.sqlite"
    told = telling(make(), EMULATOR)
    made = EMULATOR.application(told)
    assert isinstance(made, Database)
    made.write(path)
    adapter = example_adapter()
    async with desk(adapter, f"sqlite://{path}") as lite, on(adapter, postgres("reader")) as post:
        for entity in adapter.collections:
            ours = {record.key: record for record in await lite.ask(entity)}
            theirs = {record.key: record for record in await post.ask(entity)}
            assert ours.keys() == theirs.keys()
            for key, record in ours.items():
                for name in adapter.views[entity][0].fields:
                    if name not in ("project_locations", "identifiers", "is_ex_ante"):
                        assert getattr(record, name) == getattr(theirs[key], name), name


@asynccontextmanager
async def on(adapter: ManifestAdapter, place: dict[str, Any]) -> AsyncIterator[Desk]:
    settings_ = {name: value for name, value in place.items() if name != "base_url"}
    async with desk(adapter, place["base_url"], **settings_) as at:
        yield at


async def test_every_filter_finds_the_same_in_postgresql(tmp_path: Path, postgres: Place) -> None:
    adapter = manifest(tmp_path, TEXT.replace('table = "units"', 'table = "elsewhere.units"'))
    async with on(adapter, postgres("reader")) as at:
        whole = await at.ask(Entity.UNIT)
        assert len(whole) == len(SOME)
        for predicate in QUESTIONS:
            wanted = {record.key for record in whole if decide(record, (predicate,)) is True}
            found = set(await at.keys(predicate, entity=Entity.UNIT))
            if at.adapter.collections[Entity.UNIT].exact(predicate):
                assert found == wanted, predicate
            assert wanted <= found, predicate
        assert len(await at.by_keys("U-001", "U-002", "x' OR 1=1", entity=Entity.UNIT)) == 2
        assert await at.ask(Entity.UNIT, below=(Entity.PROJECT, ["P-1"]))


async def test_a_parent_with_a_number_for_a_key_is_asked_for_by_number(postgres: Place) -> None:
    async with on(example_adapter(), postgres("reader")) as at:
        (issuance, *_) = await at.ask(Entity.ISSUANCE)
        found = await at.ask(Entity.UNIT, below=(Entity.ISSUANCE, [issuance.key, "no-such-key"]))
        assert {record.issuance_key for record in found} == {issuance.key}
        assert await at.ask(Entity.UNIT, below=(Entity.ISSUANCE, ["no-such-key"])) == []
        dated = asked("issuance_date", issuance.issuance_date, Op.LTE)
        assert issuance.key in await at.keys(dated, entity=Entity.ISSUANCE)
