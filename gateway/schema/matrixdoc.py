"""`docs/registries.md`: what can be asked of each registry itself, and on what terms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from adapters.contract import Adapter, Collection, RegistryInfo
from gateway.model.entity import Entity
from gateway.model.question import FILTERS, Pushdown
from gateway.stitch.coverage import camel

_HEAD = """# Registries

Which registries there are, on what terms they are shown, and what each can be asked. Printed by
`cgw adapters matrix` from the adapters' declarations; a test keeps it true. The query
`registries { capabilities }` says the same of those that a gateway serves.
"""
_MATRIX = """
Every filter of `where` works on every registry. A filled cell says that the registry narrows by
it itself, with these operators: **exactly**, or, in brackets, to more rows than match, which the
gateway then checks again. An empty one means that the gateway reads on and checks the records
alone. `in 50` takes up to 50 values at once. Filters of the parent are written
`project: {...}`.
"""
_LATE = """
## What a list leaves out

A record is the same whichever way it is asked for: in a list, by a filter, by its id, by `lookup`
or from another record. One thing may differ. Some registries tell a part of a record in another
place than their lists, which costs a call for each record; these fields are null where that place
was not read. The record says so (`provenance { notRead }`), and so does the page that it is on
(`coverage { notRead }`). Asked for by its id a record is read whole, but for ACR, ART and CAR
where more than 20 of its registry are asked for at once.
"""
_PLURAL = {Entity.PROJECT: "projects", Entity.ISSUANCE: "issuances", Entity.UNIT: "units"}
_OPERATORS = {"isNull": "null", "startsWith": "starts"}


def matrix_document(adapters: Mapping[str, Adapter]) -> str:
    """The page, for these adapters."""
    known = dict(sorted(adapters.items()))
    parts = [_HEAD, "\n## Which there are\n\n", _about(known)]
    parts += ["\n## Terms\n\n", _terms(known), "\n## What each is asked\n", _MATRIX]
    for entity in Entity:
        asked = {key: a.collections[entity] for key, a in known.items() if entity in a.collections}
        parts.append(f"\n### {_PLURAL[entity].capitalize()}: filters\n\n{_filters(entity, asked)}")
        parts.append(f"\n### {_PLURAL[entity].capitalize()}: ways to read\n\n{_ways(asked)}")
    return "".join([*parts, _LATE, "\n", _late(known)])


def _late(adapters: Mapping[str, Adapter]) -> str:
    told = (
        (f"`{key}`", _PLURAL[entity], {name for view in views for name in view.late})
        for key, adapter in adapters.items()
        for entity, views in adapter.views.items()
    )
    rows = (
        (key, kind, ", ".join(f"`{_path(name)}`" for name in sorted(late)))
        for key, kind, late in told
        if late
    )
    return _table(("registry", "of its", "not in its lists"), rows)


def _about(adapters: Mapping[str, Adapter]) -> str:
    rows = (
        (
            f"`{key}`",
            f"[{adapter.info.name}]({adapter.info.url})",
            ", ".join(_PLURAL[entity] for entity in Entity if entity in adapter.collections),
            _reading(adapter.info),
            adapter.info.verified or "not verified against a live host",
            adapter.info.notes,
        )
        for key, adapter in adapters.items()
    )
    return _table(("key", "registry", "records", "reading", "verified", "to know"), rows)


def _terms(adapters: Mapping[str, Adapter]) -> str:
    rows = (
        (f"`{key}`", a.info.operator, a.info.terms, a.info.attribution)
        for key, a in adapters.items()
    )
    return _table(("key", "operator", "terms", "to be named as"), rows)


def _reading(info: RegistryInfo) -> str:
    wants = ["host"] * (not info.base_url) + ["credential"] * bool(info.credential)
    return f"{' and '.join(wants)} to be configured" if wants else "open"


def _filters(entity: Entity, asked: Mapping[str, Collection]) -> str:
    order = (*FILTERS[entity], *(f"project.{name}" for name in FILTERS[Entity.PROJECT]))
    declared = {name for collection in asked.values() for name in collection.filters}
    names = [name for name in order if name in declared]
    rows = (
        (f"`{key}`", *(_cell(collection.filters.get(name)) for name in names))
        for key, collection in asked.items()
    )
    return _table(("registry", *(f"`{_path(name)}`" for name in names)), rows)


def _path(name: str) -> str:
    return ".".join(camel(part) for part in name.split("."))


def _cell(pushdown: Pushdown | None) -> str:
    if pushdown is None:
        return ""
    told = [_OPERATORS.get(op.value, op.value) for op in sorted(pushdown.ops)]
    text = ", ".join(f"{op} {pushdown.most}" if op == "in" else op for op in told)
    return text if pushdown.exact else f"({text})"


def _ways(asked: Mapping[str, Collection]) -> str:
    columns: dict[str, Callable[[Collection], str]] = {
        "sorts by": lambda c: ", ".join(f"`{_path(name)}`" for name in sorted(c.orders)),
        "by id": lambda c: "yes" if c.by_keys else "no",
        "of its": lambda c: ", ".join(e.value for e in Entity if e in c.parents),
        "parents a call": lambda c: str(c.parents_per_call) if c.parents else "",
        "total": lambda c: "yes" if c.totals else "no",
        "rows a page": lambda c: str(c.page_size),
        "calls for all": lambda c: "" if c.full_scan_calls is None else str(c.full_scan_calls),
    }
    rows = (
        (f"`{key}`", *(told(collection) for told in columns.values()))
        for key, collection in asked.items()
    )
    return _table(("registry", *columns), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"
