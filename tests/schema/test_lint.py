"""The schema as its readers expect it: described, named and shaped alike throughout."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
)

from gateway.model.project import ProjectRecord
from gateway.model.record import View
from gateway.schema.build import core_schema, print_schema
from gateway.stitch.vocabulary import VOCABULARY
from tests.paths import ROOT

SCHEMA = core_schema()
TYPES = {n: t for n, t in SCHEMA.type_map.items() if not n.startswith("__")}
OBJECTS = {
    n: t for n, t in TYPES.items() if isinstance(t, (GraphQLObjectType, GraphQLInterfaceType))
}
INPUTS = {n: t for n, t in TYPES.items() if isinstance(t, GraphQLInputObjectType)}
ENUMS = {n: t for n, t in TYPES.items() if isinstance(t, GraphQLEnumType)}
BUILT_IN = {"String", "Int", "Boolean", "ID", "Float"}
SDL = ROOT / "schema.graphql"


def elements() -> Iterator[tuple[str, str | None]]:
    """Everything that must be described, by its place."""
    for name, kind in TYPES.items():
        if name not in BUILT_IN:
            yield name, kind.description
    for name, kind in OBJECTS.items():
        for field, made in kind.fields.items():
            yield f"{name}.{field}", made.description
            for argument, asked in made.args.items():
                yield f"{name}.{field}({argument})", asked.description
    for name, entered in INPUTS.items():
        for field, taken in entered.fields.items():
            yield f"{name}.{field}", taken.description
    for name, listed in ENUMS.items():
        for value, told in listed.values.items():
            yield f"{name}.{value}", told.description
    for directive in SCHEMA.directives:
        yield f"@{directive.name}", directive.description
        for argument, asked in directive.args.items():
            yield f"@{directive.name}({argument})", asked.description


@pytest.mark.parametrize(("place", "description"), list(elements()))
def test_everything_is_described_in_a_sentence(place: str, description: str | None) -> None:
    assert description, f"{place} has no description"
    assert description.strip() == description
    assert description[0].isupper() or description[0] in "`/", place
    assert description.endswith("."), place


def test_the_committed_schema_is_the_printed_one() -> None:
    assert SDL.read_text("utf-8") == print_schema(), "run `make schema` and commit the change"


def test_names_follow_the_conventions() -> None:
    for name in (*OBJECTS, *INPUTS, *ENUMS):
        assert re.fullmatch(r"[A-Z][A-Za-z0-9]*", name), name
    for name, kind in (*OBJECTS.items(), *INPUTS.items()):
        for field in kind.fields:
            assert re.fullmatch(r"[a-z][A-Za-z0-9]*", field), f"{name}.{field}"
    for name, listed in ENUMS.items():
        for value in listed.values:
            assert re.fullmatch(r"[A-Z][A-Z0-9_]*", value), f"{name}.{value}"
    for name in INPUTS:
        assert name.endswith(("Where", "Order", "Filter")), name


def test_no_number_is_a_float_and_no_value_is_free_form() -> None:
    assert not {"Float", "JSON", "GenericScalar"} & set(TYPES)


RELAY = ("edges", "nodes", "pageInfo")


def test_every_connection_has_relays_shape_and_coverage() -> None:
    connections = [n for n in OBJECTS if n.endswith("Connection")]
    assert len(connections) == 3
    for name in connections:
        fields = OBJECTS[name].fields
        assert set(fields) == {*RELAY, "totalCount", "coverage", "warnings"}
        for field in ("edges", "nodes", "coverage"):
            assert _is_whole_list(fields[field]), f"{name}.{field}"
        edge = get_named_type(fields["edges"].type)
        assert isinstance(edge, GraphQLObjectType)
        assert set(edge.fields) == {"cursor", "node"}
    for name, kind in OBJECTS.items():
        for field, made in kind.fields.items():
            if get_named_type(made.type).name.endswith("Connection"):
                assert {"first", "after"} <= set(made.args), f"{name}.{field}"


def _is_whole_list(field: GraphQLField) -> bool:
    kind = field.type
    return (
        isinstance(kind, GraphQLNonNull)
        and isinstance(kind.of_type, GraphQLList)
        and isinstance(kind.of_type.of_type, GraphQLNonNull)
    )


def test_page_info_is_relays() -> None:
    assert set(OBJECTS["PageInfo"].fields) == {
        "hasNextPage",
        "hasPreviousPage",
        "startCursor",
        "endCursor",
    }


@pytest.mark.parametrize("name", ["Project", "Issuance", "Unit"])
def test_records_are_nodes_and_only_the_gateways_own_fields_are_required(name: str) -> None:
    kind = OBJECTS[name]
    assert isinstance(kind, GraphQLObjectType)
    assert [i.name for i in kind.interfaces] == ["Node"]
    required = {f for f, made in kind.fields.items() if isinstance(made.type, GraphQLNonNull)}
    own = {"id", "registry", "identifiers", "provenance", "issuances", "units", "sameAs"}
    assert required <= own


def raw_pairs() -> Iterator[tuple[str, str]]:
    for name, kind in OBJECTS.items():
        for field in kind.fields:
            if field.endswith("Raw"):
                yield name, field


@pytest.mark.parametrize(("name", "field"), list(raw_pairs()))
def test_a_raw_value_is_text_beside_its_mapped_value(name: str, field: str) -> None:
    fields = OBJECTS[name].fields
    assert str(fields[field].type) == "String"
    beside = field.removesuffix("Raw")
    # A methodology's raw text says its code, name and version at once.
    assert beside in fields or (name, field) == ("Methodology", "methodologyRaw")


TYPED = {"Date", "DateTime", "Decimal", "BigInt", "CountryCode"}
TABLES = {
    "Project",
    "Issuance",
    "Unit",
    "ProjectLocation",
    "Estimation",
    "Label",
    "Methodology",
    "Validation",
    "Verification",
    "ProjectRating",
    "RelatedProject",
    "CoBenefit",
}


def test_every_mapped_value_has_its_raw_value() -> None:
    for name in TABLES:
        fields = OBJECTS[name].fields
        for field, made in fields.items():
            kind = get_named_type(made.type)
            if kind.name in TYPED or isinstance(kind, GraphQLEnumType):
                # What a value rests on is the gateway's own judgement: nobody wrote it.
                assert f"{field}Raw" in fields or kind.name == "ValueBasis", f"{name}.{field}"


def vocabularies() -> Iterator[tuple[str, type[View[Any]]]]:
    for entity, view in VOCABULARY.items():
        yield entity.value.capitalize(), view
    for child in View.__subclasses__():
        if child.__module__ == ProjectRecord.__module__:
            name = child.__name__.removesuffix("View")
            yield {"Location": "ProjectLocation", "Rating": "ProjectRating"}.get(name, name), child


@pytest.mark.parametrize(("name", "view"), list(vocabularies()))
def test_every_field_of_the_model_can_be_asked_for(name: str, view: type[View[Any]]) -> None:
    inner = {"row", "fields", "texts", "parted", "entity", "key", "parent"}
    inner |= {"project_key", "issuance_key"}
    model: set[str] = set()
    for base in view.__mro__:
        model |= {n for n in inspect.get_annotations(base) if n not in inner}
    kind = OBJECTS[name]
    spelled = {re.sub(r"(?<!^)(?=[A-Z])", "_", field).lower() for field in kind.fields}
    renamed = {"related_registry": "registry", "related_registry_raw": "registry_raw"}
    missing = {renamed.get(n, n) for n in model} - spelled - {"origin", "place"}
    assert not missing
