"""The sandbox's market for tests, made once: many files begin with a registry's part of it."""

from __future__ import annotations

from functools import cache, lru_cache

from gateway.sandbox import copies, market, planted
from gateway.sandbox.codes import SCHEMES
from gateway.sandbox.draw import Draw
from gateway.sandbox.world import Telling, World

SEED = 2026


@lru_cache(maxsize=4)
def make(seed: int = SEED, scale: int = 1) -> World:
    """The market as the sandbox makes it. Nobody changes it: others have the same."""
    return market.make(seed, scale)


@lru_cache(maxsize=16)
def told_at(registry: str, scale: int) -> Telling:
    """What one registry tells in a market in which it alone is so many times larger."""
    tellings = {s.registry: _drawn(s.registry) for s in SCHEMES}
    (scheme,) = (s for s in SCHEMES if s.registry == registry)
    tellings[registry] = Draw(scheme, SEED).telling(scale)
    tellings = planted.in_registries(tellings)
    tellings |= copies.nodes(tellings, SEED, 1)
    return planted.in_copies(tellings)[registry]


@cache
def _drawn(registry: str) -> Telling:
    (scheme,) = (s for s in SCHEMES if s.registry == registry)
    return Draw(scheme, SEED).telling(1)
