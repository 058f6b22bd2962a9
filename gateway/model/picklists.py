"""CAD Trust's enforced picklists as enums; values are the picklist's own spelling.

Each enum is the union of the lists of the v1 node (1.7.24), the production examples in its
documentation and the v2 data dictionary (2.0.2, 2026-06-30), so that no value a node may send
is unknown here.
"""

from enum import Enum


class ProjectStatus(Enum):
    LISTED = "Listed"
    VALIDATED = "Validated"
    REGISTERED = "Registered"
    APPROVED = "Approved"
    AUTHORIZED = "Authorized"
    CERTIFIED = "Certified"
    VERIFIED = "Verified"
    COMPLETED = "Completed"
    TRANSITIONED = "Transitioned"
    INACTIVE = "Inactive"
    WITHDRAWN = "Withdrawn"
    REJECTED = "Rejected"
    DE_REGISTERED = "De-registered"


class CoveredByNDC(Enum):
    INSIDE_NDC = "Inside NDC"
    OUTSIDE_NDC = "Outside NDC"
    UNKNOWN = "Unknown"


class UnitMetric(Enum):
    TCO2E = "tCO2e"
    KILOTON = "kt (Kiloton)"
    GCO2EQ_PER_KWH = "gCO2eq/kWh"


class UnitType(Enum):
    AVOIDANCE = "Avoidance"
    AVOIDANCE_NATURE = "Avoidance - nature"
    AVOIDANCE_TECHNICAL = "Avoidance - technical"
    REDUCTION_NATURE = "Reduction - nature"
    REDUCTION_TECHNICAL = "Reduction - technical"
    REMOVAL_NATURE = "Removal - nature"
    REMOVAL_TECHNICAL = "Removal - technical"
    NOT_DETERMINED = "Not Determined"


class UnitStatus(Enum):
    HELD = "Held"
    ISSUED = "Issued"
    RETIRED = "Retired"
    CANCELLED = "Cancelled"
    EXPIRED = "Expired"
    INACTIVE = "Inactive"
    BUFFER = "Buffer"
    EXPORTED = "Exported"
    PENDING_EXPORT = "Pending Export"
    REJECTED = "Rejected"


class CorrespondingAdjustmentDeclaration(Enum):
    COMMITTED = "Committed"
    NOT_REQUIRED = "Not Required"
    UNKNOWN = "Unknown"


class CorrespondingAdjustmentStatus(Enum):
    NOT_APPLICABLE = "Not Applicable"
    NOT_STARTED = "Not Started"
    PENDING = "Pending"
    COMPLETED = "Completed"


class LabelType(Enum):
    ENDORSEMENT = "Endorsement"
    CERTIFICATION = "Certification"
    LETTER_OF_APPROVAL = "Letter of Approval"
    LETTER_OF_AUTHORIZATION = "Letter of Authorization"
    LETTER_OF_QUALIFICATION = "Letter of Qualification"
    ARTICLE_6_AUTHORISATION = "Article 6 - Authorisation"
    ARTICLE_6_ENDORSEMENT = "Article 6 - Endorsement"
    ARTICLE_6_LETTER_OF_APPROVALS = "Article 6 - Letter of Approvals"
    ARTICLE_6_LETTER_OF_QUALIFICATION = "Article 6 - Letter of Qualification"
    # Published in v2's label_type list, where it looks misplaced; kept, since nodes enforce it.
    SDG_10_REDUCED_INEQUALITIES = "SDG 10 - Reduced inequalities"


class RatingType(Enum):
    BEZERO = "BeZero"
    CCQI = "CCQI"
    CDP = "CDP"
    MAAP = "MAAP"
    SYLVERA = "Sylvera"


class ValidationType(Enum):
    PROJECT_DESIGN_DOCUMENT = "Validation of Project Design Document"
    POST_REGISTRATION_CHANGE = "Validation of Post Registration Change"
    RENEWAL_OF_CREDIT_PERIOD = "Validation of Renewal of Credit Period"


class StakeholderType(Enum):
    CONSULTANT = "Consultant"
    DEVELOPER = "Developer"
    OWNER = "Owner"


class LocationMapType(Enum):
    DXF = "DXF"
    GML = "GML"
    GPX = "GPX"
    GEO_JSON = "GeoJSON"
    GEO_PACKAGE = "GeoPackage"
    GEO_TIFF = "GeoTIFF"
    GEODATABASES = "Geodatabases"
    JGEP_2000 = "JGEP 2000"
    KML_KMZ = "KML / KMZ"
    LIDAR = "LiDAR"
    SHAPEFILES = "Shapefiles"


class SameAsBasis(Enum):
    """Why two records are said to be one project (not a picklist of CAD Trust's)."""

    REGISTRY_OF_ORIGIN_ID = "REGISTRY_OF_ORIGIN_ID"
    CROSS_REFERENCE = "CROSS_REFERENCE"
    SERIAL = "SERIAL"


class ValueBasis(Enum):
    """What a harmonised value rests on."""

    REGISTRY = "Registry"
    METHODOLOGY = "Methodology"
