"""What a manifest says of one kind of record: where it is read, and which field comes from what."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    field_validator,
)

from adapters.manifest_paging import AnyPaginator
from adapters.manifest_pattern import hard
from adapters.manifest_select import Expression
from gateway.model.question import Op


def _scalar(value: Any) -> Any:
    if not isinstance(value, (str, bool, int, Decimal)):
        raise ValueError("must be a text, a number, true or false")
    return value


def _constant(value: Any) -> Any:
    return tuple(map(_scalar, value)) if isinstance(value, list) else _scalar(value)


# A union of types would tell each of them in one error after the other.
Scalar = Annotated[Any, AfterValidator(_scalar)]


class Strict(BaseModel):
    """Unknown keys are errors: a misspelt field must not be silently absent."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def _words(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


class From(Strict):
    """One field: where its value stands, and what is made of it.

    Exactly one of `from`, `constant`, `template` and `each` says where it comes from; `fields`
    alone makes a child out of the row itself.
    """

    source: tuple[str, ...] = Field((), alias="from")
    convert: str | None = None
    lookup: str | None = None
    constant: Annotated[Any, AfterValidator(_constant)] = None
    template: str | None = None
    each: Expression | None = None
    fields: dict[str, Leaf] | None = None
    required: bool = False

    @field_validator("source", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return _words(value)


def _kind(value: Any) -> str:
    if isinstance(value, str):
        return "text"
    return "list" if isinstance(value, list) else "table"


# A field is a text (where it stands), a table, or a list of children's fields.
Leaf = Annotated[Annotated[str, Tag("text")] | Annotated[From, Tag("table")], Discriminator(_kind)]
Spec = Annotated[
    Annotated[str, Tag("text")]
    | Annotated[From, Tag("table")]
    | Annotated[tuple[dict[str, Leaf], ...], Tag("list")],
    Discriminator(_kind),
]
From.model_rebuild()


class Expect(Strict):
    """How many rows there should be; anything else is told as drift."""

    min: Annotated[int, Field(ge=0, le=1_000_000_000)] = 0
    max: Annotated[int, Field(ge=1, le=1_000_000_000)] | None = None


class Identifier(Strict):
    """The scheme by which the key is known, and what such a key looks like."""

    scheme: str
    pattern: str

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, value: str) -> str:
        try:
            pattern = re.compile(value)
        except re.error as error:
            raise ValueError(f"is no regular expression: {error}") from None
        if (text := hard(pattern)) is not None:
            raise ValueError(
                f"takes too long for texts such as {text!r}: repeat nothing that repeats itself, "
                "or make the inner one possessive (`++`, `*+`)"
            )
        return value


class Resource(Strict):
    """What all kinds of source share.

    `fields` are CAD Trust's fields by name. `ignored` names what the rows hold and nobody needs,
    so that everything else that is new is told. `nulls` are texts that stand for no value.
    """

    fields: dict[str, Spec]
    expect: Expect = Expect()
    ignored: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ()
    identifier: Identifier | None = None


class FileEndpoint(Strict):
    """One file of the folder, or below the URL. `final_newline` says that the file ends with a
    line end, by which one that was cut short is known."""

    path: str
    params: dict[str, Scalar] = Field(default_factory=dict)
    format: Literal["csv", "xlsx", "jsonl", "parquet"] | None = None
    encoding: str = "utf-8-sig"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    sheet: str | None = None
    skip_rows: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    final_newline: bool = True
    page_size: Annotated[int, Field(ge=1, le=1_000_000)] = 1_000

    @field_validator("encoding")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            "".encode(value)
        except LookupError:
            raise ValueError(f"{value!r} is no encoding; try utf-8 or windows-1252") from None
        return value


class FileResource(Resource):
    endpoint: FileEndpoint


class Filter(Strict):
    """A filter that the registry applies. `exact` says that it does so to the letter; else what
    comes is checked again. `lookup` turns the value back into the registry's own words, `closed`
    says that no row can hold another word than those, or than the one that is asked for."""

    ops: Annotated[tuple[Op, ...], Field(min_length=1)]
    exact: bool = False
    most: Annotated[int, Field(ge=1, le=100_000)] = 1
    lookup: str | None = None
    closed: bool = False


class Placed(Strict):
    """Where a value is put: a query parameter, or a dotted path into the JSON body. Several
    values are joined by `separator`; without one they come as several parameters, or as a list."""

    param: str | None = None
    body_path: str | None = None
    separator: str | None = None


class RestFilter(Filter, Placed):
    """`params` and `body_paths` name another place for single operators (`gte`, `lte`)."""

    params: dict[Op, str] = Field(default_factory=dict)
    body_paths: dict[Op, str] = Field(default_factory=dict)


class RestParent(Placed):
    """How children are asked for by their parents' keys."""

    most: Annotated[int, Field(ge=1, le=100_000)] = 1


class RestKey(Placed):
    """How records are asked for by their keys: at a path that holds `{key}`, or by a parameter.

    `adds` names the fields that the list leaves out and a record asked for by its key has.
    """

    path: str | None = None
    data_selector: Expression | None = None
    most: Annotated[int, Field(ge=1, le=100_000)] = 1
    adds: tuple[str, ...] = ()


class RestEndpoint(Strict):
    """One list of a REST interface, in the words of dlt's REST source."""

    path: str
    method: Literal["GET", "POST"] = "GET"
    params: dict[str, Scalar] = Field(default_factory=dict)
    json_: dict[str, Any] | None = Field(None, alias="json")
    data_selector: Expression = "@"
    total_selector: Expression | None = None
    success_selector: Expression | None = None
    error_selector: Expression | None = None
    paginator: AnyPaginator | None = None


class GraphqlEndpoint(Strict):
    """One list of a GraphQL interface; values go into its variables."""

    path: str = ""
    query: str
    variables: dict[str, Any] = Field(default_factory=dict)
    data_selector: Expression
    total_selector: Expression | None = None
    success_selector: Expression | None = None
    error_selector: Expression | None = None
    paginator: AnyPaginator | None = None


class GraphqlKey(Placed):
    """How records are asked for by their keys; without a query of its own, by the list's."""

    query: str | None = None
    data_selector: Expression | None = None
    most: Annotated[int, Field(ge=1, le=100_000)] = 1
    adds: tuple[str, ...] = ()


class RestResource(Resource):
    endpoint: RestEndpoint
    filters: dict[str, RestFilter] = Field(default_factory=dict)
    parents: dict[Literal["project", "issuance"], RestParent] = Field(default_factory=dict)
    by_key: RestKey | None = None


class GraphqlResource(Resource):
    endpoint: GraphqlEndpoint
    filters: dict[str, RestFilter] = Field(default_factory=dict)
    parents: dict[Literal["project", "issuance"], RestParent] = Field(default_factory=dict)
    by_key: GraphqlKey | None = None


class SqlEndpoint(Strict):
    """A table or view, or a SELECT of the operator's own. `key_type` is the key column's."""

    table: str | None = None
    query: str | None = None
    limit: Annotated[int, Field(ge=1, le=1_000_000)] = 1_000
    key_type: Literal["text", "integer"] = "text"


class SqlFilter(Filter):
    """`column` is where the field comes from, where it is left out. A column of `code` type holds
    codes of one case and without blanks, so that an index can be used."""

    column: str | None = None
    type: Literal["text", "code", "integer", "date", "boolean"] = "text"


class SqlResource(Resource):
    endpoint: SqlEndpoint
    filters: dict[str, SqlFilter] = Field(default_factory=dict)
