"""Sectors as registries write them, to CAD Trust's picklist.

One vocabulary: that of data dictionary 2.0.2, which is the UNFCCC's list of sectors, because
registries publish UNFCCC sectoral scopes and Article 6 reporting asks for these words. Its two
lists differ in one value, "Agriculture forestry and other land use (AFOLU)", which only the list
for authorisations has; it is taken too, since a Verra project says nothing narrower. The ISIC
sections of v1 are understood as input where they name one UNFCCC sector.
"""

from __future__ import annotations

import re
from typing import Final

from gateway.harmonise.table import Table, words
from gateway.harmonise.text import text_of, too_long
from gateway.harmonise.wordlist import NOTHING, Words, list_of

SUBJECT = "sectors"
AFFORESTATION: Final = "Afforestation and reforestation"
AGRICULTURE: Final = "Agriculture"
AFOLU: Final = "Agriculture forestry and other land use (AFOLU)"
ANY: Final = "Any combination of the above"
CCS: Final = "Carbon capture and storage"
CHEMICAL: Final = "Chemical industries"
CONSTRUCTION: Final = "Construction"
DEMAND: Final = "Energy demand"
DISTRIBUTION: Final = "Energy distribution"
ENERGY: Final = "Energy industries (renewable-/ non renewable sources)"
FUGITIVE: Final = "Fugitive emissions from fuel (solid, oil and gas)"
HALOCARBONS: Final = (
    "Fugitive emissions from the production and consumption of halocarbons and sulfur hexafluoride"
)
LIVESTOCK: Final = "Livestock and manure management"
MANUFACTURING: Final = "Manufacturing industries"
METAL: Final = "Metal production"
MINING: Final = "Mining/mineral production"
OTHERS: Final = "Others"
SOLVENT: Final = "Solvent use"
TRANSPORT: Final = "Transport"
URBAN: Final = "Urban Development"
WASTE: Final = "Waste handling and disposal"

SECTORS: Final = (
    AFFORESTATION,
    AGRICULTURE,
    AFOLU,
    ANY,
    CCS,
    CHEMICAL,
    CONSTRUCTION,
    DEMAND,
    DISTRIBUTION,
    ENERGY,
    FUGITIVE,
    HALOCARBONS,
    LIVESTOCK,
    MANUFACTURING,
    METAL,
    MINING,
    OTHERS,
    SOLVENT,
    TRANSPORT,
    URBAN,
    WASTE,
)

# The UNFCCC's numbers of its sectoral scopes, as CDM's bulk file and serials have them.
SCOPES: Final = {
    1: ENERGY,
    2: DISTRIBUTION,
    3: DEMAND,
    4: MANUFACTURING,
    5: CHEMICAL,
    6: CONSTRUCTION,
    7: TRANSPORT,
    8: MINING,
    9: METAL,
    10: FUGITIVE,
    11: HALOCARBONS,
    12: SOLVENT,
    13: WASTE,
    14: AFFORESTATION,
    15: AGRICULTURE,
    16: CCS,
}

