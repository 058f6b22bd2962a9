"""Project: CAD Trust's PROJECTS with its children, and the edges that cost a call."""

from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from gateway.model.entity import Entity
from gateway.model.values import Date, DateTime
from gateway.schema.children import (
    CoBenefit,
    Estimation,
    Identifier,
    Label,
    Methodology,
    Program,
    ProjectLocation,
    ProjectRating,
    RelatedProject,
    Stakeholder,
    Validation,
    Verification,
)
from gateway.schema.context import Info
from gateway.schema.described import argument, mapped, resolved, said, table
from gateway.schema.enums import CoveredByNDC, ProjectStatus, UnitMetric, ValueBasis
from gateway.schema.node import Node, NodeProvenance, provenance_of, shows
from gateway.schema.paging import After, Connection, First, checked_first
from gateway.schema.scalars import RegistryKey, Url
from gateway.schema.volatility import Volatility
from gateway.schema.where import IssuanceWhere, UnitWhere, predicates, routed
from gateway.stitch import edges
from gateway.stitch.sameas import same_as

if TYPE_CHECKING:
    from gateway.schema.issuance import Issuance
    from gateway.schema.sameas import SameAsLinks
    from gateway.schema.unit import Unit

_DECK = "CAD Trust data model, PROJECTS"
_V2 = "CAD Trust v2.0.2, project"

Stitched = Annotated[
    bool,
    argument(
        "Also the children of the same project in other registries, as `sameAs` finds them "
        "(gateway)."
    ),
]


