"""The same operation over the same bodies: asked again, but not worked out again.

The registries are asked as always. Every read that the operation made last time is made again,
as soon as those have come that had come before it then. Where all of them bring the same bytes,
the answer is that of last time; where one does not, what was read is handed to the ordinary
execution, which asks for the rest. So nothing is asked that would not have been, and what a
registry changed is seen at once.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec

from gateway.engine.fragment import Fragment
from gateway.engine.operation import Result
from gateway.engine.shape import ObjectShape
from gateway.errors import Outcome
from gateway.kept import Kept
from gateway.measure import bytes_of
from gateway.schema.volatility import volatility_of
from gateway.stages import stage
from gateway.stitch.ask import Ask, BudgetSpent, Read
from gateway.stitch.coverage import Coverage

# About what a read takes with its seal, beside the texts of its request.
_READ = 1_800
_QUIET = frozenset({Outcome.OK, Outcome.NOT_CONFIGURED, Outcome.SKIPPED})
_canonical = msgspec.json.Encoder(order="sorted").encode

# What a read brought: digest and media type of the body, and the headers that were looked at.
Seal = tuple[str, str | None, tuple[tuple[str, str | None], ...]]


def rests_on_reads(root: ObjectShape) -> bool:
    """Whether the answer depends on nothing but the operation and what it reads."""
    waiting = [root]
    for shape in waiting:
        for field in shape.fields:
            if not volatility_of(field.definition).repeats:
                return False
            waiting.extend(field.subs.values())
    return True


@dataclass(frozen=True, slots=True)
class _Script:
    """The reads of an operation when it was last executed, and what they brought."""

    reads: tuple[Read, ...]
    seals: tuple[Seal, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """An answer, written, the reads that it rests on, and which registries it covers."""

    data: Fragment
    reads: tuple[Read, ...]
    covered: tuple[Coverage, ...]


class Repeats:
    """Answers by operation, variables and bodies. Half of the bytes are for answers, half for what
    was read for others."""

    def __init__(self, most: int = 4 * 1024 * 1024) -> None:
        self.most = most
        self._scripts: OrderedDict[Any, tuple[_Script, int]] = OrderedDict()
        self._known = Kept(most // 2)
        self._reads = 0

    @property
    def bytes(self) -> int:
        """Bytes of what is kept."""
        return self._known.size + self._reads

    def clear(self) -> None:
        """Forgets everything."""
        self._scripts.clear()
        self._known.clear()
        self._reads = 0

    async def again(self, key: Any, ask: Ask) -> Result | None:
        """The answer of last time, if every read brings what it brought then."""
        found = self._scripts.get(key)
        if found is None:
            return None
        script, _ = found
        self._scripts.move_to_end(key)
        seals = await _read(ask, script)
        known: _Known | None = None if seals is None else self._known.get((key, seals))
        if known is None or not _alike(known.reads, script.reads):
            return None
        ask.covered.extend(known.covered)
        data: Any = known.data
        return Result(True, data)

    def learn(self, key: Any, ask: Ask, result: Result) -> Result:
        """Takes note of an execution that went well, and forgets one that did not."""
        before, freed = self._scripts.pop(key, (None, 0))
        self._reads -= freed
        seals = None if result.errors or result.data is None else _seals(ask)
        if seals is None:
            return result
        reads = tuple(ask.reads)
        if before is not None and _alike(before.reads, reads):
            # What was read ahead came in an order that says little.
            reads = before.reads
        taken = sum(map(_taken, reads))
        self._scripts[key] = (_Script(reads, seals), taken)
        self._reads += taken
        while self._reads > self.most // 2:
            _, (_, freed) = self._scripts.popitem(last=False)
            self._reads -= freed
        place = (key, seals)
        if any(exchange.cache.collapsed for exchange in ask.terms.evidence.exchanges):
            # Shared with others who asked at the same time, which does not make it come again.
            return result
        if not self._known.noted(place):
            self._known.put(place, None, 0)
            return result
        # Both forms have to be written anyway: one is sent, one is signed.
        with stage(ask.terms.stages, "write"):
            data: Any = Fragment.of(result.data)
        covered = tuple(_apart(row) for row in ask.covered)
        size = len(data.ordered) + len(data.canonical) + taken + bytes_of(covered)
        self._known.put(place, _Known(data, reads, covered), size)
        return Result(True, data)


def variables_key(variables: Mapping[str, Any]) -> bytes | None:
    """The digest of the variables as one text, None where they have none. The text may be as long
    as a request, and what is only noted must not hold it."""
    try:
        return sha256(_canonical(variables)).digest() if variables else b""
    except (TypeError, ValueError, RecursionError):
        return None


def _taken(read: Read) -> int:
    """About how many bytes a read takes, with its seal."""
    request = read.request
    texts = len(request.path) + sum(len(name) + len(value) for name, value in request.query)
    for pairs in (request.form or (), request.headers):
        texts += sum(len(name) + len(value) for name, value in pairs)
    asked = 0 if request.json is None else bytes_of(request.json)
    parts = len(request.query) + len(request.form or ()) + len(request.headers)
    return _READ + 4 * texts + 170 * parts + 8 * len(read.after) + asked


async def _read(ask: Ask, script: _Script) -> tuple[Seal, ...] | None:
    """Makes the reads of the script, and gives what they brought; None where one failed, or was
    not made since one before it did not bring what it brought then."""
    reads, seals = script.reads, script.seals
    if all(len(read.after) == number for number, read in enumerate(reads)):
        found: list[Seal] = []
        for read, seal in zip(reads, seals, strict=True):
            brought = await _one(ask, read, seal) if found == list(seals[: len(found)]) else None
            if brought is None:
                return None
            found.append(brought)
        return tuple(found)
    tasks: list[asyncio.Task[Seal | None]] = []

    async def in_turn(read: Read, seal: Seal) -> Seal | None:
        for other in read.after:
            if await tasks[other] != seals[other]:
                return None
        return await _one(ask, read, seal)

    for read, seal in zip(reads, seals, strict=True):
        tasks.append(asyncio.create_task(in_turn(read, seal)))
    every = [seal for seal in await asyncio.gather(*tasks) if seal is not None]
    return tuple(every) if len(every) == len(tasks) else None


async def _one(ask: Ask, read: Read, seal: Seal) -> Seal | None:
    try:
        answer = await ask.read_ahead(read)
    except BudgetSpent:
        return None
    if answer is None:
        return None
    for name, _ in seal[2]:
        # To look at a header is to put it into the evidence.
        answer.headers.get(name)
    return _seal(ask, answer.source)


def _seals(ask: Ask) -> tuple[Seal, ...] | None:
    """What the reads of an execution brought, None where it did not go well."""
    if ask.truncated or any(row.outcome not in _QUIET for row in ask.covered):
        return None
    found: list[Seal] = []
    for read in ask.reads:
        seal = None if read.source is None else _seal(ask, read.source)
        if seal is None:
            return None
        found.append(seal)
    return tuple(found)


def _seal(ask: Ask, source: int) -> Seal | None:
    exchange = ask.terms.evidence.exchanges[source]
    good = exchange.outcome is Outcome.OK and exchange.status in (200, 304)
    if not good or exchange.digest is None:
        return None
    return exchange.digest, exchange.media_type, tuple(sorted(exchange.headers.items()))


def _alike(some: Sequence[Read], others: Sequence[Read]) -> bool:
    return some is others or (len(some) == len(others) and all(map(Read.same, some, others)))


def _apart(row: Coverage) -> Coverage:
    """The row without the records that it is about."""
    made = row.copy()
    made.records, made.doubtful = [], []
    return made
