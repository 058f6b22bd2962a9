"""International Carbon Registry: projects with the vintages of their credits. Experimental.

Source: https://api.carbonregistry.com/v1/projects (JSON over GET; the site is
https://www.carbonregistry.com). Experimental: the interface is not documented in public, and all
that was seen of it is one project of a test environment of 2023. Quirks:

- A bearer token is needed, which every account can make for itself. It is sent as
  `Authorization: Bearer ...`; `credential` is the token alone.
- The list comes whole, in one body, without filters or pages.
- The estimates' dates are those of RFC 1123 ("Fri, 14 Jul 2023 00:00:00 GMT"), all others ISO's.
- `statusState` says how the record fares ("accepted"), `projectStatus` how the project does.
- `projectType` is avoidance or removal, not an activity.
- Credits stand in their project, one entry per vintage, without amounts: they are issuances
  whose size is null. Retirements are on chains that are not read here.
- A serialization's fourth part is the project's number: ICR-GRC-30-5-3-A-0-2023 is project 5's.

Personal data: `contactPerson` and `participants` are people; they, the organisations' addresses
and all documents are not decoded.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from adapters.below import below
from adapters.contract import (
    Auth,
    Code,
    Collection,
    Page,
    Politeness,
    RegistryInfo,
    Reply,
    Request,
    Source,
)
from adapters.icr_rows import IssuanceRow, is_serial, project_code, read_projects
from adapters.icr_views import NAME, NUMBER, SERIAL, IcrIssuance, IcrProject
from adapters.rows import placed
from adapters.trouble import refused_credential
from gateway.errors import BadCursor, RegistryError
from gateway.model.entity import Entity
from gateway.model.question import Question
from gateway.model.record import Origin, Record

INFO = RegistryInfo(
    key="icr",
    name=NAME,
    operator="International Carbon Registry",
    url="https://www.carbonregistry.com",
    base_url="https://api.carbonregistry.com",
    terms="Reading needs an account's token; the terms of use of the account apply.",
    attribution="International Carbon Registry (ICR)",
    known_as=("International Carbon Registry", "ICR"),
    schemes=(NUMBER, SERIAL),
    codes={
        NUMBER: Code(Entity.PROJECT, "9003"),
        SERIAL: Code(Entity.ISSUANCE, "ICR-TUR-60003-9003-1-A-4000001-2018"),
    },
    credential="Authorization",
    auth=Auth("bearer"),
    notes="Experimental. Not verified against a live host: one project of a test environment of "
    "2023 is all that was seen. Credits have no amounts; retirements are not read.",
)

PROJECTS = Request("v1/projects")

_MANY = 100_000


class Icr:
    """The International Carbon Registry."""

    politeness = Politeness(
        rate=1, period=2, concurrency=1, fresh_for=300, max_bytes=32 * 1024 * 1024
    )
    collections: Mapping[Entity, Collection] = {
        Entity.PROJECT: Collection(
            keys_per_call=_MANY, totals=True, page_size=_MANY, full_scan_calls=1
        ),
        Entity.ISSUANCE: Collection(
            parents=frozenset((Entity.PROJECT,)),
            parents_per_call=_MANY,
            keys_per_call=_MANY,
            totals=True,
            page_size=_MANY,
            full_scan_calls=1,
        ),
    }
    views: Mapping[Entity, tuple[type[Record[Any]], ...]] = {
        Entity.PROJECT: (IcrProject,),
        Entity.ISSUANCE: (IcrIssuance,),
    }

    def __init__(self, info: RegistryInfo = INFO) -> None:
        self.info = info

    async def pages(
        self, source: Source, question: Question, token: str | None = None
    ) -> AsyncIterator[Page]:
        """The whole list as one page; of issuances, those of the asked projects.

        Raises:
            BadCursor: there is a token; each list is one page.
        """
        if token:
            raise BadCursor("the registry's lists have one page each")
        found = await _read(source, question.entity)
        if question.parent is not None:
            found = below(found, question.parent)
        yield Page(found, total=len(found))

    async def by_keys(self, source: Source, entity: Entity, keys: Sequence[str]) -> Page:
        """Projects by number, issuances by serialization, out of the whole list."""
        wanted = frozenset(keys)
        found = await _read(source, entity) if wanted else []
        return Page([record for record in found if record.key in wanted])

    def trouble(self, reply: Reply) -> RegistryError | None:
        """The token was refused, or has ended."""
        return refused_credential(reply)

    def project_key(self, text: str) -> str | None:
        """`5`, also for `ICR-5`."""
        return project_code(text)

    def lookup_key(self, scheme: str, value: str) -> tuple[Entity, str] | None:
        """Numbers of projects, and serializations."""
        text = value.strip()
        if scheme == SERIAL:
            return (Entity.ISSUANCE, text) if is_serial(text) else None
        key = project_code(text) if scheme == NUMBER else None
        return (Entity.PROJECT, key) if key else None

    def belongs(self, unit: Record[Any], issuance: Record[Any]) -> bool:
        """No: there are no units."""
        return False


async def _read(source: Source, entity: Entity) -> list[Record[Any]]:
    answer = await source.read(PROJECTS, read_projects)
    origin = Origin(source.registry, answer.source, "/projects")
    if entity is Entity.PROJECT:
        return [IcrProject(row, origin, index) for index, row in placed(answer.value)]
    if entity is not Entity.ISSUANCE:
        return []
    return [
        IcrIssuance(IssuanceRow(credit, row), origin, f"{i}/carbonCredits/{j}", str(i))
        for i, row in placed(answer.value)
        for j, credit in placed(row.carbon_credits or ())
    ]


adapter = Icr()
