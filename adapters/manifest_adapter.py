"""The adapter of a manifest: readers of its mode behind the contract that all adapters keep."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from adapters.contract import Auth, Code, Collection, Page, Politeness, RegistryInfo, Reply, Source
from adapters.manifest_file import FileReader, format_of, is_table
from adapters.manifest_model import (
    MODELS,
    ApiKey,
    GraphqlClient,
    Manifest,
    OAuth2,
    RestClient,
    SqlClient,
    SqlManifest,
)
from adapters.manifest_pattern import fits
from adapters.manifest_problem import Problem
from adapters.manifest_records import Records
from adapters.manifest_resource import FileResource, GraphqlResource, RestResource, SqlResource
from adapters.manifest_rest import RestReader
from adapters.manifest_sql import SqlReader
from adapters.manifest_tables import missing
from adapters.manifest_text import toml
from adapters.manifest_views import Views
from adapters.trouble import of_graphql_body, refused_credential
from gateway.errors import RegistryError
from gateway.model.entity import Entity
from gateway.model.link import Links
from gateway.model.question import Question
from gateway.model.record import Record

# How a kind of source is asked unless the manifest or the operator says otherwise.
_RATES: Mapping[str, Politeness] = {
    "file": Politeness(rate=20, burst=10, max_bytes=64 * 1024 * 1024, timeout=60),
    "rest": Politeness(),
    "graphql": Politeness(),
    "sql": Politeness(rate=50, burst=20, fresh_for=0),
}


class Reader(Protocol):
    """One kind of record, read in one mode."""

    records: Records
    collection: Collection
    # The manifest's own text, by which another process makes a reader like this one.
    manifest: str

    def pages(
        self, source: Source, question: Question, token: str | None
    ) -> AsyncIterator[Page]: ...

    async def by_keys(self, source: Source, keys: Sequence[str]) -> Page: ...


class ManifestAdapter:
    """The registry of one manifest."""

    def __init__(
        self,
        manifest: Manifest,
        folder: Path | None = None,
        tree: Mapping[str, Any] | None = None,
    ) -> None:
        # As it was read; what is published of it is made from this.
        self.tree: Mapping[str, Any] = tree or {}
        self.info = info(manifest, folder or Path())
        rates = manifest.client.politeness.model_dump(exclude_none=True)
        self.politeness = replace(_RATES[manifest.client.type], **rates)
        views = Views(self.info.key, manifest.lookups)
        self._readers = {reader.records.entity: reader for reader in readers(manifest, views, self)}
        files = {e: r for e, r in self._readers.items() if isinstance(r, FileReader)}
        for reader in files.values():
            reader.above = files
        text = toml(_decoded_by(tree)) if tree else ""
        for made in self._readers.values():
            made.manifest = text
        if unused := sorted(set(manifest.lookups) - views.used):
            raise Problem(("lookups", unused[0]), "no field uses this lookup")
        self.collections: Mapping[Entity, Collection] = {
            entity: reader.collection for entity, reader in self._readers.items()
        }
        self.views: Mapping[Entity, tuple[type[Record[Any]], ...]] = {
            entity: tuple(dict.fromkeys((reader.records.view, reader.records.keyed)))
            for entity, reader in self._readers.items()
        }

    @property
    def files(self) -> tuple[FileReader, ...]:
        """What reads files, where this is a manifest of files."""
        return tuple(r for r in self._readers.values() if isinstance(r, FileReader))

    def pages(
        self, source: Source, question: Question, token: str | None = None
    ) -> AsyncIterator[Page]:
        """The pages of the list that the manifest names for this kind of record."""
        return self._readers[question.entity].pages(source, question, token)

    async def by_keys(self, source: Source, entity: Entity, keys: Sequence[str]) -> Page:
        """The records of these keys."""
        return await self._readers[entity].by_keys(source, keys)

    def trouble(self, reply: Reply) -> RegistryError | None:
        """The errors of a GraphQL answer, or a credential that was refused."""
        return of_graphql_body(reply) or refused_credential(reply)

    def project_key(self, text: str) -> str | None:
        """The key, for a text that the manifest's pattern for project keys fits."""
        return self._identified(Entity.PROJECT, text)

    def lookup_key(self, scheme: str, value: str) -> tuple[Entity, str] | None:
        """The record that has the value as its key, where the manifest names such a scheme."""
        for entity, reader in self._readers.items():
            known = reader.records.resource.identifier
            if known is not None and known.scheme == scheme:
                key = self._identified(entity, value)
                return None if key is None else (entity, key)
        return None

    def _identified(self, entity: Entity, text: str) -> str | None:
        reader = self._readers.get(entity)
        known = None if reader is None else reader.records.resource.identifier
        text = text.strip()
        return text if known is not None and fits(known.pattern, text) else None

    def belongs(self, unit: Record[Any], issuance: Record[Any]) -> bool | None:
        """Whether the unit's row names the issuance; None where it names none."""
        told = getattr(unit, "issuance_key", None)
        return None if told is None else told in Links((issuance.key,))


