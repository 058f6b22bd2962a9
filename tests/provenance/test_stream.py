"""Chained streams."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from gateway.errors import ProvenanceError
from gateway.provenance.canonical import digest
from gateway.provenance.statement import Chain, Level, Scope
from gateway.provenance.stream import StreamNotary
from gateway.provenance.stream_verify import verify_stream
from gateway.provenance.verdict import Verdict
from gateway.provenance.verify import verify_response
from tests.provenance.answers import ASKED, NOW, finished, key_set, matter, notary


def events(count: int = 4, name: str = "urn:uuid:one", *, end: bool = True) -> list[dict[str, Any]]:
    seals = StreamNotary(notary(), name)
    found: list[dict[str, Any]] = []
    for number in range(count):
        event = matter(number, Level.STATEMENT)
        assert event.answer is not None
        final = end and number == count - 1
        value = finished(seals.attest(event, final=final))
        found.append({**event.answer, "extensions": {"provenance": value}})
    return found


def verified(found: list[dict[str, Any]]) -> Verdict:
    return verify_stream(found, key_set(), now=NOW, **ASKED)


def test_a_whole_stream_is_valid() -> None:
    verdict = verified(events())
    assert verdict.exit_code == 0
    assert "All 4 events follow one another without a gap." in verdict.as_text()


def test_each_event_names_the_statement_before() -> None:
    found = [event["extensions"]["provenance"]["statement"] for event in events()]
    places = [said["predicate"]["stream"] for said in found]
    assert [place["seq"] for place in places] == [0, 1, 2, 3]
    assert [place["final"] for place in places] == [False, False, False, True]
    assert places[0]["prev"] is None
    assert [place["prev"] for place in places[1:]] == [digest(said) for said in found[:-1]]


def test_a_stream_without_its_end_is_incomplete() -> None:
    for found in (events()[:-1], events(end=False)):
        verdict = verified(found)
        assert verdict.exit_code == 2
        assert "cut short" in verdict.as_text()


@pytest.mark.parametrize(
    "change",
    [
        lambda e: e[1:],
        lambda e: [e[0], *e[2:]],
        lambda e: [e[0], e[0], *e[1:]],
        lambda e: [e[1], e[0], *e[2:]],
        lambda e: [*e, e[-1]],
        lambda e: [e[0], events(4, "urn:uuid:two")[1], *e[2:]],
        lambda e: [],
    ],
)
def test_a_gap_a_repetition_or_a_stranger_is_refused(
    change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]],
) -> None:
    assert verified(change(events())).exit_code == 1


def test_a_changed_event_is_named() -> None:
    found = copy.deepcopy(events())
    found[2]["data"]["projects"]["more"] = 1
    verdict = verified(found)
    assert verdict.exit_code == 1
    assert "Event 2: The answer was changed" in verdict.as_text()


def test_an_answer_that_is_no_event_is_refused_in_a_stream() -> None:
    plain = matter(0, Level.STATEMENT)
    assert plain.answer is not None
    value = finished(notary().attest(plain))
    single = {**plain.answer, "extensions": {"provenance": value}}
    assert "does not follow" in verified([single]).as_text()


def test_one_event_alone_says_that_it_is_part_of_a_stream() -> None:
    text = verify_response(events()[1], key_set(), now=NOW).as_text()
    assert "Event 1 of a stream; check the stream as a whole." in text
    assert "check the stream" not in verified(events()).as_text()


async def test_nothing_follows_the_final_event() -> None:
    seals = StreamNotary(notary(), "urn:uuid:one")
    await seals.attest(matter(), final=True)
    with pytest.raises(ProvenanceError, match="ended"):
        await seals.attest(matter())


def test_an_event_of_another_stream_is_refused_although_it_fits() -> None:
    found = events(1, end=False)
    last = found[0]["extensions"]["provenance"]["statement"]
    place = Chain("urn:uuid:two", 1, digest(last), final=True)
    event = matter(1, Level.STATEMENT, stream=place)
    assert event.answer is not None
    value = finished(notary().attest(event))
    verdict = verified([*found, {**event.answer, "extensions": {"provenance": value}}])
    assert not verdict.valid
    assert "belongs to another stream" in verdict.as_text()


def test_what_only_a_later_event_says_is_told_too() -> None:
    seals, found = StreamNotary(notary(), "urn:uuid:one"), []
    for number in range(2):
        scope = Scope(("verra",), ("verra",), complete=True, truncated=number == 1)
        event = matter(number, Level.STATEMENT, scope=scope)
        assert event.answer is not None
        value = finished(seals.attest(event, final=number == 1))
        found.append({**event.answer, "extensions": {"provenance": value}})
    assert "A list was cut by a limit" not in verified(found[:1]).as_text()
    assert "A list was cut by a limit" in verified(found).as_text()
