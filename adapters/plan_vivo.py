"""Plan Vivo: the PV Climate standard on the S&P Global registry platform.

Source: https://registry.spglobal.com/pvclimate/public/pv (see `adapters.sp_platform` for the
platform's quirks). What is Plan Vivo's own:

- A project's number is the platform's own of 15 digits; there is no public code beside it.
- `entityId` and `projectId` differ: the second one is the key, and stands in serials.
- A unit class stands beside the unit type: reserves ("Future Risk Buffer", "Achievement
  Reserve") have their project's unit type, and only the class tells them. It is given as a tag.
- `fPVC` are units issued for sequestration to come: planned, not verified.
- Vintages are ranges of up to 23 years.
"""

from __future__ import annotations

from adapters.contract import RegistryInfo
from adapters.sp_platform import BASE_URL, EXPECT_ROWS, Platform, Tenant, identity
from adapters.sp_rows import Ledger
from adapters.sp_search import Standard
from adapters.sp_tenants import Site, tenant_views
from gateway.harmonise.statuses import PLAN_VIVO_PROJECT
from gateway.harmonise.table import Table

SITE = Site(
    key="plan-vivo",
    name="Plan Vivo",
    page="https://registry.spglobal.com/pvclimate/public/{standard}/projects/{number}",
    paths={"PV Climate": "pv"},
    statuses=PLAN_VIVO_PROJECT,
    planned=Table("plan-vivo-planned", {"fPVC": True, "rPVC": False, "vPVC": False}),
    fills=frozenset({"unitClass"}),
)
INFO = RegistryInfo(
    key=SITE.key,
    name=SITE.name,
    operator="Plan Vivo Foundation; registry system by S&P Global",
    url="https://registry.spglobal.com/pvclimate/public/pv",
    base_url=BASE_URL,
    terms="Public registry data, shown under the registry's own terms of use.",
    attribution="Plan Vivo Registry",
    known_as=("Plan Vivo", "Plan Vivo Standard", "Plan Vivo Registry", "PV Climate"),
    schemes=tuple(SITE.schemes()),
    strict_project_keys=True,
    codes=SITE.codes(
        "199800000000003", "PV-rPVC-UG-199800000000003-01012018-31122018-3374-6312-SPG"
    ),
    credential="appkey",
    headers=identity("PVCL", "https://registry.spglobal.com", ("671000000000001", "PV")),
    options={EXPECT_ROWS: "PV.project PV.issuances PV.holdings"},
    verified="2026-07-28",
    notes="Retirements and cancellations were empty: not verified against a live host.",
)
TENANT = Tenant(
    registry="PVCL",
    standards=(Standard("PV"),),
    views=tenant_views(SITE),
    statuses=SITE.statuses,
    schemes=SITE.schemes(),
    # Counted on 2026-07-28.
    rows={
        Ledger.PROJECT: 2,
        Ledger.ISSUANCES: 27,
        Ledger.HOLDINGS: 10,
        Ledger.RETIREMENTS: 0,
        Ledger.CANCELLATIONS: 0,
    },
)


class PlanVivo(Platform):
    """The adapter of Plan Vivo."""

    def __init__(self, info: RegistryInfo = INFO) -> None:
        super().__init__(info, TENANT)


adapter = PlanVivo()
