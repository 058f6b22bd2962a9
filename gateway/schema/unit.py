"""Unit: CAD Trust's UNITS, and the edges to its issuance and project."""

from decimal import Decimal
from typing import Any

from gateway.model.entity import Entity
from gateway.model.values import CountryCode, Date, DateTime
from gateway.schema.children import Identifier, Label, ProjectLocation
from gateway.schema.context import Info
from gateway.schema.described import mapped, resolved, said, table
from gateway.schema.enums import (
    CorrespondingAdjustmentDeclaration,
    CorrespondingAdjustmentStatus,
    UnitMetric,
    UnitStatus,
    UnitType,
)
from gateway.schema.issuance import Issuance
from gateway.schema.node import Node, NodeProvenance, provenance_of, shows
from gateway.schema.project import Project
from gateway.schema.scalars import RegistryKey, Url
from gateway.schema.volatility import Volatility
from gateway.stitch import edges

_DECK = "CAD Trust data model, UNITS"
_V2 = "CAD Trust v2.0.2, unit"


@table("Unit", f"A block of units in one state ({_DECK}).", Volatility.RECORD)
class Unit(Node):
    is_type_of = shows(Entity.UNIT)

    registry: RegistryKey = said("The registry that tells this record (gateway).")
    identifiers: list[Identifier] = said("The codes by which systems know it (gateway).")
    cad_trust_unit_id: str | None = said(
        f"CAD Trust's own id; required in CAD Trust ({_DECK}, CAD Trust Unit ID)."
    )
    cad_trust_issuance_id: str | None = said(
        f"CAD Trust's id of its issuance; required in CAD Trust ({_DECK}, Issuance ID)."
    )
    org_uid: str | None = said("The organisation whose node keeps the record (CAD Trust v1).")
    unit_serial_id: str | None = said(f"Serial of the block ({_V2}).")
    unit_block_start: str | None = said(
        f"First serial; required in CAD Trust ({_DECK}, Unit Block Start)."
    )
    unit_block_end: str | None = said(
        f"Last serial; required in CAD Trust ({_DECK}, Unit Block End)."
    )
    unit_count: Decimal | None = mapped(f"Units; required in CAD Trust ({_DECK}, Unit Count).")
    vintage_year: int | None = mapped(
        f"Last year of the vintage; required in CAD Trust ({_DECK}, Vintage Year)."
    )
    vintage_start_date: Date | None = mapped("First day of the vintage (gateway).")
    vintage_end_date: Date | None = mapped("Last day of the vintage (gateway).")
    unit_type: UnitType | None = mapped(
        f"Kind of mitigation; required in CAD Trust ({_DECK}, Unit Type)."
    )
    unit_metric: UnitMetric | None = mapped(f"What a unit measures ({_V2}).")
    is_ex_ante: bool | None = said(
        "Planned, not yet achieved; such units never count as held or issued (gateway)."
    )
    unit_status: UnitStatus | None = mapped(
        f"Status; required in CAD Trust ({_DECK}, Unit Status)."
    )
    unit_status_reason: str | None = said(f"Why ({_DECK}, Unit Status Reason).")
    unit_status_date: Date | None = mapped(f"Since when, such as the retirement's day ({_V2}).")
    unit_retirement_beneficiary: str | None = said(f"For whom it was retired ({_V2}).")
    unit_retirement_beneficiary_id: str | None = said(f"Their LEI ({_V2}).")
    unit_retirement_detail: str | None = said(f"More on the retirement ({_V2}).")
    unit_owner: str | None = said(f"Owner ({_DECK}, Unit Owner).")
    country_jurisdiction_of_owner: CountryCode | None = mapped(
        f"Owner's country; required in CAD Trust ({_DECK}, Country Jurisdiction of Owner)."
    )
    in_country_jurisdiction_of_owner: str | None = said(
        f"Owner's region; required in CAD Trust ({_DECK}, In-Country Jurisdiction of Owner)."
    )
    marketplace: str | None = said(f"Marketplace ({_DECK}, Marketplace).")
    marketplace_link: Url | None = said(f"Its page there ({_DECK}, Marketplace Link).")
    marketplace_identifier: str | None = said(f"Its id there ({_DECK}, Marketplace Identifier).")
    unit_tags: str | None = said(f"Tags ({_DECK}, Unit Tags).")
    unit_registry_link: Url | None = said(
        f"Its page in the registry; required in CAD Trust ({_DECK}, Unit Registry Link)."
    )
    corresponding_adjustment_declaration: CorrespondingAdjustmentDeclaration | None = mapped(
        f"What the host country declared; required in CAD Trust ({_DECK})."
    )
    corresponding_adjustment_status: CorrespondingAdjustmentStatus | None = mapped(
        f"How far the adjustment has come; required in CAD Trust ({_DECK})."
    )
    unit_itmos_reference_id: str | None = said(f"Article 6.2 ITMO reference ({_V2}).")
    updated_at: DateTime | None = mapped("When the registry last changed the record (gateway).")
    unit_issuance_location: ProjectLocation | None = said(
        f"Where it was achieved; required in CAD Trust ({_DECK}, Unit Issuance Location)."
    )
    labels: list[Label] | None = said(
        f"Its labels; null: not published; required in CAD Trust ({_DECK}, Label ID)."
    )

    @resolved("Where this record came from (gateway).", Volatility.EVIDENCE)
    def provenance(self, info: Info) -> NodeProvenance:
        return provenance_of(self, info)

    @resolved("Its issuance, read live (CAD Trust data model, ISSUANCES).", Volatility.RECORD)
    async def issuance(self, info: Info) -> Issuance | None:
        found: Any = await edges.issuance(info.context.ask, self)
        return found

    @resolved("Its project, read live (CAD Trust data model, PROJECTS).", Volatility.RECORD)
    async def project(self, info: Info) -> Project | None:
        found: Any = await edges.project(info.context.ask, self)
        return found
