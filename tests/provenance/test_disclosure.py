"""One record of an answer, shown alone."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from gateway.errors import ProvenanceError
from gateway.provenance.disclosure import disclose, verify_record
from gateway.provenance.records import Place, entries
from gateway.provenance.statement import Level
from tests.provenance.answers import NOW, QUERY, VARIABLES, key_set, matter, signed


def shown(record: int = 1) -> dict[str, Any]:
    return disclose(signed(matter(seed=3)), record)


def test_a_record_shown_alone_is_valid_and_names_its_registry() -> None:
    verdict = verify_record(shown(), key_set(), query=QUERY, variables=VARIABLES, now=NOW)
    assert verdict.exit_code == 0
    assert "was in the answer, read from verra" in verdict.as_text()


def test_a_record_is_found_by_its_id() -> None:
    response = signed(matter(seed=3))
    wanted = response["data"]["projects"]["nodes"][2]["id"]
    assert disclose(response, wanted)["entry"]["id"] == wanted


def test_a_disclosure_tells_nothing_of_the_other_records() -> None:
    response = signed(matter(seed=3))
    nodes = response["data"]["projects"]["nodes"]
    text = json.dumps(disclose(response, nodes[0]["id"]))
    assert nodes[0]["id"] in text
    assert not any(node["id"] in text for node in nodes[1:])


def test_a_record_inside_another_is_a_leaf_of_its_own() -> None:
    response = signed(matter(seed=3))
    outer, inner = (disclose(response, i)["entry"] for i in (1, 2))
    assert outer["value"]["units"] == [{"id": inner["id"]}]
    assert inner["value"]["unitCount"]


def test_records_may_nest_as_deep_as_they_like() -> None:
    data = {"a": {"id": "1", "b": [{"id": "2", "c": {"id": "3", "d": 4}}], "e": [{"id": "5"}]}}
    paths: list[tuple[str, tuple[str | int, ...]]] = [
        ("1", ("a",)),
        ("2", ("a", "b", 0)),
        ("3", ("a", "b", 0, "c")),
        ("5", ("a", "e", 0)),
    ]
    before = copy.deepcopy(data)
    found = [
        json.loads(e)["value"] for e in entries(data, [Place(p, i, ()).entry() for i, p in paths])
    ]
    assert found == [
        {"id": "1", "b": [{"id": "2"}], "e": [{"id": "5"}]},
        {"id": "2", "c": {"id": "3"}},
        {"id": "3", "d": 4},
        {"id": "5"},
    ]
    assert data == before


@pytest.mark.parametrize(
    "path", [["b"], ["a", 7], ["a", -1], ["a", True], ["a", "0"], ["a", 0, "x"], ["c"]]
)
def test_a_path_that_leads_to_no_object_is_refused(path: list[Any]) -> None:
    with pytest.raises(ProvenanceError):
        entries({"a": [{"x": 1}, {}], "c": 1}, [{"path": path, "id": "1", "from": []}])


def test_one_place_twice_is_refused() -> None:
    place = Place(("a",), "1", ()).entry()
    with pytest.raises(ProvenanceError, match="twice"):
        entries({"a": {}}, [place, place])


def test_what_is_not_there_cannot_be_shown() -> None:
    response = signed(matter())
    for record in ("cgw:verra:project:none", 99, -1):
        with pytest.raises(ProvenanceError, match="no record"):
            disclose(response, record)
    with pytest.raises(ProvenanceError, match="RECORDS"):
        disclose(signed(matter(level=Level.STATEMENT)), 0)
    with pytest.raises(ProvenanceError):
        disclose({}, 0)


def test_a_record_of_an_answer_without_record_proofs_is_refused() -> None:
    plain = signed(matter(level=Level.STATEMENT))["extensions"]["provenance"]
    false = {**shown(), "statement": plain["statement"], "signatures": plain["signatures"]}
    assert "signs no record tree" in verify_record(false, key_set(), now=NOW).as_text()


def test_a_number_that_the_gateway_never_writes_is_refused() -> None:
    found = shown()
    found["entry"]["value"]["vintageYear"] = 2020.0
    assert "never writes" in verify_record(found, key_set(), now=NOW).as_text()


def test_a_disclosure_of_another_version_is_refused() -> None:
    assert verify_record({**shown(), "version": 2}, key_set(), now=NOW).exit_code == 1
    assert verify_record({}, key_set(), now=NOW).exit_code == 1
