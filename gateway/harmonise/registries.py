"""Registry names as CAD Trust records, CDOP and registries write them, to the gateway's keys.

A key may be known here although no adapter is configured for it: a name is worth recognising
even where nobody can be asked.
"""

from __future__ import annotations

from typing import Final

from gateway.harmonise.table import Table, words

SUBJECT = "registries"
_REGISTRIES: Final[dict[str, tuple[str, ...]]] = {
    # key: its name, then the other names under which records speak of it
    "verra": ("Verra", "Verified Carbon Standard", "Verra Registry", "VCS", "VCS Program"),
    "gold-standard": (
        "Gold Standard",
        "Gold Standard Impact Registry",
        "Gold Standard for the Global Goals",
        "The Gold Standard",
        "GS",
        "GSF",
        "GLD",
    ),
    "cad-trust": ("CAD Trust", "Climate Action Data Trust", "CADT", "CADTrust"),
    "cad-trust-v2": ("CAD Trust v2", "Climate Action Data Trust v2"),
    "core-registry": (
        "World Bank Core Registry",
        "Core Registry",
        "Chia Core Registry",
        "Climate Warehouse",
    ),
    "acr": (
        "American Carbon Registry",
        "American Carbon Registry (ACR)",
        "American Carbon Registry (ACR) Standard",
        "ACR",
    ),
    "art": (
        "ART TREES",
        "ART Registry",
        "ART",
        "ART-TREES Standard",
        "Architecture for REDD+ Transactions",
    ),
    "car": (
        "Climate Action Reserve",
        "Climate Action Reserve (CAR)",
        "CAR",
        "CAR Protocols",
        "The Reserve",
    ),
    "cdm": (
        "CDM Registry",
        "CDM",
        "Clean Development Mechanism",
        "CDM Standard & Methodologies",
        "UNFCCC CDM",
    ),
    "arb": (
        "California Air Resources Board",
        "California Air Resources Board (CARB)",
        "California ARB",
        "CARB",
        "ARB",
        "ARB Compliance Offset Program",
        "California Compliance Offset Program",
        "California Cap-and-Trade Program",
    ),
    "ecoregistry": ("EcoRegistry", "Eco Registry"),
    "cercarbono": ("Cercarbono",),
    "biocarbon": (
        "BioCarbon Standard",
        "BioCarbon Registry",
        "Biocarbon Registry (BCR)",
        "BioCarbon",
        "BCR",
        "Global CarbonTrace",
    ),
    "gcc": (
        "Global Carbon Council",
        "Global Carbon Council (GCC)",
        "Global Carbon Council Standard",
        "GCC",
    ),
    "plan-vivo": ("Plan Vivo", "Plan Vivo Standard", "Plan Vivo Registry", "PV Climate"),
    "uk-land-carbon": (
        "UK Land Carbon Registry",
        "UK Land Carbon",
        "UKLR",
        "Woodland Carbon Code",
        "Peatland Code",
    ),
    "undp": ("UNDP National Carbon Registry", "UNDP National Registry", "National Carbon Registry"),
    "isometric": ("Isometric", "Isometric Registry", "Isometric Standard"),
    "puro": ("Puro.earth", "Puro Standard and Registry", "Puro Standard", "Puro Registry", "Puro"),
    "social-carbon": ("Social Carbon", "SOCIALCARBON", "Social Carbon Registry"),
    "icr": ("International Carbon Registry", "ICR", "Carbon Registry (ICR)"),
    "cats": (
        "Carbon Assets Trading System",
        "Carbon Assets Trading System (CATS)",
        "Carbon Assets Tracking System",
        "Carbon Assets Tracking System (CATS)",
        "World Bank CATS",
        "CATS",
    ),
    "jcm": ("Joint Crediting Mechanism", "JCM", "JCM Standard", "Joint Crediting Mechanism (JCM)"),
    "pacm": ("Article 6.4 Mechanism Registry", "PACM Registry", "PACM Standard", "PACM"),
    "unfccc": ("UNFCCC", "UNFCCC International Registry"),
    "ccer": (
        "China Certified Emission Reduction",
        "Registry of China Certified Emission Reduction Trading System",
        "CCER",
    ),
    "riverse": ("Riverse", "Rainbow", "Rainbow Standard", "Riverse Registry"),
    "climate-forward": ("Climate Forward",),
    "cultivo": ("Cultivo",),
    "open-earth": ("Open Earth Foundation",),
    "covalent": ("Covalent Registry",),
    "equitable-earth": ("Equitable Earth",),
    "gcmu": ("Global Carbon Market Utility", "Global Carbon Market Utility (GCMU)"),
    "moorfutures": ("MoorFutures",),
    "nfs": (
        "Natural Forest Standard",
        "Natural Forest Standard (NFS)",
        "Natural Forest Standard (NFS) Registry",
    ),
    "open-carbon": ("Open Carbon Protocol",),
    "city-forest-credits": ("City Forest Credits", "City Forests Credit (CFC) Standard"),
    "bhutan": (
        "Bhutan National Registry",
        "Royal Kingdom of Bhutan",
        "Bhutan's National Carbon Framework",
    ),
    "chile": ("Chile National Registry",),
    "costa-rica": ("Costa Rica National Registry",),
    "mexico": ("Mexico National Registry",),
    "pakistan": ("Pakistan National Registry",),
    "singapore": ("Singapore National Registry",),
    "sweden": ("Sweden National Registry",),
    "switzerland": ("Switzerland National Registry",),
}

TABLE: Final[Table[str]] = Table(
    "registry",
    {name: key for key, names in _REGISTRIES.items() for name in (key, *names)},
    fold=words,
)


def registry_key(name: object) -> str | None:
    """The key of the registry that goes by this name (or key); None where it is unknown."""
    found = TABLE(name)
    if found is None and isinstance(name, str):
        return TABLE(_without_brackets(name))
    return found


def _without_brackets(name: str) -> str:
    """The name without what stands in round brackets at its end."""
    text = name.rstrip()
    begin = text.find("(", text.rfind(")", 0, -1) + 1) if text.endswith(")") else -1
    return name if begin < 0 else text[:begin]


def registry_name(key: str) -> str | None:
    """The registry's own name in English."""
    names = _REGISTRIES.get(key)
    return names[0] if names else None


def known_names() -> tuple[str, ...]:
    """Every name under which records speak of a registry."""
    return tuple(dict.fromkeys(name for names in _REGISTRIES.values() for name in names))
