"""Which record type holds each entity's vocabulary."""

from typing import Any

from gateway.model.entity import Entity
from gateway.model.issuance import IssuanceRecord
from gateway.model.project import ProjectRecord
from gateway.model.record import Record
from gateway.model.unit import UnitRecord

VOCABULARY: dict[Entity, type[Record[Any]]] = {
    Entity.PROJECT: ProjectRecord,
    Entity.ISSUANCE: IssuanceRecord,
    Entity.UNIT: UnitRecord,
}
