"""Registries: who they are, on what terms, and what can be asked of them."""

from typing import Any

from gateway.model.entity import Entity
from gateway.model.values import CountryCode, Date
from gateway.schema.context import Info
from gateway.schema.described import resolved, said, table
from gateway.schema.enums import RecordKind
from gateway.schema.health import RegistryHealth, health_of
from gateway.schema.scalars import RegistryKey, Url
from gateway.schema.volatility import Volatility
from gateway.stitch.coverage import camel, not_published
from gateway.stitch.vocabulary import VOCABULARY


@table(
    "FilterCapability", "One filter that a registry applies itself (gateway).", Volatility.SETTINGS
)
class FilterCapability:
    filter: str = said("The filter, as in `where` (gateway).")
    operators: list[str] = said("The operators that it applies (gateway).")
    exact: bool = said("False: it narrows, and the gateway checks again (gateway).")
    most: int = said("How many values of an `in` list it takes at once (gateway).")


@table(
    "RegistryCapability",
    "What can be asked of one kind of record of a registry (gateway).",
    Volatility.SETTINGS,
)
class RegistryCapability:
    kind: RecordKind = said("The kind of record (gateway).")
    filters: list[FilterCapability] = said("What the registry applies; the rest is checked here.")
    orders: list[str] = said("Fields that it can sort by (gateway).")
    by_id: bool = said("Whether one record can be read by its id (gateway).")
    by_parent: list[RecordKind] = said("Of which records it can give the children (gateway).")
    totals: bool = said("Whether it says how many records match (gateway).")
    page_size: int = said("Records of one upstream page (gateway).")
    full_scan_calls: int | None = said("Upstream calls to read everything, about (gateway).")
    not_published: list[str] = said("Fields of this kind that it never gives (gateway).")


@table("Registry", "A registry that the gateway asks (gateway).", Volatility.SETTINGS)
class Registry:
    key: RegistryKey = said("The gateway's key of it, as in global ids (gateway).")
    name: str = said("Its name (gateway).")
    operator: str = said("Who runs it (gateway).")
    url: Url = said("Its public page (gateway).")
    terms: str = said("On what terms its data may be used, as it says (gateway).")
    attribution: str = said("How to name it when its data is shown (gateway).")
    countries: list[CountryCode] = said("The countries it is limited to; empty: none (gateway).")
    known_as: list[str] = said("Names under which CAD Trust records speak of it (gateway).")
    configured: bool = said("Whether the operator gave what is needed to ask it (gateway).")
    not_configured_reason: str | None = said("What is missing (gateway).")
    verified_on: Date | None = said(
        "Day of the captured payloads that its decoder was checked against; null: not verified "
        "against a live host (gateway)."
    )
    notes: str | None = said("What to know about it (gateway).")
    capabilities: list[RegistryCapability] = said("What can be asked of it (gateway).")

    @resolved("How it has been lately, without asking it (gateway).", Volatility.MOMENT)
    def health(self, info: Info) -> RegistryHealth | None:
        return health_of(info, self.key)


def registry_of(info: Info, key: str) -> Any:
    """The registry of the key, from its adapter's declarations and the configuration."""
    federation = info.context.ask.federation
    adapter, upstream = federation.adapters[key], federation.upstreams[key]
    about = adapter.info
    return Registry(
        key=RegistryKey(about.key),
        name=about.name,
        operator=about.operator,
        url=Url(about.url),
        terms=about.terms,
        attribution=about.attribution,
        countries=[CountryCode(code) for code in about.countries],
        known_as=list(about.known_as),
        configured=upstream.configured,
        not_configured_reason=None if upstream.configured else upstream.why_not,
        verified_on=Date(about.verified) if about.verified else None,
        notes=about.notes or None,
        capabilities=[
            _capability(adapter, entity) for entity in Entity if entity in adapter.collections
        ],
    )


def _capability(adapter: Any, entity: Entity) -> Any:
    asked = adapter.collections[entity]
    return RegistryCapability(
        kind=entity,
        filters=[
            FilterCapability(
                filter=camel(name),
                operators=sorted(op.value for op in pushed.ops),
                exact=pushed.exact,
                most=pushed.most,
            )
            for name, pushed in sorted(asked.filters.items())
        ],
        orders=sorted(camel(name) for name in asked.orders),
        by_id=asked.by_keys,
        by_parent=[kind for kind in Entity if kind in asked.parents],
        totals=asked.totals,
        page_size=asked.page_size,
        full_scan_calls=asked.full_scan_calls,
        not_published=[
            camel(name) for name in not_published(adapter.views.get(entity, ()), VOCABULARY[entity])
        ],
    )
