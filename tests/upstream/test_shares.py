"""Shares: who uses much gives way to who uses little, where there is more to do than processor."""

from __future__ import annotations

import asyncio

import pytest

from gateway.errors import RateLimited
from gateway.upstream.shares import Shares, price
from tests.upstream.bench import SetClock


class Machine:
    """A clock that is set, and the processor time that was used by then."""

    def __init__(self) -> None:
        self.clock = SetClock()
        self.spent = 0.0

    def busy(self) -> float:
        return self.spent

    def shares(self, quota: float | None = None) -> Shares:
        return Shares(self.clock, quota=quota, busy=self.busy)

    def pass_time(self, shares: Shares, seconds: float, share: float) -> None:
        """Time goes by in which so much of it was worked."""
        for _ in range(round(seconds / 0.25)):
            self.clock.at += 0.25
            self.spent += 0.25 * share
            shares.look()


def refused(shares: Shares, client: str) -> bool:
    """Whether another request of this client is, where one is under way already."""
    account = shares.account(client)
    account.requests += 1
    try:
        with shares.request(client):
            return False
    except RateLimited as error:
        return bool(error.details["retryAfterSeconds"] >= 1)
    finally:
        account.requests -= 1


def contended(machine: Machine, uses: dict[str, float], seconds: float = 4.0) -> Shares:
    """What is known after each client used so much of each second."""
    shares = machine.shares()
    for _ in range(round(seconds / 0.25)):
        for client, use in uses.items():
            if not refused(shares, client):
                shares.used(client, use * 0.25)
        machine.pass_time(shares, 0.25, 0.95)
    return shares


def test_where_there_is_time_left_nobody_gives_way() -> None:
    machine = Machine()
    shares = machine.shares()
    for _ in range(40):
        shares.used("much", 0.1)
        shares.used("little", 0.001)
        machine.pass_time(shares, 0.25, 0.4)
    assert not refused(shares, "much")
    assert shares.allowance is None


def test_who_uses_much_gives_way_to_who_uses_little() -> None:
    shares = contended(Machine(), {"much": 0.6, "also": 0.6, "little": 0.005})
    assert refused(shares, "much")
    assert refused(shares, "also")
    assert not refused(shares, "little")
    assert shares.gives_way("much")
    assert not shares.gives_way("little")
    assert not shares.gives_way("never seen")


def test_what_much_is_divided_evenly_and_the_little_of_others_is_left_to_them() -> None:
    shares = contended(Machine(), {"much": 0.6, "also": 0.6, "little": 0.04})
    assert shares.allowance is not None
    assert 0.1 <= shares.allowance <= 0.15


def test_one_alone_may_use_all_there_is() -> None:
    shares = contended(Machine(), {"much": 0.9})
    assert not refused(shares, "much")


def test_clients_that_use_alike_do_not_give_way_to_each_other() -> None:
    shares = contended(Machine(), {f"client{n}": 0.1 for n in range(9)})
    assert not any(refused(shares, f"client{n}") for n in range(9))


def test_who_gave_way_is_let_in_again_after_the_time_that_he_was_told() -> None:
    machine = Machine()
    shares = contended(machine, {"much": 0.9, "little": 0.005})
    with shares.request("much"), pytest.raises(RateLimited) as told, shares.request("much"):
        pass
    assert not refused(shares, "little")
    machine.pass_time(shares, told.value.details["retryAfterSeconds"], 0.3)
    assert not refused(shares, "much")


@pytest.mark.parametrize(("share", "known"), [(0.3, True), (0.1, False)])
def test_a_loop_that_is_late_is_busy_unless_it_hardly_works(share: float, known: bool) -> None:
    machine = Machine()
    shares = machine.shares()
    for _ in range(16):
        shares.used("little", 0.0)
        shares.used("much", 0.3)
        machine.clock.at += 0.25
        machine.spent += 0.25 * share
        shares.look(late=0.5)
    assert refused(shares, "much") is known


def test_a_quota_holds_whoever_else_asks() -> None:
    machine = Machine()
    shares = machine.shares(quota=6.0)
    shares.used("one", 7.0)
    with pytest.raises(RateLimited, match="of this minute") as told, shares.request("one"):
        pass
    assert told.value.details["retryAfterSeconds"] == 10
    assert not refused(shares, "other")
    machine.pass_time(shares, 12, 0.1)
    assert not refused(shares, "one")


