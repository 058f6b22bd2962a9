"""The root fields: few, each turning its arguments into one question."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from gateway.errors import BadInput
from gateway.model.entity import Entity
from gateway.model.globalid import MAX_KEY, GlobalId, has_id
from gateway.model.question import Order, Predicate
from gateway.schema.context import Info
from gateway.schema.described import argument, resolved
from gateway.schema.issuance import Issuance
from gateway.schema.lookup import LookupScheme
from gateway.schema.named import parsed, registry_key
from gateway.schema.node import Node
from gateway.schema.order import IssuanceOrder, ProjectOrder, UnitOrder
from gateway.schema.paging import After, Connection, First, checked_first
from gateway.schema.picklist import Picklist, all_picklists, picklist_of
from gateway.schema.project import Project
from gateway.schema.registry import Registry, registry_of
from gateway.schema.scalars import RegistryKey
from gateway.schema.unit import Unit
from gateway.schema.volatility import Volatility
from gateway.schema.where import (
    IssuanceWhere,
    ProjectWhere,
    UnitWhere,
    ordered,
    predicates,
    routed,
)
from gateway.stitch.codes import Search, Wanted, lookup, named, one, schemes
from gateway.stitch.connection import connect
from gateway.stitch.nodes import node, nodes

MAX_NODES = 500
# Of so many wrong ids the right one is looked for; hundreds would cost what a batch costs.
MOST_SUGGESTIONS = 10

Id = Annotated[strawberry.ID | None, argument("A global id, `cgw:<registry>:<kind>:<key>`.")]
Registries = Annotated[
    list[RegistryKey] | None,
    argument("Ask only these registries; all of them where nothing is said (routing)."),
]
Key = Annotated[RegistryKey | None, argument("The registry, by the gateway's key.")]


@strawberry.type(description="What can be asked; every answer comes live from the registries.")
class Query:
    @resolved("The record of a global id; null: no such record (Relay).", Volatility.RECORD)
    async def node(
        self, info: Info, id: Annotated[strawberry.ID, argument("A global id (Relay).")]
    ) -> Node | None:
        found: Any = await node(info.context.ask, _parsed(info, id))
        return found

    @resolved(
        "The records of up to 500 global ids, in their order; null: no such record, or "
        "with an error in its place that says what is wrong with the id (Relay).",
        Volatility.RECORD,
    )
    async def nodes(
        self, info: Info, ids: Annotated[list[strawberry.ID], argument("Global ids (Relay).")]
    ) -> list[Node | None]:
        places = _listed(info, ids)
        wanted = [place for place in places if isinstance(place, GlobalId)]
        found = iter(await nodes(info.context.ask, wanted))
        each: Any = [next(found) if isinstance(p, GlobalId) else p for p in places]
        return each

    @resolved(
        "Every record that a code names, in each registry that knows the scheme; "
        "null, with an error: it could not be asked (gateway).",
        Volatility.RECORD,
    )
    async def lookup(
        self,
        info: Info,
        scheme: Annotated[str, argument("The scheme, such as `verra.vcs` (gateway).")],
        value: Annotated[str, argument("The code, in any public spelling (gateway).")],
    ) -> list[Node | None]:
        ask = info.context.ask
        found: Any = await lookup(ask, _named(info, scheme, value))
        return found

    @resolved(
        "Every scheme that `lookup` knows, for each registry that has it (gateway).",
        Volatility.SETTINGS,
    )
    def lookup_schemes(self, info: Info) -> list[LookupScheme]:
        found: Any = schemes(info.context.ask.federation)
        return found

    @resolved("Projects over registries (CAD Trust data model, PROJECTS).", Volatility.RECORD)
    async def projects(
        self,
        info: Info,
        where: Annotated[
            ProjectWhere | None, argument("Which projects; all conditions must hold (gateway).")
        ] = UNSET,
        order_by: Annotated[
            ProjectOrder | None,
            argument("How to sort; by registry and its own order where nothing is said (gateway)."),
        ] = UNSET,
        registries: Registries = UNSET,
        first: First = 25,
        after: After = UNSET,
    ) -> Connection[Project]:
        return await _connect(info, Entity.PROJECT, where, order_by, registries, first, after)

    @resolved(
        "One project, by global id or by registry and public id (CAD Trust data model, PROJECTS).",
        Volatility.RECORD,
    )
    async def project(
        self,
        info: Info,
        id: Id = UNSET,
        registry: Key = UNSET,
        project_id: Annotated[
            str | None, argument("The registry's project id, in any public spelling.")
        ] = UNSET,
    ) -> Project | None:
        wanted = _one_of(info, Entity.PROJECT, id, registry, project_id, "projectId")
        found: Any = await one(info.context.ask, wanted, "projectId")
        return found

    @resolved("Units over registries (CAD Trust data model, UNITS).", Volatility.RECORD)
    async def units(
        self,
        info: Info,
        where: Annotated[
            UnitWhere | None, argument("Which units; all conditions must hold (gateway).")
        ] = UNSET,
        order_by: Annotated[
            UnitOrder | None,
            argument("How to sort; by registry and its own order where nothing is said (gateway)."),
        ] = UNSET,
        registries: Registries = UNSET,
        first: First = 25,
        after: After = UNSET,
    ) -> Connection[Unit]:
        return await _connect(info, Entity.UNIT, where, order_by, registries, first, after)

    @resolved(
        "One block of units, by global id or by registry and serial (CAD Trust data model, UNITS).",
        Volatility.RECORD,
    )
    async def unit(
        self,
        info: Info,
        id: Id = UNSET,
        registry: Key = UNSET,
        unit_serial_id: Annotated[
            str | None, argument("The block's serial, as the registry writes it.")
        ] = UNSET,
    ) -> Unit | None:
        wanted = _one_of(info, Entity.UNIT, id, registry, unit_serial_id, "unitSerialId")
        found: Any = await one(info.context.ask, wanted, "unitSerialId")
        return found

    @resolved("Issuances over registries (CAD Trust data model, ISSUANCES).", Volatility.RECORD)
    async def issuances(
        self,
        info: Info,
        where: Annotated[
            IssuanceWhere | None, argument("Which issuances; all conditions must hold (gateway).")
        ] = UNSET,
        order_by: Annotated[
            IssuanceOrder | None,
            argument("How to sort; by registry and its own order where nothing is said (gateway)."),
        ] = UNSET,
        registries: Registries = UNSET,
        first: First = 25,
        after: After = UNSET,
    ) -> Connection[Issuance]:
        return await _connect(info, Entity.ISSUANCE, where, order_by, registries, first, after)

    @resolved("Every registry, asked or not (gateway).", Volatility.SETTINGS)
    def registries(self, info: Info) -> list[Registry]:
        return [registry_of(info, key) for key in info.context.ask.federation.adapters]

    @resolved("One registry; null, with an error: none has the key (gateway).", Volatility.SETTINGS)
    def registry(
        self,
        info: Info,
        key: Annotated[RegistryKey, argument("The gateway's key of it (gateway).")],
    ) -> Registry | None:
        found: Registry = registry_of(info, registry_key(info.context.ask.federation, key, "key"))
        return found

    @resolved("Every picklist (CAD Trust data model, GOVERNANCE).", Volatility.RECORD)
    def picklists(self) -> list[Picklist]:
        found: list[Picklist] = all_picklists()
        return found

    @resolved(
        "One picklist; null, with an error: none has the name (CAD Trust data model, GOVERNANCE).",
        Volatility.RECORD,
    )
    def picklist(
        self, name: Annotated[str, argument("The list's name, as `picklists` gives it.")]
    ) -> Picklist | None:
        found: Picklist = picklist_of(name)
        return found


@dataclass(frozen=True, slots=True)
class Asked:
    """The arguments of a root connection, as the federation takes them."""

    registries: tuple[str, ...]
    predicates: tuple[Predicate, ...]
    order: Order | None
    first: int
    after: str | None


def asked_of(
    info: Any,
    entity: Entity,
    where: Any = UNSET,
    order_by: Any = UNSET,
    registries: Any = UNSET,
    first: int = 25,
    after: Any = UNSET,
) -> Asked:
    """What the arguments of a root connection ask.

    Raises:
        BadInput: for arguments that cannot mean anything.
    """
    federation = info.context.ask.federation
    if registries == []:
        raise BadInput(
            "`registries` is empty; leave it out to ask all of them.", argument="registries"
        )
    chosen = federation.chosen(registries or None)
    allowed = routed(where, federation)
    if allowed is not None:
        asked = chosen
        chosen = tuple(key for key in chosen if key in allowed)
        if not chosen:
            raise BadInput(
                f"`registries` asks {', '.join(asked)}, and `where.registry` allows only "
                f"{', '.join(allowed)}: none is left.",
                argument="where.registry",
            )
    return Asked(
        chosen,
        predicates(where),
        ordered(order_by),
        checked_first(info, first),
        None if after is UNSET else after,
    )


async def _connect(info: Info, entity: Entity, *arguments: Any) -> Any:
    asked = asked_of(info, entity, *arguments)
    return await connect(
        info.context.ask,
        entity,
        registries=asked.registries,
        predicates=asked.predicates,
        order=asked.order,
        first=asked.first,
        after=asked.after,
    )


def named_by(info: Any, field: str, arguments: dict[str, Any]) -> list[Wanted]:
    """The records that a root field other than a connection reads by their ids and codes.

    Raises:
        BadInput: for arguments that cannot mean anything.
    """
    if field == "node":
        return [_parsed(info, arguments["id"])]
    if field == "nodes":
        return [each for each in _listed(info, arguments["ids"]) if isinstance(each, GlobalId)]
    if field == "lookup":
        return _named(info, arguments["scheme"], arguments["value"])
    given = (arguments.get("id"), arguments.get("registry"))
    if field == "project":
        code = arguments.get("project_id")
        return _one_of(info, Entity.PROJECT, *given, code, "projectId")
    return _one_of(info, Entity.UNIT, *given, arguments.get("unit_serial_id"), "unitSerialId")


def _listed(info: Info, ids: Sequence[str]) -> list[GlobalId | BadInput]:
    """The ids in their order; what is wrong with one of them stands in its place."""
    if len(ids) > MAX_NODES:
        raise BadInput(f"At most {MAX_NODES} ids at once, not {len(ids)}.", argument="ids")
    federation = info.context.ask.federation
    found: list[GlobalId | BadInput] = []
    wrongs = 0
    for at, text in enumerate(ids):
        try:
            found.append(parsed(federation, text, f"ids[{at}]", suggest=wrongs < MOST_SUGGESTIONS))
        except BadInput as wrong:
            wrongs += 1
            found.append(wrong)
    return found


def _parsed(info: Info, text: str, argument_name: str = "id") -> GlobalId:
    return parsed(info.context.ask.federation, text, argument_name)


def _short(name: str, text: str) -> str:
    # What a record shows is typed as it stands, with a tab at its end if it has one.
    if not has_id(text):
        raise BadInput(f"`{name}` must have 1 to {MAX_KEY} characters.", argument=name)
    return text


def _named(info: Info, scheme: str, value: str) -> list[Wanted]:
    return named(info.context.ask.federation, _short("scheme", scheme), _short("value", value))


def _keyed(registry: str, entity: Entity, keys: Iterable[str | None]) -> list[Wanted]:
    return [GlobalId(registry, entity, key) for key in dict.fromkeys(keys) if key]


def _one_of(
    info: Info, entity: Entity, id: Any, registry: Any, code: Any, argument_name: str
) -> list[Wanted]:
    """The record of the id; or the records that the code may be of, the likeliest first."""
    if id and not registry and not code:
        wanted = _parsed(info, id)
        if wanted.entity is not entity:
            raise BadInput(f"This is the id of a {wanted.entity.value}.", argument="id")
        return [wanted]
    if id or not registry or not code:
        raise BadInput(f"Give either `id`, or `registry` and `{argument_name}`.", argument="id")
    federation = info.context.ask.federation
    registry_key(federation, registry, "registry")
    adapter = federation.adapters[registry]
    if entity not in adapter.collections:
        raise BadInput(f"{adapter.info.name} publishes no {entity.value}s.", argument="registry")
    typed = _short(argument_name, code)
    text = typed.strip()
    searched = adapter.info.by_code.get(entity)
    found: list[Wanted] = [] if searched is None else [Search(registry, entity, searched, text)]
    if entity is not Entity.PROJECT:
        return [*_keyed(registry, entity, (typed, text)), *found]
    # A blank at an end may be of the code itself, and two codes may differ by it.
    found = [*_keyed(registry, entity, map(adapter.project_key, (typed, text))), *found]
    if not found:
        code = next((c for c in adapter.info.codes.values() if c.entity is entity), None)
        reads = f" One reads {code.example}." if code and code.example else ""
        raise BadInput(
            f"{registry} has no project ids of this form.{reads}", argument=argument_name
        )
    return found
