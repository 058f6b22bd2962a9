"""Keys made of several columns: two rows with other columns have other keys.

Joined where ids with such keys were handed out already; each is shown here to be read back in one
way only, or to be told apart where it is not.
"""

from __future__ import annotations

import random
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.car_rows import IssuedRow, block, issuances
from adapters.gold_standard_rows import CreditRow, ProjectRow, issuance_key, project_of_issuance
from adapters.sp_serials import parse_serial
from adapters.undp_rows import BALANCE, RETIREMENT
from adapters.undp_rows import block as undp_block

ODD = st.text(st.sampled_from("12-0/ \0.a"), max_size=6)


def issued(project: str, vintage: str, day: str) -> IssuedRow:
    return IssuedRow(project_id=project, vintage=vintage, date_issued=day, total="1")


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["CAR1", "CAR1-2020", "CAR12"]),
        st.sampled_from(["2020", "2020-2020", "2", "2020-2"]),
        st.sampled_from(["01/02/2020", "1/2/2020", "2020-01-02", "2", "2020-2", "-2", "2-2-2"]),
    ),
    max_size=12,
)


@pytest.mark.slow
@given(ROWS)
def test_no_two_issuances_of_the_reserve_have_one_key(rows: list[tuple[str, str, str]]) -> None:
    keys = [one.key for one in issuances([issued(*row) for row in rows])]
    assert len(set(keys)) == len(keys)


def test_a_number_behind_a_key_is_never_the_key_of_another_row() -> None:
    rows = [("CAR1", "2020", "x"), ("CAR1", "2020", "x"), ("CAR1", "2020", "x-2")]
    found = issuances([issued(*row) for row in rows])
    assert [one.key for one in found] == ["CAR1-2020-x", "CAR1-2020-x-3", "CAR1-2020-x-2"]


def test_the_keys_of_even_rows_are_those_handed_out_before() -> None:
    chance = random.Random(1)
    rows = [
        (f"CAR{chance.randrange(3)}", str(2020 + chance.randrange(2)), f"0{n % 3 + 1}/02/2024")
        for n in range(60)
    ]
    seen: Counter[str] = Counter()
    for row, one in zip(rows, issuances([issued(*row) for row in rows]), strict=True):
        day = re.sub(r"(\d\d)/(\d\d)/(\d{4})", r"\3-\1-\2", row[2])
        plain = f"{row[0]}-{row[1]}-{day}"
        seen[plain] += 1
        assert one.key == (plain if seen[plain] == 1 else f"{plain}-{seen[plain]}")


@given(
    st.integers(0, 10**10), st.integers(-3, 10**12), ODD,
    st.integers(0, 10**10), st.integers(-3, 10**12), ODD,
)  # fmt: skip
def test_a_gold_standard_issuance_is_read_back_in_one_way(
    project: int, batch: int, vintage: str, project2: int, batch2: int, vintage2: str
) -> None:
    def key(project: int, batch: int, vintage: str) -> str | None:
        told = ProjectRow(id=str(project), sustaincert_id=project)
        return issuance_key(CreditRow("1", told, 1, batch_number=batch, vintage=vintage))

    one = key(project, batch, vintage)
    if one is not None:
        assert project_of_issuance(one) == f"GS{project}"
        same = (project, batch, vintage) == (project2, batch2, vintage2)
        assert (one == key(project2, batch2, vintage2)) == same


KINDS = ["VCS", "A-20200101", "A-20200101-20200102", "A-1", "A-SPG", "PL-20210101 20210101"]


def test_a_lot_of_the_platform_is_read_back_in_one_way() -> None:
    lots: dict[str, tuple[str, ...]] = {}
    for kind in KINDS:
        for begin in ("20200101", "20200102"):
            for ending in ("SPG", "MER-1-A", "MER-20200101-A"):
                text = f"{kind}-KE-12-{begin}-20201231-1-9-{ending}"
                serial = parse_serial(text)
                if serial is not None:
                    assert lots.setdefault(serial.lot, (kind, begin, ending)) == (
                        kind,
                        begin,
                        ending,
                    )
    assert len(lots) >= 24


@pytest.mark.parametrize("kind", [BALANCE.name, RETIREMENT.name])
@given(ODD)
def test_a_block_without_a_range_has_no_serial_for_a_key(kind: str, number: str) -> None:
    assert undp_block(f"{kind}-{number}") is None


@given(ODD, ODD)
def test_what_the_reserve_pools_has_no_serial_for_a_key(project: str, day: str) -> None:
    assert block(f"{project}-2020-{day}-buffer") is None
