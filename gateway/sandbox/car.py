"""The Climate Action Reserve's pages over the sandbox's world: sessions, tokens, exports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

from aiohttp import web

from gateway.model.entity import Entity
from gateway.model.picklists import ProjectStatus, UnitStatus
from gateway.sandbox import car_pages as pages
from gateway.sandbox.asked import number
from gateway.sandbox.car_rows import CANCELED, CONVERTED, Report, reports, sent
from gateway.sandbox.car_traps import EXPORT, PROJECT, REPORT, TRAPS, page
from gateway.sandbox.emulator import Emulator
from gateway.sandbox.world import Telling, Unit

COOKIE = "ASPSESSIONIDSANDBOX"
TOKEN = "c16e"  # noqa: S105 - the name of a form's field


@dataclass(slots=True)
class Session:
    """What one visitor was shown last; exports give that, whatever their form says."""

    token: str
    shown: Report


class Site:
    """The registry's reports and the sessions of its visitors."""

    def __init__(self, telling: Telling) -> None:
        self.reports = reports(telling)
        self.projects = {str(project.number): project for project in telling.projects}
        self.sessions: dict[str, Session] = {}
        self._visits = count(1)

    async def show(self, request: web.Request) -> web.Response:
        """A report's first page, on a session of its own; the query's other words are ignored."""
        report = self.reports.get(number(request.query.get("r")))
        if report is None:
            return page(pages.home())
        visit = next(self._visits)
        session = self.sessions[str(visit)] = Session(f"{visit:032x}", report)
        answer = page(pages.listing(report, session.token))
        answer.set_cookie(COOKIE, str(visit), path="/", httponly=True, samesite="Strict")
        return answer

    async def turn(self, request: web.Request) -> web.Response:
        """A later page of a report."""
        form = await request.post()
        session = self._session(request, form)
        report = self.reports.get(number(form.get("r")))
        if session is None or report is None:
            return page(pages.home())
        session.shown = report
        turned = number(form.get("X999whichpage"))
        return page(pages.listing(report, session.token, turned))

    async def export(self, request: web.Request) -> web.Response:
        """What the session was shown last, as a table."""
        form = await request.post()
        session = self._session(request, form)
        whole = all(name in form for name in pages.FORM_FIELDS)
        if session is None or not whole or form.get("Data") != "Stamp_0":
            return page(pages.home())
        body = pages.export(session.shown).encode("cp1252", "replace")
        named = {
            "Content-Type": "application/save",
            "Content-Disposition": "attachment; filename=temp.csv;",
        }
        return web.Response(body=body, headers=named)

    async def project(self, request: web.Request) -> web.Response:
        """A project's own page; it wants no session."""
        token = f"{next(self._visits):032x}"
        project = self.projects.get(request.query.get("id1", ""))
        if project is None:
            return page(pages.no_project(token))
        return page(pages.project_page(project, token))

    def _session(self, request: web.Request, form: Any) -> Session | None:
        """The visitor's session, where the form brings its token."""
        session = self.sessions.get(request.cookies.get(COOKIE, ""))
        return session if session is not None and form.get(TOKEN) == session.token else None


def application(telling: Telling) -> web.Application:
    """The registry's public site."""
    site = Site(telling)
    served = web.Application()
    served.router.add_get(REPORT, site.show)
    served.router.add_post(REPORT, site.turn)
    served.router.add_post(EXPORT, site.export)
    served.router.add_get(PROJECT, site.project)
    return served


_DATED = frozenset({ProjectStatus.LISTED, ProjectStatus.REGISTERED})
_REASONS = {UnitStatus.CANCELLED: CANCELED, UnitStatus.EXPORTED: CONVERTED}


def _of(name: str, *states: UnitStatus) -> Callable[[Unit], Any]:
    """A field that only units in these states say, in the characters that arrive."""

    def rule(unit: Unit) -> Any:
        value = getattr(unit, name) if unit.unit_status in states else None
        return sent(value) if isinstance(value, str) else value

    return rule


_LEFT = (UnitStatus.RETIRED, UnitStatus.CANCELLED, UnitStatus.EXPORTED)
_LABELLED = (UnitStatus.RETIRED, UnitStatus.BUFFER)

EMULATOR = Emulator(
    registry="car",
    application=application,
    says={
        Entity.PROJECT: frozenset(
            {
                "current_registry",
                "project_id",
                "origin_project_id",
                "registry_of_origin",
                "program",
                "project_name",
                "project_description",
                "project_link",
                "project_developer",
                "sector",
                "project_type",
                "project_status",
                "project_status_date",
                "unit_metric",
                "methodologies.methodology_code",
                "methodologies.methodology_name",
                "registration_date",
                "project_locations.country",
                "project_locations.in_country_region",
                "co_benefits.co_benefit",
                "co_benefits.sdg",
                "estimations.crediting_period_end",
            }
        ),
        Entity.ISSUANCE: frozenset(
            {
                "project_key",
                "issuance_id",
                "issuance_date",
                "verification_body",
                "unit_count",
                "vintage_year",
                "location.country",
                "location.in_country_region",
                "labels.label",
                "labels.label_type",
            }
        ),
        Entity.UNIT: frozenset(
            {
                "project_key",
                "issuance_key",
                "unit_serial_id",
                "unit_block_start",
                "unit_block_end",
                "unit_count",
                "vintage_year",
                "unit_type",
                "unit_metric",
                "unit_status",
                "unit_status_reason",
                "unit_status_date",
                "unit_retirement_detail",
                "unit_owner",
                "unit_registry_link",
                "labels.label",
                "labels.label_type",
            }
        ),
    },
    told={
        Entity.PROJECT: {
            "project_name": lambda project: sent(project.project_name),
            "project_developer": lambda project: sent(project.project_developer),
            # White space of a page is one blank, however long it was.
            "project_description": lambda project: " ".join(
                sent(project.project_description).split()
            ),
            "project_status_date": lambda project: (
                project.project_status_date if project.project_status in _DATED else None
            ),
        },
        Entity.ISSUANCE: {
            "verification_body": lambda issuance: sent(issuance.verification_body),
        },
        Entity.UNIT: {
            "unit_serial_id": _of("unit_serial_id", *_LEFT),
            "unit_block_start": _of("unit_block_start", *_LEFT),
            "unit_block_end": _of("unit_block_end", *_LEFT),
            "unit_status_reason": lambda unit: (
                _REASONS.get(unit.unit_status) or unit.unit_status_reason
            ),
            "unit_retirement_detail": _of(
                "unit_retirement_detail", UnitStatus.RETIRED, UnitStatus.EXPORTED
            ),
            "unit_owner": _of("unit_owner", UnitStatus.RETIRED),
            # The report of cancelled credits has no columns for them.
            "labels": lambda unit: unit.labels if unit.unit_status in _LABELLED else (),
        },
    },
    by_key={Entity.PROJECT: frozenset({"project_description", "estimations"})},
    traps=TRAPS,
)
