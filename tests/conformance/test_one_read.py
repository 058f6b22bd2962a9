"""One answer, one read: a node that forbids to keep its answers is asked each thing once for one.

CAD Trust nodes send `no-store` with everything. What an operation has read stays with it until it
ends, so that edges that lead back and forth do not ask again.
"""

from __future__ import annotations

from collections import Counter

import pytest

from gateway.engine.compiled import CompiledExecutor
from gateway.engine.operation import GraphQLRequest
from gateway.stitch.ask import Ask
from tests.engine.test_equivalence import LIMITS
from tests.stitch.test_links_both_ways import market

NODES = ("cad-trust", "cad-trust-v2", "core-registry")
BACK_AND_FORTH = """{
  projects(first: 20) { nodes { id
    issuances(first: 20) { nodes { id project { id }
      units(first: 20) { nodes { id project { id } issuance { id } } } } }
    units(first: 20) { nodes { id project { id issuances(first: 20) { nodes { id } } } } }
  } }
}"""
# What the edges above need of a node at the least: each list or group of keys once.
MOST = {"cad-trust": 40, "cad-trust-v2": 40, "core-registry": 40}


@pytest.mark.parametrize("registry", NODES)
async def test_no_read_is_made_twice_for_one_answer(registry: str) -> None:
    async with market(registry) as (_, asking):
        ask: Ask = asking()
        result = await CompiledExecutor(LIMITS).execute(GraphQLRequest(BACK_AND_FORTH, {}), ask)
        assert not result.errors
        # Edges of one turn that want the same wait for one call.
        calls = [e for e in ask.terms.evidence.exchanges if not e.cache.collapsed]
        asked = Counter(exchange.uri for exchange in calls)
        assert [uri for uri, times in asked.items() if times > 1] == []
        assert len(asked) <= MOST[registry]


@pytest.mark.parametrize("registry", NODES)
async def test_another_answer_reads_again(registry: str) -> None:
    async with market(registry) as (_, asking):
        query = GraphQLRequest("{ projects(first: 5) { nodes { id } } }", {})
        calls = []
        for _ in range(2):
            ask: Ask = asking()
            await CompiledExecutor(LIMITS).execute(query, ask)
            calls.append(len(ask.terms.evidence.exchanges))
        assert calls[0] == calls[1] > 0
