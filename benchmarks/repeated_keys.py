"""What it costs to refuse repeated keys: `python -m benchmarks.repeated_keys`.

The emulators' own bodies are hashed and decoded as the door does it, with and without the look for
keys that are there twice. Both are done once for bytes that are new; bytes that were seen before
are neither decoded nor looked at again.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable
from typing import Any

from adapters.contract import Reply
from gateway.assemble import assemble
from gateway.demo import settings
from gateway.model.entity import Entity
from gateway.model.question import Question
from gateway.provenance.evidence import Evidence
from gateway.provenance.keys import throw_away_signer
from gateway.sandbox.market import make
from gateway.sandbox.runner import Sandbox
from gateway.upstream.repeated import refuse_repeated_keys
from gateway.upstream.terms import Terms

REGISTRIES = ("verra", "gold-standard", "cad-trust", "acr", "biocarbon")
ROUNDS = 30


class Noted:
    """A source that keeps what was decoded, and how."""

    def __init__(self, source: Any) -> None:
        self._source = source
        self.found: list[tuple[Callable[[Reply], Any], Reply]] = []
        self.registry, self.options = source.registry, source.options

    async def read(self, request: Any, decode: Callable[[Reply], Any]) -> Any:
        def noting(reply: Reply) -> Any:
            self.found.append((decode, reply))
            return decode(reply)

        return await self._source.read(request, noting)


def best(*works: Callable[[], Any]) -> list[float]:
    """Milliseconds of processor time in the fastest round of each; they take turns, so that a busy
    machine weighs on all of them alike."""
    took: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS):
        for work, times in zip(works, took, strict=True):
            began = time.thread_time()
            work()
            times.append(time.thread_time() - began)
    return [min(times) * 1000 for times in took]


async def main() -> None:
    async with Sandbox(make(scale=20), only=REGISTRIES) as sandbox:
        gateway = assemble(settings(sandbox, "127.0.0.1", 0), signer=throw_away_signer())
        async with gateway.door as door:
            print("| registry | bytes | hash and decode, ms | look, ms | ratio |")
            print("|---|---|---|---|---|")
            for key in REGISTRIES:
                deadline = gateway.clock.monotonic() + 60
                noted = Noted(door.source(key, Terms(deadline, evidence=Evidence())))
                question = Question(Entity.PROJECT, want=500)
                async for _ in gateway.federation.adapters[key].pages(noted, question):
                    pass
                decode, reply = max(noted.found, key=lambda one: len(one[1].body))
                body = reply.body
                plain, look = best(
                    lambda: (hashlib.sha256(body).hexdigest(), decode(reply)),  # noqa: B023
                    lambda: refuse_repeated_keys(reply),  # noqa: B023
                )
                ratio = (plain + look) / plain
                print(f"| {key} | {len(body):,} | {plain:.2f} | {look:.2f} | {ratio:.2f} |")


if __name__ == "__main__":
    asyncio.run(main())
