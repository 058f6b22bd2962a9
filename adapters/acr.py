"""American Carbon Registry (ACR), on ICE GreenTrace.

Source: https://greentrace.ice.com/acr (see `adapters.greentrace` for the platform's quirks). The
registry's older host, acr2.apx.com, answers every page with status 200 and "invalid page": it is
gone. What is ACR's own:

- Project codes are `ACR` and a number, padded with zeros to four digits (`ACR0885`); serials and
  older exports do not pad it. The key is the plain form, `ACR885`.
- Six of seven cancelled credits were converted into credits of California's or Washington's
  compliance programme: they are exported, not gone.
- The vintage is the year in which the reporting period ended; its start is a date, its end is
  not published. Nor are registration dates: the field is always null.
- States are names in capitals, ISO codes, or lists that mix both; they stay as they are.
"""

from __future__ import annotations

from adapters.contract import RegistryInfo
from adapters.greentrace import BASE_URL, GreenTrace
from adapters.greentrace_statuses import statuses
from adapters.greentrace_tenant import Tenant
from gateway.harmonise.statuses import ACR_PROJECT, ACR_UNIT

TENANT = Tenant(
    key="acr",
    name="American Carbon Registry (ACR)",
    registry="ACR_REGISTRY",
    prefix="ACR",
    program="ACR",
    # Counted on 2026-08-04.
    rows=(994, 3_358, 16_385),
    statuses=statuses(ACR_PROJECT, ACR_UNIT),
    compliance=True,
)
INFO = RegistryInfo(
    key=TENANT.key,
    name=TENANT.name,
    operator="ACR at Winrock International; registry system by ICE GreenTrace",
    url="https://greentrace.ice.com/acr",
    base_url=BASE_URL,
    terms="Public reports without an account; no licence is stated with the interface, so the "
    "registry's terms of use apply.",
    attribution="American Carbon Registry",
    known_as=("American Carbon Registry (ACR)", "American Carbon Registry", "ACR"),
    schemes=TENANT.schemes,
    strict_project_keys=True,
    codes=TENANT.codes,
    verified="2026-08-04",
    notes="Captured: projects with their pages, issued, retired and cancelled blocks. The book of "
    "held blocks and the search follow the description of the interface.",
)


class Acr(GreenTrace):
    """The American Carbon Registry."""

    def __init__(self, info: RegistryInfo = INFO) -> None:
        super().__init__(info, TENANT)


adapter = Acr()
