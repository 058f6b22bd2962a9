"""What is kept of what answering has made takes no more than its room, counted by what it takes."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.contract import Politeness, Request
from gateway.config import LimitSettings
from gateway.engine.compiled import CompiledExecutor
from gateway.engine.fragment import Fragment, Written
from gateway.engine.memos import Memos
from gateway.engine.room import Room
from gateway.measure import bytes_of
from gateway.upstream.call import Calls
from gateway.upstream.upstream import Upstream
from tests.engine.test_repeat import PAGE, asking


class Row:
    def __init__(self, text: str) -> None:
        self.text = text


def test_lists_count_with_the_rows_that_they_hold() -> None:
    written = Written(200_000)
    for number in range(60):
        rows = [Row(f"{number}" * 500) for _ in range(20)]
        for _ in range(3):
            written.put("projection", rows, Fragment(b"[1]", b"[1]"))
            held = sum(bytes_of(value) for value, _ in written._kept._kept.values())
            assert held <= written.bytes <= 200_000
            noted = sum(bytes_of(witness) for witness, _ in written._kept._seen.values())
            assert noted <= 200_000 // 8
    assert len(written._kept) > 0
    written.clear()
    assert written.bytes == 0


keys = st.one_of(st.text(max_size=300), st.tuples(st.text(max_size=50), st.integers()))


@settings(deadline=None)
@given(st.lists(keys, min_size=1, max_size=200), st.integers(1, 30))
def test_values_of_rules_count_with_all_that_is_in_them(asked: list[object], many: int) -> None:
    memos = Memos(40_000)
    known, learn = memos.of(Row, "a rule", lambda key, _: [str(key)] * many)
    for key in asked:
        learn(key, None)
        entries = sum(bytes_of(one) + bytes_of(made) for one, made in known.items())
        assert entries <= memos.size <= 40_000
        # A dict that grew keeps its places when it is emptied only as long as it is not let go of.
        assert len(known) * 100 <= 40_000
    memos.clear()
    assert (len(known), memos.size) == (0, 0)


requests = st.builds(
    Request,
    path=st.text("abc/", max_size=300).map(lambda text: f"/{text.strip('/')}"),
    query=st.lists(st.tuples(st.just("q"), st.text(max_size=300)), max_size=5).map(tuple),
    method=st.just("POST"),
    json=st.lists(st.text(max_size=200), max_size=30),
)


@settings(deadline=None)
@given(st.lists(requests, max_size=40))
def test_calls_are_kept_within_a_bound_in_bytes(asked: list[Request]) -> None:
    upstream = Upstream("one", "https://one.example", "https://one.example", Politeness())
    calls = Calls(upstream, 60_000)
    for request in asked:
        assert calls.prepare(request) == calls.prepare(request)
        held = sum(bytes_of(key) + bytes_of(call) for key, call in calls._known.items())
        assert held <= calls.bytes <= 60_000


async def test_answers_and_what_was_read_for_them_are_within_their_room() -> None:
    async with asking() as asked:
        executor = asked.gateway.endpoint.executor
        assert isinstance(executor, CompiledExecutor)
        repeats = executor._repeats
        repeats.most = 400_000
        repeats._known.most = 200_000
        for first in range(1, 40):
            for _ in range(3):
                await asked(PAGE.replace("first: 60", f"first: {first}"))
                scripts = sum(
                    bytes_of([r.request for r in script.reads]) + bytes_of(script.seals)
                    for script, _ in repeats._scripts.values()
                )
                answers = sum(bytes_of(k.data) for k, _ in repeats._known._kept.values())
                assert scripts <= repeats._reads <= 200_000
                assert answers <= repeats._known.size <= 200_000
        # Several are kept, and not all of them.
        assert 3 < len(repeats._scripts) < 39


def test_the_room_is_what_the_executor_keeps_to() -> None:
    made = CompiledExecutor(LimitSettings(), room=Room(1000, 2000, 3000, 4000))
    told = (made._repeats.most, made._written._kept.most, made._memos.most)
    assert (*told, made.documents._kept.most) == (1000, 2000, 3000, 4000)
