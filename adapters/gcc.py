"""Global Carbon Council (GCC): its units on the S&P Global registry platform.

Source: https://registry.spglobal.com/gccregistry/public/gcc (see `adapters.sp_platform` for the
platform's quirks). Nothing here was verified against a live host. What is its own:

- No public source names the tenant's `standardid`: it is read from the tenant's list of
  standards, which the platform gives to anybody.
- A project's number is the platform's own. GCC's project portal has another one (`S00209`),
  which is not known to stand in any row here.
- Nobody has seen a serial; those of the platform's other tenants are understood.
"""

from __future__ import annotations

from adapters.contract import RegistryInfo
from adapters.sp_platform import BASE_URL, EXPECT_ROWS, Platform, Tenant, identity
from adapters.sp_tenants import OPTIONAL, Site, tenant_views
from gateway.harmonise.statuses import GCC_PROJECT
from gateway.harmonise.table import Table

SITE = Site(
    key="gcc",
    name="Global Carbon Council",
    page="https://registry.spglobal.com/gccregistry/public/gcc/projects/{number}",
    statuses=GCC_PROJECT,
    planned=Table("gcc-planned", {"ACC": False}),
    # Nobody knows which of the platform's columns it fills, so all are read.
    fills=OPTIONAL - {"unitClass"},
    program="GCC",
)
INFO = RegistryInfo(
    key=SITE.key,
    name=SITE.name,
    operator="Global Carbon Council; registry system by S&P Global",
    url="https://registry.spglobal.com/gccregistry/public/gcc",
    base_url=BASE_URL,
    terms="Public registry data, shown under the registry's own terms of use.",
    attribution="Global Carbon Council",
    known_as=("Global Carbon Council", "Global Carbon Council (GCC)", "GCC"),
    schemes=tuple(SITE.schemes()),
    strict_project_keys=True,
    codes=SITE.codes(
        "199700000000003", "GCC-ACC-TR-199700000000003-01012019-31122019-1-2488-MER-0-A"
    ),
    credential="appkey",
    headers=identity("GCC", "https://registry.spglobal.com"),
    options={EXPECT_ROWS: "project"},
    notes="Not verified against a live host.",
)
TENANT = Tenant(
    registry="GCC",
    standards=(),
    views=tenant_views(SITE),
    statuses=SITE.statuses,
    schemes=SITE.schemes(),
)


class Gcc(Platform):
    """The adapter of the Global Carbon Council."""

    def __init__(self, info: RegistryInfo = INFO) -> None:
        super().__init__(info, TENANT)


adapter = Gcc()
