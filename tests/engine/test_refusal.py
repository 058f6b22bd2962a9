"""What GraphQL refuses names the place, what was perhaps meant, and an enum's values."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.config import LimitSettings
from gateway.engine.document import MAX_ERRORS, Documents
from gateway.errors import BadInput, ValidationFailed
from gateway.schema.build import core_schema
from tests.schema.asking import answer


def wrong(query: str) -> list[dict[str, Any]]:
    """The errors of a document that does not fit the schema: messages and extensions."""
    with pytest.raises(ValidationFailed) as refused:
        Documents(core_schema(), LimitSettings()).operation(query, None)
    return [{"message": e["message"], **e["extensions"]} for e in refused.value.errors]


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("{ projcts { nodes { id } } }", "projects"),
        ("{ projects { nodes { projectNam } } }", "projectName"),
        ("{ projects(registry: 1) { nodes { id } } }", "registries"),
        ('{ projects(where: { contry: { eq: "KE" } }) { nodes { id } } }', "country"),
        ("{ nodes(ids: []) { ... on Projct { id } } }", "Project"),
        ("query @aks(requireAll: true) { __typename }", None),
        ("query @ask(requireAl: true) { __typename }", "requireAll"),
    ],
)
def test_a_misspelt_name_of_the_schema_names_the_right_one(query: str, meant: str | None) -> None:
    told = wrong(query)[0]
    assert told["code"] == "GRAPHQL_VALIDATION_FAILED"
    if meant is not None:
        assert meant in told["didYouMean"]
        assert f"'{meant}'" in told["message"]


@pytest.mark.parametrize("text", ["LISTD", '"LISTED"', "listed"])
def test_a_wrong_value_of_an_enum_names_the_place_and_lists_the_values(text: str) -> None:
    (told,) = wrong(
        f"{{ projects(where: {{ projectStatus: {{ in: [{text}] }} }}) {{ nodes {{ id }} }} }}"
    )
    assert told["argument"] == "where.projectStatus.in[0]"
    assert "LISTED" in told["didYouMean"]
    assert "DE_REGISTERED" in told["values"]
    assert "There are: LISTED, " in told["message"]


def test_a_literal_that_its_type_does_not_take_is_bad_input_at_its_place() -> None:
    (told,) = wrong(
        'query @ask(timeout: "5s") { units(where: { project: { country: { in: ["KE", "UK"] } } }) '
        "{ nodes { id } } }"
    )[:1]
    assert (told["code"], told["argument"]) == ("BAD_USER_INPUT", "@ask.timeout")
    (told,) = wrong(
        '{ units(where: { project: { country: { in: ["KE", "UK"] } } }) { nodes { id } } }'
    )
    assert (told["code"], told["argument"]) == ("BAD_USER_INPUT", "where.project.country.in[1]")
    assert told["didYouMean"] == ["GB"]


@pytest.mark.parametrize(
    ("query", "variables", "place", "part"),
    [
        (
            "query ($w: ProjectWhere) { projects(where: $w) { nodes { id } } }",
            {"w": {"projectStatus": {"in": ["LISTED", "LISTD"]}}},
            "where.projectStatus.in[1]",
            "There are: LISTED, ",
        ),
        (
            "query ($c: CountryCode) { projects(where: { country: { eq: $c } }) { nodes { id } } }",
            {"c": "UK"},
            "where.country.eq",
            "'GB'",
        ),
        (
            "query ($c: Int!) { projects(first: $c) { nodes { id } } }",
            {},
            "first",
            "to be provided",
        ),
        (
            "query ($w: ProjectWhere) { projects(where: $w) { nodes { id } } }",
            {"w": {"contry": {"eq": "KE"}}},
            "where",
            "'country'",
        ),
        (
            "query ($c: Int = 1) { registries { key } units(first: $c) { nodes { id } } }",
            {"c": "x"},
            "first",
            "Int cannot represent",
        ),
    ],
)
async def test_a_wrong_variable_names_the_argument_that_it_is_given_to(
    query: str, variables: dict[str, Any], place: str, part: str
) -> None:
    with pytest.raises(BadInput) as refused:
        await answer(query, variables)
    assert refused.value.details.get("argument") == place
    assert part in refused.value.message


@pytest.mark.parametrize(
    "fields",
    [
        " ".join(f"projectNames{n:03}" for n in range(1_500)),
        " ".join(f"projectStatusDateRaw{n}: cadTrustReferenceProjectI{n}" for n in range(30)),
        "x" * 200,
        " ".join("x" * 190 + str(n) for n in range(150)),
    ],
)
def test_a_document_of_many_wrong_names_is_told_its_first_errors_alone(fields: str) -> None:
    """Each costs one comparison with the names of its type, and no more than ten are made."""
    told = wrong(f"{{ projects {{ nodes {{ {fields} }} }} }}")
    assert 1 <= len(told) <= MAX_ERRORS + 1
    assert all(len(error.get("didYouMean", ())) <= 5 for error in told)


def test_what_was_sent_is_not_repeated_at_length() -> None:
    long = "x" * 10_000
    (told,) = wrong(f'{{ projects(where: {{ a: "{long}" }}) {{ nodes {{ id }} }} }}')
    assert len(told["message"]) < 1_000
