"""Issuance: CAD Trust's ISSUANCES, and the edges to its project and units."""

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from gateway.model.entity import Entity
from gateway.model.values import Date
from gateway.schema.children import Identifier, Label, ProjectLocation, Verification
from gateway.schema.context import Info
from gateway.schema.described import argument, mapped, resolved, said, table
from gateway.schema.node import Node, NodeProvenance, provenance_of, shows
from gateway.schema.paging import After, Connection, First, checked_first
from gateway.schema.project import Project
from gateway.schema.scalars import RegistryKey
from gateway.schema.volatility import Volatility
from gateway.schema.where import UnitWhere, predicates, routed
from gateway.stitch import edges

if TYPE_CHECKING:
    from gateway.schema.unit import Unit

_DECK = "CAD Trust data model, ISSUANCES"
_V2 = "CAD Trust v2.0.2, issuance"


@table("Issuance", f"An issuance of units ({_DECK}).", Volatility.RECORD)
class Issuance(Node):
    is_type_of = shows(Entity.ISSUANCE)

    registry: RegistryKey = said("The registry that tells this record (gateway).")
    identifiers: list[Identifier] = said("The codes by which systems know it (gateway).")
    cad_trust_project_id: str | None = said(
        f"CAD Trust's id of its project; required in CAD Trust ({_DECK}, CAD Trust Project ID)."
    )
    cad_trust_issuance_id: str | None = said(f"CAD Trust's own id ({_V2}).")
    issuance_id: str | None = said(f"The registry's id ({_DECK}, Issuance ID).")
    issuance_date: Date | None = mapped(f"Day of issuance ({_V2}).")
    issuance_start_date: Date | None = mapped(
        f"First day of the period; required in CAD Trust ({_DECK}, Issuance Start Date)."
    )
    issuance_end_date: Date | None = mapped(
        f"Last day of the period; required in CAD Trust ({_DECK}, Issuance End Date)."
    )
    verification_approach: str | None = said(
        f"How it was verified; required in CAD Trust ({_DECK}, Verification Approach)."
    )
    verification_report_date: Date | None = mapped(
        f"Day of the report; required in CAD Trust ({_DECK}, Verification Report Date)."
    )
    verification_body: str | None = said(
        f"Who verified; required in CAD Trust ({_DECK}, Verification Body)."
    )
    unit_count: Decimal | None = mapped(
        "Units issued; null until all of it was read where it must be summed (gateway)."
    )
    vintage_year: int | None = mapped("Last year of the vintage (gateway).")
    vintage_start_date: Date | None = mapped("First day of the vintage (gateway).")
    vintage_end_date: Date | None = mapped("Last day of the vintage (gateway).")
    unit_serial_id: str | None = said("Serial of the issued block, where it has one (gateway).")
    location: ProjectLocation | None = said(f"Where the results were achieved ({_V2}).")
    verification: Verification | None = said("Its verification (CAD Trust v2.0.2, verification).")
    labels: list[Label] | None = said(
        "Its labels; null: not published (CAD Trust data model, LABELS)."
    )

    @resolved("Where this record came from (gateway).", Volatility.EVIDENCE)
    def provenance(self, info: Info) -> NodeProvenance:
        return provenance_of(self, info)

    @resolved("Its project, read live (CAD Trust data model, PROJECTS).", Volatility.RECORD)
    async def project(self, info: Info) -> Project | None:
        found: Any = await edges.project(info.context.ask, self)
        return found

    @resolved("Its units, read live (CAD Trust data model, UNITS).", Volatility.RECORD)
    async def units(
        self,
        info: Info,
        first: First = 25,
        after: After = strawberry.UNSET,
        where: Annotated[
            UnitWhere | None, argument("Which of them; all conditions must hold (gateway).")
        ] = strawberry.UNSET,
    ) -> Connection[Annotated["Unit", strawberry.lazy("gateway.schema.unit")]]:
        issuance: Any = self
        found: Any = await edges.children(
            info.context.ask,
            issuance,
            Entity.UNIT,
            predicates(where),
            first=checked_first(info, first),
            after=None if after is strawberry.UNSET else after,
            told_by=routed(where, info.context.ask.federation),
        )
        return found
