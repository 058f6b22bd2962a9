"""A slip is not an absence: a wrong word gives an error that names the right one, never nothing."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import BadInput
from tests.schema.asking import answer, data, refusal

PROJECTS = "query ($w: ProjectWhere) { projects(where: $w) { nodes { id } } }"
UNITS = "query ($w: UnitWhere) { units(where: $w) { nodes { id } } }"


async def wrong(query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
    """The one error of the answer; its extensions beside its message."""
    try:
        result = await answer(query, variables)
    except BadInput as refused:
        return {"message": refused.message, **refused.extensions}
    (error,) = result.errors
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    return {"message": error["message"], **error["extensions"]}


@pytest.mark.parametrize(
    ("condition", "place", "meant"),
    [
        ({"sector": {"eq": "Trasnport"}}, "where.sector.eq", "Transport"),
        ({"sector": {"eq": "AFOLU"}}, "where.sector.eq", "Agriculture forestry and other land use"),
        ({"sector": {"in": ["Transport", "Agricluture"]}}, "where.sector.in[1]", "Agriculture"),
        ({"sector": {"contains": "enrgy demand"}}, "where.sector.contains", "Energy demand"),
        ({"projectType": {"eq": "Afforestion"}}, "where.projectType.eq", "Afforestation"),
        ({"projectType": {"startsWith": "Wnd"}}, "where.projectType.startsWith", "Wind"),
        ({"coBenefit": {"eq": "SDG 13"}}, "where.coBenefit.eq", "SDG 13 - Climate action"),
        ({"coBenefit": {"eq": "Climate acton"}}, "where.coBenefit.eq", "SDG 13 - Climate action"),
    ],
)
async def test_a_word_that_a_closed_vocabulary_does_not_have_names_the_nearest(
    condition: object, place: str, meant: str
) -> None:
    for query, where, at in (
        (PROJECTS, condition, place),
        (UNITS, {"project": condition}, place.replace("where.", "where.project.")),
    ):
        told = await wrong(query, {"w": where})
        assert told["argument"] == at
        assert told["didYouMean"][0].startswith(meant)
        assert meant in told["message"]


@pytest.mark.parametrize(
    "condition",
    [
        {"sector": {"eq": " transport "}},
        {"sector": {"contains": "energy"}},
        {"projectType": {"startsWith": "affor"}},
        {"coBenefit": {"eq": "sdg 13 - climate action"}},
        {"sector": {"isNull": True}},
        {"label": {"eq": "some registry's own"}},
        {"methodology": {"eq": "VM9999"}},
        {"projectStatusDate": {"gte": "2020-01-01", "lte": "2020-01-01"}},
        {"projectId": {"eq": "p1", "in": None}},
        {"country": {"eq": "KE", "in": ["UG"]}},
        {"country": None},
        {},
    ],
)
async def test_what_can_hold_is_asked(condition: object) -> None:
    await data(PROJECTS, {"w": condition})


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("UK", "GB"),
        ("gb", "GB"),
        ("GBR", "GB"),
        ("Kenia", "KE"),
        ("kenya", "KE"),
        ("United States", "US"),
    ],
)
async def test_a_country_by_another_name_names_its_code(text: str, meant: str) -> None:
    told = await wrong(PROJECTS, {"w": {"country": {"eq": text}}})
    assert told["didYouMean"][0] == meant
    assert f"'{meant}'" in told["message"]


@pytest.mark.parametrize("text", ["ZZ", "XX", "AA"])
async def test_letters_that_are_no_country_are_refused(text: str) -> None:
    assert (
        "ISO 3166-1"
        in (await wrong(UNITS, {"w": {"project": {"country": {"in": [text]}}}}))["message"]
    )


@pytest.mark.parametrize(
    ("condition", "place"),
    [
        ({"country": {"eq": None}}, "where.country"),
        ({"country": {}}, "where.country"),
        ({"country": {"in": []}}, "where.country.in"),
        ({"projectStatus": {"in": []}}, "where.projectStatus.in"),
        ({"projectId": {}}, "where.projectId"),
        ({"updatedAt": {}}, "where.updatedAt"),
        ({"registry": {}}, "where.registry"),
        ({"registry": {"eq": None}}, "where.registry"),
        ({"registry": {"in": []}}, "where.registry.in"),
        ({"registry": {"eq": "one", "in": ["two"]}}, "where.registry"),
    ],
)
async def test_a_condition_that_says_nothing_is_refused(condition: object, place: str) -> None:
    assert (await wrong(PROJECTS, {"w": condition}))["argument"] == place


@pytest.mark.parametrize(
    ("query", "condition", "place"),
    [
        (
            PROJECTS,
            {"projectStatusDate": {"gte": "2021-01-01", "lte": "2020-12-31"}},
            "where.projectStatusDate",
        ),
        (
            PROJECTS,
            {"updatedAt": {"gte": "2021-01-01T00:00:00Z", "lte": "2020-01-01T00:00:00Z"}},
            "where.updatedAt",
        ),
        (UNITS, {"vintageYear": {"gte": 2021, "lte": 2020}}, "where.vintageYear"),
        (UNITS, {"vintageYear": {"eq": 2021, "gte": 2022}}, "where.vintageYear"),
        (UNITS, {"vintageYear": {"in": [2021], "lte": 2020}}, "where.vintageYear"),
        (UNITS, {"vintageYear": {"eq": 2021, "in": [2022]}}, "where.vintageYear"),
        (UNITS, {"vintageYear": {"eq": 21}}, "where.vintageYear.eq"),
        (UNITS, {"vintageYear": {"eq": 2021, "isNull": True}}, "where.vintageYear"),
        (UNITS, {"unitSerialId": {"eq": "abc", "contains": "x"}}, "where.unitSerialId"),
        (UNITS, {"unitSerialId": {"eq": "abc", "startsWith": "b"}}, "where.unitSerialId"),
        (UNITS, {"project": {}}, "where.project"),
        (UNITS, {"project": {"country": {}}}, "where.project.country"),
    ],
)
async def test_conditions_that_nothing_can_satisfy_are_refused(
    query: str, condition: object, place: str
) -> None:
    assert (await wrong(query, {"w": condition}))["argument"] == place


async def test_registries_and_the_condition_on_the_registry_must_leave_one() -> None:
    told = await wrong(
        '{ projects(registries: ["one"], where: { registry: { eq: "two" } }) { nodes { id } } }'
    )
    assert told["argument"] == "where.registry"
    assert "none is left" in told["message"]


@pytest.mark.parametrize(
    ("query", "place", "meant"),
    [
        ('{ projects(registries: ["tow"]) { nodes { id } } }', "registries", "two"),
        (
            '{ projects(where: { registry: { eq: "tow" } }) { nodes { id } } }',
            "where.registry",
            "two",
        ),
        ('{ registry(key: "onne") { key } }', "key", "one"),
        ('{ picklist(name: "projectstatus") { name } }', "name", "projectStatus"),
        ('{ picklist(name: "unit type") { name } }', "name", "unitType"),
        ('{ node(id: "cgw:onee:project:p1") { id } }', "id", "cgw:one:project:p1"),
        ('{ node(id: "cgw:One:project:p1") { id } }', "id", "cgw:one:project:p1"),
        ('{ node(id: "CGW:one:projects:p1") { id } }', "id", "cgw:one:project:p1"),
        ('{ node(id: " cgw:one:project:p1") { id } }', "id", "cgw:one:project:p1"),
        ('{ node(id: "cgw:one:project:a b") { id } }', "id", "cgw:one:project:a%20b"),
        ('{ project(id: "cgw:onee:project:p1") { id } }', "id", "cgw:one:project:p1"),
        ('{ unit(registry: "onee", unitSerialId: "u1") { id } }', "registry", "one"),
    ],
)
async def test_a_name_that_nothing_has_names_the_nearest(
    query: str, place: str, meant: str
) -> None:
    told = await wrong(query)
    assert told["argument"] == place
    assert told["didYouMean"][0] == meant
    assert meant in told["message"]


async def test_one_wrong_id_is_an_error_in_its_place_and_the_others_are_found() -> None:
    ids = ["cgw:one:project:p1", "p2", "cgw:onee:project:p1", "cgw:one:project:gone"]
    result = await answer("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ids})
    assert result.data == {"nodes": [{"id": ids[0]}, None, None, None]}
    assert [error["path"] for error in result.errors] == [["nodes", 1], ["nodes", 2]]
    assert [error["extensions"]["argument"] for error in result.errors] == ["ids[1]", "ids[2]"]


async def test_a_well_formed_id_of_nobody_is_not_found_and_no_error() -> None:
    assert await data('{ node(id: "cgw:one:project:nobody") { id } }') == {"node": None}


async def test_a_code_that_is_too_long_is_not_repeated_at_length() -> None:
    told = await refusal(f'{{ registry(key: "{"x" * 32}") {{ key }} }}')
    assert len(told) < 300
    assert len((await wrong(PROJECTS, {"w": {"country": {"eq": "x" * 9_000}}}))["message"]) < 300


@pytest.mark.parametrize(
    ("condition", "meant"),
    [
        ({"label": {"eq": "ICVCM CPP"}}, "'ICVCM CCP'"),
        ({"label": {"in": ["ICVCM CCP", "CCP"]}}, "'ICVCM CCP'"),
        ({"methodology": {"eq": "ACN0002"}}, "'ACM0002'"),
        ({"registryOfOrigin": {"eq": "Vera"}}, "'Verra'"),
        ({"label": {"eq": "ICVCM CCP"}}, None),
        ({"methodology": {"eq": "acm 0002 v21"}}, None),
        ({"label": {"contains": "ICVCM"}}, None),
        ({"label": {"contains": "xyz"}}, "contains 'xyz'"),
    ],
)
async def test_a_word_outside_of_an_open_vocabulary_is_asked_and_warned_of(
    condition: object, meant: str | None
) -> None:
    query = "query ($w: ProjectWhere) { projects(where: $w) { warnings } }"
    told = (await data(query, {"w": condition}))["projects"]["warnings"]
    assert len(told) == (0 if meant is None else 1)
    assert meant is None or meant in told[0]


async def test_no_more_than_a_few_words_are_warned_of() -> None:
    query = "query ($w: ProjectWhere) { projects(where: $w) { warnings } }"
    words = [f"label{n}" for n in range(50)]
    assert len((await data(query, {"w": {"label": {"in": words}}}))["projects"]["warnings"]) == 5


async def test_of_hundreds_of_wrong_ids_only_the_first_are_looked_up_among_the_right_ones() -> None:
    ids = [f"cgw:onee:project:{n}" for n in range(200)]
    result = await answer("query ($i: [ID!]!) { nodes(ids: $i) { id } }", {"i": ids})
    assert len(result.errors) == 200
    meant = ["didYouMean" in error["extensions"] for error in result.errors]
    assert meant == [True] * 10 + [False] * 190
