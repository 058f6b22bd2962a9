"""Project statuses of every registry, in its own words, with CAD Trust's beside them.

Case, blanks, dashes and underscores do not count, so `LATE_TO_VERIFY` is "Late to verify". What
is known and deliberately has no value stands in `UNMAPPED`, with the reason in
docs/harmonisation.md.
"""

from __future__ import annotations

from typing import Final

from gateway.model.picklists import ProjectStatus as S

VERRA: Final = {
    "Registered": S.REGISTERED,
    "Late to verify": S.REGISTERED,
    "Verification approval requested": S.REGISTERED,
    "Verification approval request denied": S.REGISTERED,
    "Crediting Period Renewal Requested": S.REGISTERED,
    "Crediting Period Renewal and Verification Approval Requested": S.REGISTERED,
    "Requantification Requested": S.REGISTERED,
    "Under development": S.LISTED,
    "Under validation": S.LISTED,
    "Registration requested": S.VALIDATED,
    "Registration and verification approval requested": S.VALIDATED,
    "Registration request denied": S.REJECTED,
    "Registration and verification approval request denied": S.REJECTED,
    "Rejected by Administrator": S.REJECTED,
    "Rejected": S.REJECTED,
    "Withdrawn": S.WITHDRAWN,
    "Inactive": S.INACTIVE,
    "On Hold - see notification letter": S.INACTIVE,
    "On Hold": S.INACTIVE,
    "Units Transferred from Approved GHG Program": S.TRANSITIONED,
    # stateCode of the current interface, where it is not the status in capitals.
    "PIPELINE_LISTING_UNDER_DEVELOPMENT": S.LISTED,
    "UNDER_VAL_COMMENT_PERIOD_ON": S.LISTED,
    # resourceStatuses of the interface that ended in 2026; exports of it are still about.
    "VCS_EX_CRD_PRD_VER_REQUESTED": S.REGISTERED,
    "VCS_EX_CRD_PRD_REQUESTED": S.REGISTERED,
    "VCS_EX_INACTIVE": S.INACTIVE,
    "VCS_EX_ONHOLD": S.INACTIVE,
    "VCS_EX_REGISTERED": S.REGISTERED,
    "VCS_EX_REG_VER_APPR_REQUESTED": S.VALIDATED,
    "VCS_EX_REGISTRATION_REQUESTED": S.VALIDATED,
    "VCS_EX_REJ": S.REJECTED,
    "VCS_EX_UNDER_DEVELOPMENT_CLD": S.LISTED,
    "VCS_EX_UNDER_VALIDATION_CLD": S.LISTED,
    "VCS_EX_UNDER_VALIDATION_OPN": S.LISTED,
    "VCS_EX_CRED_TRANS_FRM_OTHER_PROG": S.TRANSITIONED,
    "VCS_EX_WITHDRAWN": S.WITHDRAWN,
}

# The platform's own words, for tenants whose vocabulary nobody has captured yet.
PLATFORM: Final = {
    "Active": S.REGISTERED,
    "Registered": S.REGISTERED,
    "Listed": S.LISTED,
    "Under development": S.LISTED,
    "Under validation": S.LISTED,
    "Validated": S.VALIDATED,
    "Verified": S.VERIFIED,
    "Completed": S.COMPLETED,
    "Inactive": S.INACTIVE,
    "On Hold": S.INACTIVE,
    "Withdrawn": S.WITHDRAWN,
    "Rejected": S.REJECTED,
}

GOLD_STANDARD: Final = {
    "LISTED": S.LISTED,
    "GOLD_STANDARD_CERTIFIED_DESIGN": S.VALIDATED,
    "GOLD_STANDARD_CERTIFIED_PROJECT": S.REGISTERED,
    "Certified Design": S.VALIDATED,
    "Certified Project": S.REGISTERED,
}

# Voluntary and compliance statuses of the old exports, and the two fields of GreenTrace. A bare
# ACTIVE is not here: listed projects carry it too (see `greentrace_project_status`).
GREENTRACE: Final = {
    "Listed": S.LISTED,
    "Listed - Proposed Project": S.LISTED,
    "Listed - Active Registry Project": S.LISTED,
    "Listed - Active ARB Project": S.REGISTERED,
    "Listed - Active Ecology Project": S.REGISTERED,
    "Submitted": S.LISTED,
    "Registered": S.REGISTERED,
    "Completed": S.COMPLETED,
    "ARB Completed": S.COMPLETED,
    "Ecology Completed": S.COMPLETED,
    "Inactive": S.INACTIVE,
    "ARB Inactive": S.INACTIVE,
    "Ecology Inactive": S.INACTIVE,
    "Terminated": S.INACTIVE,
    "ARB Terminated": S.INACTIVE,
    "Canceled": S.WITHDRAWN,
    "Cancelled": S.WITHDRAWN,
    "Withdrawn": S.WITHDRAWN,
    "Transferred ARB or Ecology Project": S.TRANSITIONED,
    "Transferred": S.TRANSITIONED,
}

ART: Final = {
    "Listed": S.LISTED,
    "Validated": S.VALIDATED,
    "Registered": S.REGISTERED,
    "Completed": S.COMPLETED,
    "Inactive": S.INACTIVE,
    "Withdrawn": S.WITHDRAWN,
    "Terminated": S.INACTIVE,
    "Canceled": S.WITHDRAWN,
    "Cancelled": S.WITHDRAWN,
}

CAR: Final = {
    "Listed": S.LISTED,
    "Registered": S.REGISTERED,
    "Completed": S.COMPLETED,
    "Transitioned": S.TRANSITIONED,
    # Compliance Program Status
    "Proposed Project": S.LISTED,
    "Active Registry Project": S.LISTED,
    "Active ARB Project": S.REGISTERED,
    "Inactive": S.INACTIVE,
    "Terminated": S.INACTIVE,
}

