"""The Node interface and where a record came from."""

from typing import Any

import strawberry

from gateway.clock import rfc3339
from gateway.model.entity import Entity
from gateway.model.values import DateTime
from gateway.schema.context import Info
from gateway.schema.described import said, table
from gateway.schema.enums import RegistryOutcome
from gateway.schema.scalars import RegistryKey, Sha256
from gateway.schema.volatility import Volatility
from gateway.stitch.coverage import camel


@table(
    "NodeProvenance",
    "Where a record came from, as the signed statement says it (gateway).",
    Volatility.EVIDENCE,
)
class NodeProvenance:
    registry: RegistryKey = said("The registry that told it (gateway).")
    source: int = said("Index of the exchange in the statement's sources (gateway).")
    source_url: str = said("What was asked, secrets redacted (gateway).")
    pointer: str = said("JSON pointer (RFC 6901) of the row in the body (gateway).")
    outcome: RegistryOutcome = said("How the exchange ended (gateway).")
    body_digest: Sha256 | None = said("SHA-256 of the decoded body (gateway).")
    fetched_at: DateTime | None = said("When the body left the registry (gateway).")
    mapping_digest: Sha256 | None = said(
        "Digest of the mapping recipe, served at /.well-known/carbon-gateway/mappings/ (gateway)."
    )
    not_read: list[str] = said(
        "Fields that the registry tells elsewhere and that were not read for this record; ask for "
        "it alone, by its id (gateway)."
    )


@strawberry.interface(description="Anything with a global id (Relay).")
class Node:
    id: strawberry.ID = said(
        "`cgw:<registry>:<kind>:<key>`: readable, canonical, lasting (Relay).",
        volatility=Volatility.RECORD,
    )

    @classmethod
    def resolve_type(cls, record: Any, info: Any, kind: Any) -> str:
        return str(record.entity.value.capitalize())


def shows(entity: Entity) -> Any:
    """The `is_type_of` of an object type whose values are records of this entity."""

    def is_type_of(record: Any, info: Any) -> bool:
        return record.entity is entity

    return staticmethod(is_type_of)


def provenance_of(record: Any, info: Info) -> Any:
    """The exchange that a record was read from."""
    exchange = info.context.ask.terms.evidence.exchanges[record.origin.source]
    mappings = info.context.mappings
    return NodeProvenance(
        registry=record.registry,
        source=record.origin.source,
        source_url=exchange.uri,
        pointer=record.pointer,
        outcome=exchange.outcome,
        body_digest=exchange.digest,
        fetched_at=DateTime(rfc3339(exchange.fetched_at)) if exchange.fetched_at else None,
        mapping_digest=mappings(record.registry) if mappings else None,
        not_read=sorted(map(camel, record.not_read)),
    )
