"""EcoRegistry's other standards, in the list of all."""

from __future__ import annotations

from gateway.sandbox.ecoregistry_platform import Board

BOARD = Board(
    standard="Biodiversity",
    other="Carbono",
    path="/project/public",
    everything=True,
)
EMULATOR = BOARD.emulator("ecoregistry", project=frozenset({"unit_metric"}), unit=frozenset())
