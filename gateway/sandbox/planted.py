"""The cases the sandbox exists to show: double issuance, double use, stale copies, look-alikes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gateway.model.picklists import ProjectStatus, UnitStatus
from gateway.sandbox import names
from gateway.sandbox.carried_over import carried_over
from gateway.sandbox.copies import STALE_SINCE
from gateway.sandbox.world import Project, RelatedProject, Telling, World

# Positions inside each run of a registry's projects.
TWIN, LOOKALIKE, PROGRAMME, MEMBERS = 0, 1, 13, (14, 15)
MEMBER_OF = "Programme of Activities"
TRANSITIONED_FROM = "Transitioned from"
CONVERTED_FROM = "Converted from"
# A project that has issued nothing: a converted one's issuances are not in Cercarbono's list.
CONVERTED = 2
# Registries whose own records carry the id of the project's CAD Trust record.
CROSSWALKS = ("biocarbon", "undp")
OTHER_BENEFICIARY = "Example Second Claimant (invented)"


@dataclass(frozen=True, slots=True)
class Planted:
    """Keys of the planted cases, for tests and the demo.

    `twins` is one project in two registries with vintages that meet; `lookalikes` are two
    projects that only sound alike. `programme` is a PoA and `members` its VPAs. `copied_twice`
    are two records of one Verra project by two organisations; `used_twice` is a retired Verra
    block and the CAD Trust unit that retires it again. `stale` are copies that lag behind.
    `crosswalk` is a BioCarbon project and the CAD Trust record that it names. `converted` is a
    Cercarbono project and the BioCarbon project that it was before.
    `giant` has hundreds of units, `empty` none.
    """

    twins: tuple[str, str]
    lookalikes: tuple[str, str]
    programme: str
    members: tuple[str, ...]
    copied_twice: tuple[str, str]
    used_twice: tuple[str, str]
    stale: tuple[str, ...]
    crosswalk: tuple[str, str]
    converted: tuple[str, str]
    giant: str
    empty: str


def in_registries(tellings: dict[str, Telling]) -> dict[str, Telling]:
    """Plants what the registries tell of each other."""
    verra, gold = tellings["verra"], tellings["gold-standard"]
    ours, theirs = list(verra.projects), list(gold.projects)
    twin = ours[TWIN]
    theirs[TWIN] = replace(
        theirs[TWIN],
        project_name=twin.project_name,
        project_description=twin.project_description,
        project_developer=twin.project_developer,
        project_locations=twin.project_locations,
    )
    phase = f"{names.WORDS[0]} Solar Park Phase"
    ours[LOOKALIKE] = replace(ours[LOOKALIKE], project_name=f"{phase} I {names.SUFFIX}")
    theirs[LOOKALIKE] = replace(theirs[LOOKALIKE], project_name=f"{phase} II {names.SUFFIX}")
    origins = tellings["cdm"].projects
    moved = 0
    for place, project in enumerate(ours):
        if project.project_status is ProjectStatus.TRANSITIONED:
            origin = origins[moved % len(origins)]
            moved += 1
            ours[place] = replace(project, related_projects=(_related(origin, TRANSITIONED_FROM),))
    for base in range(0, len(theirs), 24):
        programme = theirs[base + PROGRAMME]
        for member in MEMBERS:
            # A VPA's own record names no methodology: it has the programme's.
            theirs[base + member] = replace(
                theirs[base + member],
                methodologies=(),
                related_projects=(_related(programme, MEMBER_OF),),
            )
    return tellings | {
        "verra": replace(verra, projects=tuple(ours)),
        "gold-standard": carried_over(replace(gold, projects=tuple(theirs)), tellings["cdm"]),
        "cercarbono": converted(tellings["cercarbono"], tellings["biocarbon"]),
    }


def converted(told: Telling, origins: Telling) -> Telling:
    """A Cercarbono project that was BioCarbon's before, and names its row there."""
    origin = origins.projects[CONVERTED]
    projects = list(told.projects)
    related = RelatedProject(
        related_project_id=str(origin.row_id),
        relationship_type=CONVERTED_FROM,
        related_registry=origin.current_registry,
    )
    projects[CONVERTED] = replace(
        projects[CONVERTED],
        registry_of_origin=origin.current_registry,
        origin_project_id=str(origin.row_id),
        related_projects=(related,),
    )
    return replace(told, projects=tuple(projects))


def in_copies(tellings: dict[str, Telling]) -> dict[str, Telling]:
    """Plants what the nodes tell of the registries, and the registries of the nodes."""
    return crosswalk(relisted(tellings))


