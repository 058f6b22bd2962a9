"""`docs/model.md`: each field of the records, where its name comes from, and who fills it."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.contract import Adapter
from gateway.model.entity import Entity
from gateway.model.lineage import ISSUANCE, PROJECT, UNIT, Lineage
from gateway.stitch.coverage import camel, model_fields
from gateway.stitch.vocabulary import VOCABULARY

_LINEAGE: Mapping[Entity, Mapping[str, Lineage]] = {
    Entity.PROJECT: PROJECT,
    Entity.ISSUANCE: ISSUANCE,
    Entity.UNIT: UNIT,
}
_HEAD = """# The model

Which field is which, and who fills it. Printed by `cgw schema model`; a test keeps it true.

*Deck* is CAD Trust's data model as its overview presents it (`*`: required there), *v1* and *v2*
are the wire names of a CAD Trust node (1.7.24 and 2.0.2). A field in none of the three is the
gateway's own. *Filled by* names the registries whose adapter declares the field; for every other
one `coverage { notPublished }` lists it. Where a registry tells a field elsewhere than in its
lists, `notRead` names it ([registries](registries.md#what-a-list-leaves-out)). Each mapped field
has `<field>Raw` beside it, the registry's own text.
"""


def model_document(adapters: Mapping[str, Adapter]) -> str:
    """The page, for these adapters."""
    parts = [_HEAD]
    for entity, lineage in _LINEAGE.items():
        parts.append(f"\n## {entity.value.capitalize()}\n\n")
        parts.append("| field | deck | v1 | v2 | filled by |\n|---|---|---|---|---|\n")
        for name in model_fields(VOCABULARY[entity]):
            told = (text or "" for text in lineage[name])
            cells = [f"`{camel(name)}`", *told, ", ".join(fillers(adapters, entity, name))]
            parts.append(f"| {' | '.join(cells)} |\n")
    return "".join(parts)


def fillers(adapters: Mapping[str, Adapter], entity: Entity, name: str) -> list[str]:
    """The registries whose views declare the field."""
    return [
        key
        for key, adapter in sorted(adapters.items())
        if any(view.publishes(name) for view in adapter.views.get(entity, ()))
    ]
