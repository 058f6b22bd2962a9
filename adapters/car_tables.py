"""What the Reserve's project types say of sector and nature; silent where one gathers several."""

from __future__ import annotations

from typing import Final

from gateway.harmonise import sectors
from gateway.harmonise.table import Table, words

_BY_SECTOR: Final = {
    sectors.AFFORESTATION: ("Reforestation", "Reforestation - ARB Compliance"),
    sectors.AFOLU: (
        "Avoided Conversion",
        "Avoided Conversion - ARB Compliance",
        "Avoided Grassland Conversion",
        "Canada Grassland",
        "Conservation-Based Forest Management",
        "Forestry - MX",
        "Improved Forest Management",
        "Improved Forest Management - ARB Compliance",
        "Improved Forest Management - WA ECO Compliance",
        "Soil Enrichment",
        "Urban Forest Management",
        "Urban Tree Planting",
    ),
    sectors.AGRICULTURE: ("Nitrogen Management", "Rice Cultivation"),
    sectors.CHEMICAL: (
        "Adipic Acid",
        "Nitric Acid N2O- Secondary Catalyst",
        "Nitric Acid N2O- Tertiary Catalyst",
    ),
    sectors.FUGITIVE: (
        "Coal Mine Methane - Drainage",
        "Coal Mine Methane - VAM",
        "Mine Methane Capture - ARB Compliance",
    ),
    sectors.HALOCARBONS: (
        "Ozone Depleting Substances - Article 5 Imports",
        "Ozone Depleting Substances - U.S.",
        "Ozone Depleting Substances - U.S. - ARB Compliance",
        "Ozone Depleting Substances - U.S. - WA ECO Compliance",
    ),
    sectors.LIVESTOCK: (
        "Livestock - ARB Compliance",
        "Livestock - MX",
        "Livestock Gas Capture/Combustion",
    ),
    sectors.MANUFACTURING: ("Low Carbon Cement",),
    sectors.WASTE: (
        "Landfill - MX",
        "Landfill Gas Capture/Combustion",
        "Organic Waste Composting",
        "Organic Waste Digestion",
    ),
}
_OF_NATURE: Final = frozenset({sectors.AFFORESTATION, sectors.AFOLU, sectors.AGRICULTURE})

SECTOR: Final[Table[str]] = Table(
    "car-sector",
    {text: sector for sector, texts in _BY_SECTOR.items() for text in texts},
    fold=words,
)
NATURE: Final[Table[bool]] = Table(
    "car-nature",
    {text: sector in _OF_NATURE for sector, texts in _BY_SECTOR.items() for text in texts},
    fold=words,
)
