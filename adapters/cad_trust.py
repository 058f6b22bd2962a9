"""CAD Trust: a node of the Climate Action Data Trust (Chia `cadt`), read over its `/v1` interface.

Source: the node's own documentation, https://github.com/Chia-Network/cadt (docs/cadt_rpc_api.md),
data model v1, checked against answers of a node of version 1.7.24. JSON over GET. There is no
public host: anyone may run a node, and the operator of the gateway names one (`base_url`). A node
may be open or ask for a key in the header `x-api-key`; set it under `headers` if so.

A node holds the records of many organisations, copied from the registries or native to them. The
option `orgUid` restricts the adapter to one of them. Quirks, and what is done about them:

- `page` and `limit` are required together, there is no count of rows, and the default order has
  ties: walks are ordered by the record's UUID, and a count costs one more call with `limit=1`.
- One `filter` per request, at most 100 characters, over a table's own columns; see
  `cad_trust_filters` for which predicate is pushed down and how the others are checked.
- A missing record is `null` with status 200; a page past the end is empty.
- Units are not listed by project, issuances not at all (but for the node's own organisation).
- Serials are free text (`serialNumberBlock` may be the bare bounds, which every registry has):
  the key of a unit is its `warehouseUnitId`. Ids of origin may hold anything, even the
  registry's name. An id is compared as it is written, but for the case of its letters.
- `x-data-synced: false` is said on as a warning. Two records of one project, by two
  organisations, are two projects here; `sameAs` links them.

Personal data: none is marked as such in the data model. `unitOwner` is published by it and kept.
"""

from __future__ import annotations

from adapters.cad_trust_node import WITHIN_SERIALS, CadTrustNode
from adapters.cad_trust_walk import ORGANISATION
from adapters.contract import Code, RegistryInfo
from gateway.harmonise.cer_serials import CDM_REFERENCE
from gateway.model.entity import Entity

INFO = RegistryInfo(
    key="cad-trust",
    name="CAD Trust",
    operator="Climate Action Data Trust",
    url="https://climateactiondata.org",
    base_url="",
    terms="Those of the node's operator and of the organisations that write to it",
    attribution="Data from the Climate Action Data Trust (CAD Trust), as told by its participants",
    known_as=("CAD Trust", "Climate Action Data Trust"),
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
    verified="2026-11-22",
    notes="Needs a node: set base_url. Option orgUid reads one organisation only; a node that "
    "asks for a key gets it from a configured header, x-api-key.",
)


class CadTrust(CadTrustNode):
    """A node under the key `cad-trust`, or under the key of whatever `info` is given."""

    def __init__(self, info: RegistryInfo = INFO) -> None:
        super().__init__(info)


adapter = CadTrust()
