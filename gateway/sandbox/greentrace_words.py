"""GreenTrace's words for what the world says, and the keys of its rows in their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.model.picklists import ProjectStatus, UnitStatus

CONVERTED = ("CONVERT_TO_ARB_OFFSET_CREDITS", "Convert to ARB Offset Credits")
REMOVED = ("REMOVAL_FROM_REGISTRY", "Removal from Registry")
# By registry: what the list and the page say, and what the page alone adds. One word of the
# list stands for several states.
STATUSES: Mapping[str, Mapping[ProjectStatus, Sequence[tuple[str, str]]]] = {
    "ACR": {
        ProjectStatus.REGISTERED: (
            ("ACTIVE", "Registered"),
            ("ACTIVE", "Listed - Active ARB Project"),
            ("ACTIVE", "Listed - Active Ecology Project"),
        ),
        ProjectStatus.LISTED: (
            ("ACTIVE", "Listed"),
            ("ACTIVE", "Listed - Proposed Project"),
            ("ACTIVE", "Listed - Active Registry Project"),
        ),
        ProjectStatus.COMPLETED: (("COMPLETED", "N/A"), ("COMPLETED", "Registered")),
        ProjectStatus.WITHDRAWN: (("TERMINATED", "Canceled"),),
        ProjectStatus.INACTIVE: (("TERMINATED", "N/A"), ("TERMINATED", "ARB Terminated")),
        ProjectStatus.TRANSITIONED: (("TERMINATED", "Transferred ARB or Ecology Project"),),
    },
    "ART": {
        ProjectStatus.REGISTERED: (("ACTIVE", "Registered"),),
        ProjectStatus.VALIDATED: (("ACTIVE", "Validated"),),
        ProjectStatus.LISTED: (("ACTIVE", "Listed"),),
        ProjectStatus.COMPLETED: (("COMPLETED", "N/A"),),
        ProjectStatus.WITHDRAWN: (("TERMINATED", "Withdrawn"),),
        ProjectStatus.INACTIVE: (("TERMINATED", "N/A"),),
    },
}
# The registry's type for each of the world's project types, with its code.
TYPES = {
    "Landfill gas": ("Landfill Gas Capture & Combustion", "LGCC"),
    "Coal bed/mine methane": ("Coal Mine Methane", "CMM"),
    "Agriculture, forestry and other land use (AFOLU)": ("Forest Carbon", "FC"),
}
LABELS = {
    "ICVCM CCP": ("ICVCM", "ICVCM CCP Eligible"),
    "CORSIA - First Phase, 2024-2026 Eligible": (
        "CORSIA",
        "Eligible for CORSIA 2024-2026 Compliance Period (First Phase)",
    ),
    "Article 6 Authorized - IMP": ("ARTICLE_6", "Article 6 Authorized - IMP"),
}
REMOVAL = "Verified Removal"
ENDED = frozenset({UnitStatus.RETIRED, UnitStatus.CANCELLED, UnitStatus.EXPORTED})

SAID_NO = ("hostCountryLetterOfAuthorization", "corsiaDoubleClaimingCompensation")
CONTACT = tuple(
    f"projectContactPerson{part}"
    for part in ("FirstName", "FullName", "LastName", "Email", "Phone", "Title")
)
OTHERS = (
    "projectOperatorName",
    "projectOperatorIsRegistryProfile",
    "projectDesigneeName",
    "projectDesigneeProfileKey",
    "projectDesigneeIsRegistryProfile",
    "projectProponentName",
    "projectProponentProfileKey",
    "projectProponentIsRegistryProfile",
)
CREDIT_KEYS = (
    "holdingKey",
    "holdingSerialNumber",
    "holdingStatus",
    "holdingStatusEffectiveTimestamp",
    "holdingQuantity",
    "isEscrowed",
    "isReserve",
    "isTokenized",
    "isSequestered",
    "projectKey",
    "projectReferenceId",
    "projectName",
    "projectIsPublic",
    "projectSiteLocationName",
    "projectSiteLocationState",
    "projectSiteLocationCountry",
    "projectTypeName",
    "projectTypeCode",
    "developerProfileKey",
    "developerProfileName",
    "accountHolderProfileKey",
    "accountHolderProfileName",
    "registryAccountKey",
    "registryAccountName",
    "registryAccountType",
    "issuanceKey",
    "issuanceVintageStartDate",
    "vintage",
    "issuanceDate",
    "issuanceQuantity",
    "cancellationKey",
    "cancellationDate",
    "cancellationReason",
    "cancellationReasonDisplayName",
    "cancellationReasonDescription",
    "cancellationOnBehalfOfName",
    "retirementKey",
    "retirementDate",
    "retirementReason",
    "retirementReasonDisplayName",
    "retirementReasonDescription",
    "retirementPurpose",
    "retirementOnBehalfOfName",
    "registryCode",
    "hostCountryLetterOfAuthorization",
    "correspondingAdjustment",
    "corsiaDoubleClaimingCompensation",
    "corsiaEligible",
    "corsiaPending",
    "bufferPool",
    "registryLabels",
    "arbEligible",
    "ecologyEligible",
    "creditLink",
    "projectLink",
    "developerLink",
)
