"""Every registry that is emulated, under every fault, beside one that is well."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from adapters.contract import Page
from gateway.errors import Outcome, RegistryError, RegistryRateLimited
from gateway.provenance.evidence import Evidence
from tests.tools import sweep
from tests.upstream.faults import FAULTS, HARMFUL, HARMLESS
from tests.upstream.matrix import ENDLESS, REGISTRIES, cell, patience

EXPECTED = {
    "bandwidth": {Outcome.TIMEOUT},
    "slow close": {Outcome.TIMEOUT},
    "timeout": {Outcome.TIMEOUT},
    "reset": {Outcome.CONNECT_ERROR, Outcome.INVALID_PAYLOAD},
    "limit": {Outcome.CONNECT_ERROR, Outcome.INVALID_PAYLOAD},
    "html": {Outcome.INVALID_PAYLOAD},
    "truncated": {Outcome.INVALID_PAYLOAD},
    "gzip bomb": {Outcome.TOO_LARGE},
    "endless": {Outcome.TOO_LARGE, Outcome.TIMEOUT},
    "absurd 429": {Outcome.RATE_LIMITED},
    # An adapter that knows its registry's moods may call this what it is.
    "false 401": {Outcome.HTTP_ERROR, Outcome.RATE_LIMITED},
    "flaky 503": {Outcome.HTTP_ERROR},
}


def test_every_fault_has_an_expectation() -> None:
    assert EXPECTED.keys() == HARMFUL.keys()
    assert REGISTRIES


# Some faults end with the deadline only, so that whoever tries them waits for it.
@pytest.mark.parametrize(
    ("registry", "fault"),
    sweep(
        product(REGISTRIES, FAULTS),
        [
            (registry, fault)
            for registry, fault in product(REGISTRIES, FAULTS)
            if fault not in ENDLESS or registry in REGISTRIES[:2]
        ],
    ),
)
async def test_a_fault_gives_its_typed_outcome_in_time_and_harms_nobody_else(
    registry: str, fault: str
) -> None:
    found = await cell(registry, fault)
    assert found.neighbour == "well"
    # A busy machine may be late; nothing may hang.
    assert found.seconds < patience(fault) + 20
    assert found.calls > 0
    judge(fault, found.told, found.evidence)


def judge(fault: str, told: Any, evidence: Evidence) -> None:
    """Whether what the caller was told is what the fault deserves."""
    outcomes = {exchange.outcome for exchange in evidence.exchanges}
    if fault in HARMLESS:
        assert isinstance(told, Page), repr(told)
        assert outcomes == {Outcome.OK}
        return
    if fault == "bandwidth" and isinstance(told, Page):
        # A small answer gets through a narrow line.
        assert sum(exchange.size or 0 for exchange in evidence.exchanges) < 4096
        return
    assert isinstance(told, RegistryError), repr(told)
    assert told.outcome in EXPECTED[fault], repr(told)
    assert told.source is not None
    assert evidence.exchanges[told.source].outcome in EXPECTED[fault]
    if fault == "absurd 429":
        # What is left of the hour that the gate is closed for, when the answer is given.
        assert isinstance(told, RegistryRateLimited)
        assert told.retry_after is not None
        assert 3500 < told.retry_after <= 3600
