"""UNDP's ids and serials as deployments set them, and what an account may see."""

from __future__ import annotations

import pytest

from adapters.contract import Reply
from adapters.undp import adapter
from adapters.undp_rows import block, numbers_of
from gateway.errors import ConfigError, RegistryHttpError
from gateway.model.entity import Entity
from gateway.model.question import Op, Predicate, Question
from tests.adapters.test_undp import filters, records, serving

BLOCK = "CA0NNN-NG-XX-1-1"
SERIAL = f"{BLOCK}-100-2024"


@pytest.mark.parametrize(
    ("serial", "found", "end"),
    [
        (SERIAL, (2024, 1, 100), "1-1-100-2024"),
        ("any words-NG-a.b-1-1-100-2024", (2024, 1, 100), "1-1-100-2024"),
        ("CA0NNN/NG/XX/1/1/100/2024", (2024, 1, 100), "1/1/100/2024"),
        ("CA0NNN_NG_XX_1_1_100_2024", (2024, 1, 100), None),
        ("vu-itmo-11-356-2022-0-27-35", (2022, 27, 35), "2022-0-27-35"),
        ("NG-1-1-100-2024", None, "1-1-100-2024"),
        ("CA0NNN-NG-XX-1-100-1-2024", None, "1-100-1-2024"),
        ("CA0NNN-NG-XX-1-1-100-24", None, None),
        ("-".join("9" * 210), None, None),
    ],
)
def test_a_serial_is_read_from_its_end(
    serial: str, found: tuple[int, int, int] | None, end: str | None
) -> None:
    assert block(serial) == found
    if found is not None:
        assert numbers_of(serial) == end


async def test_a_block_is_asked_for_by_its_id_with_all_its_dashes() -> None:
    rows = [{"id": BLOCK, "serialNumber": SERIAL, "creditAmount": 70, "type": "issued"}]
    async with serving(queryBalance=rows) as source:
        (unit,) = (await adapter.by_keys(source, Entity.UNIT, [f"balance-{BLOCK}"])).records
        assert (unit.key, unit.former_keys) == (f"balance-{BLOCK}", (SERIAL,))
        assert filters(source) == [[("id", "=", BLOCK)]]


async def test_one_serial_on_two_rows_is_two_ids() -> None:
    held = [{"id": BLOCK, "serialNumber": SERIAL, "type": "issued"}]
    gone = [{"id": "7", "serialNumber": SERIAL, "status": "Completed"}]
    async with serving(queryBalance=held, queryRetirements=gone) as source:
        found = (await adapter.by_keys(source, Entity.UNIT, [SERIAL])).records
    assert [unit.key for unit in found] == [f"balance-{BLOCK}", "retirement-7"]
    assert {unit.former_keys for unit in found} == {(SERIAL,)}


async def test_a_quotation_mark_in_an_id_is_doubled() -> None:
    rows = [{"id": "O'N-1", "serialNumber": "x", "type": "issued"}]
    async with serving(queryBalance=rows) as source:
        (unit,) = (await adapter.by_keys(source, Entity.UNIT, ["balance-O'N-1"])).records
        assert unit.key == "balance-O'N-1"
        assert filters(source) == [[("id", "=", "O''N-1")]]


async def test_a_serial_is_searched_for_by_its_numbers_alone() -> None:
    rows = [{"id": BLOCK, "serialNumber": SERIAL, "type": "issued"}]
    async with serving(queryBalance=rows) as source:
        asked = Predicate("unit_serial_id", Op.EQ, SERIAL.lower())
        assert len(await records(source, Question(Entity.UNIT, (asked,)))) == 1
        assert filters(source)[0] == [("serialNumber", "like", "%1-1-100-2024")]


@pytest.mark.parametrize(
    ("account", "told"),
    [
        ("government", None),
        ("developer", "own projects"),
        ("certifier", "certifies"),
        ("", "not said"),
    ],
)
async def test_an_account_that_may_not_see_all_is_told(account: str, told: str | None) -> None:
    async with serving(query=[{"programmeId": "0001"}]) as source:
        source.options = {"account": account}
        (page,) = [page async for page in adapter.pages(source, Question(Entity.PROJECT))]
        by_key = await adapter.by_keys(source, Entity.PROJECT, ["0001"])
    for one in (page, by_key):
        assert (one.whole is None) is (told is None)
        assert told is None or told in str(one.whole)


async def test_another_account_is_a_configuration_error() -> None:
    async with serving(query=[{"programmeId": "0001"}]) as source:
        source.options = {"account": "anybody"}
        with pytest.raises(ConfigError, match="government, developer, certifier"):
            [page async for page in adapter.pages(source, Question(Entity.PROJECT))]


@pytest.mark.parametrize(
    ("status", "told"), [(401, "token"), (403, "right"), (400, "role"), (500, "statement")]
)
def test_each_status_is_told_by_what_it_means(status: int, told: str) -> None:
    error = adapter.trouble(Reply(status, {}, b'{"message":"secret words"}'))
    assert isinstance(error, RegistryHttpError)
    assert (error.status, told in error.message) == (status, True)
    assert "secret" not in error.message
    assert adapter.trouble(Reply(418, {}, b"{}")) is None
