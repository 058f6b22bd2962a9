"""Draws one registry's part of the market: projects, their issuances, and blocks of units."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from gateway.model import picklists as pick
from gateway.sandbox import names
from gateway.sandbox.codes import Scheme
from gateway.sandbox.kinds import Kind
from gateway.sandbox.serials import Block
from gateway.sandbox.world import (
    CoBenefit,
    Estimation,
    Issuance,
    Label,
    Location,
    Project,
    Telling,
    Unit,
)

LAST = date(2026, 6, 30)
FIRST_HARD_TEXT = 2
_STATUS = pick.ProjectStatus
_ISSUING = (
    _STATUS.REGISTERED,
    _STATUS.COMPLETED,
    _STATUS.TRANSITIONED,
    _STATUS.AUTHORIZED,
    _STATUS.INACTIVE,
)
_VALIDATED_ONLY_ISSUES = frozenset({"isometric", "icr"})
_CONFIRMED = (*_ISSUING, _STATUS.VALIDATED, _STATUS.APPROVED, _STATUS.WITHDRAWN)


class Period(NamedTuple):
    """The months one issuance is for, and into how many blocks it is cut."""

    start: date
    end: date
    parts: int


class Draw:
    """One registry's pen: its randomness and its running numbers.

    Every registry has randomness of its own, so that adding one leaves the others' as they were.
    """

    def __init__(self, scheme: Scheme, seed: int) -> None:
        self.scheme = scheme
        self.random = random.Random(f"{seed}/{scheme.registry}")
        self.number = scheme.first
        self.row = scheme.row_first
        self.unit_row = 4_000_001
        self.batch = 60_001
        self.serial = scheme.running or 1
        self.issuances: list[Issuance] = []
        self.units: list[Unit] = []

    def telling(self, scale: int) -> Telling:
        """The registry's whole market at this scale."""
        projects = tuple(self.project(i) for i in range(self.scheme.size * scale))
        return Telling(self.scheme.registry, projects, tuple(self.issuances), tuple(self.units))

    def project(self, index: int) -> Project:
        scheme, rng = self.scheme, self.random
        self.number += rng.randint(1, 3)
        self.row += rng.randint(1, 9)
        number, row = self.number, self.row
        kind = scheme.kinds[index % len(scheme.kinds)]
        countries = scheme.countries or tuple(names.PLACE_OF)
        place = names.PLACE_OF[countries[index % len(countries)]]
        giant = bool(scheme.giant) and index % scheme.size == scheme.size // 2
        status = _STATUS.REGISTERED if giant else scheme.statuses[index % len(scheme.statuses)]

        # The first project of every registry issues for the same years: a planted double
        # issuance needs vintages that meet.
        start = (
            date(2015, 1, 1) if index == 0 else date(rng.randint(2012, 2020), rng.randint(1, 12), 1)
        )
        years = 30 if kind.buffered else rng.choice((7, 10))
        end = start.replace(year=start.year + years) - timedelta(days=1)
        validated = start + timedelta(days=rng.randint(60, 240))
        registered = validated + timedelta(days=rng.randint(30, 300))
        confirmed = status in _CONFIRMED
        estimate = rng.randint(8, 900) * 100
        name, description = self.text(index, kind)
        key = scheme.project_key(number, row)
        code = scheme.project_id(number, row) if scheme.project_id else key
        project = Project(
            registry=scheme.registry,
            key=key,
            number=number,
            row_id=row,
            current_registry=scheme.name,
            project_id=code,
            origin_project_id=code,
            registry_of_origin=scheme.name,
            program=scheme.program,
            project_name=name,
            project_description=description,
            project_link=scheme.link.format(number=number, row=row, key=key),
            project_developer=rng.choice(names.DEVELOPERS),
            sector=kind.sector,
            project_type=kind.project_type,
            covered_by_ndc=rng.choice(tuple(pick.CoveredByNDC)),
            project_status=status,
            project_status_date=str(registered if confirmed else start),
            unit_metric=pick.UnitMetric.TCO2E,
            methodologies=kind.methodologies,
            validation_body=rng.choice(names.VERIFIERS) if confirmed else None,
            validation_date=str(validated) if confirmed else None,
            registration_date=str(registered) if status in _ISSUING else None,
            updated_at=self.instant(date(2026, rng.randint(1, 6), rng.randint(1, 28))),
            annual_estimate=estimate,
            crediting_period_start=str(start),
            crediting_period_end=str(end),
            project_locations=(
                Location(
                    country=place.country,
                    in_country_region=place.region,
                    latitude=place.latitude + Decimal(rng.randint(-900, 900)) / 10_000,
                    longitude=place.longitude + Decimal(rng.randint(-900, 900)) / 10_000,
                ),
            ),
            co_benefits=tuple(
                CoBenefit(co_benefit=names.CO_BENEFITS[sdg], sdg=sdg) for sdg in kind.sdgs
            ),
            estimations=(
                Estimation(
                    crediting_period_start=str(start),
                    crediting_period_end=str(end),
                    unit_count=Decimal(estimate),
                    is_annual=True,
                ),
            ),
        )
        issues = status in _ISSUING or (
            status is _STATUS.VALIDATED and scheme.registry in _VALIDATED_ONLY_ISSUES
        )
        if issues and index % scheme.size != scheme.size - 1:
            self.issue(project, kind, place, self.periods(start, giant, index == 0))
        return project

    def text(self, index: int, kind: Kind) -> tuple[str, str]:
        """A name and a description; a few projects of every registry have the hard ones."""
        word = names.WORDS[self.random.randrange(len(names.WORDS))]
        hard = index - FIRST_HARD_TEXT
        if 0 <= hard < len(names.HARD_TEXTS):
            name, description = names.HARD_TEXTS[hard]
            return f"{name} {names.SUFFIX}", description
        name = f"{word} {kind.name} {self.number % 1000}"
        text = f"An invented project of the sandbox: {kind.name.lower()} at {word}."
        return f"{name} {names.SUFFIX}", text

    def issue(
        self, project: Project, kind: Kind, place: names.Place, periods: list[Period]
    ) -> None:
        """One issuance per period, each cut into blocks."""
        vvb = self.random.randint(100, 1999)
        for period in periods:
            last = period is periods[-1]
            planned = self.scheme.planned and last and project.number % 4 == 0
            self.batch_of(project, kind, place, period, vvb, planned)
            if self.scheme.apart and kind.buffered:
                self.batch_of(project, kind, place, period._replace(parts=1), vvb, reserve=True)

    def periods(self, start: date, giant: bool, first: bool) -> list[Period]:
        """Consecutive periods that end by 2025; calendar years where the registry wants them."""
        rng = self.random
        count = 3 if giant or first else rng.randint(1, 4)
        parts = self.scheme.giant // 3 if giant else 0
        year = 2018 if first else rng.randint(max(start.year, 2016), 2025 - count)
        begin = start.replace(year=year, month=1 if self.scheme.yearly else start.month)
        found: list[Period] = []
        for _ in range(count):
            days = rng.choice((364, 380, 500))
            end = begin.replace(month=12, day=31)
            if not self.scheme.yearly:
                end = begin + timedelta(days=days)
            if end > date(2025, 12, 31):
                break
            found.append(Period(begin, end, parts or rng.randint(1, 5)))
            begin = end + timedelta(days=1)
        return found

    def batch_of(
        self,
        project: Project,
        kind: Kind,
        place: names.Place,
        period: Period,
        vvb: int,
        planned: bool = False,
        reserve: bool = False,
    ) -> None:
        """One issuance and its blocks; a planned one is held and never counted as issued.

        All of a `reserve` goes to the buffer.
        """
        scheme, rng = self.scheme, self.random
        self.batch += rng.randint(1, 5)
        if scheme.running is None:
            self.serial = rng.choice((1, 1, 608))
        sizes = [
            rng.randint(1, 4000) * (37 if scheme.grain > 1 else 1) for _ in range(period.parts)
        ]
        first, last = self.serial, self.serial + sum(sizes) - 1
        issued = period.end + timedelta(days=rng.randint(60, 170))
        labels = self.labels()
        committed = any(label.label_type is _ARTICLE_6 for label in labels)
        owner_place = rng.choice(names.PLACES)

        def block(start: int, end: int, buffered: bool) -> Block:
            return Block(
                number=project.number,
                row=self.unit_row,
                project=project.number,
                project_row=project.row_id,
                batch=self.batch,
                start=start,
                end=end,
                country=place.country,
                iso3=place.iso3,
                scope=kind.scope,
                vvb=vvb,
                date_from=str(period.start),
                date_to=str(period.end),
                issued=str(issued),
                labelled=bool(labels),
                buffered=buffered,
            )

        whole = block(first, last, reserve)
        serial = scheme.serial(whole)
        key = scheme.issuance_key(whole) if scheme.issuance_key else serial
        self.issuances.append(
            Issuance(
                registry=scheme.registry,
                key=key,
                project_key=project.key,
                batch=self.batch,
                issuance_id=key,
                issuance_date=str(issued),
                issuance_start_date=str(period.start),
                issuance_end_date=str(period.end),
                verification_approach="Third-party verification",
                verification_report_date=str(issued - timedelta(days=20)),
                verification_body=rng.choice(names.VERIFIERS),
                unit_count=self.tonnes(sum(sizes)),
                vintage_year=period.end.year,
                block_start=first,
                block_end=last,
                unit_serial_id=serial,
                labels=labels,
            )
        )
        pooled = False
        for size in sizes:
            state = pick.UnitStatus.HELD if planned else self.state(kind, pooled)
            if reserve:
                state = pick.UnitStatus.BUFFER
            if not self.units and pick.UnitStatus.RETIRED in scheme.states:
                # A planted double use needs a retirement in the first project.
                state = pick.UnitStatus.RETIRED
            part = block(self.serial, self.serial + size - 1, state is pick.UnitStatus.BUFFER)
            if scheme.pool_key and state is scheme.pools:
                pooled = True
            self.serial += size
            self.unit_row += 1
            owner = rng.choice(names.OWNERS)
            retired = state is pick.UnitStatus.RETIRED
            ended = retired or state in (pick.UnitStatus.CANCELLED, pick.UnitStatus.EXPORTED)
            when = issued + timedelta(days=rng.randint(0, max(0, (LAST - issued).days)))
            text = scheme.serial(part)
            self.units.append(
                Unit(
                    registry=scheme.registry,
                    key=self.unit_key(whole, text, state),
                    number=self.unit_row,
                    project_key=project.key,
                    issuance_key=key,
                    batch=self.batch,
                    unit_serial_id=text,
                    unit_block_start=str(part.start),
                    unit_block_end=str(part.end),
                    unit_count=self.tonnes(size),
                    vintage_year=period.end.year,
                    vintage_start_date=str(period.start),
                    vintage_end_date=str(period.end),
                    unit_type=kind.unit_type,
                    unit_metric=pick.UnitMetric.TCO2E,
                    is_ex_ante=planned,
                    unit_status=state,
                    unit_status_reason=rng.choice(names.PURPOSES) if ended else None,
                    unit_status_date=str(when) if ended else None,
                    unit_retirement_beneficiary=(owner if retired and rng.random() < 0.8 else None),
                    unit_retirement_detail=rng.choice(names.DETAILS) if ended else None,
                    unit_owner=owner,
                    country_jurisdiction_of_owner=owner_place.country,
                    unit_registry_link=project.project_link,
                    corresponding_adjustment_declaration=(
                        _DECLARED.COMMITTED if committed else _DECLARED.UNKNOWN
                    ),
                    corresponding_adjustment_status=(
                        _ADJUSTED.NOT_STARTED if committed else _ADJUSTED.NOT_APPLICABLE
                    ),
                    labels=labels,
                    issued_on=str(issued),
                    updated_at=self.instant(when if ended else issued),
                )
            )

    def tonnes(self, serials: int) -> Decimal:
        return Decimal(serials) / self.scheme.grain

    def labels(self) -> tuple[Label, ...]:
        """The marks of one issuance; all of its units carry the same."""
        marks = [names.MARKS[n] for n in self.scheme.labels if self.random.random() < 0.3]
        return tuple(Label(label=mark.text, label_type=mark.type) for mark in marks)

    def unit_key(self, whole: Block, serial: str, state: pick.UnitStatus) -> str:
        """The serial, the registry's row number, or what stands for a pooled amount."""
        if self.scheme.pool_key and state in (self.scheme.pools, pick.UnitStatus.BUFFER):
            return self.scheme.pool_key(whole)
        if self.scheme.unit_key:
            return self.scheme.unit_key(self.unit_row, self.batch, serial, state)
        return serial if self.scheme.serial_unit else str(self.unit_row)

    def state(self, kind: Kind, pooled: bool = False) -> pick.UnitStatus:
        """The buffer holds forestry units only; most units are held or retired."""
        scheme, without = self.scheme, set()
        if not kind.buffered or scheme.apart:
            without.add(pick.UnitStatus.BUFFER)
        if pooled:
            without.add(scheme.pools)
        states = [s for s in scheme.states if s not in without]
        weights = [_WEIGHT[s] for s in states]
        return self.random.choices(states, weights)[0]

    def instant(self, day: date) -> str:
        rng = self.random
        return f"{day}T{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}:{rng.randint(0, 59):02d}Z"


_ARTICLE_6 = pick.LabelType.ARTICLE_6_AUTHORISATION
_DECLARED = pick.CorrespondingAdjustmentDeclaration
_ADJUSTED = pick.CorrespondingAdjustmentStatus
_WEIGHT = {
    pick.UnitStatus.HELD: 4,
    pick.UnitStatus.RETIRED: 4,
    pick.UnitStatus.CANCELLED: 1,
    pick.UnitStatus.BUFFER: 2,
    pick.UnitStatus.EXPORTED: 2,
}
