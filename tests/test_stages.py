"""Stages tell what took how long, to those who ask, and hold no waiting."""

from __future__ import annotations

from gateway.config import LimitSettings
from gateway.engine.compiled import CompiledExecutor
from gateway.engine.operation import GraphQLRequest
from gateway.model.entity import Entity
from gateway.stages import Stages, stage
from gateway.stitch.ask import Ask
from gateway.upstream.terms import Terms
from tests.stitch.fake import FakeRegistry, federation, projects
from tests.upstream.bench import SetClock


def test_the_time_of_a_stage_adds_up_in_the_order_of_first_use() -> None:
    clock = SetClock()
    stages = Stages(clock)
    for name, seconds in (("decode", 2.0), ("hash", 0.5), ("decode", 1.0)):
        with stage(stages, name):
            clock.at += seconds
    assert list(stages.seconds.items()) == [("decode", 3.0), ("hash", 0.5)]


def test_a_stage_that_fails_is_counted_too() -> None:
    clock = SetClock()
    stages = Stages(clock)
    try:
        with stage(stages, "decode"):
            clock.at += 1.0
            raise ValueError
    except ValueError:
        pass
    assert stages.seconds == {"decode": 1.0}


def test_nothing_is_measured_for_those_who_do_not_ask() -> None:
    with stage(None, "decode"):
        pass


async def test_an_operation_tells_its_preparation_and_completion() -> None:
    fed = federation(FakeRegistry("one", {Entity.PROJECT: projects(3)}))
    terms = Terms(deadline=fed.clock.monotonic() + 60, stages=Stages(fed.clock))
    request = GraphQLRequest("{ projects { nodes { id projectName } } }")
    result = await CompiledExecutor(LimitSettings()).execute(request, Ask(fed, terms))
    assert not result.errors
    assert terms.stages is not None
    assert list(terms.stages.seconds) == ["prepare", "complete"]
