"""The tables that hang from a project or a unit: plain rows, shown with their parent."""

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from gateway.model.values import CountryCode, Date
from gateway.schema.context import Info
from gateway.schema.described import mapped, resolved, said, table
from gateway.schema.enums import (
    LabelType,
    LocationMapType,
    RatingType,
    StakeholderType,
    UnitType,
    ValidationType,
)
from gateway.schema.scalars import RegistryKey, Url
from gateway.schema.volatility import Volatility
from gateway.stitch.related import related_project

if TYPE_CHECKING:
    from gateway.schema.project import Project

_DECK = "CAD Trust data model"
_V2 = "CAD Trust v2.0.2"


@table("Identifier", "A code by which some system knows a record (gateway).", Volatility.RECORD)
class Identifier:
    scheme: str = said("Who gives the code out, such as `verra.vcs` (gateway).")
    value: str = said("The code, in that system's usual spelling (gateway).")


@table("ProjectLocation", f"Where a project is ({_DECK}, PROJECT LOCATION).", Volatility.RECORD)
class ProjectLocation:
    project_location_id: str | None = said(f"The location's id ({_DECK}, Project Location ID).")
    country: CountryCode | None = mapped(f"Country; required in CAD Trust ({_DECK}, Country).")
    in_country_region: str | None = said(f"Region in it ({_DECK}, In Country Region).")
    geographic_identifier: str | None = said(
        f"Coordinates or another identifier; required in CAD Trust ({_DECK}, Geographic "
        "Identifier)."
    )
    latitude: Decimal | None = mapped("Degrees north, where the registry gives a point (gateway).")
    longitude: Decimal | None = mapped("Degrees east, where the registry gives a point (gateway).")
    location_map_type: LocationMapType | None = mapped(f"Format of the map file ({_V2}, location).")
    location_map_file_link: Url | None = said(f"Where the map file is ({_V2}, location).")


@table("ProjectRating", f"A rating of a project ({_DECK}, PROJECT RATING).", Volatility.RECORD)
class ProjectRating:
    project_rating_id: str | None = said(f"The rating's id ({_DECK}, Project Rating ID).")
    rating_type: RatingType | None = mapped(f"Who rates; required in CAD Trust ({_DECK}).")
    rating_name: str | None = said(f"Name of the rating ({_V2}, rating).")
    rating_range_lowest: str | None = said(f"Lowest grade; required in CAD Trust ({_DECK}).")
    rating_range_highest: str | None = said(f"Highest grade; required in CAD Trust ({_DECK}).")
    rating: str | None = said(f"The grade given; required in CAD Trust ({_DECK}, Rating).")
    rating_link: Url | None = said(f"Where it is published; required in CAD Trust ({_DECK}).")


@table("CoBenefit", f"A benefit beside the climate's ({_DECK}, CO-BENEFITS).", Volatility.RECORD)
class CoBenefit:
    co_benefit_id: str | None = said(f"The co-benefit's id ({_DECK}, Co-Benefit ID).")
    co_benefit: str | None = mapped(f"The benefit in the picklist's spelling ({_DECK}).")
    sdg: int | None = said("Number of the UN Sustainable Development Goal, 1 to 17 (gateway).")


@table("Estimation", f"Units expected of a period ({_DECK}, ESTIMATIONS).", Volatility.RECORD)
class Estimation:
    estimation_id: str | None = said(f"The estimation's id ({_DECK}, Estimations ID).")
    crediting_period_start: Date | None = mapped(f"First day; required in CAD Trust ({_DECK}).")
    crediting_period_end: Date | None = mapped(f"Last day; required in CAD Trust ({_DECK}).")
    unit_count: Decimal | None = mapped(f"Units expected; required in CAD Trust ({_DECK}).")
    is_annual: bool | None = said("Whether the count is per year of the period (gateway).")
    estimation_reference_no: str | None = said(f"Reference number ({_V2}, estimation).")


@table(
    "RelatedProject",
    f"Another project this one belongs with ({_DECK}, RELATED PROJECTS).",
    Volatility.RECORD,
)
class RelatedProject:
    related_project_id: str | None = said(f"The other's id ({_DECK}, Related Project ID).")
    relationship_type: str | None = said(f"How they belong ({_DECK}, Relationship Type).")
    related_registry_raw: str | None = said(
        "The registry's own text for `registry`, unchanged.", name="registryRaw"
    )

    @resolved(
        f"The other's registry, by the gateway's key: of one that is served, if that is known by "
        f"this name; null: the name is not known ({_DECK}, Registry).",
        Volatility.RECORD,
    )
    def registry(self, info: Info) -> RegistryKey | None:
        found: Any = info.context.ask.federation.registry_of(self)
        return found

    @resolved(
        "The other project, read live; null: its registry is not served, or has no such project "
        "(gateway).",
        Volatility.RECORD,
    )
    async def project(
        self, info: Info
    ) -> Annotated["Project", strawberry.lazy("gateway.schema.project")] | None:
        found: Any = await related_project(info.context.ask, self)
        return found


