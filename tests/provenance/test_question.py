"""The verifier judges the question: its operation, its variables, and names that mislead."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import ProvenanceError
from gateway.provenance.disclosure import disclose, verify_record
from gateway.provenance.question import Asked
from gateway.provenance.records import Place
from gateway.provenance.statement import Level
from gateway.provenance.verdict import Mark, Verdict
from gateway.provenance.verify import verify_response
from tests import fields
from tests.provenance.answers import ASKED, NOW, key_set, matter, signed
from tests.provenance.test_verify_mjs import case, told
from tests.tools import needs

TWO = "query A($a: Int) { projects(first: $a) { nodes { id } } } query B { registries { key } }"
NEEDS = "query ($a: Int!, $b: Int! = 1, $c: Int) { projects(first: $a) { totalCount } }"


def answered(query: str, name: str | None = None, variables: Any = None, **changes: Any) -> Any:
    """An answer to this question, signed by whoever answers anything."""
    options = {"level": Level.STATEMENT, "answer": {"data": {}}, "records": ()} | changes
    return signed(matter(document=query, operation_name=name, variables=variables, **options))


def verdict(response: Any, query: str | None, variables: Any = None, **options: Any) -> Verdict:
    return verify_response(
        response, key_set(), query=query, variables=variables, now=NOW, **options
    )


def failures(found: Verdict) -> list[str]:
    return [finding.text for finding in found.findings if finding.mark is Mark.FAILS]


def test_without_the_question_an_answer_is_valid_and_incomplete() -> None:
    for found in (
        verdict(signed(matter()), None),
        verdict(signed(matter()), None, ASKED["variables"]),
        verify_record(disclose(signed(matter()), 0), key_set(), now=NOW),
    ):
        assert found.exit_code == 2
        assert "not checked: the question" in found.as_text()


@pytest.mark.parametrize(
    ("query", "name", "variables", "why"),
    [
        (TWO, "C", None, "no operation C"),
        (TWO, None, None, "several operations, and none is named"),
        (TWO, "", None, "no operation"),
        ("fragment F on Project { id }", None, None, "holds no operation"),
        (TWO, "B", {"a": 1}, "no variable a"),
        (TWO, "A", {"a": 1, "A": 2}, "no variable A"),
        (NEEDS, None, {"b": 1}, "needs the variable a"),
        (NEEDS, None, {"a": None}, "needs the variable a"),
        (NEEDS, None, None, "needs the variable a"),
        ("{ projects { ...F } }", None, None, "no fragment F"),
        ("no GraphQL", None, None, "cannot be read"),
    ],
)
def test_an_answer_to_what_cannot_be_asked_is_refused(
    query: str, name: str | None, variables: Any, why: str
) -> None:
    found = verdict(answered(query, name, variables), query, variables)
    assert found.exit_code == 1
    (text,) = failures(found)
    assert text.startswith("This cannot be its question: ")
    assert why in text


@pytest.mark.parametrize(
    ("query", "name", "variables"),
    [
        (TWO, "A", {"a": 1}),
        (TWO, "A", None),
        (TWO, "B", {}),
        (NEEDS, None, {"a": 1, "c": None}),
        ("{ registries { key } }", None, None),
        ("subscription S { anything { ...F } } fragment F on Unheard { of }", "S", None),
    ],
)
def test_an_answer_to_what_can_be_asked_is_valid(
    query: str, name: str | None, variables: Any
) -> None:
    assert verdict(answered(query, name, variables), query, variables).exit_code == 0


def test_which_of_several_operations_it_answers_is_told_and_can_be_demanded() -> None:
    response = answered(TWO, "B")
    assert "Of the query's operations it answers B." in verdict(response, TWO).as_text()
    assert verdict(response, TWO, operation="B").exit_code == 0
    wrong = verdict(response, TWO, operation="A")
    assert failures(wrong) == ["It does not answer the operation A."]


def test_variables_that_are_no_object_are_refused() -> None:
    with pytest.raises(ProvenanceError, match="not an object"):
        Asked.of(NEEDS, None).check_variables([])


def test_a_refusal_may_well_be_of_what_was_no_question() -> None:
    errors = {"errors": [{"message": "no", "extensions": {"code": "GRAPHQL_PARSE_FAILED"}}]}
    response = answered("{ no", None, {"a": 1}, answer=errors)
    assert verdict(response, "{ no", {"a": 1}).exit_code == 0


MISLEADING = [
    ("{ projects { nodes { projectStatus: projectName } } }", ("projectStatus", "projectName")),
    ("{ projects { nodes { id: projectId } } }", ("id", "projectId")),
    ("{ projects { nodes { __typename: registry } } }", ("__typename", "registry")),
    ("{ projects { nodes { unitSerialId: projectId } } }", ("unitSerialId", "projectId")),
    ("{ project(id: 1) { units { nodes { unitCount: vintageYear } } } }",
     ("unitCount", "vintageYear")),
    ("{ node(id: 1) { ... on Unit { ...F } } } fragment F on Unit { unitCount: unitCountRaw }",
     ("unitCount", "unitCountRaw")),
    ("{ nodes(ids: []) { ...F } } fragment F on Node { ...G } fragment G on Issuance "
     "{ provenance { pointer: bodyDigest } }", ("pointer", "bodyDigest")),
    ("{ projects { nodes { units: issuances { totalCount } } } }", ("units", "issuances")),
    ("{ projects { nodes { newer { projectName: anything } } } }", ("projectName", "anything")),
]  # fmt: skip
HARMLESS = [
    "{ projects { nodes { name: projectName projectName: projectName status: projectStatus } } }",
    "{ a: projects { nodes { id } } b: projects { nodes { id ...F } } } "
    "fragment F on Project { id ...F }",
    "{ projects { coverage { waited: latencyMs } } }",
]
# Told, and no matter of a record.
BESIDE = [
    ("{ projects { coverage { outcome: message } } }", ("outcome", "message")),
    ("{ project: node(id: 1) { id } }", ("project", "node")),
]


@pytest.mark.parametrize(("query", "misnomer"), [*MISLEADING, *BESIDE])
def test_an_alias_that_is_another_fields_name_is_told(
    query: str, misnomer: tuple[str, str]
) -> None:
    found = verdict(answered(query), query)
    assert found.exit_code == 0
    assert f"the answer's `{misnomer[0]}` holds `{misnomer[1]}`" in found.as_text()


@pytest.mark.parametrize("query", HARMLESS)
def test_other_aliases_are_nobodys_business(query: str) -> None:
    assert "misleads" not in verdict(answered(query), query).as_text()
    assert Asked.of(query, None).misnomers_in_records() == []


@pytest.mark.parametrize(("query", "misnomer"), MISLEADING)
def test_records_under_misleading_names_are_known(query: str, misnomer: tuple[str, str]) -> None:
    assert Asked.of(query, None).misnomers_in_records() == [misnomer]


@pytest.mark.parametrize(("query", "misnomer"), BESIDE)
def test_what_is_beside_the_records_spoils_no_record(query: str, misnomer: tuple[str, str]) -> None:
    assert Asked.of(query, None).misnomers_in_records() == []


def test_of_very_many_misleading_names_the_number_is_told() -> None:
    names = [name for name in fields.fields()["types"]["Project"] if name != "projectName"][:25]
    query = "{ projects { nodes { " + " ".join(f"{name}: projectName" for name in names) + " } } }"
    text = verdict(answered(query), query).as_text()
    assert text.count("A name misleads") == 20
    assert "5 further names mislead." in text


RECORD = """{ projects { nodes { id projectStatus: projectName
  units { nodes { id unitCount } } } } }"""


def with_records(query: str, node: dict[str, Any]) -> Any:
    """An answer with record proofs of a project and a unit in it, as no gateway of today gives."""
    unit = {"id": "cgw:verra:unit:1", "unitCount": "5"}
    whole = {"id": "cgw:verra:project:1", **node, "units": {"nodes": [unit]}}
    places = [
        Place(("projects", "nodes", 0), "cgw:verra:project:1", ((0, "/0"),)),
        Place(("projects", "nodes", 0, "units", "nodes", 0), unit["id"], ((0, "/1"),)),
    ]
    data = {"data": {"projects": {"nodes": [whole]}}}
    return answered(query, level=Level.RECORDS, answer=data, records=places)


def test_a_record_proof_of_a_record_under_misleading_names_is_refused() -> None:
    response = with_records(RECORD, {"projectStatus": "Hazelmere"})
    (text,) = failures(verdict(response, RECORD))
    assert "no proof: the answer's `projectStatus` holds `projectName`" in text
    shown = disclose(response, 0)
    assert verify_record(shown, key_set(), query=RECORD, now=NOW).exit_code == 1
    # The unit in it is shown under its own names, in an entry of its own.
    unit = disclose(response, 1, query=RECORD)
    assert verify_record(unit, key_set(), query=RECORD, now=NOW).exit_code == 0
    with pytest.raises(ProvenanceError, match="`projectStatus` holds `projectName`"):
        disclose(response, 0, query=RECORD)


def test_a_record_that_shows_another_id_than_its_own_is_refused_even_without_the_question() -> None:
    response = with_records(RECORD, {"id": "GS1"})
    assert verdict(response, None).exit_code == 1
    with pytest.raises(ProvenanceError, match="shows GS1 as its id"):
        disclose(response, 0)
    # Shown by somebody who does not look.
    honest = with_records(RECORD, {})
    shown = disclose(honest, 0)
    assert verify_record(shown, key_set(), now=NOW).exit_code == 2
    changed = copy.deepcopy(shown)
    changed["entry"]["value"]["id"] = "GS1"
    assert verify_record(changed, key_set(), now=NOW).exit_code == 1


def test_fragments_that_open_one_another_over_and_over_are_read_in_time() -> None:
    parts = [
        f"fragment F{n} on Project {{ units {{ nodes {{ project {{ ...F{n + 1} ...F{n + 1} }} "
        f"issuance {{ project {{ ...F{n + 1} }} }} }} }} }}"
        for n in range(60)
    ]
    query = "{ projects { nodes { ...F0 } } } " + " ".join(parts)
    query += " fragment F60 on Project { projectStatus: projectName }"
    assert Asked.of(query, None).misnomers() == [("projectStatus", "projectName")]


@pytest.mark.slow
@needs("node")
def test_the_verifier_in_javascript_gives_the_same_verdicts() -> None:
    from tests.provenance.test_document import Writer

    asked: list[tuple[Any, str | None, Any]] = [
        (answered(query, name, variables), query, variables)
        for query, name, variables in [
            (TWO, "A", {"a": 1}),
            (TWO, "A", {"b": 1}),
            (TWO, "B", None),
            (TWO, "C", None),
            (TWO, None, None),
            (NEEDS, None, {"a": 1}),
            (NEEDS, None, {"b": 1}),
            ("no GraphQL", None, None),
            *((query, None, None) for query, _ in [*MISLEADING, *BESIDE]),
            *((query, None, None) for query in HARMLESS),
            *((text, None, None) for text in (Writer(seed).document() for seed in range(300))),
            *((text[:-1], "a", None) for text in (Writer(seed).document() for seed in range(50))),
        ]
    ]
    asked.append((with_records(RECORD, {}), RECORD, None))
    asked.append((with_records(RECORD, {"id": "GS1"}), None, None))
    asked.append((signed(matter()), None, None))
    cases = [
        case(response, **{k: v for k, v in (("query", q), ("variables", v)) if v is not None})
        for response, q, v in asked
    ]
    record = disclose(with_records(RECORD, {}), 0)
    there = told([*cases, case(record, "record", query=RECORD), case(record, "record")])
    here = [verdict(response, query, variables) for response, query, variables in asked]
    here.append(verify_record(record, key_set(), query=RECORD, now=NOW))
    here.append(verify_record(record, key_set(), now=NOW))
    for found, other in zip(here, there, strict=True):
        assert other["exitCode"] == found.exit_code, (found.as_text(), other)
        aliases = [f.text for f in found.findings if f.check == "alias"]
        assert [f["text"] for f in other["findings"] if f["check"] == "alias"] == aliases


def test_the_fields_that_verifiers_know_are_those_of_the_schema() -> None:
    assert fields.TABLE.read_text("utf-8") == fields.table(), "run make schema"
    assert fields.MODULE.read_text("utf-8") == fields.module(), "run make schema"
    assert json.loads(fields.table())["types"]["Project"]["units"] == "UnitConnection"


def test_the_tables_are_written_where_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fields, "TABLE", tmp_path / "fields.json")
    monkeypatch.setattr(fields, "MODULE", tmp_path / "verify.mjs")
    (tmp_path / "verify.mjs").write_text(
        "// FIELDS: made by python -m tests.fields\n// END OF FIELDS\n"
    )
    fields.main()
    assert (tmp_path / "fields.json").read_text() == fields.table()
    assert "const TYPES" in (tmp_path / "verify.mjs").read_text()
