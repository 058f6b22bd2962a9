"""The kinds of climate activity in the sandbox: sector, type, methodology and scope that agree."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.harmonise.methodologies import methodologies
from gateway.model.picklists import UnitType
from gateway.sandbox.world import Methodology


@dataclass(frozen=True, slots=True)
class Kind:
    """One activity; `sector` and `project_type` are CAD Trust v2.0.2 picklist values.

    `scope` is the UNFCCC sectoral scope number that serials carry.
    """

    name: str
    sector: str
    project_type: str
    scope: int
    unit_type: UnitType
    methodologies: tuple[Methodology, ...]
    sdgs: tuple[int, ...]
    buffered: bool = False


def title(method: Methodology) -> str | None:
    """What the gateway's own table calls the protocol, for wires that have its code alone."""
    return next((known.name for known in methodologies(method.methodology_code)), None)


ENERGY = "Energy industries (renewable-/ non renewable sources)"
DEMAND = "Energy demand"
WASTE = "Waste handling and disposal"
FOREST = "Afforestation and reforestation"
LIVESTOCK = "Livestock and manure management"
FUGITIVE = "Fugitive emissions from fuel (solid, oil and gas)"
CHEMICAL = "Chemical industries"
STORAGE = "Carbon capture and storage"
LAND = "Agriculture forestry and other land use (AFOLU)"
AFOLU = "Agriculture, forestry and other land use (AFOLU)"

_ACM0002 = "Grid-connected electricity generation from renewable sources"
_TECHNICAL = UnitType.REDUCTION_TECHNICAL
_REMOVAL = UnitType.REMOVAL_NATURE


def _by(code: str, name: str, version: str) -> tuple[Methodology, ...]:
    return (Methodology(methodology_code=code, methodology_name=name, methodology_version=version),)


def _titled(code: str, name: str) -> tuple[Methodology, ...]:
    """A protocol that registries name by its title alone, without a version."""
    return (Methodology(methodology_code=code, methodology_name=name),)


