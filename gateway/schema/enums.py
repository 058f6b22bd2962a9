"""CAD Trust's enforced picklists, and the gateway's own, as GraphQL enums.

The meanings are those of CAD Trust's glossary where it has the value; values that only one
version of the data model has say which.
"""

from gateway.errors import Outcome as RegistryOutcome
from gateway.model.entity import Entity as RecordKind
from gateway.model.picklists import (
    CorrespondingAdjustmentDeclaration,
    CorrespondingAdjustmentStatus,
    CoveredByNDC,
    LabelType,
    LocationMapType,
    ProjectStatus,
    RatingType,
    SameAsBasis,
    StakeholderType,
    UnitMetric,
    UnitStatus,
    UnitType,
    ValidationType,
    ValueBasis,
)
from gateway.schema.described import enum

__all__ = [
    "CorrespondingAdjustmentDeclaration",
    "CorrespondingAdjustmentStatus",
    "CoveredByNDC",
    "LabelType",
    "LocationMapType",
    "ProjectStatus",
    "RatingType",
    "RecordKind",
    "RegistryOutcome",
    "SameAsBasis",
    "StakeholderType",
    "UnitMetric",
    "UnitStatus",
    "UnitType",
    "ValidationType",
    "ValueBasis",
]

_V2 = "CAD Trust v2.0.2"
_PROD = "CAD Trust production nodes"

