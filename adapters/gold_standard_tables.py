"""What Gold Standard's project types say of sector and nature; silent where a type is mixed.

The 20 types are all that 4,141 projects had on 2026-07-28. "Other" gathers rice fields, solar
farms and much else; heat from biogas or the sun is counted to several sectors.
"""

from __future__ import annotations

from typing import Final

from gateway.harmonise import sectors
from gateway.harmonise.table import Table, words

SECTOR: Final[Table[str]] = Table(
    "gold-standard-sector",
    {
        "A/R": sectors.AFFORESTATION,
        "Wind": sectors.ENERGY,
        "PV": sectors.ENERGY,
        "Geothermal": sectors.ENERGY,
        "Small, Low - Impact Hydro": sectors.ENERGY,
        "Solar Thermal - Electricity": sectors.ENERGY,
        "Biogas - Electricity": sectors.ENERGY,
        "Biomass, or Liquid Biofuel - Electricity": sectors.ENERGY,
        "Energy Efficiency - Domestic": sectors.DEMAND,
        "Energy Efficiency - Industrial": sectors.DEMAND,
        "Energy Efficiency - Commercial Sector": sectors.DEMAND,
        "Energy Efficiency - Public Sector": sectors.DEMAND,
        "Energy Efficiency - Agriculture Sector": sectors.DEMAND,
        "Energy Efficiency - Transport Sector": sectors.TRANSPORT,
    },
    fold=words,
)

NATURE: Final[Table[bool]] = Table(
    "gold-standard-nature",
    {
        "A/R": True,
        "Wind": False,
        "PV": False,
        "Geothermal": False,
        "Small, Low - Impact Hydro": False,
        "Solar Thermal - Electricity": False,
        "Solar Thermal - Heat": False,
        "Biogas - Heat": False,
        "Biogas - Electricity": False,
        "Biogas - Cogeneration": False,
        "Biomass, or Liquid Biofuel - Heat": False,
        "Biomass, or Liquid Biofuel - Electricity": False,
        "Biomass, or Liquid Biofuel - Cogeneration": False,
        "Energy Efficiency - Domestic": False,
        "Energy Efficiency - Industrial": False,
        "Energy Efficiency - Commercial Sector": False,
        "Energy Efficiency - Public Sector": False,
        "Energy Efficiency - Transport Sector": False,
        "Energy Efficiency - Agriculture Sector": False,
    },
    fold=words,
)
