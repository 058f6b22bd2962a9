"""The CAD Trust nodes' tellings: copies of other registries' projects, some stale, and natives."""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from gateway.model import picklists as pick
from gateway.sandbox import kinds, names
from gateway.sandbox.carried_over import is_again, is_cer
from gateway.sandbox.codes import Scheme
from gateway.sandbox.draw import Draw
from gateway.sandbox.odd_keys import odd_key
from gateway.sandbox.serials import plain_serial
from gateway.sandbox.world import Issuance, Label, Location, Project, Rating, Telling, Unit

_STATUS = pick.ProjectStatus
_OLDER = {
    _STATUS.REGISTERED: _STATUS.LISTED,
    _STATUS.COMPLETED: _STATUS.REGISTERED,
    _STATUS.WITHDRAWN: _STATUS.REGISTERED,
    _STATUS.INACTIVE: _STATUS.REGISTERED,
    _STATUS.REJECTED: _STATUS.LISTED,
    _STATUS.TRANSITIONED: _STATUS.REGISTERED,
}
PREFIX = "EXC-"
STALE_SINCE = "2024-03-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Node:
    """One CAD Trust node: how many organisations write to it, and whose projects they copy.

    Every `share`-th project of a source is left out, every `stale`-th copy is out of date.
    """

    registry: str
    organisations: int
    sources: tuple[str, ...]
    native: str
    country: tuple[str, ...]
    share: int = 3
    stale: int = 5


NODES: tuple[Node, ...] = (
    Node(
        "cad-trust",
        2,
        ("verra", "gold-standard", "biocarbon", "undp"),
        "Example National Registry (invented)",
        ("NA", "TR", "TZ"),
    ),
    Node(
        "cad-trust-v2",
        2,
        ("biocarbon", "acr"),
        "Example Second Registry (invented)",
        ("CI", "CG", "CD"),
    ),
    Node("core-registry", 1, (), "Example Core Registry (invented)", ("RW", "GH")),
)


def nodes(tellings: Mapping[str, Telling], seed: int, scale: int) -> dict[str, Telling]:
    """Every node's telling, copied from the registries' own."""
    return {node.registry: Copyist(node, seed).telling(tellings, scale) for node in NODES}