_SPELLINGS: Final = {
    # Verra's and CAD Trust's variants of the scopes
    "Energy industries (renewable/non-renewable sources)": ENERGY,
    "Energy industries (renewable - / non-renewable sources)": ENERGY,
    "Energy industries (renewable sources / energy efficiency)": ENERGY,
    "Energy industries (renewable / non renewable sources)": ENERGY,
    "Energy industries": ENERGY,
    "Energy industry": ENERGY,
    "Energy": ENERGY,
    "Renewable energy": ENERGY,
    "Manufacturing": MANUFACTURING,
    "Manufacturing industry": MANUFACTURING,
    "Chemical industry": CHEMICAL,
    "Transportation": TRANSPORT,
    "Mining and mineral production": MINING,
    "Fugitive emissions from fuels (solid, oil and gas)": FUGITIVE,
    "Fugitive emissions from fuels": FUGITIVE,
    "Fugitive emissions from fuel": FUGITIVE,
    "Fugitive emissions": FUGITIVE,
    "Fugitive emissions from industrial gases (halocarbons and sulphur hexafluoride)": HALOCARBONS,
    "Fugitive emissions from production and consumption of halocarbons and sulphur hexafluoride": (
        HALOCARBONS
    ),
    "Fugitive emissions from the production and consumption of halocarbons and sulphur "
    "hexafluoride": HALOCARBONS,
    "Solvents use": SOLVENT,
    "Waste": WASTE,
    "Waste management": WASTE,
    "Livestock, enteric fermentation, and manure management": LIVESTOCK,
    "Livestock and enteric fermentation": LIVESTOCK,
    "Livestock": LIVESTOCK,
    "Agriculture Forestry and Other Land Use": AFOLU,
    "Agriculture, forestry and other land uses (AFOLU)": AFOLU,
    "Agriculture, forestry and other land use": AFOLU,
    "Agriculture, forestry and other land uses": AFOLU,
    "Land use (AFOLU)": AFOLU,
    "Land use": AFOLU,
    "AFOLU": AFOLU,
    "Afforestation": AFFORESTATION,
    "Reforestation": AFFORESTATION,
    "Afforestation/Reforestation": AFFORESTATION,
    "A/R": AFFORESTATION,
    "Forestry": AFOLU,
    "Forestry and land use": AFOLU,
    "Carbon capture and storage of CO2 in geological formations": CCS,
    "Carbon capture, utilization and storage": CCS,
    "Carbon Capture & Storage": CCS,
    "CCS": CCS,
    "Other": OTHERS,
    "Not elsewhere classified": OTHERS,
    # v1's sections of ISIC that name one sector
    "Agriculture; forestry and fishing": AFOLU,
    "Electricity; gas, steam and air conditioning supply": ENERGY,
    "Mining and quarrying": MINING,
    "Transportation and storage": TRANSPORT,
    "Water supply; sewerage, waste management and remediation activities": WASTE,
    # and those for which the list has no other word
    "Accommodation and food service activities": OTHERS,
    "Activities of extraterritorial organizations and bodies": OTHERS,
    "Activities of households as employers; undifferentiated goods- and services-producing "
    "activities of households for own use": OTHERS,
    "Administrative and support service activities": OTHERS,
    "Arts, entertainment and recreation": OTHERS,
    "Education": OTHERS,
    "Financial and insurance activities": OTHERS,
    "Human health and social work activities": OTHERS,
    "Information and communication": OTHERS,
    "Other service activities": OTHERS,
    "Professional, scientific and technical activities": OTHERS,
    "Public administration and defence; compulsory social security": OTHERS,
    "Real estate activities": OTHERS,
    "Wholesale and retail trade; repair of motor vehicles and motorcycles": OTHERS,
    # Enumerations of the UNDP registry
    "ENERGY_INDUSTRIES": ENERGY,
    "ENERGY_DISTRIBUTION": DISTRIBUTION,
    "ENERGY_DEMAND": DEMAND,
    "MANUFACTURING_INDUSTRIES": MANUFACTURING,
    "CHEMICAL_INDUSTRIES": CHEMICAL,
    "CHEMICAL_INDUSTRY": CHEMICAL,
    "MINING_MINERAL_PRODUCTION": MINING,
    "METAL_PRODUCTION": METAL,
    "FUGITIVE_EMISSIONS_FROM_FUELS": FUGITIVE,
    "SOLVENTS_USE": SOLVENT,
    "WASTE_HANDLING_AND_DISPOSAL": WASTE,
    "AFFORESTATION_AND_REFORESTATION": AFFORESTATION,
    "SOLVENT_USE": SOLVENT,
    # The fifteen other words of this enumeration are the other scopes: these two are 10 and 11.
    "WASTE_FROM_FUELS": FUGITIVE,
    "FUGITIVE_EMISSIONS_PRODUCTION": HALOCARBONS,
    "HEALTH": OTHERS,
    "HOSPITALITY": OTHERS,
}

# CDOP writes ISIC divisions ("C24 - Manufacture of basic metals"): the section decides, but for
# divisions that are a sector of their own.
_SECTIONS: Final = {
    "A": AFOLU,
    "B": MINING,
    "C": MANUFACTURING,
    "D": ENERGY,
    "E": WASTE,
    "F": CONSTRUCTION,
    "H": TRANSPORT,
}
_DIVISIONS: Final = {"A01": AGRICULTURE, "C20": CHEMICAL, "C24": METAL}
_ISIC = re.compile(r"([A-V])(\d{2})\s+-\s+\S.*", re.DOTALL)

TABLE: Final[Table[str]] = Table(
    "sector", {**{text: text for text in SECTORS}, **_SPELLINGS}, fold=words
)


# Texts that say that there is none.
NO_SECTOR: Final = frozenset(words(text) for text in ("N/A", "Not applicable", "None", "--"))


def sector(raw: object) -> str | None:
    """The picklist's spelling of one sector, UNFCCC scope number or ISIC division, else None."""
    text = text_of(raw)
    if text is None:
        return None
    digits = text.strip()
    if digits.isascii() and digits.isdigit() and len(digits) <= 2:
        return SCOPES.get(int(digits))
    division = _ISIC.fullmatch(digits)
    if division:
        section, number = division.groups()
        return _DIVISIONS.get(section + number) or _SECTIONS.get(section, OTHERS)
    return TABLE(text)


def sectors(raw: object) -> tuple[str, ...]:
    """The sectors of a list such as "Energy demand, Transport", each once, in order."""
    return sector_words(raw).values


def sector_words(raw: object) -> Words[str]:
    """The sectors of a list, and the parts of it that name none that we know."""
    if long := too_long(raw):
        return Words((), (long,))
    text = text_of(raw)
    return list_of(text, sector, NO_SECTOR) if text else NOTHING