def crosswalk(tellings: dict[str, Telling]) -> dict[str, Telling]:
    """Registries that publish to CAD Trust themselves know the id of their project's copy."""
    copied = {(p.current_registry, p.project_id): p.key for p in tellings["cad-trust"].projects}
    found = dict(tellings)
    for registry in CROSSWALKS:
        told = tellings[registry]
        projects = tuple(
            replace(p, cad_trust_project_id=copied.get((p.current_registry, p.project_id)))
            for p in told.projects
        )
        found[registry] = replace(told, projects=projects)
    return found


def relisted(tellings: dict[str, Telling]) -> dict[str, Telling]:
    """A second organisation lists a Verra project again and retires one of its blocks again."""
    verra, node = tellings["verra"], tellings["cad-trust"]
    twin = verra.projects[TWIN]
    first = next(p for p in node.projects if p.origin_project_id == twin.key)
    other = next(p.org_uid for p in node.projects if p.org_uid != first.org_uid)
    block = next(
        u for u in verra.units if u.project_key == twin.key and u.unit_status is UnitStatus.RETIRED
    )
    copied = next(
        u
        for u in node.units
        if u.project_key == first.key and u.unit_block_start == block.unit_block_start
    )
    issuance = next(i for i in node.issuances if i.key == copied.issuance_key)
    # One digit apart from the first organisation's ids: of the same shape, and free.
    project_key, issuance_key, unit_key = (_beside(r.key) for r in (first, issuance, copied))
    number = max(p.number for p in node.projects) + 1
    location = first.project_locations[0]
    place = replace(location, project_location_id=_beside(str(location.project_location_id)))
    again = replace(
        first,
        key=project_key,
        cad_trust_project_id=project_key,
        org_uid=other,
        number=number,
        row_id=number,
        origin_project_id=f"VCS{twin.key}",
        project_locations=(place,),
        project_ratings=(),
        co_benefits=(),
        estimations=(),
        labels=(),
    )
    batch = replace(
        issuance,
        key=issuance_key,
        cad_trust_issuance_id=issuance_key,
        issuance_id=issuance_key,
        project_key=project_key,
        labels=(),
    )
    unit = replace(
        copied,
        key=unit_key,
        number=max(u.number for u in node.units) + 1,
        cad_trust_unit_id=unit_key,
        cad_trust_issuance_id=issuance_key,
        issuance_key=issuance_key,
        project_key=project_key,
        org_uid=other,
        unit_status_date="2026-06-30",
        unit_retirement_beneficiary=OTHER_BENEFICIARY,
        unit_issuance_location=place.project_location_id,
        labels=(),
        updated_at="2026-06-30T12:00:00Z",
    )
    told = Telling(
        node.registry,
        tuple(sorted((*node.projects, again), key=lambda p: p.key)),
        tuple(sorted((*node.issuances, batch), key=lambda i: i.key)),
        tuple(sorted((*node.units, unit), key=lambda u: u.key)),
    )
    return tellings | {node.registry: told}


def find(world: World) -> Planted:
    """Where the planted cases of this world are."""
    verra, gold = world.told_by("verra"), world.told_by("gold-standard")
    node = world.told_by("cad-trust")
    twin = verra.projects[TWIN]
    twice = [p for p in node.projects if p.origin_project_id in (twin.key, f"VCS{twin.key}")]
    twice.sort(key=lambda p: p.origin_project_id)
    again = next(u for u in node.units if u.project_key == twice[1].key)
    block = next(u for u in verra.units if u.unit_block_start == again.unit_block_start)
    units = [u.project_key for u in verra.units]
    return Planted(
        twins=(twin.key, gold.projects[TWIN].key),
        lookalikes=(verra.projects[LOOKALIKE].key, gold.projects[LOOKALIKE].key),
        programme=gold.projects[PROGRAMME].key,
        members=tuple(gold.projects[m].key for m in MEMBERS),
        copied_twice=(twice[0].key, twice[1].key),
        used_twice=(block.key, again.key),
        stale=tuple(_keys(p for p in node.projects if p.updated_at == STALE_SINCE)),
        crosswalk=next(
            (p.key, p.cad_trust_project_id)
            for p in world.told_by("biocarbon").projects
            if p.cad_trust_project_id is not None
        ),
        converted=(
            world.told_by("cercarbono").projects[CONVERTED].key,
            world.told_by("biocarbon").projects[CONVERTED].key,
        ),
        giant=max(set(units), key=units.count),
        empty=verra.projects[23].key,
    )


def _keys(projects: Iterable[Project]) -> list[str]:
    return [p.key for p in projects]


def _related(project: Project, relationship: str) -> RelatedProject:
    return RelatedProject(
        related_project_id=project.project_id,
        relationship_type=relationship,
        related_registry=project.current_registry,
    )


def _beside(identifier: str) -> str:
    last = identifier[-1]
    if last not in "0123456789abcdef":
        return f"{identifier}-again"
    return identifier[:-1] + format(int(last, 16) ^ 1, "x")