@table("Label", f"A label on a project or unit ({_DECK}, LABELS).", Volatility.RECORD)
class Label:
    label_id: str | None = said(f"The label's id ({_DECK}, Label ID).")
    label: str | None = mapped(f"The label; required in CAD Trust ({_DECK}, Label).")
    label_type: LabelType | None = mapped(f"Its kind; required in CAD Trust ({_DECK}).")
    crediting_period_start_date: Date | None = mapped(
        f"First day of the crediting period; required in CAD Trust ({_DECK})."
    )
    crediting_period_end_date: Date | None = mapped(
        f"Last day of the crediting period; required in CAD Trust ({_DECK})."
    )
    validity_start_date: Date | None = mapped(f"Valid from; required in CAD Trust ({_DECK}).")
    validity_end_date: Date | None = mapped(f"Valid until; required in CAD Trust ({_DECK}).")
    unit_quantity: Decimal | None = mapped(f"Units labelled; required in CAD Trust ({_DECK}).")
    label_link: Url | None = said(f"Where it is published; required in CAD Trust ({_DECK}).")
    label_date: Date | None = mapped(f"Day the label was given ({_V2}, label).")
    label_unit_date: Date | None = mapped(f"Day this unit got it ({_V2}, unit_label).")


@table("Program", f"A programme that projects belong to ({_V2}, program).", Volatility.RECORD)
class Program:
    cad_trust_program_id: str | None = said(f"CAD Trust's id ({_V2}, program).")
    program_name: str | None = said(f"Name; required in CAD Trust ({_V2}, program).")
    program_registry: str | None = said(f"Its registry; required in CAD Trust ({_V2}, program).")
    program_registry_id: str | None = said(f"Its id there; required in CAD Trust ({_V2}, program).")
    program_description: str | None = said(f"Description ({_V2}, program).")


@table("Methodology", f"A methodology a project applies ({_V2}, methodology).", Volatility.RECORD)
class Methodology:
    cad_trust_methodology_id: str | None = said(f"CAD Trust's id ({_V2}, methodology).")
    methodology_code: str | None = said(
        "The one key for all spellings, such as `ACM0002` (gateway; v2 methodology code)."
    )
    methodology_name: str | None = said(f"Title; required in CAD Trust ({_V2}, methodology).")
    methodology_raw: str | None = said("The registry's own text for this methodology, unchanged.")
    methodology_program: str | None = said("The programme it comes from, such as `CDM` (gateway).")
    methodology_type: UnitType | None = mapped(f"Kind of mitigation ({_V2}, methodology).")
    methodology_version: str | None = said(f"Version ({_V2}, methodology).")
    methodology_date: Date | None = mapped(f"Day of the version ({_V2}, methodology).")
    methodology_link: Url | None = said(f"Where it is published ({_V2}, methodology).")
    project_methodology_date: Date | None = mapped(f"Applied from ({_V2}, project_methodology).")
    project_methodology_description: str | None = said(
        f"How it is applied ({_V2}, project_methodology)."
    )


@table("Validation", f"A validation of a project ({_V2}, validation).", Volatility.RECORD)
class Validation:
    cad_trust_validation_id: str | None = said(f"CAD Trust's id ({_V2}, validation).")
    validation_id: str | None = said(f"The registry's id ({_V2}, validation).")
    validation_type: ValidationType | None = mapped(f"What was validated ({_V2}, validation).")
    validation_body: str | None = said(f"Who validated ({_V2}, validation).")
    validation_date: Date | None = mapped(f"Day of the validation ({_V2}, validation).")
    validation_credit_period_start_date: Date | None = mapped(
        f"First day of the credit period validated ({_V2}, validation)."
    )
    validation_credit_period_end_date: Date | None = mapped(
        f"Last day of the credit period validated ({_V2}, validation)."
    )


@table("Verification", f"A verification of results ({_V2}, verification).", Volatility.RECORD)
class Verification:
    cad_trust_verification_id: str | None = said(f"CAD Trust's id ({_V2}, verification).")
    verification_id: str | None = said(f"The registry's id ({_V2}, verification).")
    verification_start_date: Date | None = mapped(f"First day verified ({_V2}, verification).")
    verification_end_date: Date | None = mapped(f"Last day verified ({_V2}, verification).")
    verification_body: str | None = said(f"Who verified ({_V2}, verification).")


@table("Stakeholder", f"Someone with a part in a project ({_V2}, stakeholder).", Volatility.RECORD)
class Stakeholder:
    cad_trust_stakeholder_id: str | None = said(f"CAD Trust's id ({_V2}, stakeholder).")
    stakeholder_name: str | None = said(f"Name ({_V2}, stakeholder).")
    stakeholder_type: StakeholderType | None = mapped(f"Part in the project ({_V2}).")
    stakeholder_link: Url | None = said(f"Where to read more ({_V2}, stakeholder).")
