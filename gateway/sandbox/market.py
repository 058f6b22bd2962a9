"""Makes the sandbox's market: one invented world, the same for the same seed and scale."""

from __future__ import annotations

from gateway.sandbox import copies, planted
from gateway.sandbox.codes import SCHEMES
from gateway.sandbox.draw import Draw
from gateway.sandbox.world import World


def make(seed: int = 2026, scale: int = 1) -> World:
    """The whole market; `scale` multiplies every registry's number of projects.

    The planted cases (`gateway.sandbox.planted`) are in every world, whatever its scale.
    """
    tellings = {s.registry: Draw(s, seed).telling(scale) for s in SCHEMES}
    tellings = planted.in_registries(tellings)
    tellings |= copies.nodes(tellings, seed, scale)
    return World(seed, scale, planted.in_copies(tellings))
