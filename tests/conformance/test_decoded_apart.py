"""No decoder of any registry has to run on the event loop: each can run in another process.

Here every body counts as a large one, so whatever an adapter decodes it decodes apart, and what
comes back is held to the world as everywhere. A new adapter is in here by having an emulator.
"""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from gateway.model.entity import Entity
from gateway.model.question import Parent, Question
from gateway.upstream.decoding.bounds import Bounds
from tests.conformance.desk import BRISK, REGISTRIES, SHORT, UNKNOWN, Desk, desk, keys, some
from tests.tools import sweep

ALL = replace(BRISK, decoding=Bounds(least=1, queue=1_000))


async def _everything_asked(at: Desk) -> None:
    """Each list, its children, and its records by keys that there are and that there are not."""
    for entity, collection in at.adapter.collections.items():
        records = await at.everything(entity)
        assert sorted(keys(records)) == sorted(at.truth.rows(entity))
        assert at.wrong(entity, records) == []
        asked = (*some(keys(records), 2), *UNKNOWN)
        if collection.by_keys:
            for key in asked:
                page = await at.adapter.by_keys(at.source(), entity, (key,))
                assert at.wrong(entity, list(page.records)) == []
        for above in (Entity.PROJECT, Entity.ISSUANCE):
            if above in collection.parents:
                parents = some(keys(await at.everything(above)), 2)
                await at.ask(Question(entity, parent=Parent(above, tuple(parents)), want=500))


@pytest.mark.parametrize("registry", sweep(REGISTRIES, SHORT))
async def test_whatever_is_decoded_can_be_decoded_in_another_process(
    registry: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with desk(registry, tuning=ALL) as at:
        with caplog.at_level(logging.WARNING):
            await _everything_asked(at)
        assert at.door.decoding.ends["ok"] > 0
    assert [one.message for one in caplog.records if "cannot run apart" in one.message] == []
