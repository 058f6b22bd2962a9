"""CAD Trust v2: a node's `/v2`, flat tables joined unit -> issuance -> verification -> project.

Source: https://github.com/Chia-Network/cadt, data dictionary and schema 2.0.2 of 2026-06-30, and
the node's code of that time. **Not verified against a live host**: no answers were captured, and
the published API document is a draft whose examples still have v1's names. There is no public
host; the operator names one. Builds with `/v2` allow 1,000 requests in 15 minutes.

Quirks, and what is done about them:

- Only projects and units can be filtered and ordered; child tables take a page and a limit. So
  what children say costs whole tables (1,000 rows to a call), each read once per question, and
  `cad_trust_v2_joins` says which. A project's page brings its programme, locations, estimations,
  ratings and co-benefits, where `columns` asks for them; the row then says no `orgUid`.
- A `filter` that the node cannot read is ignored in silence; every row is held to what was asked.
- Names that the schema and the code spell differently (`cobenefit` and `coBenefitId`, ...) are
  read in both spellings. Older builds answer child tables whole; that is accepted.
- v2 knows one registry per project: it stands for the current one and for that of origin.
- A missing row is 404 here, not `null` as in v1.

Personal data: none is marked as such in the data model. Owners and beneficiaries are published
by it and kept.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Any

from adapters.cad_trust_filters import (
    Column,
    Route,
    checks,
    choice,
    identifier,
    one_of,
    plan,
    words,
)
from adapters.cad_trust_keys import named_key, once, typed_key
from adapters.cad_trust_node import POLITENESS, WITHIN_SERIALS
from adapters.cad_trust_synced import Synced, trouble
from adapters.cad_trust_v2_joins import FEW, Joins, child_pages, fits_a_path
from adapters.cad_trust_v2_rows import (
    ISSUANCES,
    read_project_page,
    read_unit_page,
)
from adapters.cad_trust_v2_views import Issuance, Project, Unit
from adapters.cad_trust_views import UNIT_TYPE
from adapters.cad_trust_walk import (
    LAST_LIMIT,
    ORGANISATION,
    Rows,
    Table,
    leg_of,
    organisation_of,
    read_page,
    rows_of,
    token_of,
    walk,
)
from adapters.contract import Code, Page, RegistryInfo, Reply, Source
from adapters.one_by_one import each, settled
from adapters.rows import placed
from gateway.errors import RegistryError
from gateway.harmonise.cer_serials import CDM_REFERENCE
from gateway.harmonise.statuses import CAD_TRUST_PROJECT, CAD_TRUST_UNIT
from gateway.model.entity import Entity
from gateway.model.question import Collection, Parent, Question
from gateway.model.record import Origin, Record

_ORGANISATIONS = "v2/organizations"

INFO = RegistryInfo(
    key="cad-trust-v2",
    name="CAD Trust (v2)",
    operator="Climate Action Data Trust",
    url="https://climateactiondata.org",
    base_url="",
    terms="Those of the node's operator and of the organisations that write to it",
    attribution="Data from the Climate Action Data Trust (CAD Trust), as told by its participants",
    known_as=("CAD Trust v2", "Climate Action Data Trust v2"),
    schemes=(
        "cadtrust.cadTrustProjectId",
        "cadtrust.cadTrustReferenceProjectId",
        "cadtrust.cadTrustIssuanceId",
        "cadtrust.cadTrustUnitId",
        CDM_REFERENCE,
    ),
    codes={
        "cadtrust.cadTrustProjectId": Code(Entity.PROJECT, "00841ec9-29c9-41b1-93bf-3dc4e16f2f56"),
        "cadtrust.cadTrustReferenceProjectId": Code(
            Entity.PROJECT, "00841ec9-29c9-41b1-93bf-3dc4e16f2f56"
        ),
        "cadtrust.cadTrustIssuanceId": Code(
            Entity.ISSUANCE, "00841ec9-29c9-41b1-93bf-3dc4e16f2f56"
        ),
        "cadtrust.cadTrustUnitId": Code(Entity.UNIT, "00841ec9-29c9-41b1-93bf-3dc4e16f2f56"),
        CDM_REFERENCE: WITHIN_SERIALS,
    },
    by_code={Entity.PROJECT: "project_id", Entity.UNIT: "unit_serial_id"},
    options={ORGANISATION: ""},
    notes="Not verified against a live host. Needs a node: set base_url. Option orgUid reads one "
    "organisation only; a node that asks for a key gets it from a configured header, x-api-key.",
)

# Ids travel in the URL, of which proxies take 8 KiB; an id of a list is written as 45 characters.
ROOM = 2_500
KEYS_PER_CALL = 50
_SCHEMES = {
    "cadtrust.cadTrustProjectId": Entity.PROJECT,
    "cadtrust.cadTrustIssuanceId": Entity.ISSUANCE,
    "cadtrust.cadTrustUnitId": Entity.UNIT,
}
_COLUMNS = (
    "cadTrustProjectId,projectRegistryName,projectId,projectCreditingProgram,projectName,"
    "projectLink,projectDescription,projectSector,projectType,projectSubtype,projectStatus,"
    "projectStatusDate,projectUnitMetric,cadTrustReferenceProjectId,cadTrustProgramId,createdAt,"
    "updatedAt,program,locations,estimations,ratings,coBenefits"
)
PROJECTS = Table(
    path="v2/project",
    key="cadTrustProjectId",
    read=read_project_page,
    columns={
        "project_id": identifier("projectId"),
        "origin_project_id": identifier("projectId"),
        "project_name": words("projectName"),
        "program": words("projectCreditingProgram", rank=4),
        "registry_of_origin": words("projectRegistryName", rank=4),
        "project_status": choice("projectStatus", CAD_TRUST_PROJECT),
    },
    room=ROOM,
    more=(("columns", _COLUMNS),),
)
UNITS = Table(
    path="v2/unit",
    key="cadTrustUnitId",
    read=read_unit_page,
    columns={
        "unit_serial_id": identifier("unitSerialId"),
        "marketplace_identifier": identifier("marketplaceIdentifier"),
        "marketplace": words("marketplace"),
        "unit_owner": words("unitCurrentOwner"),
        "unit_retirement_beneficiary": words("unitRetirementBeneficiary"),
        "unit_status_reason": words("unitStatusReason"),
        "unit_status": choice("unitStatus", CAD_TRUST_UNIT),
        "unit_type": choice("unitType", UNIT_TYPE),
    },
    room=ROOM,
)


def _filters(columns: Mapping[str, Column]) -> dict[str, Any]:
    return {name: column.pushdown for name, column in columns.items()}


class CadTrustV2:
    """A node under the key `cad-trust-v2`, or under the key of whatever `info` is given."""

    politeness = POLITENESS
    collections: Mapping[Entity, Collection] = {
        Entity.PROJECT: Collection(
            filters=_filters(PROJECTS.columns),
            keys_per_call=KEYS_PER_CALL,
            totals=True,
            page_size=LAST_LIMIT,
        ),
        Entity.ISSUANCE: Collection(parents=frozenset({Entity.PROJECT}), parents_per_call=1000),
        Entity.UNIT: Collection(
            filters=_filters(UNITS.columns),
            parents=frozenset({Entity.PROJECT, Entity.ISSUANCE}),
            parents_per_call=KEYS_PER_CALL,
            keys_per_call=KEYS_PER_CALL,
            totals=True,
            page_size=LAST_LIMIT,
        ),
    }
    views: Mapping[Entity, tuple[type[Record[Any]], ...]] = {
        Entity.PROJECT: (Project,),
        Entity.ISSUANCE: (Issuance,),
        Entity.UNIT: (Unit,),
    }

    def __init__(self, info: RegistryInfo = INFO) -> None:
        self.info = info

    async def pages(
        self, source: Source, question: Question, token: str | None = None
    ) -> AsyncIterator[Page]:
        ask = {Entity.PROJECT: _projects, Entity.ISSUANCE: _issuances, Entity.UNIT: _units}
        node, organisation, empty = Synced(source, _ORGANISATIONS), organisation_of(source), True
        joins = Joins(node)
        async for rows in ask[question.entity](node, joins, question, token):
            records = await _records(question.entity, joins, rows)
            whole = await node.whole(organisation)
            yield Page(records, rows.token, rows.next, rows.total, rows.warnings, whole)
            empty = False
        if empty and (whole := await node.whole(organisation)) is not None:
            yield Page((), whole=whole)

    async def by_keys(self, source: Source, entity: Entity, keys: Sequence[str]) -> Page:
        node, organisation = Synced(source, _ORGANISATIONS), organisation_of(source)
        joins, wanted = Joins(node), once(keys)
        found: list[Record[Any]] = []
        if entity is Entity.ISSUANCE:
            # The table of issuances does not say whose they are: their projects' list does.
            ours = await _wanted(node, joins, None) if wanted else None
            wanted = [key for key in wanted if ours is None or key in ours]
            told, refused = await _issuances_by_key(node, joins, wanted)
            for rows in told:
                found += await _records(entity, joins, rows)
            page = Page(tuple(found), whole=await node.whole(organisation))
            return settled(page, refused, known=bool(told) or len(wanted) < len(set(keys)))
        warnings: dict[str, None] = {}
        table = PROJECTS if entity is Entity.PROJECT else UNITS
        starts = range(0, len(wanted), KEYS_PER_CALL)

        async def read(part: Sequence[str]) -> list[Rows]:
            legs = one_of(table.key, part, ROOM)
            return [rows_of(node, await read_page(node, table, leg, 1, len(part))) for leg in legs]

        parts = [wanted[at : at + KEYS_PER_CALL] for at in starts]
        brought, refused = await each(((part, part) for part in parts), read)
        for rows in (rows for some in brought for rows in some):
            found += await _records(entity, joins, rows)
            warnings.update(dict.fromkeys(rows.warnings))
        whole = await node.whole(organisation)
        page = Page(tuple(found), warnings=tuple(warnings), whole=whole)
        return settled(page, refused, known=bool(brought) or len(wanted) < len(set(keys)))

    def trouble(self, reply: Reply) -> RegistryError | None:
        return trouble(reply)

    def project_key(self, text: str) -> str | None:
        """CAD Trust's project id, letter by letter. Other texts than UUIDs may be codes too:
        only `lookup_key` takes them for keys."""
        return typed_key(text)

    def lookup_key(self, scheme: str, value: str) -> tuple[Entity, str] | None:
        entity, key = _SCHEMES.get(scheme), named_key(value)
        return (entity, key) if entity and key else None

    def belongs(self, unit: Record[Any], issuance: Record[Any]) -> bool:
        return isinstance(unit, Unit) and unit.issuance_key == issuance.key


async def _projects(
    source: Source, joins: Joins, question: Question, token: str | None
) -> AsyncIterator[Rows]:
    route = plan(PROJECTS.columns, question.predicates, PROJECTS.room)
    async for rows in walk(source, PROJECTS, route, token, question.want):
        yield rows


async def _units(
    source: Source, joins: Joins, question: Question, token: str | None
) -> AsyncIterator[Rows]:
    if question.parent is None:
        route = plan(UNITS.columns, question.predicates, UNITS.room)
    else:
        keys = await _issuance_keys(joins, question.parent)
        legs = tuple(one_of("cadTrustIssuanceId", keys, UNITS.room))
        route = Route(legs, checks(UNITS.columns, question.predicates))
    async for rows in walk(source, UNITS, route, token, question.want):
        yield rows


async def _issuance_keys(joins: Joins, parent: Parent) -> Sequence[str]:
    keys = once(parent.keys)
    if parent.entity is Entity.ISSUANCE or not keys:
        return keys
    return [row.cadTrustIssuanceId for row in await joins.of_projects(keys)]


async def _issuances(
    source: Source, joins: Joins, question: Question, token: str | None
) -> AsyncIterator[Rows]:
    """Page by page in the node's own order: its table of issuances knows no other."""
    wanted = await _wanted(source, joins, question.parent)
    if wanted is not None and not wanted:
        return
    given: set[str] = set()
    async for number, answer, last in child_pages(source, ISSUANCES, leg_of(source, token) + 1):
        rows = [
            (str(place), row)
            for place, row in placed(answer.value.data)
            if (wanted is None or row.cadTrustIssuanceId in wanted)
            and row.cadTrustIssuanceId not in given
        ]
        given.update(row.cadTrustIssuanceId for _, row in rows)
        following = None if last else token_of(number)
        origin = Origin(source.registry, answer.source, "/data")
        yield Rows(origin, rows, token_of(number - 1), following)


