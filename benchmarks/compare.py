"""One interleaved run: every competitor, every question, every way in which bodies behave."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from benchmarks import caller, load
from benchmarks.behaviour import behaves
from benchmarks.bodies import Bodies, one_id
from benchmarks.peers import BARE, CONDITIONAL, HIVE, NODE, OURS, Peer
from benchmarks.place import BenchError, Cores
from benchmarks.process import Process
from benchmarks.profile import profile
from benchmarks.results import QUESTIONS, Table
from benchmarks.site import Site
from benchmarks.stages import stages
from benchmarks.upstream import Mode, Nginx
from gateway.sandbox.world import World

# What compiles as it runs needs longer until it runs at its speed: seconds for each question.
WARM = {HIVE: 3.0, NODE: 3.0}
_WARM = 1.0
_WARM_AT = 16


Running = list[tuple[Peer, Process]]


def compare(
    mode: Mode,
    peers: Sequence[Peer],
    world: World,
    bodies: Bodies,
    nginx: Nginx,
    cores: Cores,
    *,
    concurrency: Sequence[int],
    rounds: int,
    seconds: float,
    say: Callable[[str], None] = print,
) -> Table:
    """Starts everyone, warms them up, and measures them in turn, round by round.

    Raises:
        BenchError: we could not start or failed, or the bodies do not behave as the mode says.
    """
    table = Table(mode)
    site = Site(nginx.url(mode), mode, cores.gateway, bodies)
    key = one_id(world)
    with ExitStack() as running:
        fit: Running = []
        for peer in peers:
            if peer.name == CONDITIONAL and mode is not Mode.UNCHANGED:
                continue
            with _left_out(table, fit, peer, say):
                process = running.enter_context(peer.start(site))
                table.ready[peer.name] = process.ready_after
                if peer.name not in (BARE, CONDITIONAL):  # bodies end to end are no JSON
                    for question in QUESTIONS:
                        caller.ask(process.port, peer.document(question, key))
                fit.append((peer, process))
        for peer, process in fit.copy():
            with _left_out(table, fit, peer, say):
                for question in QUESTIONS:
                    text, warm = peer.document(question, key), WARM.get(peer.name, _WARM)
                    load.run(process.port, text, _WARM_AT, warm, cores.rest, site.folder)
        ours = next(process for peer, process in fit if peer.name == OURS)
        asked = {q: peer.document(q, key) for peer in peers if peer.name == OURS for q in QUESTIONS}
        table.seen = behaves(mode, site.upstream, list(bodies.sizes), ours, asked)
        say(f"{mode.value}: the bodies behave")
        for number in range(rounds):
            for connections in concurrency:
                for question in QUESTIONS:
                    for peer, process in fit.copy():
                        text = peer.document(question, key)
                        before = nginx.requests()
                        with _left_out(table, fit, peer, say):
                            found = load.run(
                                process.port, text, connections, seconds, cores.rest, site.folder
                            )
                            cell = table.cell(peer.name, question, connections)
                            cell.rates.append(found.rate)
                            reads = nginx.requests() - before
                            cell.calls.append(reads / max(1, found.answers))
            say(f"{mode.value}: round {number + 1} of {rounds}")
        for peer, process in fit:
            held = process.memory()
            table.memory[peer.name] = held.pss or held.rss
        table.stages = [stages(ours, question, text) for question, text in asked.items()]
    table.profiles = profile(site, asked, cores, max(2.0, seconds))
    return table


@contextmanager
def _left_out(table: Table, fit: Running, peer: Peer, say: Callable[[str], None]) -> Iterator[None]:
    """A competitor that fails is left out from here on, with its reason; we may not fail."""
    try:
        yield
    except BenchError as error:
        if peer.name == OURS:
            raise
        table.failed[peer.name] = str(error).splitlines()[0][:300]
        fit[:] = [(other, process) for other, process in fit if other.name != peer.name]
        say(f"{peer.name}: {table.failed[peer.name]}")
