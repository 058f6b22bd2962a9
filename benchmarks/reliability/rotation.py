"""Keys change under load: two replicas, and every answer is verified by the gateway's own keys.

    python -m benchmarks.reliability.rotation                three minutes
    python -m benchmarks.reliability.rotation --seconds 30   at least one round of all changes
    python -m benchmarks.reliability.rotation --write        and write docs/reliability.md

While both replicas are asked without a pause, keys are rotated, switched at once, retired,
revoked and left to end, by a third process. Each answer is verified when it comes, by a key set
kept as its cache header allows; some at once again by the other replica's set of that very
moment; all of them at the end by the last one. Exit code 1 where a promise was not kept.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.reliability import document
from benchmarks.reliability.load import Report
from benchmarks.reliability.replicas import replicas
from benchmarks.reliability.requests import Got, connect, post
from benchmarks.reliability.verifying import KeySet, Signed, fault, lost_later, signed
from gateway.clock import SystemClock
from gateway.provenance.keyring import DAY, Keyring

QUERIES = (
    "{ __typename }",
    "{ projects(first: 2) { nodes { id projectName } coverage { registry outcome } } }",
)
HANDS = 3
PAUSE = 0.02
# Each so many answers are also verified by the other replica's key set of that moment.
SAMPLE = 7
LIMIT = 2.0


@dataclass
class Seen:
    """What clients saw."""

    answers: list[Signed] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    others: Counter[int] = field(default_factory=Counter)
    untold: int = 0
    sampled: int = 0
    faults: list[str] = field(default_factory=list)


@dataclass
class Changes:
    """What was done to the keys, and when each key that was ended by a command was."""

    ring: Keyring
    done: Counter[str] = field(default_factory=Counter)
    ended: dict[str, float] = field(default_factory=dict)

    def rotate(self, *, ahead: float, lasts: float) -> None:
        """The next key, so many seconds ahead."""
        self.ring.rotate(overlap_days=ahead / DAY, days=lasts / DAY)
        self.done["rotate"] += 1

    def now(self, *, lasts: float) -> None:
        """A switch at once."""
        old = self.active()
        self.ring.rotate(overlap_days=0, days=lasts / DAY)
        if old is not None:
            self.ended[old] = time.time()
        self.done["rotate --now"] += 1

    def retire(self) -> None:
        """The present key ends."""
        if (kid := self.active()) is not None:
            self.ring.retire(kid)
            self.ended[kid] = time.time()
            self.done["retire"] += 1

    def revoke(self, reason: str) -> None:
        """The present key is revoked."""
        if (kid := self.active()) is not None:
            self.ring.revoke(kid, reason=reason)
            self.ended[kid] = time.time()
            self.done[f"revoke {reason}"] += 1

    def active(self) -> str | None:
        """The key that signs now."""
        rows = [row.kid for row in self.ring.rows() if row.state == "active" and row.can_sign]
        return rows[-1] if rows else None


async def change(changes: Changes, until: float) -> None:
    """One round of all changes after the other, each round begun before `until`."""
    while time.monotonic() < until:
        changes.rotate(ahead=4, lasts=600)
        await asyncio.sleep(5.5)
        changes.now(lasts=600)
        await asyncio.sleep(2.5)
        changes.retire()
        await asyncio.sleep(2.5)
        changes.now(lasts=600)
        await asyncio.sleep(1.5)
        changes.rotate(ahead=3, lasts=600)
        changes.revoke("superseded")
        await asyncio.sleep(4.5)
        changes.revoke("keyCompromise")
        changes.now(lasts=600)
        await asyncio.sleep(2.5)
        changes.now(lasts=2)
        await asyncio.sleep(5)
        changes.done["expire"] += 1
        changes.now(lasts=600)
        await asyncio.sleep(1.5)


async def hand(number: int, ports: list[int], sets: list[KeySet], seen: Seen) -> None:
    """One client of one replica, until it is cancelled."""
    here = number % len(ports)
    other = sets[(here + 1) % len(sets)]
    connection = await connect(ports[here])
    count = number
    while True:
        query = QUERIES[count % len(QUERIES)]
        got = await connection.ask(post(query))
        count += 1
        if got.status == 200:
            answer = signed(got.body, query)
            seen.answers.append(answer)
            _judge(seen, answer, await sets[here].holding(answer.kid), "kept keys")
            if count % SAMPLE == 0:
                seen.sampled += 1
                _judge(seen, answer, await other.fetch(), "the other's keys")
        else:
            _refused(seen, got)
        if not connection.open:
            connection = await connect(ports[here])
        await asyncio.sleep(PAUSE)


def _judge(seen: Seen, answer: Signed, keys: dict[str, object], by: str) -> None:
    why = fault(answer, keys)
    if why and not lost_later(answer, keys):
        seen.faults.append(f"by {by}: {why}")


def _refused(seen: Seen, got: Got) -> None:
    if got.status != 503:
        seen.others[got.status] += 1
        return
    seen.refused[got.json()["errors"][0]["extensions"]["code"]] += 1
    seen.untold += got.retry_after is None


async def measure(seconds: float) -> Report:
    """Ask and change for so long, and a round at least; then verify everything once more."""
    report = Report()
    seen = Seen()
    with TemporaryDirectory(prefix="cgw-rotation-") as name:
        ring = Keyring(Path(name, "keys"), SystemClock())
        ring.new()
        changes = Changes(ring)
        async with replicas(Path(name)) as ports:
            sets = [KeySet(port) for port in ports]
            began = time.monotonic()
            hands = [
                asyncio.create_task(hand(number, ports, sets, seen))
                for number in range(HANDS * len(ports))
            ]
            changing = asyncio.create_task(change(changes, began + seconds))
            await asyncio.wait((changing, *hands), return_when=asyncio.FIRST_COMPLETED)
            took = time.monotonic() - began
            for task in (changing, *hands):
                # A hand ends by a failure only, which is raised here.
                if task.done():
                    task.result()
                task.cancel()
            await asyncio.gather(*hands, return_exceptions=True)
            last = [await one.fetch() for one in sets]
    judge(report, seen, changes, sets, last, took)
    return report


def judge(
    report: Report,
    seen: Seen,
    changes: Changes,
    sets: list[KeySet],
    last: list[dict[str, object]],
    took: float,
) -> None:
    """The figures, and whether what was promised was kept."""
    for answer in seen.answers:
        _judge(seen, answer, last[0], "the last keys")
    latest = {kid: at for kid in changes.ended for at in _last(seen, kid)}
    slowest = max((at - changes.ended[kid] for kid, at in latest.items()), default=0.0)
    report.figures["rotation"] = {
        "seconds": round(took),
        "answers": len(seen.answers),
        "failures": len(seen.faults),
        "refused_503": sum(seen.refused.values()),
        "other_statuses": dict(seen.others),
        "verified_by_the_other_at_once": seen.sampled,
        "dated_before_a_loss_told_later": sum(lost_later(a, last[0]) for a in seen.answers),
        "keys_that_signed": len({answer.kid for answer in seen.answers}),
        "fetches_for_an_unknown_key": sum(one.for_unknown for one in sets),
        "slowest_change_ms": round(1000 * slowest),
        "changes": dict(changes.done),
    }
    for why in seen.faults[:5]:
        print(why, file=sys.stderr)
    report.promise("every answer verifies by the gateway's own keys", not seen.faults)
    report.promise("both replicas publish the same keys", last[0] == last[1])
    report.promise("every change takes effect within two seconds", slowest <= LIMIT)
    only = set(seen.refused) <= {"NO_SIGNING_KEY"} and not seen.others
    report.promise("what is not answered is told 503, and that there is no key", only)
    report.promise("and when to return", not seen.untold)
    report.promise("there were answers, and moments without a key", _both(seen))


def _last(seen: Seen, kid: str) -> list[float]:
    dates = [answer.at for answer in seen.answers if answer.kid == kid]
    return [max(dates)] if dates else []


def _both(seen: Seen) -> bool:
    return len(seen.answers) > 100 and bool(seen.refused)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="figures for programs")
    parser.add_argument("--write", action="store_true", help="write docs/reliability.md")
    parser.add_argument("--seconds", type=float, default=180.0, help="how long, 180 by default")
    options = parser.parse_args()
    report = asyncio.run(asyncio.wait_for(measure(min(options.seconds, 900.0)), 1200))
    if options.json:
        print(json.dumps({**report.figures, "promises": [asdict(p) for p in report.promises]}))
    else:
        for key, value in report.figures["rotation"].items():
            print(f"  {key:32} {value}")
        for promise in report.promises:
            print(f"{'kept  ' if promise.kept else 'BROKEN'} {promise.text}")
    if not report.kept:
        return 1
    if options.write:
        promises = [(promise.text, promise.kept) for promise in report.promises]
        text = document.rotation_section(report.figures["rotation"], promises)
        document.write({"rotation": text})
    return 0


if __name__ == "__main__":
    sys.exit(main())
