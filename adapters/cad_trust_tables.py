"""What a CAD Trust node can be asked: its two lists, their columns, and what that means here.

Not pushed down, on purpose: sector, project type and methodology are read through tables with
many spellings, which one filter cannot name safely; countries, labels and co-benefits are child
rows, which the node does not filter; `search` splits, drops and reinterprets marks in its text.
"""

from __future__ import annotations

from collections.abc import Mapping

from adapters.cad_trust_filters import (
    FILTER_CHARS,
    choice,
    identifier,
    words,
)
from adapters.cad_trust_rows import read_project_page, read_unit_page
from adapters.cad_trust_views import ADJUSTMENT, DECLARATION, NDC, UNIT_TYPE
from adapters.cad_trust_walk import LAST_LIMIT, Table
from gateway.harmonise.statuses import CAD_TRUST_PROJECT, CAD_TRUST_UNIT
from gateway.model.entity import Entity
from gateway.model.question import Collection

# The node takes 200 ids; so many keep the request line under the 8 KiB that proxies allow.
PROJECTS_PER_CALL = 150
# What one call's keys may take of it; a UUID and its name are 48.
URL_CHARS = 7_300
# Two UUIDs are what the 100 characters of a filter hold.
KEYS_PER_FILTER = 2

PROJECTS = Table(
    path="v1/projects",
    key="warehouseProjectId",
    read=read_project_page,
    columns={
        "project_id": identifier("projectId"),
        "origin_project_id": identifier("originProjectId"),
        "project_name": words("projectName"),
        "project_developer": words("projectDeveloper"),
        "program": words("program", rank=4),
        "registry_of_origin": words("registryOfOrigin", rank=4),
        "project_status": choice("projectStatus", CAD_TRUST_PROJECT),
        "covered_by_ndc": choice("coveredByNDC", NDC),
    },
    room=FILTER_CHARS,
)
UNITS = Table(
    path="v1/units",
    key="warehouseUnitId",
    read=read_unit_page,
    columns={
        "unit_serial_id": identifier("serialNumberBlock"),
        "marketplace_identifier": identifier("marketplaceIdentifier"),
        "marketplace": words("marketplace"),
        "unit_owner": words("unitOwner"),
        "unit_status_reason": words("unitStatusReason"),
        "unit_status": choice("unitStatus", CAD_TRUST_UNIT),
        "unit_type": choice("unitType", UNIT_TYPE),
        "corresponding_adjustment_declaration": choice(
            "correspondingAdjustmentDeclaration", DECLARATION
        ),
        "corresponding_adjustment_status": choice("correspondingAdjustmentStatus", ADJUSTMENT),
    },
    room=FILTER_CHARS,
)
# Issuances are children of projects: what narrows projects narrows them.
ISSUANCE_COLUMNS = {f"project.{name}": column for name, column in PROJECTS.columns.items()}

COLLECTIONS: Mapping[Entity, Collection] = {
    Entity.PROJECT: Collection(
        filters={name: column.pushdown for name, column in PROJECTS.columns.items()},
        keys_per_call=PROJECTS_PER_CALL,
        totals=True,
        page_size=LAST_LIMIT,
    ),
    Entity.ISSUANCE: Collection(
        filters={name: column.pushdown for name, column in ISSUANCE_COLUMNS.items()},
        parents=frozenset({Entity.PROJECT}),
        parents_per_call=PROJECTS_PER_CALL,
        page_size=LAST_LIMIT,
    ),
    Entity.UNIT: Collection(
        filters={name: column.pushdown for name, column in UNITS.columns.items()},
        parents=frozenset({Entity.PROJECT, Entity.ISSUANCE}),
        # One call reads so many projects; their units then cost one call per two issuances.
        parents_per_call=50,
        keys_per_call=KEYS_PER_FILTER,
        totals=True,
        page_size=LAST_LIMIT,
    ),
}
