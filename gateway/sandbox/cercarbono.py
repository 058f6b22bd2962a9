"""Cercarbono's carbon standard on EcoRegistry's platform."""

from __future__ import annotations

from gateway.sandbox.ecoregistry_platform import Board

BOARD = Board(
    standard="Carbono",
    other="Biodiversity",
    path="/project/public-by-standard/cercarbono-co2",
)
EMULATOR = BOARD.emulator(
    "cercarbono",
    project=frozenset({"unit_metric"}),
    unit=frozenset({"unit_metric", "is_ex_ante"}),
)
