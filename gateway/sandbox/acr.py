"""The American Carbon Registry, emulated: its part of the GreenTrace platform."""

from __future__ import annotations

from gateway.model.entity import Entity
from gateway.sandbox import greentrace
from gateway.sandbox.emulator import Emulator
from gateway.sandbox.greentrace_rows import Tenant
from gateway.sandbox.greentrace_traps import TRAPS
from gateway.sandbox.refusal import REFUSALS

TENANT = Tenant(path="acr", registry="ACR_REGISTRY", code="ACR")

EMULATOR = Emulator(
    registry="acr",
    application=greentrace.serving(TENANT),
    says={
        Entity.PROJECT: greentrace.PROJECT,
        Entity.ISSUANCE: greentrace.ISSUANCE,
        Entity.UNIT: greentrace.UNIT,
    },
    told=greentrace.told(TENANT),
    by_key=greentrace.BY_KEY,
    traps=TRAPS,
    refusals=REFUSALS["greentrace"],
    base_path=greentrace.BASE_PATH,
)
