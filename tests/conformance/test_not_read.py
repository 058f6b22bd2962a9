"""What a list leaves out is declared, named on the row, and read by key."""

from __future__ import annotations

import pytest

from tests.conformance.comparison import differences
from tests.conformance.desk import REGISTRIES, desk, some


@pytest.mark.parametrize("registry", REGISTRIES)
async def test_what_a_row_leaves_unread_is_declared_and_read_by_key(registry: str) -> None:
    async with desk(registry) as at:
        for entity, collection in at.adapter.collections.items():
            declared = frozenset().union(*(view.late for view in at.adapter.views[entity]))
            late = at.emulated.by_key.get(entity, frozenset())
            for record in await at.everything(entity):
                assert record.not_read <= declared
                wrong = differences(at.truth, at.emulated, entity, record, listed=record.not_read)
                assert wrong == []
            assert {name.partition(".")[0] for name in late} <= {
                name.partition(".")[0] for name in declared
            }
            if declared and collection.by_keys:
                wanted = some(sorted(at.truth.rows(entity)), 5)
                page = await at.adapter.by_keys(at.source(), entity, wanted)
                assert all(not record.not_read for record in page.records)
