"""The word lists the sandbox's market is written with: all invented, and saying so."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from gateway.model.picklists import LabelType

SUFFIX = "(sandbox)"


class Place(NamedTuple):
    """A region with plausible coordinates; `country` is ISO 3166-1 alpha-2."""

    country: str
    iso3: str
    region: str
    latitude: Decimal
    longitude: Decimal


def _place(country: str, iso3: str, region: str, latitude: str, longitude: str) -> Place:
    return Place(country, iso3, region, Decimal(latitude), Decimal(longitude))


# Countries that break careless readers come first: NA is no missing value, there are two
# Congos, and Türkiye, Côte d'Ivoire and Tanzania have a spelling per registry.
PLACES: tuple[Place, ...] = (
    _place("NA", "NAM", "Otjozondjupa", "-20.4563", "16.6513"),
    _place("CD", "COD", "Mai-Ndombe", "-1.9331", "18.2841"),
    _place("CG", "COG", "Likouala", "1.6122", "18.0652"),
    _place("TR", "TUR", "Balıkesir", "39.6484", "27.8826"),
    _place("CI", "CIV", "Nawa", "5.7853", "-6.5943"),
    _place("TZ", "TZA", "Lindi", "-9.9971", "39.7165"),
    _place("IN", "IND", "Karnataka", "14.5204", "75.7223"),
    _place("KE", "KEN", "Kakamega", "0.2827", "34.7519"),
    _place("BR", "BRA", "Pará", "-3.2064", "-52.2093"),
    _place("ID", "IDN", "Kalimantan Tengah", "-1.6814", "113.3823"),
    _place("VN", "VNM", "Quảng Trị", "16.7403", "107.1854"),
    _place("PE", "PER", "Madre de Dios", "-12.5933", "-69.1891"),
    _place("CO", "COL", "Vichada", "4.4234", "-69.2878"),
    _place("KH", "KHM", "Mondulkiri", "12.4558", "107.1881"),
    _place("UG", "UGA", "Masindi", "1.6744", "31.7151"),
    _place("RW", "RWA", "Nyagatare", "-1.2935", "30.3275"),
    _place("ZA", "ZAF", "Northern Cape", "-29.0467", "21.8569"),
    _place("MX", "MEX", "Oaxaca", "16.5664", "-94.9671"),
    _place("CN", "CHN", "Gansu", "40.1421", "94.6619"),
    _place("KR", "KOR", "Gangwon", "37.8228", "128.1555"),
    _place("BO", "BOL", "Santa Cruz", "-17.7834", "-63.1821"),
    _place("GH", "GHA", "Ashanti", "6.7471", "-1.5209"),
    _place("MZ", "MOZ", "Zambezia", "-16.5639", "36.6094"),
    _place("US", "USA", "Kansas", "38.5266", "-96.7265"),
    _place("GB", "GBR", "Highland", "57.1201", "-4.7103"),
    _place("SE", "SWE", "Jämtland", "63.1712", "14.9592"),
)
PLACE_OF: dict[str, Place] = {place.country: place for place in PLACES}

# Project names are made of a word of no real place, the activity and a number.
WORDS: tuple[str, ...] = (
    "Amberfall", "Birchmoor", "Cinderlea", "Dawnreach", "Elmhollow", "Fernwick", "Glasswater",
    "Hazelmere", "Ironbrook", "Juniper Gap", "Kestrel Bay", "Larkspur", "Mistvale", "Nightjar",
    "Oakenshade", "Pinecrest", "Quillmarsh", "Redthorn", "Silverfen", "Thistledown",
    "Umberdale", "Violet Hills", "Willowrun", "Yarrowfield",
)  # fmt: skip

DEVELOPERS: tuple[str, ...] = (
    "Example Rivers Energy (invented)",
    "Example Cookstove Cooperative (invented)",
    "Example Forest Communities Association (invented)",
    "Example Wind & Solar, Ltd. (invented)",
    "Exämple Bäume gGmbH (invented)",
    "Example Landfill Partners; Region East (invented)",
    'Example "Green" Holdings S.A. (invented)',
    "Example D'Arbres SARL (invented)",
)
OWNERS: tuple[str, ...] = (
    "Example Airline One (invented)",
    "Example Cement Works (invented)",
    "Example Trading House, Inc. (invented)",
    "Example Städtische Werke (invented)",
    "Example Bank O'Clock (invented)",
    "Example Data Centres (invented)",
)
VERIFIERS: tuple[str, ...] = (
    "Example Verification Body North (invented)",
    "Example Verification Body South (invented)",
    "Example Assurance Co. Ltd. (invented)",
)
PURPOSES: tuple[str, ...] = (
    "Environmental Benefit",
    "Retirement for Person or Organization",
    "Compliance",
    "Voluntary offsetting",
)
DETAILS: tuple[str | None, ...] = (
    None,
    "For the sandbox year; reference EX-2026/07",
    'Retired "on behalf of" an example customer',
    "Für ein Beispiel, das es nicht gibt",
    "First line\nsecond line, with a comma",
)
ARTICLE_6_PURPOSE = "Use towards an international mitigation purpose"

CO_BENEFITS: dict[int, str] = {
    1: "SDG 1 - No poverty",
    3: "SDG 3 - Good health and well-being",
    4: "SDG 4 - Quality education",
    5: "SDG 5 - Gender equality",
    6: "SDG 6 - Clean water and sanitation",
    7: "SDG 7 - Affordable and clean energy",
    8: "SDG 8 - Decent work and economic growth",
    11: "SDG 11 - Sustainable cities and communities",
    12: "SDG 12 - Responsible consumption and production",
    13: "SDG 13 - Climate action",
    15: "SDG 15 - Life on land",
}

# Names and descriptions that careless code loses, breaks on, or shows in the wrong place.
HARD_TEXTS: tuple[tuple[str, str], ...] = (
    ('The "Quoted" Valley, Phase\\1', 'He said: "no", and left.\nA second line; a semicolon.'),
    ("Müllverwertung Süd – Größe ß", "Umlauts: äöüÄÖÜ, a dash – and a no-break\u00a0space."),
    ("مشروع الرياح التجريبي", "نص من اليمين إلى اليسار, then left to right again."),
    ("O'Example's Hydro & Sons <b>", "An apostrophe's place; 5 < 6 & 7 > 6; {braces}; 100 %."),
    ("Windpark 🌬️ Nord", "Emoji 🌳🌍 and a zero-width\u200bspace.\r\nWindows line end."),
    ("*Improved  cookstoves, Lot #9", "Tab\there, a trailing blank kept out; =1+1 is no formula."),
)


class Mark(NamedTuple):
    """A label's text and what kind of label it is."""

    text: str
    type: LabelType


# In the gateway's own spelling of them; each registry writes them its own way.
MARKS: dict[str, Mark] = {
    "ccp": Mark("ICVCM CCP", LabelType.CERTIFICATION),
    "ccb": Mark("CCB-Gold", LabelType.CERTIFICATION),
    "corsia": Mark("CORSIA - First Phase, 2024-2026 Eligible", LabelType.CERTIFICATION),
    "corsia_scope": Mark("CORSIA - First Phase, 2024-2026 Scope", LabelType.CERTIFICATION),
    "corsia_eligible": Mark("CORSIA Eligible", LabelType.CERTIFICATION),
    "article6": Mark("Article 6 Authorized - IMP", LabelType.ARTICLE_6_AUTHORISATION),
}