@table("Project", f"A carbon project as one registry tells it ({_DECK}).", Volatility.RECORD)
class Project(Node):
    is_type_of = shows(Entity.PROJECT)

    registry: RegistryKey = said("The registry that tells this record (gateway).")
    identifiers: list[Identifier] = said("The codes by which systems know it (gateway).")
    cad_trust_project_id: str | None = said(
        f"CAD Trust's own UUID, nothing else; required in CAD Trust ({_DECK}, CAD Trust Project "
        "ID)."
    )
    cad_trust_reference_project_id: str | None = said(f"CAD Trust's reference id ({_V2}).")
    org_uid: str | None = said("The organisation whose node keeps the record (CAD Trust v1).")
    current_registry: str | None = mapped(
        f"Registry that keeps it now; required in CAD Trust ({_DECK}, Current Registry)."
    )
    project_id: str | None = said(
        f"The registry's public project id; required in CAD Trust ({_DECK}, Project ID)."
    )
    origin_project_id: str | None = said("Its id in the registry of origin (CAD Trust v1).")
    registry_of_origin: str | None = mapped(
        f"Registry where it began; required in CAD Trust ({_DECK}, Registry of Origin)."
    )
    program: str | None = said(f"Programme, as text ({_DECK}, Program).")
    cad_trust_program: Program | None = said("Programme, as a record (CAD Trust v2.0.2, program).")
    project_name: str | None = said(f"Name; required in CAD Trust ({_DECK}, Project Name).")
    project_description: str | None = said(f"Description ({_DECK}, Project Description).")
    project_link: Url | None = said(f"Its page; required in CAD Trust ({_DECK}, Project Link).")
    project_developer: str | None = said(
        f"Developer; required in CAD Trust ({_DECK}, Project Developer)."
    )
    sector: str | None = mapped(
        f"First sector in CAD Trust's spelling; required in CAD Trust ({_DECK}, Sector)."
    )
    sector_basis: ValueBasis | None = said(
        "What `sector` and `sectors` rest on; null: there is none (gateway)."
    )
    sectors: list[str] | None = said(f"Every sector, in CAD Trust's spelling ({_V2}).")
    project_type: str | None = mapped(
        f"First type in CAD Trust's spelling; required in CAD Trust ({_DECK}, Project Type)."
    )
    project_type_basis: ValueBasis | None = said(
        "What `projectType` and `projectTypes` rest on; null: there is none (gateway)."
    )
    project_types: list[str] | None = said(f"Every type, in CAD Trust's spelling ({_V2}).")
    project_subtype: str | None = said(f"Subtype ({_V2}).")
    project_tags: str | None = said(f"Tags ({_DECK}, Project Tags).")
    covered_by_ndc: CoveredByNDC | None = mapped(
        f"Relation to the NDC; required in CAD Trust ({_DECK}, Covered by NDC)."
    )
    ndc_information: str | None = said(f"More on the NDC ({_DECK}, NDC Information).")
    project_status: ProjectStatus | None = mapped(
        f"Status; required in CAD Trust ({_DECK}, Project Status)."
    )
    project_status_date: Date | None = mapped(
        f"Day of the status; required in CAD Trust ({_DECK}, Project Status Date)."
    )
    unit_metric: UnitMetric | None = mapped(
        f"What a unit measures; required in CAD Trust ({_DECK}, Unit Metric)."
    )
    methodology: str | None = mapped(
        f"First methodology's key; required in CAD Trust ({_DECK}, Methodology)."
    )
    methodologies: list[Methodology] | None = said(
        "Every methodology (CAD Trust v2.0.2, project_methodology)."
    )
    validation_body: str | None = said(f"Who validated ({_DECK}, Validation Body).")
    validation_date: Date | None = mapped(f"Day validated ({_DECK}, Validation Date).")
    registration_date: Date | None = mapped("Day registered, where the registry says it (gateway).")
    updated_at: DateTime | None = mapped("When the registry last changed the record (gateway).")

    project_locations: list[ProjectLocation] | None = said(
        "Where it is; null: not published (CAD Trust data model, PROJECT LOCATION)."
    )
    project_ratings: list[ProjectRating] | None = said(
        "Its ratings; null: not published (CAD Trust data model, PROJECT RATING)."
    )
    co_benefits: list[CoBenefit] | None = said(
        "Its co-benefits; null: not published (CAD Trust data model, CO-BENEFITS)."
    )
    estimations: list[Estimation] | None = said(
        "Units expected; null: not published (CAD Trust data model, ESTIMATIONS)."
    )
    related_projects: list[RelatedProject] | None = said(
        "Projects it belongs with; null: not published (CAD Trust data model, RELATED PROJECTS)."
    )
    labels: list[Label] | None = said(
        "Its labels; null: not published (CAD Trust data model, LABELS)."
    )
    validations: list[Validation] | None = said(
        "Its validations; null: not published (CAD Trust v2.0.2, validation)."
    )
    verifications: list[Verification] | None = said(
        "Its verifications; null: not published (CAD Trust v2.0.2, verification)."
    )
    stakeholders: list[Stakeholder] | None = said(
        "Who has a part in it; null: not published (CAD Trust v2.0.2, stakeholder)."
    )

    @resolved("Where this record came from (gateway).", Volatility.EVIDENCE)
    def provenance(self, info: Info) -> NodeProvenance:
        return provenance_of(self, info)

    @resolved("Its issuances, read live (CAD Trust data model, ISSUANCES).", Volatility.RECORD)
    async def issuances(
        self,
        info: Info,
        first: First = 25,
        after: After = strawberry.UNSET,
        where: Annotated[
            IssuanceWhere | None, argument("Which of them; all conditions must hold (gateway).")
        ] = strawberry.UNSET,
        stitched: Stitched = False,
    ) -> Connection[Annotated["Issuance", strawberry.lazy("gateway.schema.issuance")]]:
        return await _children(self, info, Entity.ISSUANCE, first, after, where, stitched)

    @resolved("Its units, read live (CAD Trust data model, UNITS).", Volatility.RECORD)
    async def units(
        self,
        info: Info,
        first: First = 25,
        after: After = strawberry.UNSET,
        where: Annotated[
            UnitWhere | None, argument("Which of them; all conditions must hold (gateway).")
        ] = strawberry.UNSET,
        stitched: Stitched = False,
    ) -> Connection[Annotated["Unit", strawberry.lazy("gateway.schema.unit")]]:
        return await _children(self, info, Entity.UNIT, first, after, where, stitched)

    @resolved(
        "The same project in other registries, found live by stated ids, never by name (gateway).",
        Volatility.RECORD,
    )
    async def same_as(
        self, info: Info
    ) -> Annotated["SameAsLinks", strawberry.lazy("gateway.schema.sameas")]:
        found: Any = await same_as(info.context.ask, self)
        return found


async def _children(
    project: Any, info: Info, entity: Entity, first: int, after: Any, where: Any, stitched: bool
) -> Any:
    return await edges.children(
        info.context.ask,
        project,
        entity,
        predicates(where),
        first=checked_first(info, first),
        after=None if after is strawberry.UNSET else after,
        stitched=stitched,
        told_by=routed(where, info.context.ask.federation),
    )
