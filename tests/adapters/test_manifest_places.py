"""Pointers say no more than is known; exact filters are believed no further than checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import (
    InvalidPayload,
)
from gateway.model.entity import Entity
from gateway.model.question import Op
from tests.adapters.manifests import asked, manifest
from tests.adapters.test_manifest_rest import ROWS, Interface, facing, text


@pytest.mark.parametrize(
    ("selector", "pointers"),
    [
        ("data.rows", ["/data/rows/0", "/data/rows/1", "/data/rows/2"]),
        ("data.rows[?vintage > `2020`]", ["", ""]),
        ('data."rows"', ["", "", ""]),
    ],
)
async def test_a_pointer_says_no_more_than_is_known(
    tmp_path: Path, selector: str, pointers: list[str]
) -> None:
    said = text().replace('"data.rows"', f"'{selector}'")
    said = said.replace('total_selector = "data.total"\n', "")
    async with facing(manifest(tmp_path, said), Interface()) as at:
        assert [record.pointer for record in await at.ask(Entity.UNIT)] == pointers


async def test_a_body_may_be_the_list_itself(tmp_path: Path) -> None:
    said = text().replace('"data.rows"', '"@"').replace('total_selector = "data.total"\n', "")
    async with facing(manifest(tmp_path, said), Interface(lambda r, b: ROWS)) as at:
        assert [record.pointer for record in await at.ask(Entity.UNIT)] == ["/0", "/1", "/2"]


async def test_an_exact_country_is_looked_for_in_every_place(tmp_path: Path) -> None:
    said = """
[client]
type = "rest"
[resources.project]
endpoint = { path = "p", data_selector = "rows" }
filters = { country = { ops = ["in", "eq"], most = 2, param = "c", exact = true } }
[resources.project.fields]
key = "code"
project_locations = [{ country = "c" }, { country = "d" }]
"""
    told = {"rows": [{"code": "P-1", "c": "Kenya", "d": "Ghana"}]}
    async with facing(manifest(tmp_path, said), Interface(lambda r, b: told)) as at:
        assert await at.keys(asked("country", ("GH", "PE"), Op.IN)) == ["P-1"]
        with pytest.raises(InvalidPayload, match="ignored the filter country"):
            await at.keys(asked("country", "PE"))


async def test_an_exact_question_for_nothing_is_checked_too(tmp_path: Path) -> None:
    said = 'filters = { unit_owner = { ops = ["isNull"], param = "free", exact = true } }'
    interface = Interface()
    async with facing(manifest(tmp_path, text(said)), interface) as at:
        assert len(await at.ask(Entity.UNIT, asked("unit_owner", True, Op.IS_NULL))) == 3
        assert interface.query == [("free", "true")]
        with pytest.raises(InvalidPayload, match="ignored the filter"):
            await at.ask(Entity.UNIT, asked("unit_owner", False, Op.IS_NULL))
