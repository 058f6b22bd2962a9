"""The bounds of the settings, as those who keep to them know them."""

from __future__ import annotations

from gateway.config import CacheSettings, DecodingSettings
from gateway.engine.room import Room
from gateway.upstream.decoding.bounds import Bounds


def room(given: CacheSettings) -> Room:
    """What may be kept of what answering has made."""
    return Room(given.answers_bytes, given.lists_bytes, given.values_bytes, given.documents_bytes)


def bounds(given: DecodingSettings) -> Bounds:
    """What decoding one body may use."""
    return Bounds(
        processes=given.processes,
        memory=given.memory_bytes,
        seconds=given.seconds,
        cells=given.cells,
        least=given.from_bytes,
    )
