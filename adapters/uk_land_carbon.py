"""UK Land Carbon Registry: the Woodland Carbon Code and the Peatland Code, on S&P's platform.

Source: https://registry.spglobal.com/uklandcarbonregistry (see `adapters.sp_platform` for the
platform's quirks). Nothing here was verified against a live host. What is its own:

- Two standards, each behind a `standardid` of its own, are walked one after the other.
- A project's number is `projectId`; the platform's `entityId` is another number.
- The country is the United Kingdom or one of its nations; `stateProvince` is the county.
- PIU (pending issuance units) are planned; WCU and PCU are verified units.
"""

from __future__ import annotations

from adapters.contract import RegistryInfo
from adapters.sp_platform import BASE_URL, EXPECT_ROWS, Platform, Tenant, identity
from adapters.sp_rows import Ledger
from adapters.sp_search import standard
from adapters.sp_tenants import Site, tenant_views
from gateway.harmonise.statuses import UK_LAND_CARBON_PROJECT
from gateway.harmonise.table import Table

SITE = Site(
    key="uk-land-carbon",
    name="UK Land Carbon Registry",
    page="https://registry.spglobal.com/uklandcarbonregistry/public/{standard}/projects/{number}",
    paths={"Woodland Carbon Code": "wcc", "Peatland Code": "pc"},
    statuses=UK_LAND_CARBON_PROJECT,
    planned=Table("uk-land-carbon-planned", {"PIU": True, "WCU": False, "PCU": False}),
)
INFO = RegistryInfo(
    key=SITE.key,
    name=SITE.name,
    operator="Scottish Forestry and IUCN UK Peatland Programme; registry system by S&P Global",
    url="https://registry.spglobal.com/uklandcarbonregistry",
    base_url=BASE_URL,
    terms="Public registry data, shown under the registry's own terms of use.",
    attribution="UK Land Carbon Registry",
    countries=("GB",),
    known_as=("UK Land Carbon Registry", "UK Land Carbon", "Woodland Carbon Code", "Peatland Code"),
    schemes=tuple(SITE.schemes()),
    strict_project_keys=True,
    codes=SITE.codes(
        "199900000000002", "WCC-WCU-GB-199900000000002-01012019-31122019-1-400-MER-0-P"
    ),
    credential="appkey",
    headers=identity("UKLR", "https://registry.spglobal.com"),
    options={EXPECT_ROWS: "WCC.project"},
    notes="Not verified against a live host.",
)
TENANT = Tenant(
    registry="UKLR",
    standards=(standard("WCC", "100000000000042"), standard("PC", "100000000000157")),
    views=tenant_views(SITE),
    statuses=SITE.statuses,
    schemes=SITE.schemes(),
    # What a public crawl of the Woodland Carbon Code counted; nobody counted the rest.
    rows={Ledger.PROJECT: 2_477},
)


class UkLandCarbon(Platform):
    """The adapter of the UK Land Carbon Registry."""

    def __init__(self, info: RegistryInfo = INFO) -> None:
        super().__init__(info, TENANT)


adapter = UkLandCarbon()
