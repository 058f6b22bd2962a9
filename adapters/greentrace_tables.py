"""What GreenTrace's project types say of sector and nature, and its categories of labels.

Silent where a type gathers several sectors, as "Industrial Process Emissions" does.
"""

from __future__ import annotations

from typing import Final

from gateway.harmonise import sectors
from gateway.harmonise.table import Table, words

SECTOR: Final[Table[str]] = Table(
    "greentrace-sector",
    {
        "Agricultural Land Management": sectors.AGRICULTURE,
        "Carbon Capture & Storage": sectors.CCS,
        "Carbon Capture & Storage (CCS)": sectors.CCS,
        "Coal Mine Methane": sectors.FUGITIVE,
        "Forest Carbon": sectors.AFOLU,
        "Landfill Gas Capture & Combustion": sectors.WASTE,
        "Livestock Waste Management": sectors.LIVESTOCK,
        "Orphaned Wells": sectors.FUGITIVE,
        "Ozone Depleting Substances": sectors.HALOCARBONS,
        "Refrigerants": sectors.HALOCARBONS,
        "Transport / Fleet Efficiency": sectors.TRANSPORT,
        "Wastewater Treatment": sectors.WASTE,
        "Wetland Restoration": sectors.AFOLU,
    },
    fold=words,
)

NATURE: Final[Table[bool]] = Table(
    "greentrace-nature",
    {
        "Agricultural Land Management": True,
        "Forest Carbon": True,
        "Wetland Restoration": True,
        "Carbon Capture & Storage": False,
        "Carbon Capture & Storage (CCS)": False,
        "Coal Mine Methane": False,
        "Fuel Switching": False,
        "Industrial Process Emissions": False,
        "Landfill Gas Capture & Combustion": False,
        "Livestock Waste Management": False,
        "Orphaned Wells": False,
        "Ozone Depleting Substances": False,
        "Refrigerants": False,
        "Transport / Fleet Efficiency": False,
        "Wastewater Treatment": False,
    },
    fold=words,
)

# Categories of labels that speak of the project, not of what the block is certified as.
GOALS: Final = "UN_SDGS"
KINDS: Final = "PROJECT_TYPE"