class Copyist:
    """Writes one node's records: everything gets a key, and nothing else is invented."""

    def __init__(self, node: Node, seed: int) -> None:
        self.node = node
        self.seed = seed
        self.random = random.Random(f"{seed}/{node.registry}/copies")
        self.organisations = tuple(
            f"{self.random.getrandbits(256):064x}" for _ in range(node.organisations)
        )
        self.number = 0
        self.projects: list[Project] = []
        self.issuances: list[Issuance] = []
        self.units: list[Unit] = []

    def telling(self, tellings: Mapping[str, Telling], scale: int) -> Telling:
        """Copies first, then the node's own projects, in the order of their keys."""
        for turn, source in enumerate(self.node.sources):
            organisation = self.organisations[turn % len(self.organisations)]
            self.copy(tellings[source], organisation)
        native = Scheme(
            registry=self.node.registry,
            name=self.node.native,
            program="Example National Programme",
            size=6,
            first=1_001,
            project_key=lambda number, row: f"EX-{number}",
            link="https://registry.example/projects/{number}",
            serial=plain_serial("EXN"),
            kinds=(kinds.WIND, kinds.REFORESTATION, kinds.LANDFILL),
            countries=self.node.country,
            states=(
                pick.UnitStatus.HELD,
                pick.UnitStatus.RETIRED,
                pick.UnitStatus.CANCELLED,
            ),
            labels=("article6",),
        )
        self.copy(Draw(native, self.seed).telling(scale), self.organisations[-1])
        return Telling(
            self.node.registry,
            tuple(sorted(self.projects, key=lambda p: p.key)),
            tuple(sorted(self.issuances, key=lambda i: i.key)),
            tuple(sorted(self.units, key=lambda u: u.key)),
        )

    def copy(self, source: Telling, organisation: str) -> None:
        """What one organisation wrote down of a registry."""
        native = source.registry == self.node.registry
        issuances: dict[str, list[Issuance]] = {}
        for issuance in source.issuances:
            issuances.setdefault(issuance.project_key, []).append(issuance)
        units: dict[str, list[Unit]] = {}
        # What a registry lists twice is written down once.
        for unit in (one for one in source.units if not is_again(one)):
            units.setdefault(unit.issuance_key, []).append(unit)
        for turn, project in enumerate(source.projects):
            if not native and turn % self.node.share == self.node.share - 1:
                continue
            stale = not native and turn % self.node.stale == self.node.stale - 1
            self.project(project, issuances.get(project.key, []), units, organisation, stale, turn)

    def project(
        self,
        project: Project,
        issuances: list[Issuance],
        units: Mapping[str, list[Unit]],
        organisation: str,
        stale: bool = False,
        turn: int = 0,
    ) -> None:
        """One project with everything below it, as its organisation last wrote it."""
        self.number += 1
        key = odd_key("project", self.number, self.uuid())
        labels = self.labels(project, issuances)
        estimation = project.estimations[0]
        status = project.project_status
        copied = replace(
            project,
            registry=self.node.registry,
            key=key,
            number=self.number,
            row_id=self.number,
            cad_trust_project_id=key,
            org_uid=organisation,
            origin_project_id=_spelt(project, turn),
            project_tags="Biodiversity, Reforestation" if turn % 4 == 0 else None,
            ndc_information="Part of an invented NDC" if turn % 3 == 0 else None,
            project_status=_OLDER.get(status, status) if stale else status,
            updated_at=STALE_SINCE if stale else project.updated_at,
            project_locations=tuple(self.location(p, turn) for p in project.project_locations),
            project_ratings=self.ratings(turn),
            co_benefits=tuple(replace(c, co_benefit_id=self.uuid()) for c in project.co_benefits),
            estimations=(
                replace(
                    estimation,
                    estimation_id=self.uuid(),
                    unit_count=estimation.unit_count * 7,
                    is_annual=None,
                ),
            ),
            labels=tuple(labels.values()),
        )
        self.projects.append(copied)
        for issuance in issuances:
            self.issuance(issuance, copied, units.get(issuance.key, []), labels, stale)

    def issuance(
        self,
        issuance: Issuance,
        project: Project,
        units: list[Unit],
        labels: Mapping[str, Label],
        stale: bool,
    ) -> None:
        """An issuance and its units; a stale copy lacks the later ones and all retirements."""
        key = odd_key("issuance", len(self.issuances) + 1, self.uuid())
        marks = tuple(labels[label.label] for label in issuance.labels)
        self.issuances.append(
            replace(
                issuance,
                registry=self.node.registry,
                key=key,
                project_key=project.key,
                cad_trust_issuance_id=key,
                issuance_id=key,
                labels=marks,
            )
        )
        for unit in units[: -(-len(units) * 2 // 3)] if stale else units:
            self.unit(unit, project, key, marks, stale)

    def unit(
        self, unit: Unit, project: Project, issuance: str, labels: tuple[Label, ...], stale: bool
    ) -> Unit:
        key = odd_key("unit", len(self.units) + 1, self.uuid())
        first, last = _bounds(unit)
        listed = self.random.random() < 0.15
        copied = replace(
            unit,
            registry=self.node.registry,
            key=key,
            number=len(self.units) + 1,
            project_key=project.key,
            issuance_key=issuance,
            cad_trust_unit_id=key,
            cad_trust_issuance_id=issuance,
            org_uid=project.org_uid,
            unit_serial_id=self.serial(unit, first, last),
            unit_owner=unit.unit_owner if self.owned(len(self.units)) else None,
            unit_block_start=first,
            unit_block_end=last,
            unit_issuance_location=project.project_locations[0].project_location_id,
            unit_tags="Energy efficiency" if listed else None,
            marketplace="Tokenized on Chia" if listed else None,
            marketplace_link="https://marketplace.example/listing" if listed else None,
            marketplace_identifier=self.uuid() if listed else None,
            in_country_jurisdiction_of_owner="Example Region" if listed else None,
            labels=labels,
        )
        if stale:
            copied = replace(
                copied,
                unit_status=pick.UnitStatus.HELD,
                unit_status_reason=None,
                unit_status_date=None,
                unit_retirement_beneficiary=None,
                unit_retirement_detail=None,
                updated_at=STALE_SINCE,
            )
        self.units.append(copied)
        return copied

    def serial(self, unit: Unit, first: str, last: str) -> str:
        """A Core Registry writes its own prefix before the bounds."""
        prefix = PREFIX if self.node.registry == "core-registry" else ""
        return prefix + _serial(unit, first, last)

    def owned(self, number: int) -> bool:
        """A Core Registry need not say who owns a unit."""
        return self.node.registry != "core-registry" or number % 4 != 3

    def labels(self, project: Project, issuances: list[Issuance]) -> dict[str, Label]:
        """The project's labels in full, one for each text that its issuances carry."""
        found: dict[str, Label] = {}
        for issuance in issuances:
            for label in issuance.labels:
                found.setdefault(
                    label.label,
                    replace(
                        label,
                        label_id=self.uuid(),
                        crediting_period_start_date=project.crediting_period_start,
                        crediting_period_end_date=project.crediting_period_end,
                        validity_start_date=issuance.issuance_date,
                        validity_end_date="2031-12-31",
                        unit_quantity=Decimal(int(issuance.unit_count)),
                        label_link="https://labels.example/" + str(len(found) + 1),
                    ),
                )
        return found

    def location(self, location: Location, turn: int) -> Location:
        """A location with an id; every fourth writes its point in degrees and minutes."""
        written = f"{location.latitude},{location.longitude}"
        if turn % 4 == 3:
            return replace(
                location,
                project_location_id=self.uuid(),
                geographic_identifier="20°27′22″S 16°39′04″E",
                latitude=None,
                longitude=None,
            )
        return replace(location, project_location_id=self.uuid(), geographic_identifier=written)

    def ratings(self, turn: int) -> tuple[Rating, ...]:
        """Every second project is rated, every sixth by two agencies that disagree."""
        if turn % 2:
            return ()
        agencies = (pick.RatingType.CDP, pick.RatingType.CCQI)[: 2 if turn % 6 == 0 else 1]
        return tuple(
            Rating(
                project_rating_id=self.uuid(),
                rating_type=agency,
                rating_range_lowest="D",
                rating_range_highest="AAA",
                rating=("BBB", "A")[place],
                rating_link="https://ratings.example/" + names.WORDS[turn % 20].lower(),
            )
            for place, agency in enumerate(agencies)
        )

    def uuid(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))


def _spelt(project: Project, turn: int) -> str:
    """The origin's id as organisations write it: bare, and sometimes with the programme."""
    code = project.origin_project_id
    if turn % 6 != 4:
        return code
    if project.registry == "gold-standard":
        return code.replace("GS", "GS ", 1)
    if project.registry == "verra":
        return f"VCS-{code}" if turn % 4 == 0 else f"VCS {code}"
    return code


def _serial(unit: Unit, first: str, last: str) -> str:
    """A node's own serial is the bounds; rows that were sent keep the text that they had, as
    CERs do here."""
    return unit.unit_serial_id if _was_cer(unit) else f"{first}-{last}"


def _was_cer(unit: Unit) -> bool:
    return unit.registry == "gold-standard" and is_cer(unit.unit_serial_id)


def _bounds(unit: Unit) -> tuple[str, str]:
    """Blocks are free text in CAD Trust: numbers from Verra, with the batch from others."""
    if unit.registry == "verra":
        return unit.unit_block_start, unit.unit_block_end
    return (
        f"{unit.batch}-{unit.unit_block_start}",
        f"{unit.batch}-{unit.unit_block_end}",
    )
