"""How each registry writes a block of units as one serial.

The grammars follow the serials that the registries publish. Where nobody knows the grammar, the
serial is opaque.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.harmonise.countries import country_name
from gateway.model.picklists import UnitStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Everything a serial may be made from; `start` and `end` are the first and last unit."""

    number: int
    row: int
    project: int
    project_row: int
    batch: int
    start: int
    end: int
    country: str
    iso3: str
    scope: int
    vvb: int
    date_from: str
    date_to: str
    issued: str = ""
    labelled: bool = False
    buffered: bool = False

    @property
    def year(self) -> int:
        return int(self.date_to[:4])


Text = Callable[[Block], str]


def day(date: str) -> str:
    """`2024-01-31` as `31012024`."""
    return f"{date[8:10]}{date[5:7]}{date[:4]}"


def month(date: str) -> str:
    """`2024-01-31` as `2401`."""
    return f"{date[2:4]}{date[5:7]}"


def verra_serial(b: Block) -> str:
    return (
        f"{b.batch}-{b.start}-{b.end}-VCS-VCU-{b.vvb}-VER-{b.country}-{b.scope}-{b.project}-"
        f"{day(b.date_from)}-{day(b.date_to)}-{int(b.labelled)}"
    )


def tenant_serial(code: str, ending: str) -> Text:
    """Serials of the S&P platform's smaller tenants."""

    def serial(b: Block) -> str:
        return (
            f"{code}-{b.country}-{b.project_row}-{day(b.date_from)}-{day(b.date_to)}-"
            f"{b.start}-{b.end}-{ending}"
        )

    return serial


def gold_standard_serial(b: Block) -> str:
    return f"GS1-1-{b.country}-GS{b.project}-{b.scope}-{b.year}-{b.batch}-{b.start}-{b.end}"


def to_serial(prefix: str) -> Text:
    """ACR's and ART's shape, with the range written `<start> to <end>`."""

    def serial(b: Block) -> str:
        return f"{prefix}-{b.country}-{b.project}-{b.year}-{b.batch}-{b.start} to {b.end}"

    return serial


def greentrace_issuance(b: Block) -> str:
    """The key of the issuance event, which serials do not hold."""
    return f"I{b.batch:X}Z{b.project:X}"


def car_serial(b: Block) -> str:
    kind = "ROC" if b.batch % 4 == 0 else "1"
    return (
        f"CAR-{kind}-{b.country}-{b.project}-{b.scope}-{b.vvb}-{b.iso3[:2]}-{b.year}-"
        f"{b.batch}-{b.start} to {b.end}"
    )


def car_issuance(b: Block) -> str:
    """Issuances have no key of their own: project, vintage and day name them."""
    return f"CAR{b.project}-{b.year}-{b.issued}"


def cdm_serial(b: Block) -> str:
    return f"{b.country}-5-{b.start}-2-2-0-{b.project} - {b.country}-5-{b.end}-2-2-0-{b.project}"


def biocarbon_serial(b: Block) -> str:
    mark = "R" if b.buffered else "2"
    return (
        f"BCR-{b.country}-{b.project}-14-001-{mark}-{month(b.date_from)}-{month(b.date_to)}-"
        f"{b.start:07d}-{b.end:07d}"
    )


def cercarbono_serial(b: Block) -> str:
    ending = "_BF" if b.buffered else ""
    return f"CDC_{b.project}_{b.scope}_1_{b.batch}_{b.scope}_1_{b.row}_{b.year}{ending}"


def ecoregistry_serial(b: Block) -> str:
    return f"CDB_{b.project}_{b.scope}_{b.batch}_{b.country}_{b.row}_{b.year}"


def isometric_serial(b: Block) -> str:
    """Kilograms, half-open: the last number is the first one that is not in the block."""
    short = f"X{b.project:05d}"
    return f"ISO-1-EXAMP-{b.iso3}-{short}-{b.year}-{b.start}-{b.end + 1}"


def puro_transaction(b: Block) -> str:
    """The id of the issuance, which serials hold."""
    return f"00000000-0000-4000-8000-{b.batch:012d}"


def puro_serial(b: Block) -> str:
    prefix = f"PURO_PR_CORC100+_{b.country}_{b.project}_{b.year}"
    return f"{prefix}_{puro_transaction(b)}_{b.start}-{b.end}"


def social_carbon_batch(b: Block) -> str:
    """What all blocks of an issuance have in common, with the day and time it was made."""
    kind = "SC-SCU - Removal" if b.batch % 2 else "SCU"
    country = "USA" if b.country == "US" else country_name(b.country)
    return f"{kind}-SOCIALCARBON-{b.project}-{country}-{b.year}-{day(b.issued)}101700"


def social_carbon_serial(b: Block) -> str:
    return f"{social_carbon_batch(b)}-{b.start}-{b.end}"


def undp_serial(b: Block) -> str:
    """The second generation's, whose identifier nobody has set; the first's is
    `NA-ITMO-13-9001-2022-0-1-35`."""
    return f"CA0NNN-{b.country}-XX-{b.project}-{b.start}-{b.end}-{b.year}"


def undp_key(row: int, batch: int, serial: str, state: UnitStatus) -> str:
    """A block somebody holds goes by the beginning of its serial, a retirement by its number."""
    if state is UnitStatus.HELD:
        return f"balance-{undp_block(serial)}"
    return f"retirement-{row}"


def undp_block(serial: str) -> str:
    """The block's id: identifier, country, party, project and first unit."""
    return "-".join(serial.split("-")[:5])


def icr_serial(b: Block) -> str:
    return f"ICR-{b.iso3}-{b.batch}-{b.project}-{b.scope}-A-{b.row}-{b.year}"


def plain_serial(prefix: str) -> Text:
    """Registries without a published grammar."""

    def serial(b: Block) -> str:
        return f"{prefix}-{b.project}-{b.batch}-{b.year}-{b.start}-{b.end}"

    return serial
