"""Reduction, removal or avoidance, from a registry's own words only; never guessed from a type.

CAD Trust's list asks for more than most registries say: whether a reduction or removal is
nature-based or technical. Where the registry says both, `unit_type` gives the value; where it
says only the kind, `kind` gives that, and `unit_type` is None unless the caller knows the rest.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from gateway.harmonise.picklist import by_value
from gateway.harmonise.table import Table, words
from gateway.model.picklists import UnitType

SUBJECT = "unit-types"


class Kind(Enum):
    """What a credit stands for, in the registry's own words."""

    AVOIDANCE = "Avoidance"
    REDUCTION = "Reduction"
    REMOVAL = "Removal"


_KINDS: Final = {
    "Avoidance": Kind.AVOIDANCE,
    "Emission avoidance": Kind.AVOIDANCE,
    "Reduction": Kind.REDUCTION,
    "Reductions": Kind.REDUCTION,
    "Emission reduction": Kind.REDUCTION,
    "EMISSION_REDUCTION": Kind.REDUCTION,
    "Emission reductions": Kind.REDUCTION,
    "Verified Reduction": Kind.REDUCTION,
    "SCU - Reduction": Kind.REDUCTION,
    "GHG Emissions Reductions": Kind.REDUCTION,
    "Removal": Kind.REMOVAL,
    "Removals": Kind.REMOVAL,
    "REMOVAL": Kind.REMOVAL,
    "Carbon removal": Kind.REMOVAL,
    "EMISSION_REMOVAL": Kind.REMOVAL,
    "Verified Removal": Kind.REMOVAL,
    "SCU - Removal": Kind.REMOVAL,
    "Carbon Dioxide Removals": Kind.REMOVAL,
}

_TYPES: Final = {
    (Kind.AVOIDANCE, True): UnitType.AVOIDANCE_NATURE,
    (Kind.AVOIDANCE, False): UnitType.AVOIDANCE_TECHNICAL,
    (Kind.REDUCTION, True): UnitType.REDUCTION_NATURE,
    (Kind.REDUCTION, False): UnitType.REDUCTION_TECHNICAL,
    (Kind.REMOVAL, True): UnitType.REMOVAL_NATURE,
    (Kind.REMOVAL, False): UnitType.REMOVAL_TECHNICAL,
}

kind: Final[Table[Kind]] = Table("unit-kind", _KINDS, fold=words)

# Units promised for later, which never count as held or issued, and their issued counterparts.
ex_ante: Final[Table[bool]] = Table(
    "ex-ante",
    {
        "PER": True,
        "Planned Emission Reduction": True,
        "PIU": True,
        "Pending Issuance Unit": True,
        "fPVC": True,
        "ExAnte": True,
        "Ex-ante": True,
        "VER": False,
        "Verified Emission Reduction": False,
        "CER": False,
        "Certified Emission Reduction": False,
        "VCU": False,
        "WCU": False,
        "PCU": False,
        "rPVC": False,
        "CORC": False,
        "ExPost": False,
        "Ex-post": False,
    },
    fold=words,
)

# "Avoidance" alone is a value of CAD Trust's; "Avoidance / Reduction" says too little for one.
unit_type: Final[Table[UnitType]] = by_value(UnitType, "unit-type")


def typed(raw: object, nature: bool | None) -> UnitType | None:
    """The unit type of a kind in the registry's words, where it is known to be nature-based or not.

    A raw text that is CAD Trust's own value already wins. None where either half is missing,
    but for a bare "Avoidance", which CAD Trust has a value for.
    """
    found = unit_type(raw)
    told = kind(raw)
    if told is not None and nature is not None:
        return _TYPES[told, nature]
    return found
