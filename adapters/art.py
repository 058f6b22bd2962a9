"""Architecture for REDD+ Transactions (ART TREES), on ICE GreenTrace.

Source: https://greentrace.ice.com/art (see `adapters.greentrace` for the platform's quirks). Not
verified against a live host: no answer of ART's was captured, so this follows what is known of
the platform, which serves ART by the same interface under another registry key. What is ART's:

- Projects are programmes of whole countries or regions, some thirty of them.
- Serials begin with `ART`, or with `FCPF` for credits of the Forest Carbon Partnership Facility;
  both name the programme by its number.
"""

from __future__ import annotations

from adapters.contract import RegistryInfo
from adapters.greentrace import BASE_URL, GreenTrace
from adapters.greentrace_statuses import statuses
from adapters.greentrace_tenant import Tenant
from gateway.harmonise.statuses import ART_PROJECT, ART_UNIT

TENANT = Tenant(
    key="art",
    name="ART TREES",
    registry="ART_REGISTRY",
    prefix="ART",
    program="ART",
    # 30 projects on 2026-08-04; nobody has counted the blocks.
    rows=(30, 0, 0),
    statuses=statuses(ART_PROJECT, ART_UNIT),
)
INFO = RegistryInfo(
    key=TENANT.key,
    name=TENANT.name,
    operator="ART Secretariat at Winrock International; registry system by ICE GreenTrace",
    url="https://greentrace.ice.com/art",
    base_url=BASE_URL,
    terms="Public reports without an account; no licence is stated with the interface, so the "
    "registry's terms of use apply.",
    attribution="ART Registry",
    known_as=("ART TREES", "ART Registry", "ART", "Architecture for REDD+ Transactions"),
    schemes=TENANT.schemes,
    strict_project_keys=True,
    codes=TENANT.codes,
    notes="Not verified against a live host.",
)


class Art(GreenTrace):
    """The ART registry."""

    def __init__(self, info: RegistryInfo = INFO) -> None:
        super().__init__(info, TENANT)


adapter = Art()
