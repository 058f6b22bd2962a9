"""The rows of a CAD Trust node's `/v1`, under the wire's own names, and how bodies become them."""

from __future__ import annotations

from decimal import Decimal
from typing import Generic, NamedTuple, TypeVar

import msgspec

from adapters.contract import Reply
from adapters.rows import Key, Rows

T = TypeVar("T")


class Child(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What every row below a project carries."""

    id: str | None = None
    warehouseProjectId: str | None = None
    orgUid: str | None = None
    timeStaged: str | None = None
    createdAt: str | None = None
    updatedAt: str | None = None


class LocationRow(Child, frozen=True, kw_only=True):
    country: str | None = None
    inCountryRegion: str | None = None
    geographicIdentifier: str | None = None
    fileId: str | None = None


class LabelUnitRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The join row inside a unit's label."""

    id: str | None = None
    orgUid: str | None = None
    warehouseUnitId: str | None = None
    labelId: str | None = None
    timeStaged: str | None = None
    createdAt: str | None = None
    updatedAt: str | None = None


class LabelRow(Child, frozen=True, kw_only=True):
    label: str | None = None
    labelType: str | None = None
    creditingPeriodStartDate: str | None = None
    creditingPeriodEndDate: str | None = None
    validityPeriodStartDate: str | None = None
    validityPeriodEndDate: str | None = None
    unitQuantity: Decimal | None = None
    labelLink: str | None = None
    label_unit: LabelUnitRow | None = None


class IssuanceRow(Child, frozen=True, kw_only=True):
    id: Key
    startDate: str | None = None
    endDate: str | None = None
    verificationApproach: str | None = None
    verificationReportDate: str | None = None
    verificationBody: str | None = None


class CoBenefitRow(Child, frozen=True, kw_only=True):
    cobenefit: str | None = None


class RelatedProjectRow(Child, frozen=True, kw_only=True):
    relatedProjectId: str | None = None
    relationshipType: str | None = None
    registry: str | None = None


class RatingRow(Child, frozen=True, kw_only=True):
    ratingType: str | None = None
    ratingRangeHighest: str | None = None
    ratingRangeLowest: str | None = None
    rating: str | None = None
    ratingLink: str | None = None


class EstimationRow(Child, frozen=True, kw_only=True):
    creditingPeriodStart: str | None = None
    creditingPeriodEnd: str | None = None
    unitCount: Decimal | None = None


class ProjectRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    warehouseProjectId: Key
    orgUid: str | None = None
    currentRegistry: str | None = None
    projectId: str | None = None
    originProjectId: str | None = None
    registryOfOrigin: str | None = None
    program: str | None = None
    projectName: str | None = None
    projectLink: str | None = None
    projectDeveloper: str | None = None
    sector: str | None = None
    projectType: str | None = None
    projectTags: str | None = None
    coveredByNDC: str | None = None
    ndcInformation: str | None = None
    projectStatus: str | None = None
    projectStatusDate: str | None = None
    unitMetric: str | None = None
    methodology: str | None = None
    methodology2: str | None = None
    validationBody: str | None = None
    validationDate: str | None = None
    timeStaged: str | None = None
    description: str | None = None
    createdAt: str | None = None
    updatedAt: str | None = None
    projectLocations: tuple[LocationRow, ...] = ()
    labels: tuple[LabelRow, ...] = ()
    issuances: tuple[IssuanceRow, ...] = ()
    coBenefits: tuple[CoBenefitRow, ...] = ()
    relatedProjects: tuple[RelatedProjectRow, ...] = ()
    projectRatings: tuple[RatingRow, ...] = ()
    estimations: tuple[EstimationRow, ...] = ()


class UnitRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    warehouseUnitId: Key
    issuanceId: str | None = None
    projectLocationId: str | None = None
    orgUid: str | None = None
    unitOwner: str | None = None
    countryJurisdictionOfOwner: str | None = None
    inCountryJurisdictionOfOwner: str | None = None
    serialNumberBlock: str | None = None
    unitBlockStart: str | None = None
    unitBlockEnd: str | None = None
    unitCount: Decimal | None = None
    vintageYear: int | None = None
    unitType: str | None = None
    marketplace: str | None = None
    marketplaceLink: str | None = None
    marketplaceIdentifier: str | None = None
    unitTags: str | None = None
    unitStatus: str | None = None
    unitStatusReason: str | None = None
    unitRegistryLink: str | None = None
    correspondingAdjustmentDeclaration: str | None = None
    correspondingAdjustmentStatus: str | None = None
    timeStaged: str | None = None
    createdAt: str | None = None
    updatedAt: str | None = None
    labels: tuple[LabelRow, ...] = ()
    issuance: IssuanceRow | None = None


class Issued(NamedTuple):
    """An issuance and its project, where the answer held both."""

    issuance: IssuanceRow
    project: ProjectRow | None = None


class Envelope(msgspec.Struct, Generic[T], frozen=True, gc=False):
    """A page of a list. There is no count of rows: `pageCount` and the limit must do."""

    page: int
    pageCount: int
    data: list[T]


_project_page = Rows(Envelope[ProjectRow], ProjectRow)
_unit_page = Rows(Envelope[UnitRow], UnitRow)
_project: Rows[ProjectRow | None] = Rows(ProjectRow | None, ProjectRow)
_unit: Rows[UnitRow | None] = Rows(UnitRow | None, UnitRow)


def read_project_page(reply: Reply) -> Envelope[ProjectRow]:
    """The body of `/v1/projects` with `page` and `limit`."""
    return _project_page(reply)


def read_unit_page(reply: Reply) -> Envelope[UnitRow]:
    """The body of `/v1/units` with `page` and `limit`."""
    return _unit_page(reply)


def read_project(reply: Reply) -> ProjectRow | None:
    """The body of `/v1/projects?warehouseProjectId=`; `null` where there is no such project."""
    return _project(reply)


def read_unit(reply: Reply) -> UnitRow | None:
    """The body of `/v1/units?warehouseUnitId=`; `null` where there is no such unit."""
    return _unit(reply)
