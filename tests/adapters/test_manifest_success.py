"""A success status with an error inside is no answer, however the body says it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapters.contract import InvalidPayload
from adapters.manifest_success import Success
from gateway.model.entity import Entity
from gateway.model.question import Question
from tests.adapters.manifests import manifest
from tests.adapters.test_manifest_rest import ROWS, Interface, facing, rows, text

SAID: list[dict[str, Any]] = [
    {"success": False, "error": "token expired"},
    {"success": "false"},
    {"ok": False},
    {"isSuccess": False, "message": "not now"},
    {"error": "no rights"},
    {"error": {"code": 7, "message": "no rights"}},
    {"error": True},
    {"errors": [{"message": "no rights"}]},
    {"errors": ["no rights"]},
    {"status": "error", "message": "no rights"},
    {"status": " Failed "},
    {"status": 403},
    {"statusCode": 500, "message": "Internal server error"},
    {"code": 401},
]
MEANT_WELL: list[dict[str, Any]] = [
    {"success": True},
    {"ok": "yes"},
    {"error": None},
    {"error": ""},
    {"errors": []},
    {"status": "ok"},
    {"status": 200},
    {"code": 0},
    {"status": "1"},
    {"message": "3 rows"},
]


@pytest.mark.parametrize("said", SAID)
async def test_an_empty_list_beside_an_error_is_no_empty_list(
    tmp_path: Path, said: dict[str, Any]
) -> None:
    for found in (rows(), rows(*ROWS)):
        body = {**found, **said}
        interface = Interface(lambda r, b, body=body: body)  # type: ignore[misc]
        async with facing(manifest(tmp_path, text()), interface) as at:
            with pytest.raises(InvalidPayload, match="success status with an error inside"):
                await at.pages(Question(Entity.UNIT))


@pytest.mark.parametrize("said", MEANT_WELL)
async def test_marks_that_mean_well_are_no_error(tmp_path: Path, said: dict[str, Any]) -> None:
    interface = Interface(lambda r, b: {**rows(*ROWS), **said})
    async with facing(manifest(tmp_path, text()), interface) as at:
        (page,) = await at.pages(Question(Entity.UNIT))
    assert len(page.records) == 3


def test_the_bodys_own_words_are_told_to_the_operator_on_one_line_and_bounded() -> None:
    with pytest.raises(InvalidPayload) as caught:
        Success().check({"success": False, "error": "gone\r\n\u202e" + "x" * 5000})
    assert caught.value.told.startswith("gone xxx")
    assert len(caught.value.told) < 300
    assert "gone" not in str(caught.value)


def test_a_row_may_have_a_status_and_an_error_of_its_own() -> None:
    Success().check({"id": 1, "status": "failed", "error": "audit"}, row=True)
    Success().check([{"success": False}])
    with pytest.raises(InvalidPayload):
        Success().check({"success": False}, row=True)


def test_what_marks_success_can_be_declared() -> None:
    declared = Success(success="meta.state == 'fine'")
    declared.check({"error": "a word of its own", "meta": {"state": "fine"}})
    with pytest.raises(InvalidPayload, match="success_selector"):
        declared.check({"meta": {"state": "bad"}})


def test_what_marks_an_error_can_be_declared() -> None:
    declared = Success(error="fault.text")
    declared.check({"error": "a word of its own", "fault": None})
    with pytest.raises(InvalidPayload, match="selects something") as caught:
        declared.check({"fault": {"text": "no rights"}})
    assert caught.value.told == "no rights"
    with pytest.raises(InvalidPayload, match="selects something"):
        declared.check({"fault": {"text": [1]}})


async def test_a_list_read_page_by_page_is_counted_to_its_end(tmp_path: Path) -> None:
    said = text("expect = { min = 4 }", client='paginator = { type = "offset", limit = 2 }')
    said = said.replace('total_selector = "data.total"\n', "")

    def part(request: Any, _: Any) -> Any:
        at = int(request.query["offset"])
        return rows(*ROWS[at : at + 2])

    async with facing(manifest(tmp_path, said), Interface(part)) as at:
        first, *_, last = await at.pages(Question(Entity.UNIT))
        assert first.whole is None
        assert last.whole == "unit: 3 rows, where at least 4 are expected"
        *_, resumed = await at.pages(Question(Entity.UNIT), first.next)
        assert resumed.whole == last.whole
