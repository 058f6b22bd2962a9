"""The manifest: one registry, its source and its records, as the TOML file says them."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from adapters.manifest_paging import AnyPaginator
from adapters.manifest_resource import (
    FileResource,
    GraphqlResource,
    Resource,
    RestResource,
    Scalar,
    SqlResource,
    Strict,
)
from gateway.harmonise.countries import country_name
from gateway.model.globalid import is_registry_key

Kind = Literal["project", "issuance", "unit"]


def _key(text: str) -> str:
    if not is_registry_key(text):
        raise ValueError(f"{text!r} is no registry key: 1 to 32 of a-z, 0-9 and -, none at an end")
    return text


def _countries(codes: tuple[str, ...]) -> tuple[str, ...]:
    for code in codes:
        if country_name(code) is None:
            raise ValueError(f"{code!r} is no country code of two capitals")
    return codes


def _place(text: str) -> str:
    parts = urlsplit(text)
    if text and parts.scheme not in ("https", "file", "sqlite"):
        raise ValueError(
            "must be an https URL, file:folder or sqlite:file; other hosts belong into the "
            "configuration, as registries.<key>.base_url"
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must not hold credentials, a query or a fragment")
    return text.rstrip("/")


class About(Strict):
    """Who the registry is and on what terms its data is shown."""

    key: Annotated[str, AfterValidator(_key)]
    name: Annotated[str, Field(min_length=1)]
    operator: str
    url: str
    terms: str
    attribution: str
    countries: Annotated[tuple[str, ...], AfterValidator(_countries)] = ()
    known_as: tuple[str, ...] = ()
    verified: Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$")] = ""
    notes: str = ""


class Bearer(Strict):
    type: Literal["bearer"]


class HttpBasic(Strict):
    type: Literal["http_basic"]


class ApiKey(Strict):
    type: Literal["api_key"]
    name: str = "Authorization"
    location: Literal["header", "query"] = "header"


class OAuth2(Strict):
    type: Literal["oauth2_client_credentials"]
    access_token_url: str
    scope: str = ""


AnyAuth = Annotated[Bearer | HttpBasic | ApiKey | OAuth2, Field(discriminator="type")]


class Rate(Strict):
    """How the registry wants to be asked; what is left out is the gateway's own caution."""

    rate: Annotated[float, Field(ge=1e-6, le=1e6)] | None = None
    period: Annotated[float, Field(ge=1e-3, le=31_536_000)] | None = None
    burst: Annotated[int, Field(ge=1, le=100_000)] | None = None
    concurrency: Annotated[int, Field(ge=1, le=64)] | None = None
    fresh_for: Annotated[float, Field(ge=0, le=31_536_000)] | None = None
    stale_if_error: Annotated[float, Field(ge=0, le=31_536_000)] | None = None
    timeout: Annotated[float, Field(ge=0.01, le=300)] | None = None
    max_bytes: Annotated[int, Field(ge=1024, le=4 * 1024**3)] | None = None


class Client(Strict):
    """How the registry is reached. The secret that `auth` needs stands in the configuration."""

    base_url: Annotated[str, AfterValidator(_place)] = ""
    headers: dict[str, str] = Field(default_factory=dict)
    auth: AnyAuth | None = None
    politeness: Rate = Rate()


class FileClient(Client):
    type: Literal["file"]


class RestClient(Client):
    type: Literal["rest"]
    paginator: AnyPaginator | None = None


class GraphqlClient(Client):
    type: Literal["graphql"]
    paginator: AnyPaginator | None = None


class SqlClient(Strict):
    """A database; the password, where it wants one, is the credential of the configuration."""

    type: Literal["sql"]
    base_url: Annotated[str, AfterValidator(_place)] = ""
    politeness: Rate = Rate()


class Manifest(Strict):
    """What all manifests share. `lookups` are tables from the registry's words to CAD Trust's."""

    registry: About
    lookups: dict[str, dict[str, Scalar]] = Field(default_factory=dict)
    client: FileClient | RestClient | GraphqlClient | SqlClient
    resources: dict[Kind, Resource]


class FileManifest(Manifest):
    client: FileClient
    resources: Annotated[dict[Kind, FileResource], Field(min_length=1)]  # type: ignore[assignment]


class RestManifest(Manifest):
    client: RestClient
    resources: Annotated[dict[Kind, RestResource], Field(min_length=1)]  # type: ignore[assignment]


class GraphqlManifest(Manifest):
    client: GraphqlClient
    resources: Annotated[dict[Kind, GraphqlResource], Field(min_length=1)]  # type: ignore[assignment]


class SqlManifest(Manifest):
    client: SqlClient
    resources: Annotated[dict[Kind, SqlResource], Field(min_length=1)]  # type: ignore[assignment]


MODELS: dict[str, type[Manifest]] = {
    "file": FileManifest,
    "rest": RestManifest,
    "graphql": GraphqlManifest,
    "sql": SqlManifest,
}