def _decoded_by(tree: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest without what may be secret, and decodes nothing."""
    client = {name: value for name, value in tree["client"].items() if name != "headers"}
    return {**tree, "client": client}


def decoder(text: str, entity: str, name: str) -> Callable[[Reply], Any]:
    """The decoder of this name for this kind of record, of the manifest with this text."""
    tree = tomllib.loads(text, parse_float=Decimal)
    manifest = MODELS[tree["client"]["type"]].model_validate(tree)
    reader = ManifestAdapter(manifest, None, tree)._readers[Entity(entity)]
    if isinstance(reader, SqlReader):
        size, _, first = name.partition("-")
        return reader.decoder(int(size), first=first == "1").decode
    found: Callable[[Reply], Any] = getattr(reader, name)
    return found


def readers(manifest: Manifest, views: Views, adapter: ManifestAdapter) -> list[Reader]:
    """What reads each kind of record.

    Raises:
        Problem: where the manifest is at odds with itself.
    """
    found: list[Reader] = []
    client = manifest.client
    key_types = {
        Entity(name): resource.endpoint.key_type
        for name, resource in manifest.resources.items()
        if isinstance(resource, SqlResource)
    }
    for name, resource in manifest.resources.items():
        entity = Entity(name)
        here = ("resources", name)
        table = isinstance(manifest, SqlManifest)
        if isinstance(resource, FileResource):
            table = is_table(resource.endpoint, here)
            if needed := missing(format_of(resource.endpoint, here)):
                told = f"needs {needed}: install carbon-gateway[files]"
                raise Problem((*here, "endpoint", "path"), told)
        records = Records(adapter.info, entity, resource, views, table=table)
        if isinstance(resource, FileResource):
            found.append(FileReader(records, resource.endpoint))
        elif isinstance(resource, SqlResource):
            found.append(SqlReader(records, resource, key_types))
        elif isinstance(resource, (RestResource, GraphqlResource)):
            shared = client.paginator if isinstance(client, (RestClient, GraphqlClient)) else None
            auth = adapter.info.auth
            secret = auth.name if auth is not None and auth.location == "query" else ""
            found.append(RestReader(records, resource, shared, secret))
    return found


def info(manifest: Manifest, folder: Path) -> RegistryInfo:
    """Who the registry is, in the contract's words."""
    about, client = manifest.registry, manifest.client
    auth, credential = None, ""
    if not isinstance(client, SqlClient) and client.auth is not None:
        given = client.auth
        auth = Auth(given.type)
        credential = "Authorization"
        if isinstance(given, ApiKey):
            auth = Auth("api_key", given.name, given.location)
            credential = given.name
        elif isinstance(given, OAuth2):
            auth = Auth(given.type, token_url=given.access_token_url, scope=given.scope)
    schemes = [r.identifier.scheme for r in manifest.resources.values() if r.identifier]
    headers = {} if isinstance(client, SqlClient) else client.headers
    return RegistryInfo(
        key=about.key,
        name=about.name,
        operator=about.operator,
        url=about.url,
        base_url=_based(client.base_url, folder),
        terms=about.terms,
        attribution=about.attribution,
        countries=about.countries,
        known_as=about.known_as,
        schemes=tuple(dict.fromkeys(schemes)),
        codes={
            known.scheme: Code(Entity(entity), pattern=known.pattern)
            for entity, resource in reversed(manifest.resources.items())
            if (known := resource.identifier)
        },
        by_code=_shown(manifest),
        credential=credential,
        auth=auth,
        headers=tuple(headers.items()),
        verified=about.verified,
        notes=about.notes,
    )


def _shown(manifest: Manifest) -> dict[Entity, str]:
    """The kinds whose public code is not known to be the key, with the filter that finds it."""
    found = {}
    for entity, shown in ((Entity.PROJECT, "project_id"), (Entity.UNIT, "unit_serial_id")):
        resource = manifest.resources.get(entity.value)
        if resource is None or shown not in resource.fields:
            continue
        is_key = resource.fields[shown] == resource.fields.get("key")
        # A unit is asked by any text as a key; a project only by one that a pattern fits.
        if not is_key or (entity is Entity.PROJECT and resource.identifier is None):
            found[entity] = shown
    return found


def _based(base: str, folder: Path) -> str:
    """A place relative to the manifest, as an absolute one."""
    scheme, colon, rest = base.partition(":")
    if colon and scheme in ("file", "sqlite") and not rest.startswith("/"):
        return f"{scheme}://{quote(str((folder / rest).absolute()))}"
    return base