enum(
    ProjectStatus,
    "ProjectStatus",
    "Where a project stands in its registry (CAD Trust picklist Project Status).",
    {
        "LISTED": "Shown by a registry, validation or registration still to come (CAD Trust).",
        "VALIDATED": "Validated, registration or another status still to come (CAD Trust).",
        "REGISTERED": "Registered (CAD Trust).",
        "APPROVED": "May sell units through a voluntary mechanism (CAD Trust).",
        "AUTHORIZED": "May sell units with a corresponding adjustment (CAD Trust).",
        "CERTIFIED": f"Certified by the standard ({_V2}).",
        "VERIFIED": f"Its results have been verified ({_V2}).",
        "COMPLETED": "At the end of its life (CAD Trust).",
        "TRANSITIONED": "Moved from an earlier registry or mechanism to a new one (CAD Trust v1).",
        "INACTIVE": f"No longer active, or on hold ({_V2}).",
        "WITHDRAWN": "Its proponent withdrew the request before registration (CAD Trust).",
        "REJECTED": f"Refused by the registry ({_V2}).",
        "DE_REGISTERED": "Taken off the register after registration (CAD Trust v1).",
    },
)
enum(
    CoveredByNDC,
    "CoveredByNDC",
    "How a project relates to the host country's NDC (CAD Trust picklist Covered by NDC).",
    {
        "INSIDE_NDC": "Its activity is listed in the host country's NDC (CAD Trust).",
        "OUTSIDE_NDC": "Its activity is not listed in the NDC, or as outside it (CAD Trust).",
        "UNKNOWN": "The registry says that the relation is not known (CAD Trust).",
    },
)
enum(
    UnitMetric,
    "UnitMetric",
    "What one unit measures (CAD Trust picklist Unit Metric).",
    {
        "TCO2E": "Tonnes of carbon dioxide equivalent (CAD Trust).",
        "KILOTON": f"Thousands of tonnes ({_V2}).",
        "GCO2EQ_PER_KWH": f"Grams of carbon dioxide equivalent per kilowatt-hour ({_V2}).",
    },
)
enum(
    UnitType,
    "UnitType",
    "What kind of mitigation a unit stands for (CAD Trust picklist Unit Type).",
    {
        "AVOIDANCE": f"Avoided emissions, kind not told apart ({_PROD}).",
        "AVOIDANCE_NATURE": f"Emissions avoided by a nature-based project ({_V2}).",
        "AVOIDANCE_TECHNICAL": f"Emissions avoided by a technical project ({_V2}).",
        "REDUCTION_NATURE": "Emissions reduced by a nature-based project (CAD Trust).",
        "REDUCTION_TECHNICAL": "Emissions reduced by a technical project (CAD Trust).",
        "REMOVAL_NATURE": "Carbon dioxide removed by a nature-based project (CAD Trust).",
        "REMOVAL_TECHNICAL": "Carbon dioxide removed by a technical project (CAD Trust).",
        "NOT_DETERMINED": f"The registry says that it is not determined ({_V2}).",
    },
)
enum(
    UnitStatus,
    "UnitStatus",
    "What has become of a unit (CAD Trust picklist Unit Status).",
    {
        "HELD": "Active in its registry; may be traded, retired or cancelled (CAD Trust).",
        "ISSUED": f"Issued and not yet moved ({_V2}).",
        "RETIRED": "Used by its owner; cannot be sold any more (CAD Trust).",
        "CANCELLED": "Cancelled by its owner; cannot be sold any more (CAD Trust).",
        "EXPIRED": "Past its validity (CAD Trust).",
        "INACTIVE": f"On hold or otherwise not usable ({_V2}).",
        "BUFFER": "Kept in a buffer account (CAD Trust).",
        "EXPORTED": "Transferred to another registry (CAD Trust v1).",
        "PENDING_EXPORT": "On its way to another registry (CAD Trust v1).",
        "REJECTED": f"Refused by the registry ({_V2}).",
    },
)
enum(
    CorrespondingAdjustmentDeclaration,
    "CorrespondingAdjustmentDeclaration",
    "What the host country declared on corresponding adjustment (CAD Trust picklist).",
    {
        "COMMITTED": "The host country committed to adjust for these units (CAD Trust).",
        "NOT_REQUIRED": "No adjustment is required for these units (CAD Trust).",
        "UNKNOWN": "The registry says that it is not known (CAD Trust).",
    },
)
enum(
    CorrespondingAdjustmentStatus,
    "CorrespondingAdjustmentStatus",
    "How far the host country's corresponding adjustment has come (CAD Trust picklist).",
    {
        "NOT_APPLICABLE": f"No adjustment applies ({_PROD}).",
        "NOT_STARTED": "The host country has not started (CAD Trust).",
        "PENDING": "The host country is at it (CAD Trust).",
        "COMPLETED": "The host country has adjusted (CAD Trust).",
    },
)
enum(
    LabelType,
    "LabelType",
    "What kind of label it is (CAD Trust picklist Label Type).",
    {
        "ENDORSEMENT": "Supported by an endorsement (CAD Trust v1).",
        "CERTIFICATION": "Supported by a certification (CAD Trust).",
        "LETTER_OF_APPROVAL": "Approved for sale through a voluntary mechanism (CAD Trust v1).",
        "LETTER_OF_AUTHORIZATION": "Authorised with corresponding adjustment (CAD Trust v1).",
        "LETTER_OF_QUALIFICATION": "Supported by a letter of qualification (CAD Trust v1).",
        "ARTICLE_6_AUTHORISATION": f"Authorised under Article 6 ({_V2}).",
        "ARTICLE_6_ENDORSEMENT": f"Endorsed under Article 6 ({_V2}).",
        "ARTICLE_6_LETTER_OF_APPROVALS": f"Letter of approval under Article 6 ({_V2}).",
        "ARTICLE_6_LETTER_OF_QUALIFICATION": f"Letter of qualification under Article 6 ({_V2}).",
        "SDG_10_REDUCED_INEQUALITIES": f"Published in the label list as it stands ({_V2}).",
    },
)
enum(
    RatingType,
    "RatingType",
    "Who rates the project (CAD Trust picklist Rating Type).",
    {
        "BEZERO": "BeZero (CAD Trust v1).",
        "CCQI": "The Carbon Credit Quality Initiative (CAD Trust).",
        "CDP": "The Carbon Disclosure Project (CAD Trust).",
        "MAAP": "The Mitigation Action Assessment Protocol (CAD Trust v1).",
        "SYLVERA": "Sylvera (CAD Trust v1).",
    },
)
enum(
    ValidationType,
    "ValidationType",
    "What was validated (CAD Trust v2.0.2 picklist validation_type).",
    {
        "PROJECT_DESIGN_DOCUMENT": f"The project design document ({_V2}).",
        "POST_REGISTRATION_CHANGE": f"A change after registration ({_V2}).",
        "RENEWAL_OF_CREDIT_PERIOD": f"The renewal of a crediting period ({_V2}).",
    },
)
enum(
    StakeholderType,
    "StakeholderType",
    "What part a stakeholder has (CAD Trust v2.0.2 picklist stakeholder_type).",
    {
        "CONSULTANT": f"Advises the project ({_V2}).",
        "DEVELOPER": f"Develops the project ({_V2}).",
        "OWNER": f"Owns the project ({_V2}).",
    },
)
enum(
    LocationMapType,
    "LocationMapType",
    "The format of a location's map file (CAD Trust v2.0.2 picklist location_map_type).",
    {m.name: f"A map file in the format {m.value} ({_V2})." for m in LocationMapType},
)
enum(
    SameAsBasis,
    "SameAsBasis",
    "What a link between two records of one project rests on (gateway).",
    {
        "REGISTRY_OF_ORIGIN_ID": "One record names the other's registry and project id (gateway).",
        "CROSS_REFERENCE": "A registry publishes the other system's id itself (gateway).",
        "SERIAL": "The serial of a unit holds the other's reference for the project (gateway).",
    },
)
enum(
    ValueBasis,
    "ValueBasis",
    "What a harmonised value rests on (gateway).",
    {
        "REGISTRY": "The registry's own words for it (gateway).",
        "METHODOLOGY": "The registry's words name none; the methodology implies it (gateway).",
    },
)
enum(
    RecordKind,
    "RecordKind",
    "The kinds of record that have a global id (gateway).",
    {
        "PROJECT": "A carbon project (CAD Trust table PROJECTS).",
        "ISSUANCE": "An issuance (CAD Trust table ISSUANCES).",
        "UNIT": "A block of units in one state (CAD Trust table UNITS).",
    },
)
enum(
    RegistryOutcome,
    "RegistryOutcome",
    "How a registry's part of an answer ended (gateway).",
    {
        "OK": "Asked, and answered in full.",
        "STALE": "Could not be asked anew; an older answer stands in, with its own time.",
        "PARTIAL": "Some of it came, not all.",
        "TIMEOUT": "No whole answer before the deadline.",
        "CONNECT_ERROR": "Could not be reached, or broke off.",
        "HTTP_ERROR": "Answered with an error status.",
        "RATE_LIMITED": "Asked us to wait longer than the deadline allows.",
        "INVALID_PAYLOAD": "Answered with something that is not what its interface promises.",
        "TOO_LARGE": "Answered with more than the cap allows.",
        "UNAVAILABLE": "Says that it cannot serve its data for the moment.",
        "CIRCUIT_OPEN": "Failed so often lately that it is left alone for a while.",
        "SHED": "Too many questions already wait for it.",
        "SKIPPED": "Not asked, since it cannot have an answer to this question.",
        "NOT_CONFIGURED": "Not asked, since the operator gave no host or credential for it.",
    },
)
