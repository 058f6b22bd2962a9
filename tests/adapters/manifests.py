"""What the tests of manifests share: a manifest out of a text, asked through the real door."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiocache.base import BaseCache

from adapters.contract import Page
from adapters.manifest import load
from adapters.manifest_adapter import ManifestAdapter
from gateway import assemble
from gateway.clock import SystemChance, SystemClock
from gateway.config import RegistrySettings
from gateway.errors import ConfigError
from gateway.model.entity import Entity
from gateway.model.question import Op, Parent, Predicate, Question
from gateway.model.record import Record
from gateway.provenance.evidence import Evidence
from gateway.upstream.door import Door
from gateway.upstream.source import RegistrySource
from gateway.upstream.terms import Terms
from gateway.upstream.tuning import Tuning

SWIFT = Tuning(margin=0.01, floor=0.01, retries=0, breaker_least=1_000_000, gate_max=0.05)
ABOUT = """\
[registry]
key = "invented"
name = "Invented Registry"
operator = "Nobody (invented)"
url = "https://registry.example"
terms = "None."
attribution = "Nobody"
"""


def manifest(folder: Path, text: str, *, about: str = ABOUT) -> ManifestAdapter:
    """The adapter of this manifest; `about` stands before the text."""
    path = folder / "invented.toml"
    path.write_text(f"{about}{text}", "utf-8")
    return load(path)


def problem(folder: Path, text: str, *, about: str = ABOUT) -> str:
    """What is wrong with the manifest, without the folder."""
    with pytest.raises(ConfigError) as raised:
        manifest(folder, text, about=about)
    return raised.value.message.replace(f"{folder}/", "")


@dataclass
class Desk:
    """One registry, asked through the door."""

    adapter: ManifestAdapter
    door: Door
    evidence: Evidence = field(default_factory=lambda: Evidence(keep_bodies=True))

    def source(self, seconds: float = 10.0) -> RegistrySource:
        deadline = SystemClock().monotonic() + seconds
        return self.door.source(self.adapter.info.key, Terms(deadline, evidence=self.evidence))

    async def pages(self, question: Question, token: str | None = None) -> list[Page]:
        return [page async for page in self.adapter.pages(self.source(), question, token)]

    async def ask(
        self,
        entity: Entity = Entity.PROJECT,
        *predicates: Predicate,
        below: tuple[Entity, Sequence[str]] | None = None,
        want: int = 500,
    ) -> list[Any]:
        """The records that the registry finds."""
        parent = None if below is None else Parent(below[0], tuple(below[1]))
        question = Question(entity, predicates, parent, want=want)
        return [record for page in await self.pages(question) for record in page.records]

    def unread(self) -> list[str]:
        """Where and why rows could not be read, of the last body of which some could not."""
        return list(max(self.evidence.unread.items(), default=(0, (0, ())))[1][1])

    async def keys(self, *predicates: Predicate, entity: Entity = Entity.PROJECT) -> list[str]:
        """The keys of the records that the registry finds, in its order."""
        return [record.key for record in await self.ask(entity, *predicates)]

    async def by_keys(self, *keys: str, entity: Entity = Entity.PROJECT) -> list[Record[Any]]:
        return list((await self.adapter.by_keys(self.source(), entity, keys)).records)


@asynccontextmanager
async def desk(
    adapter: ManifestAdapter, base_url: str, store: BaseCache | None = None, **settings: Any
) -> AsyncIterator[Desk]:
    """A desk before the registry at this place."""
    given: Mapping[str, Any] = {"allow_private": True, "rate": 10_000, "burst": 1000, **settings}
    key = adapter.info.key
    place = base_url or None
    upstream = assemble.upstream(key, adapter, RegistrySettings(base_url=place, **given))
    async with Door(
        {key: upstream},
        clock=SystemClock(),
        chance=SystemChance(),
        user_agent="carbon-gateway-test",
        tuning=SWIFT,
        store=store,
    ) as door:
        yield Desk(adapter, door)


def asked(name: str, value: Any, op: Op = Op.EQ) -> Predicate:
    return Predicate(name, op, value)
