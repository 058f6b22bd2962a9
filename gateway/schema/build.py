"""The schema, built once per process."""

from functools import cache

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from gateway.schema.directive import ask
from gateway.schema.issuance import Issuance
from gateway.schema.project import Project
from gateway.schema.query import Query
from gateway.schema.scalars import SCALARS
from gateway.schema.unit import Unit
from gateway.schema.volatility import check_declared


@cache
def build_schema() -> strawberry.Schema:
    """The one declaration of every type, field and argument."""
    return schema_of(Query)


def schema_of(query: type) -> strawberry.Schema:
    """A schema with this root, each of whose fields says what its value rests on.

    Raises:
        TypeError: naming the fields that do not.
    """
    made = strawberry.Schema(
        query=query,
        directives=[ask],
        types=[Project, Issuance, Unit],
        config=StrawberryConfig(auto_camel_case=True, scalar_map=SCALARS),
    )
    check_declared(made._schema)
    return made


def core_schema() -> GraphQLSchema:
    """graphql-core's form of the schema, for parsing, validation and the reference executor."""
    schema: GraphQLSchema = build_schema()._schema
    return schema


def print_schema() -> str:
    """The SDL that `schema.graphql` holds."""
    return build_schema().as_str() + "\n"