CDM: Final = {
    "Validation": S.LISTED,
    "Validation Public": S.LISTED,
    "Validation Replaced": S.WITHDRAWN,
    "Validation Terminated": S.WITHDRAWN,
    "Registering": S.VALIDATED,
    "Registered": S.REGISTERED,
    "Rejected": S.REJECTED,
    "Withdrawn": S.WITHDRAWN,
    "Deregistered": S.DE_REGISTERED,
    "De-registered": S.DE_REGISTERED,
    "End of crediting period": S.COMPLETED,
}

# EcoRegistry's projectStage, for Cercarbono and every other standard on the platform.
ECOREGISTRY: Final = {
    "Validation": S.LISTED,
    "Public comments": S.LISTED,
    "Registration": S.REGISTERED,
    "Verification": S.REGISTERED,
    "Certified": S.REGISTERED,
    "Finished": S.COMPLETED,
    "Retired": S.COMPLETED,
    "Suspended": S.INACTIVE,
    "Cancelled": S.WITHDRAWN,
    "Rejected": S.REJECTED,
}

BIOCARBON: Final = {
    "Listed": S.LISTED,
    "Listado": S.LISTED,
    "Registration Request Under Review": S.VALIDATED,
    "Registered": S.REGISTERED,
    "Registrado": S.REGISTERED,
    "Withdrawn": S.WITHDRAWN,
    "Declined": S.REJECTED,
    "De-registered": S.DE_REGISTERED,
}

# UNDP's own push to CAD Trust says "Completed" for Authorised and "Listed" for Approved; we take
# the words for what they say.
UNDP: Final = {
    "New": S.LISTED,
    "AwaitingAuthorization": S.LISTED,
    "Approved": S.APPROVED,
    "Authorised": S.AUTHORIZED,
    "Authorized": S.AUTHORIZED,
    "Rejected": S.REJECTED,
    "Pending": S.LISTED,
    "SUBMITTED_INF": S.LISTED,
    "APPROVED_INF": S.LISTED,
    "REJECTED_INF": S.REJECTED,
    "SUBMITTED_COST_QUOTATION": S.LISTED,
    "SUBMITTED_PROPOSAL": S.LISTED,
    "ACCEPTED_PROPOSAL": S.LISTED,
    "REJECTED_PROPOSAL": S.REJECTED,
    "SUBMITTED_VALIDATION_AGREEMENT": S.LISTED,
    "SUBMITTED_CMA": S.LISTED,
    "APPROVED_CMA": S.LISTED,
    "REJECTED_CMA": S.REJECTED,
    "VALIDATION_PENDING": S.LISTED,
    "REJECTED_VALIDATION": S.REJECTED,
    "PDD_SUBMITTED": S.LISTED,
    "PDD_APPROVED_BY_CERTIFIER": S.LISTED,
    "PDD_REJECTED_BY_CERTIFIER": S.REJECTED,
    "PDD_APPROVED_BY_DNA": S.LISTED,
    "PDD_REJECTED_BY_DNA": S.REJECTED,
    "VALIDATION_REPORT_SUBMITTED": S.LISTED,
    "VALIDATION_REPORT_APPROVED": S.VALIDATED,
    "VALIDATION_REPORT_REJECTED": S.REJECTED,
}

ISOMETRIC: Final = {
    "UNDER_VALIDATION": S.LISTED,
    "VALIDATED": S.VALIDATED,
    "VALIDATION_UNSUCCESSFUL": S.REJECTED,
    "CANCELLED": S.WITHDRAWN,
}

PURO: Final = {"Certified project": S.REGISTERED}

SOCIAL_CARBON: Final = {
    "Listed": S.LISTED,
    "Certified Design": S.VALIDATED,
    "Certified Project": S.REGISTERED,
}

ICR: Final = {
    "under development": S.LISTED,
    "under validation": S.LISTED,
    "validated": S.VALIDATED,
    "registered": S.REGISTERED,
    "retracted": S.WITHDRAWN,
    "closed": S.COMPLETED,
}

JCM: Final = {
    "Validation": S.LISTED,
    "Project registered": S.REGISTERED,
    "Request for Registration withdrawn": S.WITHDRAWN,
}

CDOP: Final = {
    "Listed": S.LISTED,
    "Validation": S.LISTED,
    "Validated": S.VALIDATED,
    "Registered": S.REGISTERED,
    "Approved": S.APPROVED,
    "Authorized": S.AUTHORIZED,
    "Verified and issuing": S.VERIFIED,
    "Completed": S.COMPLETED,
    "Withdrawn": S.WITHDRAWN,
    "De-registered": S.DE_REGISTERED,
    "Inactive": S.INACTIVE,
    "Rejected": S.REJECTED,
}

# Spellings of the picklist itself that nodes and data dictionaries have used.
CAD_TRUST_SPELLINGS: Final = {
    "Deregistered": S.DE_REGISTERED,
    "Authorised": S.AUTHORIZED,
}

UNMAPPED: Final = {
    "acr-project": ("ACTIVE", "N/A", "Not ARB or Ecology Eligible"),
    "car-project": ("Not ARB or WA ECO Eligible", "N/A"),
    "cdm-project": ("Provisional",),
    "ecoregistry-project": ("Not assigned", "No definido", "Not defined"),
    "cercarbono-project": ("Not assigned", "No definido", "Not defined"),
    "icr-project": ("accepted",),
    "cdop-project": (
        "Origination",
        "Pre-feasibility",
        "Feasibility",
        "Project design drafting",
        "Project design finalization",
    ),
}
