"""Stages: read from whatever the gateway tells."""

from __future__ import annotations

from benchmarks.stages import flat, means


def test_durations_are_found_by_their_unit_and_told_in_milliseconds() -> None:
    timing = {"totalMs": 12, "signUs": 250, "parseNs": 1_000_000, "attempts": 3, "hit": True}
    assert dict(flat(timing)) == {"total": 12.0, "sign": 0.25, "parse": 1.0}


def test_stages_within_stages_have_paths() -> None:
    assert dict(flat({"stages": {"decodeMs": 2, "inner": {"hashMs": 1}}})) == {
        "stages.decode": 2.0,
        "stages.inner.hash": 1.0,
    }


def test_of_exchanges_at_the_same_time_the_longest_counts() -> None:
    timing = {"upstream": [{"latencyMs": 3, "source": 0}, {"latencyMs": 8, "source": 1}]}
    assert dict(flat(timing)) == {"upstream.latency": 8.0}


def test_a_stage_that_an_answer_does_not_name_took_no_time() -> None:
    assert means([{"a": 1.0, "b": 4.0}, {"a": 3.0}]) == {"a": 2.0, "b": 2.0}
