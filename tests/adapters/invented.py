"""An adapter of an invented registry that knows nothing, for tests of the catalogue."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from adapters.contract import Collection, Page, Politeness, RegistryInfo, Source
from gateway.model.entity import Entity
from gateway.model.question import Question
from gateway.model.record import Record


class Invented:
    """Answers every question with one empty page."""

    info = RegistryInfo(
        key="invented",
        name="Invented Registry",
        operator="Nobody",
        url="https://registry.example",
        base_url="",
        terms="None.",
        attribution="None.",
    )
    politeness = Politeness()
    collections: Mapping[Entity, Collection] = {Entity.PROJECT: Collection()}
    views: Mapping[Entity, tuple[type[Record[Any]], ...]] = {}

    async def pages(
        self, source: Source, question: Question, token: str | None = None
    ) -> AsyncIterator[Page]:
        yield Page(())

    async def by_keys(self, source: Source, entity: Entity, keys: Sequence[str]) -> Page:
        return Page(())

    def project_key(self, text: str) -> str | None:
        return None

    def lookup_key(self, scheme: str, value: str) -> tuple[Entity, str] | None:
        return None

    def belongs(self, unit: Record[Any], issuance: Record[Any]) -> bool:
        return False


INVENTED = Invented()
