"""The rows of a CAD Trust node's `/v2`: flat tables, under the wire's own names, both spellings.

Where the published schema (2.0.2) and the node's code spell a name differently, both are fields
here and the views take the one that is there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

import msgspec

from adapters.apart import Apart
from adapters.cad_trust_rows import Envelope
from adapters.contract import InvalidPayload, Reply
from adapters.rows import Key, Rows

T = TypeVar("T")


class Stamped(msgspec.Struct, frozen=True, kw_only=True):
    createdAt: str | None = None
    updatedAt: str | None = None


class ProgramRow(Stamped, frozen=True, kw_only=True):
    cadTrustProgramId: Key
    programName: str | None = None
    programRegistry: str | None = None
    programRegistryId: str | None = None
    programRegistryProgramId: str | None = None
    programRegistryActivityId: str | None = None
    programDescription: str | None = None


class MethodologyRow(Stamped, frozen=True, kw_only=True):
    cadTrustMethodologyId: Key
    methodologyCode: str | None = None
    methodologyName: str | None = None
    methodologyType: str | None = None
    methodologyVersion: str | None = None
    methodologyDate: str | None = None
    methodologyLink: str | None = None


class ProjectMethodologyRow(Stamped, frozen=True, kw_only=True):
    cadTrustProjectMethodologyId: Key
    cadTrustProjectId: str | None = None
    cadTrustMethodologyId: str | None = None
    projectMethodologyDate: str | None = None
    projectMethodologyDescription: str | None = None


class StakeholderRow(Stamped, frozen=True, kw_only=True):
    cadTrustStakeholderId: Key
    stakeholderName: str | None = None
    stakeholderType: str | None = None
    stakeholderLink: str | None = None
    cadTrustProjectId: str | None = None


class ValidationRow(Stamped, frozen=True, kw_only=True):
    cadTrustValidationId: Key
    validationId: str | None = None
    validationType: str | None = None
    validationBody: str | None = None
    validationDate: str | None = None
    validationCreditPeriodStartDate: str | None = None
    validationCreditPeriodEndDate: str | None = None
    cadTrustProjectId: str | None = None


class VerificationRow(Stamped, frozen=True, kw_only=True):
    cadTrustVerificationId: Key
    verificationId: str | None = None
    verificationStartDate: str | None = None
    verificationEndDate: str | None = None
    verificationBody: str | None = None
    cadTrustProjectId: str | None = None
    cadTrustValidationId: str | None = None


class LocationRow(Stamped, frozen=True, kw_only=True):
    cadTrustLocationId: Key
    locationCountry: str | None = None
    locationRegion: str | None = None
    locationGis: str | None = None
    locationMapType: str | None = None
    locationMapFileLink: str | None = None
    cadTrustProjectId: str | None = None


class EstimationRow(Stamped, frozen=True, kw_only=True):
    cadTrustEstimationId: Key
    estimationStartDate: str | None = None
    estimationEndDate: str | None = None
    estimationUnitCount: Decimal | None = None
    estimationReferenceNo: str | None = None
    cadTrustProjectId: str | None = None


class RatingRow(Stamped, frozen=True, kw_only=True):
    cadTrustRatingId: Key
    ratingType: str | None = None
    ratingName: str | None = None
    ratingValue: str | None = None
    ratingLink: str | None = None
    cadTrustProjectId: str | None = None


class CoBenefitRow(Stamped, frozen=True, kw_only=True):
    cadTrustCobenefitId: str | None = None
    cadTrustCoBenefitId: str | None = None
    cobenefit: str | None = None
    coBenefitId: str | None = None
    cadTrustProjectId: str | None = None


class ProjectRow(Stamped, frozen=True, kw_only=True):
    """A project; its children come where `columns` asks for them."""

    cadTrustProjectId: Key
    orgUid: str | None = None
    projectRegistryName: str | None = None
    projectId: str | None = None
    projectCreditingProgram: str | None = None
    projectName: str | None = None
    projectLink: str | None = None
    projectDescription: str | None = None
    projectSector: tuple[str, ...] | str | None = None
    projectType: tuple[str, ...] | str | None = None
    projectSubtype: str | None = None
    projectStatus: str | None = None
    projectStatusDate: str | None = None
    projectUnitMetric: str | None = None
    cadTrustReferenceProjectId: str | None = None
    cadTrustProgramId: str | None = None
    program: ProgramRow | None = None
    locations: tuple[LocationRow, ...] = ()
    estimations: tuple[EstimationRow, ...] = ()
    ratings: tuple[RatingRow, ...] = ()
    coBenefits: tuple[CoBenefitRow, ...] = ()


class IssuanceRow(Stamped, frozen=True, kw_only=True):
    cadTrustIssuanceId: Key
    issuanceId: str | None = None
    issuanceDate: str | None = None
    cadTrustVerificationId: str | None = None
    cadTrustProjectMethodologyId: str | None = None
    cadTrustMethodologyId: str | None = None
    cadTrustLocationId: str | None = None


class UnitRow(Stamped, frozen=True, kw_only=True):
    cadTrustUnitId: Key
    orgUid: str | None = None
    unitSerialId: str | None = None
    unitStartBlock: str | None = None
    unitEndBlock: str | None = None
    unitCount: Decimal | None = None
    unitType: str | None = None
    unitVintageYear: int | None = None
    unitStatus: str | None = None
    unitStatusReason: str | None = None
    unitStatusDate: str | None = None
    unitRetirementDetail: str | None = None
    unitRetirementBeneficiary: str | None = None
    unitRetirementBeneficiaryId: str | None = None
    unitLink: str | None = None
    unitMetric: str | None = None
    unitCurrentOwner: str | None = None
    unitItmosReferenceId: str | None = None
    marketplace: str | None = None
    marketplaceLink: str | None = None
    marketplaceIdentifier: str | None = None
    cadTrustIssuanceId: str | None = None


class LabelRow(Stamped, frozen=True, kw_only=True):
    cadTrustLabelId: Key
    labelName: str | None = None
    labelType: str | None = None
    labelLink: str | None = None
    labelDate: str | None = None


class UnitLabelRow(Stamped, frozen=True, kw_only=True):
    cadTrustUnitLabelId: Key
    cadTrustLabelId: str | None = None
    cadTrustUnitId: str | None = None
    labelUnitDate: str | None = None
    labelUnitDescription: str | None = None


class Listing(msgspec.Struct, Generic[T], frozen=True):
    """A page of a child table; older builds answer whole and say no page."""

    data: list[T]
    page: int | None = None
    pageCount: int | None = None
    success: bool | None = None


@dataclass(frozen=True, slots=True)
class Child:
    """A table that can be listed, page by page, and read row by row; nothing else."""

    path: str
    key: str
    read: Callable[[Reply], Listing[Any]]
    read_one: Callable[[Reply], Any]


class Readers(Generic[T]):
    """The two decoders of the bodies of a table, which stands here under this name; a missing row
    is a 404, and None here."""

    def __init__(self, name: str, row: type[T]) -> None:
        many: Any = Listing[row]  # type: ignore[valid-type]
        self._list: Rows[Listing[T]] = Rows(many, row)
        self._one: Rows[T | None] = Rows(row | None, row)
        self.apart = {
            "read": Apart(f"{__name__}:{name}.read", (), many),
            "read_one": Apart(f"{__name__}:{name}.read_one", (), row | None),
        }

    def read(self, reply: Reply) -> Listing[T]:
        """A page of the table's list.

        Raises:
            InvalidPayload: the body does not say that it succeeded, and has no page number.
        """
        found = self._list(reply)
        if found.success is False or (found.success is None and found.page is None):
            raise InvalidPayload("a list without pages that does not say that it succeeded")
        return found

    def read_one(self, reply: Reply) -> T | None:
        return None if reply.status == 404 else self._one(reply)


def _child(name: str, path: str, key: str, row: type[Any]) -> Child:
    readers = Readers(name, row)
    return Child(f"v2/{path}", key, readers.read, readers.read_one)


METHODOLOGIES = _child("METHODOLOGIES", "methodology", "cadTrustMethodologyId", MethodologyRow)
PROJECT_METHODOLOGIES = _child(
    "PROJECT_METHODOLOGIES",
    "project-methodology",
    "cadTrustProjectMethodologyId",
    ProjectMethodologyRow,
)
STAKEHOLDERS = _child("STAKEHOLDERS", "stakeholder", "cadTrustStakeholderId", StakeholderRow)
VALIDATIONS = _child("VALIDATIONS", "validation", "cadTrustValidationId", ValidationRow)
VERIFICATIONS = _child("VERIFICATIONS", "verification", "cadTrustVerificationId", VerificationRow)
LOCATIONS = _child("LOCATIONS", "location", "cadTrustLocationId", LocationRow)
ISSUANCES = _child("ISSUANCES", "issuance", "cadTrustIssuanceId", IssuanceRow)
LABELS = _child("LABELS", "label", "cadTrustLabelId", LabelRow)
UNIT_LABELS = _child("UNIT_LABELS", "unit-label", "cadTrustUnitLabelId", UnitLabelRow)

_project_page = Rows(Envelope[ProjectRow], ProjectRow)
_unit_page = Rows(Envelope[UnitRow], UnitRow)


def read_project_page(reply: Reply) -> Envelope[ProjectRow]:
    """The body of `/v2/project`."""
    return _project_page(reply)


def read_unit_page(reply: Reply) -> Envelope[UnitRow]:
    """The body of `/v2/unit`."""
    return _unit_page(reply)


class MethodologyJoin(msgspec.Struct, frozen=True):
    methodology: MethodologyRow
    link: ProjectMethodologyRow


class ProjectJoin(msgspec.Struct, frozen=True):
    """A project with the rows of other tables that name it."""

    project: ProjectRow
    methodologies: tuple[MethodologyJoin, ...] = ()
    validations: tuple[ValidationRow, ...] = ()
    stakeholders: tuple[StakeholderRow, ...] = ()


class IssuanceJoin(msgspec.Struct, frozen=True):
    """An issuance with the verification that leads to its project, and its location."""

    issuance: IssuanceRow
    verification: VerificationRow | None = None
    location: LocationRow | None = None


class LabelJoin(msgspec.Struct, frozen=True):
    label: LabelRow
    link: UnitLabelRow


class UnitJoin(msgspec.Struct, frozen=True):
    """A unit with its issuance, and the labels it was given."""

    unit: UnitRow
    issuance: IssuanceJoin | None = None
    labels: tuple[LabelJoin, ...] = ()
