"""What records state of each other: by which names a project goes, and which one a record means.

A name is a registry and an id in it. An id alone is no name: two registries may use one id for
two projects.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gateway.model.entity import Entity
from gateway.model.field import Constant
from gateway.model.globalid import GlobalId
from gateway.model.picklists import SameAsBasis
from gateway.model.record import Record
from gateway.stitch.federation import Federation

_CODE = re.compile(r"([A-Za-z]+)[\s-]*(\d.*)")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SAME = Constant(None)


@dataclass(frozen=True, slots=True)
class Name:
    """A project by an id in a registry, which need not be one that is served."""

    registry: str
    code: str


@dataclass(frozen=True, slots=True)
class Stated:
    """A name that a record gives for the same project, its words, and what a link rests on."""

    name: Name
    text: str
    basis: SameAsBasis = SameAsBasis.REGISTRY_OF_ORIGIN_ID


# Schemes of a programme that several registries serve: the registry that the ids are of.
SHARED = {"arb": "arb"}


def own_names(project: Any) -> tuple[Name, ...]:
    """The names of the project in the registry that tells it."""
    own = (i.value for i in project.identifiers if i.scheme not in SHARED)
    codes = (project.key, project.project_id, *own)
    return tuple(dict.fromkeys(Name(project.registry, code) for code in codes if code))


def stated_names(fed: Federation, project: Any) -> tuple[Stated, ...]:
    """The names in other registries that the record itself gives its project."""
    found: dict[Name, Stated] = {}
    told = (
        (project.registry_of_origin, project.origin_project_id, "registry of origin"),
        (project.current_registry, project.project_id, "current registry"),
    )
    for registry, code, role in told:
        key = fed.registry_named(registry)
        if key is not None and key != project.registry and code:
            name = Name(key, code)
            found.setdefault(name, Stated(name, f"{role} {registry!r}, project id {code!r}"))
    for related in project.related_projects or ():
        key, code = fed.registry_of(related), related.related_project_id
        if related.same and key is not None and key != project.registry and code:
            name = Name(key, code)
            other = related.related_registry_raw or related.related_registry
            text = f"project id {code!r} in the other programme {other!r}"
            found.setdefault(name, Stated(name, text, SameAsBasis.CROSS_REFERENCE))
    for one in project.identifiers:
        if one.scheme in SHARED:
            name = Name(SHARED[one.scheme], one.value)
            text = f"compliance project id {one.value!r} ({one.scheme})"
            found.setdefault(name, Stated(name, text, SameAsBasis.CROSS_REFERENCE))
    return tuple(found.values())


def sharing(fed: Federation, name: Name) -> list[tuple[str, str]]:
    """The registries whose records show ids of the programme, each with the scheme of these."""
    schemes = [scheme for scheme, of in SHARED.items() if of == name.registry]
    return [
        (key, scheme)
        for key, adapter in fed.adapters.items()
        for scheme in schemes
        if scheme in adapter.info.codes
    ]


def target(fed: Federation, name: Name) -> GlobalId | None:
    """The id of the record that the name means, where its registry is served."""
    adapter = fed.adapters.get(name.registry)
    key = None if adapter is None else adapter.project_key(name.code)
    return None if key is None else GlobalId(name.registry, Entity.PROJECT, key)


def means(fed: Federation, told: Name, name: Name) -> bool:
    """Whether two names are one: the same registry, and ids that are spellings of each other."""
    if told.registry != name.registry:
        return False
    if told.code == name.code:
        return True
    if name.registry in fed.adapters:
        return canonical(fed, told) == canonical(fed, name)
    (prefix, rest), (other, same) = _parted(told.code), _parted(name.code)
    return rest == same and (prefix == other or not prefix or not other)


def canonical(fed: Federation, name: Name) -> Name:
    """The name in one spelling, where its registry is served and can tell."""
    adapter = fed.adapters.get(name.registry)
    key = None if adapter is None else adapter.project_key(name.code)
    return name if key is None else Name(name.registry, key)


def core(code: str) -> str:
    """What all spellings of an id hold: the id without the letters before its number."""
    return _parted(code)[1]


def spellings(codes: Iterable[str]) -> tuple[str, ...]:
    """The spellings of ids that other systems' records are seen to use."""
    found: dict[str, None] = {}
    for code in sorted(set(codes)):
        found[code] = None
        split = _CODE.fullmatch(code)
        if split:
            for spelling in ("{}{}", "{}-{}", "{} {}"):
                found[spelling.format(split[1], split[2])] = None
            found[split[2]] = None
    return tuple(found)


def crosswalk(fed: Federation, project: Any) -> list[tuple[GlobalId, str]]:
    """The CAD Trust records that the project's own row names by their CAD Trust id."""
    told = project.cad_trust_project_id
    if not told or told == project.key:
        return []
    text = f"CAD Trust project id {told!r}"
    return [
        (GlobalId(registry, Entity.PROJECT, told), text)
        for registry in namers(fed)
        if registry != project.registry
    ]


def confirmed(fed: Federation, record: Any, project: Record[Any]) -> bool:
    """Whether a record found by its CAD Trust id is the one that was meant: such an id is one of
    a kind where it is a UUID; otherwise the record must name the project's registry itself."""
    if _UUID.fullmatch(record.key):
        return True
    return any(one.name.registry == project.registry for one in stated_names(fed, record))


def namers(fed: Federation) -> list[str]:
    """The registries whose records may say that a project comes from another registry."""
    return [
        key
        for key, adapter in fed.adapters.items()
        if any(
            not isinstance(view.fields.get("registry_of_origin", _SAME), Constant)
            for view in adapter.views.get(Entity.PROJECT, ())
        )
    ]


ORIGIN, CROSS = SameAsBasis.REGISTRY_OF_ORIGIN_ID, SameAsBasis.CROSS_REFERENCE


def _parted(code: str) -> tuple[str, str]:
    """The letters before the number of an id, and the rest."""
    plain = " ".join(code.split()).casefold()
    split = _CODE.fullmatch(plain)
    return (split[1], split[2]) if split else ("", plain)