def test_clients_are_forgotten_and_their_number_is_bounded() -> None:
    machine = Machine()
    shares = machine.shares()
    for number in range(10_050):
        with shares.request(f"client{number}"):
            pass
    assert len(shares._clients) == 10_000
    machine.clock.at += 61
    shares.look()
    assert not shares._clients


async def test_what_one_client_has_under_way_is_bounded_and_the_rest_waits_in_turn() -> None:
    shares = Machine().shares()
    order: list[int] = []
    go = asyncio.Event()

    async def ask(number: int) -> None:
        async with shares.turn("one", 0.6):
            order.append(number)
            await go.wait()

    asked = [asyncio.create_task(ask(n)) for n in range(6)]
    await asyncio.sleep(0)
    assert order == [0, 1]
    async with shares.turn("other", 0.6):
        pass
    asked[2].cancel()
    go.set()
    await asyncio.gather(*asked, return_exceptions=True)
    assert order == [0, 1, 3, 4, 5]
    assert shares._clients["one"].under_way == 0


async def test_a_question_dearer_than_all_that_may_be_under_way_goes_alone() -> None:
    shares = Machine().shares()
    async with shares.turn("one", 100.0):
        waiting = asyncio.create_task(shares.turn("one", 0.1).__aenter__())
        await asyncio.sleep(0)
        assert not waiting.done()
    await waiting


async def test_more_than_can_wait_are_refused() -> None:
    shares = Machine().shares()

    async def ask() -> None:
        async with shares.turn("one", 2.0):
            await asyncio.sleep(0)

    found = await asyncio.gather(*(ask() for _ in range(200)), return_exceptions=True)
    assert sum(isinstance(one, RateLimited) for one in found) == 200 - 1 - 128
    assert not [one for one in found if one and not isinstance(one, RateLimited)]


def test_a_question_has_a_price_that_grows_with_what_it_asks_for() -> None:
    assert price(100_000) > 100 * price(1)


def test_a_client_that_used_something_is_forgotten_too() -> None:
    machine = Machine()
    shares = machine.shares()
    shares.used("one", 0.5)
    machine.clock.at += 61
    shares.look()
    assert not shares._clients


def test_those_of_the_longest_silence_are_forgotten_first_and_none_that_is_at_work() -> None:
    shares = Machine().shares()
    shares.used("at work", 0.1)
    with shares.request("at work"):
        for number in range(9_999):
            shares.used(f"client{number}", 0.001)
        shares.used("client0", 0.001)
        shares.used("one more", 0.001)
        assert {"at work", "client0", "one more"} <= shares._clients.keys()
        assert "client1" not in shares._clients


async def test_what_has_a_question_under_way_is_not_forgotten() -> None:
    machine = Machine()
    shares = machine.shares()
    async with shares.turn("one", 0.1):
        machine.clock.at += 61
        shares.look()
        assert "one" in shares._clients


def test_a_question_that_takes_long_is_divided_with_all_the_while() -> None:
    machine = Machine()
    shares = machine.shares()
    with shares.request("much"):
        for _ in range(40):
            shares.account("much").worked += 0.2
            shares.used("little", 0.001)
            machine.pass_time(shares, 0.25, 0.95)
        assert shares.gives_way("much")
        assert not shares.gives_way("little")


def test_one_question_at_a_time_is_never_told_to_come_back() -> None:
    shares = contended(Machine(), {"much": 0.6, "also": 0.6, "little": 0.005})
    assert shares.gives_way("much")
    for _ in range(3):
        with shares.request("much"):
            assert refused(shares, "much")


def test_what_tasks_took_counts_as_used() -> None:
    machine = Machine()
    shares = machine.shares(quota=6.0)
    account = shares.account("one")
    account.worked += 7.0
    assert account.standing > shares.account("other").standing
    assert refused(shares, "one")
    assert account.worked == 0.0


def test_while_the_loop_is_late_there_is_less_and_less_to_divide_and_then_more_again() -> None:
    machine = Machine()
    shares = contended(machine, {"much": 0.6, "little": 0.005})
    before = shares.allowance
    for _ in range(8):
        shares.used("much", 0.15)
        shares.used("little", 0.0)
        machine.clock.at += 0.25
        machine.spent += 0.25 * 0.95
        shares.look(late=0.2)
    late = shares.allowance
    assert before is not None
    assert late is not None
    assert late < before / 2
    for _ in range(40):
        shares.used("much", 0.15)
        shares.used("little", 0.0)
        machine.pass_time(shares, 0.25, 0.95)
    assert shares.allowance == pytest.approx(before, rel=0.1)
