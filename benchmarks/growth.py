"""How the cost of an answer grows: with records, registries, fields, and the registries' delay.

The gateway serves second instances of the CAD Trust adapter, each of another length or slowness,
as it would serve nodes of different operators. No body comes twice, and none may be kept.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from statistics import median

import msgspec

from benchmarks import load, nodes
from benchmarks.apps.rows import key
from benchmarks.bodies import Bodies
from benchmarks.caller import Caller
from benchmarks.place import BenchError, Cores
from benchmarks.process import Process
from benchmarks.selection import ONE, page, selection

RECORDS = (10, 100, 1_000, 10_000, 100_000)
REGISTRIES = (1, 2, 5, 10, 20)
FIELDS = (5, 10, 20, 40, 60)
DELAYS = (0, 50, 100, 250, 500)
AT_ONCE = 64
# The largest page of the default limits, and what each of twenty registries gives to one.
PAGE = 500
SHARE = 25
LIST = 100
WALK = 5_000
PAGES = (25, 100, 250, PAGE)
_WARM = 50
# Up to here a measurement is cheap enough to be repeated.
_SMALL = 2_000

_SMALL = 2_000


@dataclass(frozen=True, slots=True)
class Point:
    """One size: milliseconds of the answer (or of the whole walk, or beyond the delay), the most
    bytes resident meanwhile. Where the registry is late, also answers per second, and how many
    milliseconds beyond the delay its own answer took to who asked it without the gateway."""

    at: int
    ms: float
    peak: int = 0
    rate: float = 0.0
    node_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Curves:
    """Every curve; `idle` is what the gateway of the large pages held before the first. Of
    `by_page` the size is that of the pages by which one list is walked."""

    idle: int
    one_page: list[Point]
    walked: list[Point]
    by_page: list[Point]
    registries: list[Point]
    fields: list[Point]
    delay: list[Point]


class _Info(msgspec.Struct):
    hasNextPage: bool
    endCursor: str | None


class _Projects(msgspec.Struct):
    nodes: list[msgspec.Raw]
    pageInfo: _Info


class _Data(msgspec.Struct):
    projects: _Projects


class _Answer(msgspec.Struct):
    data: _Data | None
    errors: list[msgspec.Raw] = []


_decode = msgspec.json.Decoder(_Answer).decode


def grow(
    bodies: Bodies, cores: Cores, *, quick: bool, say: Callable[[str], None] = print
) -> Curves:
    """Measures every curve. `quick` stops at a tenth of the records and measures less often.

    Raises:
        BenchError: an answer was wrong, or a process failed.
    """
    records = RECORDS[:-1] if quick else RECORDS
    times, seconds = (3, 1.0) if quick else (9, 2.0)
    places = {f"n{count}": (count, 0) for count in (*records, LIST, WALK)}
    places |= {f"r{number}": (SHARE, 0) for number in range(max(REGISTRIES))}
    places |= {f"d{late}": (RECORDS[-1], late) for late in DELAYS}
    with nodes.node(bodies, cores) as node:
        with nodes.gateway("usual", node.port, places, cores) as usual:
            _fields(usual, 20, _WARM)
            fields = [_fields(usual, n, times) for n in FIELDS]
            registries = [_registries(usual, n, times) for n in REGISTRIES]
            say("growth: fields and registries")
            delay = [_delay(usual, node, ms, times, seconds, cores) for ms in DELAYS]
            say("growth: delay")
            by_page = [replace(_walked(usual, WALK, 1, n), at=n) for n in PAGES]
            walked = [_walked(usual, n, times) for n in records]
            say("growth: pages walked")
        with nodes.gateway("raised", node.port, places, cores, nodes.RAISED) as raised:
            _timed(raised, page(["n10"], 10, selection(20)), 10, times)
            idle = raised.memory().rss
            one_page = [_one_page(raised, n, times) for n in records]
            say("growth: large pages")
    return Curves(idle, one_page, walked, by_page, registries, fields, delay)


def _fields(gateway: Process, count: int, times: int) -> Point:
    text = page([f"n{LIST}"], LIST, selection(count))
    return _measured(gateway, count, text, LIST, times)


def _registries(gateway: Process, count: int, times: int) -> Point:
    text = page([f"r{n}" for n in range(count)], SHARE * count, selection(20))
    return _measured(gateway, count, text, SHARE * count, times)


def _one_page(gateway: Process, count: int, times: int) -> Point:
    text = page([f"n{count}"], count, selection(20))
    return _measured(gateway, count, text, count, times if count <= _SMALL else 3)


def _measured(gateway: Process, at: int, text: str, rows: int, times: int) -> Point:
    gateway.forget_peak()
    ms = _timed(gateway, text, rows, times)
    return Point(at, ms, gateway.memory().peak)


def _timed(gateway: Process, text: str, rows: int, times: int) -> float:
    taken = []
    with Caller(gateway.port) as caller:
        for _ in range(times + 1):  # the first one prepares the operation
            heard = caller.ask(text)
            taken.append(heard.ms)
            _checked(heard.body, rows)
    return median(taken[1:])


def _walked(gateway: Process, count: int, times: int, first: int = PAGE) -> Point:
    """All pages of a list, one after the other, as somebody does who wants the whole of it."""
    text = page([f"n{count}"], first, selection(20))
    gateway.forget_peak()
    taken = []
    with Caller(gateway.port) as caller:
        for _ in range(times if count <= _SMALL else 1):
            ms, found, after = 0.0, 0, None
            while True:
                heard = caller.ask(text, {"after": after})
                ms += heard.ms
                got = _checked(heard.body)
                found += len(got.nodes)
                after = got.pageInfo.endCursor
                if not got.pageInfo.hasNextPage:
                    break
            if found != count:
                raise BenchError(f"a walk of {count} records gave {found}")
            taken.append(ms)
    return Point(count, median(taken), gateway.memory().peak)


def _checked(body: bytes, rows: int | None = None) -> _Projects:
    answer = _decode(body)
    if answer.errors or answer.data is None:
        raise BenchError(f"the answer has errors: {body[:1000]!r}")
    if rows is not None and len(answer.data.projects.nodes) != rows:
        raise BenchError(f"{len(answer.data.projects.nodes)} records instead of {rows}")
    return answer.data.projects


def _delay(
    gateway: Process, node: Process, late: int, times: int, seconds: float, cores: Cores
) -> Point:
    """A project by its key, a different one each time, so that no call is shared."""
    registry = f"d{late}"
    taken = []
    with Caller(gateway.port) as caller:
        for number in range(times + 3):
            name = {"id": f"cgw:{registry}:project:{key(number)}"}
            heard = caller.ask(ONE, name)
            if heard.parsed()["data"]["project"] is None:
                raise BenchError(f"there is no project {name['id']}")
            taken.append(heard.ms - late)
    marked = f"cgw:{registry}:project:{load.TURN_MARK}{key(0)[8:]}"
    # Ten rounds of everybody, so that what is cut off at the end does not matter.
    found = load.run(
        gateway.port, ONE, AT_ONCE, max(seconds, late / 100), cores.rest, nodes.FOLDER,
        variables={"id": marked}, turns=RECORDS[-1],
    )  # fmt: skip
    return Point(late, median(taken[3:]), rate=found.rate, node_ms=_node_ms(node, late, times))


def _node_ms(node: Process, late: int, times: int) -> float:
    taken = []
    connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=30)
    with closing(connection):
        for number in range(times + 1):
            began = time.perf_counter()
            path = f"/n{LIST}/d{late}/v1/projects?warehouseProjectId={key(number)}"
            connection.request("GET", path)
            connection.getresponse().read()
            taken.append((time.perf_counter() - began) * 1000 - late)
    return median(taken[1:])
