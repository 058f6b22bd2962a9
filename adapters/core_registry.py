"""Core Registry: the World Bank's open-source national registry, synced to CAD Trust by Chia.

Source: https://github.com/Chia-Network/core-registry-cadt, a fork of CAD Trust's node: the same
`/v1`, read by the same code, with `/v1/statistics` added. The statistics count the node's own
organisation only and are not asked: records carry their evidence, sums made elsewhere do not.
Where the fork differs (filters on projects held to 100 characters, units without bounds in the
request to create them) the reading side is the same.

Not verified against a live host: no answers of one were captured. There is no public host.

Personal data: as for CAD Trust, none is marked as such in the data model.
"""

from __future__ import annotations

from adapters.cad_trust_node import WITHIN_SERIALS, CadTrustNode
from adapters.cad_trust_walk import ORGANISATION
from adapters.contract import Code, RegistryInfo
from gateway.harmonise.cer_serials import CDM_REFERENCE
from gateway.model.entity import Entity

INFO = RegistryInfo(
    key="core-registry",
    name="World Bank Core Registry",
    operator="A country or organisation that runs the World Bank's open-source registry",
    url="https://github.com/Chia-Network/core-registry-cadt",
    base_url="",
    terms="Those of the organisation that runs the registry",
    attribution="Data from a national registry on the World Bank's open-source Core Registry",
    known_as=("World Bank Core Registry", "Core Registry", "Chia Core Registry"),
    schemes=(
        "cadtrust.warehouseProjectId",
        "cadtrust.originProjectId",
        "cadtrust.issuanceId",
        "cadtrust.warehouseUnitId",
        CDM_REFERENCE,
    ),
    codes={
        "cadtrust.warehouseProjectId": Code(Entity.PROJECT, "00841ec9-29c9-41b1-93bf-3dc4e16f2f56"),
        "cadtrust.originProjectId": Code(Entity.PROJECT, "VCS901002", search="origin_project_id"),
        "cadtrust.issuanceId": Code(Entity.ISSUANCE, "00841ec9-29c9-41b1-93bf-3dc4e16f2f56"),
        "cadtrust.warehouseUnitId": Code(Entity.UNIT, "00841ec9-29c9-41b1-93bf-3dc4e16f2f56"),
        CDM_REFERENCE: WITHIN_SERIALS,
    },
    by_code={Entity.PROJECT: "project_id", Entity.UNIT: "unit_serial_id"},
    options={ORGANISATION: ""},
    notes="Not verified against a live host. Needs a node: set base_url; a node that asks for a "
    "key gets it from a configured header, x-api-key. Option orgUid reads one organisation only.",
)


class CoreRegistry(CadTrustNode):
    """A Core Registry under the key `core-registry`, or under that of whatever `info` is given."""

    def __init__(self, info: RegistryInfo = INFO) -> None:
        super().__init__(info)


adapter = CoreRegistry()