async def _wanted(source: Source, joins: Joins, parent: Parent | None) -> frozenset[str] | None:
    """The issuances to keep, None for all: those of the parents, or of the organisation."""
    if parent is not None:
        keys = once(parent.keys)
    elif organisation_of(source) is None:
        return None
    else:
        route = plan(PROJECTS.columns, (), PROJECTS.room)
        pages = walk(source, PROJECTS, route, want=LAST_LIMIT, count=False)
        keys = [row.cadTrustProjectId async for rows in pages for _, row in rows.rows]
    if not keys:
        return frozenset()
    return frozenset(row.cadTrustIssuanceId for row in await joins.of_projects(keys))


async def _issuances_by_key(
    source: Source, joins: Joins, keys: Sequence[str]
) -> tuple[Sequence[Rows], dict[str, RegistryError]]:
    if len(keys) <= FEW and all(map(fits_a_path, keys)):
        return await each((((key,), key) for key in keys), partial(joins.single, ISSUANCES))
    wanted, found = set(keys), []
    async for _, answer, _ in child_pages(source, ISSUANCES):
        kept = [
            (str(place), row)
            for place, row in placed(answer.value.data)
            if row.cadTrustIssuanceId in wanted
        ]
        wanted -= {row.cadTrustIssuanceId for _, row in kept}
        found.append(Rows(Origin(source.registry, answer.source, "/data"), kept))
        if not wanted:
            break
    return found, {}


async def _records(entity: Entity, joins: Joins, rows: Rows) -> tuple[Record[Any], ...]:
    plain: list[Any] = [row for _, row in rows.rows]
    made: list[tuple[Any, Any]]
    if entity is Entity.PROJECT:
        made = [(Project, row) for row in await joins.projects(plain)]
    elif entity is Entity.UNIT:
        made = [(Unit, row) for row in await joins.units(plain)]
    else:
        made = [(Issuance, row) for row in await joins.issuances(plain)]
    return tuple(
        view(row, rows.origin, place)
        for (view, row), (place, _) in zip(made, rows.rows, strict=True)
    )


adapter = CadTrustV2()
