"""The World Bank's Carbon Assets Tracking System (CATS), by manual upload.

Source: none. CATS (https://cats.worldbank.org) shows its programmes as pages of a web application;
no public interface, export format or serial grammar of it is known, and none is invented here.
Instead, files are read that the operator of this gateway puts in place: `projects`, `issuances`
and `units`, as CSV or, with the option `format = "jsonl"`, as JSON Lines, below the `base_url`
that the operator sets (`https://...`, or `file:///...` for a folder). Without one the registry is
listed as not configured and never asked. Not verified against a live host.

The columns have CAD Trust's own names; `docs/cats.md` lists them, `adapters/cats.toml` maps them.
Everything else (whole files only, duplicate keys, files that changed) is as for every manifest of
the file kind.

Personal data: none is asked for; do not put any into the files.
"""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any

from adapters.contract import Page, Source
from adapters.manifest_adapter import ManifestAdapter
from adapters.manifest_model import FileManifest
from gateway.errors import ConfigError
from gateway.model.entity import Entity
from gateway.model.question import Question
from gateway.model.record import Record

FORMAT = "format"
FORMATS = ("csv", "jsonl")


class Cats:
    """CATS, as far as somebody wrote it down: the same columns in either format."""

    def __init__(self) -> None:
        self._readers = {
            name: ManifestAdapter(FileManifest.model_validate(told), tree=told)
            for name, told in ((name, manifest(name)) for name in FORMATS)
        }
        usual = self._readers[FORMATS[0]]
        self.info = replace(usual.info, options={FORMAT: FORMATS[0]})
        self.politeness = usual.politeness
        self.collections = usual.collections
        self.views: Mapping[Entity, tuple[type[Record[Any]], ...]] = {
            entity: tuple(view for one in self._readers.values() for view in one.views[entity])
            for entity in usual.views
        }

    def pages(
        self, source: Source, question: Question, token: str | None = None
    ) -> AsyncIterator[Page]:
        """The rows of a file in the order of their keys."""
        return self._of(source).pages(source, question, token)

    async def by_keys(self, source: Source, entity: Entity, keys: Sequence[str]) -> Page:
        """Programmes by `projectId`, issuances by `issuanceId`, units by `unitSerialId`."""
        return await self._of(source).by_keys(source, entity, keys)

    def project_key(self, text: str) -> str | None:
        """The programme's number."""
        return self._readers[FORMATS[0]].project_key(text)

    def lookup_key(self, scheme: str, value: str) -> tuple[Entity, str] | None:
        """Programmes' numbers and serials."""
        return self._readers[FORMATS[0]].lookup_key(scheme, value)

    def belongs(self, unit: Record[Any], issuance: Record[Any]) -> bool | None:
        """Whether the unit's row names the issuance."""
        return self._readers[FORMATS[0]].belongs(unit, issuance)

    def _of(self, source: Source) -> ManifestAdapter:
        told = source.options.get(FORMAT, FORMATS[0])
        if told not in self._readers:
            raise ConfigError(
                f"registries.{source.registry}.options.{FORMAT} must be {' or '.join(FORMATS)}"
            )
        return self._readers[told]


def manifest(kind: str) -> dict[str, Any]:
    """What `cats.toml` says, of files of this format."""
    text = files("adapters").joinpath("cats.toml").read_text("utf-8")
    tree: dict[str, Any] = tomllib.loads(text, parse_float=Decimal)
    for resource in tree["resources"].values():
        endpoint = resource["endpoint"]
        endpoint["path"] = str(PurePosixPath(endpoint["path"]).with_suffix(f".{kind}"))
    return tree


adapter = Cats()
