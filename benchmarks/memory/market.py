"""A market of real size: the sandbox's emulators over as many projects as the registries list.

python -m benchmarks.memory.market          prints what the gateway must be told of them and how
                                            many records there are, and ends with its input
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import replace

from benchmarks.reliability.apart import shown
from gateway.sandbox import copies, planted
from gateway.sandbox.codes import SCHEMES
from gateway.sandbox.draw import Draw
from gateway.sandbox.market import make
from gateway.sandbox.runner import Sandbox, load, telling
from gateway.sandbox.world import World

SEED = 2026
# Projects that a registry lists, about; the planted programmes of Gold Standard want multiples
# of 24. Those that are not named have a few dozen.
SIZES = {
    "gold-standard": 7_320,
    "verra": 5_016,
    "cdm": 1_200,
    "car": 800,
    "acr": 700,
    "uk-land-carbon": 600,
    "cercarbono": 240,
    "biocarbon": 200,
    "icr": 160,
    "puro": 150,
    "ecoregistry": 150,
    "isometric": 120,
    "gcc": 100,
}
OTHERS = 40
# CAD Trust nodes hold copies of a market that is so many times the sandbox's usual one: about
# three hundred projects of several organisations.
COPIED = 6


def market(share: float = 1.0) -> World:
    """The whole market, or a share of it."""
    tellings = {}
    for scheme in SCHEMES:
        size = max(24, round(SIZES.get(scheme.registry, OTHERS) * share / 24) * 24)
        # One project with hundreds of units in each registry, not one in every two dozen.
        tellings[scheme.registry] = Draw(replace(scheme, size=size), SEED).telling(1)
    tellings = planted.in_registries(tellings)
    some = make(SEED, COPIED if share == 1.0 else 1)
    tellings |= copies.nodes(some.tellings, SEED, some.scale)
    return World(SEED, some.scale, planted.in_copies(tellings))


def counted(world: World) -> dict[str, int]:
    """How many projects and units all registries tell of."""
    told = [telling(world, one) for one in load().values()]
    return {
        "projects": sum(len(one.projects) for one in told),
        "units": sum(len(one.units) for one in told),
    }


async def serve(share: float) -> None:
    """The registries, until standard input ends."""
    world = await asyncio.to_thread(market, share)
    async with Sandbox(world) as sandbox:
        sys.stdout.write(json.dumps({"settings": shown(sandbox), "counted": counted(world)}) + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0))
