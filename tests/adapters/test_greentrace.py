"""ACR and ART on GreenTrace against their emulators, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from adapters import acr, art, greentrace
from adapters.contract import Adapter, Reply
from adapters.greentrace_rows import block, code, read_detail, read_holdings
from gateway.errors import InvalidPayload
from gateway.model.entity import Entity
from gateway.model.picklists import ProjectStatus, UnitStatus
from gateway.model.question import Op, Question
from gateway.sandbox import greentrace_traps as traps
from gateway.sandbox.greentrace_rows import is_cut
from tests.adapters.greentrace_acr import (
    ADAPTER,
    ISSUING,
    LARGE,
    TOLD,
    asking,
    below,
    keys,
    pages,
    records,
    registry,
)


def changing(change: Callable[[dict[str, Any]], None]) -> Middleware:
    """A trap that changes every row of every report."""

    @web.middleware
    async def trap(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        assert isinstance(response, web.Response)
        document = json.loads(bytes(response.body or b"{}"))  # type: ignore[arg-type]
        for dataset in document.get("datasets", {}).values():
            for row in dataset["rows"]:
                change(row)
        return web.json_response(document)

    return trap


def test_they_are_adapters_and_say_what_was_verified() -> None:
    both: list[Adapter] = [acr.adapter, art.adapter]
    assert [one.info.key for one in both] == ["acr", "art"]
    assert [one.info.verified for one in both] == ["2026-08-04", ""]
    assert "Not verified against a live host." in art.INFO.notes
    assert "Not\nverified against a live host" in (art.__doc__ or "")
    assert art.adapter.collections[Entity.UNIT].full_scan_calls is None
    assert acr.adapter.collections[Entity.UNIT].full_scan_calls == 9


@pytest.mark.parametrize(
    "text", ["ACR0885", "ACR885", "acr 885", "ACR-885", " 885 ", "0885", "ACR00885"]
)
def test_a_project_code_has_many_spellings(text: str) -> None:
    assert ADAPTER.project_key(text) == "ACR885"


@pytest.mark.parametrize("text", ["", "ACR", "ART102", "VCS885", "ACR0", "ACR885x", "P2423FTH4Z22"])
def test_what_is_no_project_code_is_none(text: str) -> None:
    assert ADAPTER.project_key(text) is None


@pytest.mark.parametrize(
    ("scheme", "value", "found"),
    [
        ("acr.project", "ACR0885", (Entity.PROJECT, "ACR885")),
        ("offsetsdb", "ACR885", (Entity.PROJECT, "ACR885")),
        ("offsetsdb", "885", None),
        ("offsetsdb", "VCS885", None),
        ("art.project", "ART102", None),
        (
            "acr.serial",
            "ACR-US-885-2024-3072-119446 to 130668",
            (Entity.UNIT, "ACR-US-885-2024-3072-119446 to 130668"),
        ),
        ("acr.serial", "ACR885", None),
    ],
)
def test_lookup_knows_its_own_schemes(
    scheme: str, value: str, found: tuple[Entity, str] | None
) -> None:
    assert ADAPTER.lookup_key(scheme, value) == found


def test_a_code_that_is_none_stays_as_it_is() -> None:
    assert code("ACR0885") == "ACR885"
    assert code("Pilot programme") == "Pilot programme"
    assert block("ACR-US-885-2024-3072") is None


async def test_the_list_leaves_open_what_only_a_projects_page_says() -> None:
    listed = next(p for p in TOLD.projects if p.project_status is ProjectStatus.LISTED)
    async with registry() as source:
        (page,) = await pages(source, Question(Entity.PROJECT))
        row = next(r for r in page.records if r.key == listed.key)
        assert (row.project_status, row.project_status_raw) == (None, "ACTIVE")  # type: ignore[attr-defined]
        assert "project_status" in row.not_read
        assert "does not decide the status" in page.warnings[0]
        (read,) = (await ADAPTER.by_keys(source, Entity.PROJECT, [listed.key])).records
    assert read.project_status is ProjectStatus.LISTED  # type: ignore[attr-defined]
    assert read.project_status_raw.startswith("ACTIVE; Listed")  # type: ignore[attr-defined]
    assert not read.not_read
    assert read.pointer == "/projectDetail"


async def test_of_many_projects_at_once_the_list_is_given() -> None:
    wanted = [p.key for p in LARGE.projects[: greentrace.DETAILS + 1]]
    async with registry(telling=LARGE) as source:
        page = await ADAPTER.by_keys(source, Entity.PROJECT, wanted)
        assert sorted(keys(page.records)) == sorted(wanted)
        assert len(source.asked) == 1
        assert "own pages were not read" in page.warnings[0]
        few = await ADAPTER.by_keys(source, Entity.PROJECT, wanted[:2])
    assert all(r.project_description for r in few.records)  # type: ignore[attr-defined]


async def test_a_listed_project_without_a_page_is_told_as_listed() -> None:
    async with registry(traps.loses_pages) as source:
        page = await ADAPTER.by_keys(source, Entity.PROJECT, [ISSUING])
    assert keys(page.records) == [ISSUING]
    assert page.warnings == (f"Listed projects without a page of their own: {ISSUING}.",)


async def test_the_page_of_another_project_is_refused() -> None:
    async with registry(traps.TRAPS["a page is another project's"]) as source:
        with pytest.raises(InvalidPayload, match="another"):
            await ADAPTER.by_keys(source, Entity.PROJECT, [ISSUING])


async def test_keys_that_are_none_ask_nothing() -> None:
    async with registry() as source:
        for entity in Entity:
            assert not (await ADAPTER.by_keys(source, entity, ())).records
        assert not (await ADAPTER.by_keys(source, Entity.PROJECT, ["nonsense"])).records
        assert not (await ADAPTER.by_keys(source, Entity.UNIT, ["nonsense"])).records
        assert source.asked == []


async def test_an_issuance_of_several_blocks_has_the_amount_once_and_no_serial() -> None:
    async with registry() as source:
        found = {r.key: r for r in await records(source, Question(Entity.ISSUANCE))}
        assert len(source.asked) == 1
    assert {bool(is_cut(truth)) for truth in TOLD.issuances} == {True, False}
    for truth in TOLD.issuances:
        assert found[truth.key].unit_count == truth.unit_count
        wanted = None if is_cut(truth) else truth.unit_serial_id
        assert found[truth.key].unit_serial_id == wanted


async def test_blocks_that_do_not_add_up_are_told() -> None:
    def shrink(row: dict[str, Any]) -> None:
        row["issuanceQuantity"] = row.get("issuanceQuantity", 0) + 1

    async with registry(changing(shrink)) as source:
        (page,) = await pages(source, below(Entity.ISSUANCE, ISSUING))
        (by_key,) = (await ADAPTER.by_keys(source, Entity.ISSUANCE, [page.records[0].key])).records
    assert "do not add up" in page.warnings[0]
    assert by_key.key == page.records[0].key


async def test_a_conversion_is_an_export_and_a_reserve_is_the_buffer() -> None:
    async with registry() as source:
        found = {r.key: r for r in await records(source, Question(Entity.UNIT))}
    states = {truth.unit_status for truth in TOLD.units}
    assert {UnitStatus.EXPORTED, UnitStatus.CANCELLED, UnitStatus.BUFFER} <= states
    for truth in TOLD.units:
        assert found[truth.key].unit_status is truth.unit_status
    exported = next(r for r in found.values() if r.unit_status is UnitStatus.EXPORTED)
    assert exported.unit_status_raw == "CANCELED; CONVERT_TO_ARB_OFFSET_CREDITS"
    pooled = next(r for r in found.values() if r.unit_status is UnitStatus.BUFFER)
    assert pooled.unit_status_raw == "ACTIVE; isReserve"


async def test_a_cancelled_reserve_is_cancelled_and_an_unknown_reason_leaves_it_so() -> None:
    def reserve(row: dict[str, Any]) -> None:
        row["isReserve"], row["cancellationReason"] = True, "BECAUSE"
        row["cancellationReasonDisplayName"] = "Because"

    async with registry(changing(reserve)) as source:
        found = await records(source, asking("unit_status", Op.EQ, UnitStatus.CANCELLED))
    assert found
    assert {r.unit_status for r in found} == {UnitStatus.CANCELLED}


async def test_an_inactive_holding_is_inactive_and_an_unknown_status_none() -> None:
    def idle(row: dict[str, Any]) -> None:
        row["holdingStatus"], row["isReserve"] = "INACTIVE", False

    def odd(row: dict[str, Any]) -> None:
        row["holdingStatus"] = "PAWNED"

    async with registry(changing(idle)) as source:
        found = await records(source, Question(Entity.UNIT))
    assert {r.unit_status for r in found} == {UnitStatus.INACTIVE}
    async with registry(changing(odd)) as source:
        found = await records(source, Question(Entity.UNIT))
    assert {(r.unit_status, r.unit_status_raw[:6]) for r in found} == {(None, "PAWNED")}


async def test_a_serial_without_a_range_gives_way_to_the_holdings_own_key() -> None:
    def plain(row: dict[str, Any]) -> None:
        row["holdingSerialNumber"] = "ACR-US-1"

    async with registry(changing(plain)) as source:
        found = await records(source, Question(Entity.UNIT))
        assert (found[0].key, found[0].unit_block_start) == (found[0].row.holdingKey, None)
        assert (found[0].unit_block_end, found[0].identifiers) == (None, ())
        (read,) = (await ADAPTER.by_keys(source, Entity.UNIT, [found[0].key])).records
    assert read.key == found[0].key


async def test_an_authorisation_of_the_host_country_is_a_label() -> None:
    def authorised(row: dict[str, Any]) -> None:
        row["hostCountryLetterOfAuthorization"] = "Yes"

    async with registry(changing(authorised)) as source:
        found = await records(source, Question(Entity.UNIT))
    assert all("Letter of Authorization" in [x.label for x in r.labels] for r in found)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"datasets": {}}', "0 datasets"),
        (b'{"datasets": {"holdings": {"rows": [], "totalCount": -1}}}', "negative"),
        (b"<html>", "not the promised rows"),
    ],
)
def test_a_body_that_is_no_report_is_refused(body: bytes, told: str) -> None:
    with pytest.raises(InvalidPayload, match=told):
        read_holdings(Reply(200, {}, body))


def test_a_project_without_a_page_is_none() -> None:
    assert read_detail(Reply(404, {}, b"{}")) is None


async def test_what_contact_persons_say_is_nowhere_in_a_record() -> None:
    def personal(row: dict[str, Any]) -> None:
        row["projectContactPersonFullName"] = "Example Contact (invented)"

    async with registry(changing(personal)) as source:
        found = await records(source, Question(Entity.PROJECT))
    assert "Example Contact" not in repr([record.row for record in found])
