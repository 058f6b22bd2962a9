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


@cache
def build_schema() -> strawberry.Schema:
    """The one declaration of every type, field and argument."""
    return strawberry.Schema(
        query=Query,
        directives=[ask],
        types=[Project, Issuance, Unit],
        config=StrawberryConfig(auto_camel_case=True, scalar_map=SCALARS),
    )


def core_schema() -> GraphQLSchema:
    """graphql-core's form of the schema, for parsing, validation and the reference executor."""
    schema: GraphQLSchema = build_schema()._schema
    return schema


def print_schema() -> str:
    """The SDL that `schema.graphql` holds."""
    return build_schema().as_str() + "\n"