WIND = Kind(
    "Wind Farm", ENERGY, "Wind", 1, _TECHNICAL, _by("ACM0002", _ACM0002, "20.0"), (7, 8, 13)
)
SOLAR = Kind(
    "Solar Park", ENERGY, "Solar", 1, _TECHNICAL, _by("ACM0002", _ACM0002, "19.0"), (7, 13)
)
HYDRO = Kind(
    "Run-of-River Hydro", ENERGY, "Hydro", 1, _TECHNICAL, _by("ACM0002", _ACM0002, "17.0"), (7, 13)
)
COOKSTOVES = Kind(
    "Improved Cookstoves",
    DEMAND,
    "Energy Efficiency households",
    3,
    _TECHNICAL,
    _by("VMR0006", "Energy Efficiency Measures in Thermal Applications", "1.2"),
    (1, 3, 5, 7, 13),
)
LANDFILL = Kind(
    "Landfill Gas",
    WASTE,
    "Landfill gas",
    13,
    _TECHNICAL,
    _by("ACM0001", "Flaring or use of landfill gas", "19.0"),
    (11, 12, 13),
)
MANURE = Kind(
    "Manure Digesters",
    LIVESTOCK,
    "Methane avoidance",
    15,
    _TECHNICAL,
    _by("ACM0010", "GHG emission reductions from manure management systems", "8.0"),
    (7, 13),
)
REFORESTATION = Kind(
    "Native Reforestation",
    LAND,
    "Reforestation",
    14,
    _REMOVAL,
    _by("VM0047", "Afforestation, Reforestation and Revegetation", "1.0"),
    (13, 15),
    buffered=True,
)
REDD = Kind(
    "Forest Conservation",
    LAND,
    AFOLU,
    14,
    UnitType.REDUCTION_NATURE,
    (
        *_by("VM0007", "REDD+ Methodology Framework", "1.6"),
        *_by("VM0015", "Methodology for Avoided Unplanned Deforestation", "1.1"),
    ),
    (1, 4, 13, 15),
    buffered=True,
)
SOIL = Kind(
    "Soil Carbon",
    LAND,
    "Agriculture",
    14,
    _REMOVAL,
    _by("VM0042", "Improved Agricultural Land Management", "2.1"),
    (12, 13, 15),
    buffered=True,
)
GS_FOREST = Kind(
    "Community Reforestation",
    FOREST,
    "Reforestation",
    14,
    _REMOVAL,
    _by("AR-ACM0003", "Afforestation and reforestation of lands except wetlands", "2.0"),
    (1, 13, 15),
)
GS_STOVES = Kind(
    "Clean Cooking",
    DEMAND,
    "Energy Efficiency households",
    3,
    _TECHNICAL,
    _by(
        "GS-TPDDTEC",
        "Technologies and Practices to Displace Decentralized Thermal Energy Consumption",
        "4.0",
    ),
    (1, 3, 5, 7, 13),
)
GS_BIOGAS = Kind(
    "Household Biogas",
    WASTE,
    "Biogas",
    13,
    _TECHNICAL,
    _by("AMS-I.C", "Thermal energy production with or without electricity", "21.0"),
    (3, 7, 13),
)
METHANE = Kind(
    "Mine Methane",
    FUGITIVE,
    "Coal bed/mine methane",
    8,
    _TECHNICAL,
    _by("ACM0008", "Abatement of methane from coal mines", "8.0"),
    (13,),
)
NITROUS = Kind(
    "Nitrous Oxide Abatement",
    CHEMICAL,
    "N2O",
    5,
    _TECHNICAL,
    _by("ACM0019", "N2O abatement from nitric acid production", "4.0"),
    (12, 13),
)
BIOCHAR = Kind(
    "Biochar",
    STORAGE,
    "Biomass Energy",
    16,
    UnitType.REMOVAL_TECHNICAL,
    _by("VM0044", "Biochar utilization in soil and non-soil applications", "1.2"),
    (12, 13, 15),
)
# ACR's, ART's and CAR's own protocols, by the titles that these registries write.
ACR_LANDFILL = Kind(
    "Landfill Gas Use",
    WASTE,
    "Landfill gas",
    13,
    _TECHNICAL,
    _titled("ACR-LANDFILL", "Landfill Gas Destruction and Beneficial Use Projects"),
    (13,),
)
ACR_MINE = Kind(
    "Abandoned Mine Methane",
    FUGITIVE,
    "Coal bed/mine methane",
    8,
    _TECHNICAL,
    _titled(
        "ACR-MINE-METHANE",
        "Capturing and Destroying Methane from Coal and Trona Mines in North America",
    ),
    (13,),
)
ACR_FOREST = Kind(
    "Improved Forest Management",
    LAND,
    AFOLU,
    14,
    _REMOVAL,
    _titled("ACR-IFM-NONFED", "Improved Forest Management (IFM) on Non-Federal U.S. Forestlands"),
    (13, 15),
    buffered=True,
)
ART_FOREST = Kind(
    "Jurisdictional Forest Programme",
    LAND,
    AFOLU,
    14,
    UnitType.REDUCTION_NATURE,
    _titled("ART-TREES", "The REDD+ Environmental Excellence Standard (TREES)"),
    (13, 15),
    buffered=True,
)
CAR_LANDFILL = Kind(
    "Landfill Gas Flare",
    WASTE,
    "Landfill gas",
    13,
    _TECHNICAL,
    _titled("CAR-LANDFILL", "U.S. Landfill"),
    (11, 13),
)
CAR_MINE = Kind(
    "Mine Methane Drainage",
    FUGITIVE,
    "Coal bed/mine methane",
    8,
    _TECHNICAL,
    _titled("CAR-MINE-METHANE", "Coal Mine Methane"),
    (13,),
)
CAR_SOIL = Kind(
    "Soil Enrichment",
    LAND,
    "Agriculture",
    14,
    _REMOVAL,
    _titled("CAR-SOIL", "Soil Enrichment"),
    (12, 13, 15),
    buffered=True,
)
# BioCarbon's and Cercarbono's, by their own methodologies or the CDM's.
BCR_FOREST = Kind(
    "Native Restoration",
    LAND,
    "Reforestation",
    14,
    _REMOVAL,
    _by("BCR0001", "ARR Activities", "1.0"),
    (6, 13, 15),
    buffered=True,
)
BCR_REDD = Kind(
    "Reserve Conservation",
    LAND,
    AFOLU,
    14,
    UnitType.REDUCTION_NATURE,
    _titled("BCR0002", "Quantification of GHG Emission Reductions. REDD+ Projects"),
    (1, 5, 15),
    buffered=True,
)
CERCARBONO_FOREST = Kind(
    "Mixed Plantation",
    LAND,
    "Reforestation",
    14,
    _REMOVAL,
    _by("AR-ACM0003", "Afforestation and reforestation of lands except wetlands", "2.0"),
    (1, 13, 15),
    buffered=True,
)
