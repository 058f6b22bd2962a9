"""From a question to what Gold Standard is asked: its lists, narrowed as far as it can."""

from __future__ import annotations

import re
from collections.abc import Callable

from adapters.gold_standard_rows import (
    CreditRow,
    ProjectRow,
    code,
    issuance_key,
    project_code,
    project_of_issuance,
    read_credits,
    read_projects,
)
from adapters.gold_standard_walk import Ask
from gateway.harmonise.table import search_form
from gateway.model.entity import Entity
from gateway.model.picklists import UnitStatus
from gateway.model.question import Collection, Op, Question, about, pushdown

Keeps = Callable[[CreditRow], bool]

PROJECT_SIZE = 150
CREDIT_SIZE = 25

# Counts of 2026-07-28: 4,141 projects and 182,989 blocks.
_CODE = pushdown(Op.EQ, exact=False)
_COUNTRY = pushdown(Op.EQ, Op.IN, most=30, single=True)
_OF_PROJECT = {
    "project.project_id": _CODE,
    "project.origin_project_id": _CODE,
    "project.country": _COUNTRY,
}
COLLECTIONS: dict[Entity, Collection] = {
    Entity.PROJECT: Collection(
        filters={
            "project_id": _CODE,
            "origin_project_id": _CODE,
            "country": _COUNTRY,
            # What the search makes of accents and apostrophes is its own.
            "text": pushdown(Op.CONTAINS, exact=False, by_words=True),
        },
        totals=True,
        page_size=PROJECT_SIZE,
        full_scan_calls=28,
        expected=about(4_141),
    ),
    Entity.UNIT: Collection(
        filters={
            **_OF_PROJECT,
            "unit_serial_id": _CODE,
            "unit_status": pushdown(Op.EQ, exact=False),
        },
        parents=frozenset((Entity.PROJECT, Entity.ISSUANCE)),
        totals=True,
        page_size=CREDIT_SIZE,
        full_scan_calls=7_320,
        expected=about(182_989),
    ),
    Entity.ISSUANCE: Collection(
        filters={**_OF_PROJECT, "issuance_id": _CODE},
        parents=frozenset((Entity.PROJECT,)),
        page_size=CREDIT_SIZE,
        full_scan_calls=7_320,
    ),
}


def project_asks(question: Question) -> tuple[Ask[ProjectRow], ...]:
    """The lists of projects to read for the question; none where nothing can match."""
    countries = _countries(question, "country")
    if countries == ():
        return ()
    text = question.where("text")
    query = _code(question, "") or (plain_part(str(text.value)) if text else "")
    return (
        Ask(
            "/projects",
            read_projects,
            query=query,
            countries=countries or (),
            shows=lambda row: search_form(query) in search_form(_project_text(row)),
            fits=lambda row: not countries or row.country_code in countries,
        ),
    )


def credit_asks(question: Question) -> tuple[Ask[CreditRow], ...]:
    """The lists of blocks to read for the question; one per parent that is asked for."""
    countries = _countries(question, "project.country")
    if countries == ():
        return ()
    status = question.where("unit_status")
    retired = status is not None and status.value is UnitStatus.RETIRED
    return tuple(
        credits_of(query, keeps, countries or (), retired) for query, keeps in _searches(question)
    )


def credits_of(
    query: str,
    keeps: Keeps | None,
    countries: tuple[str, ...] = (),
    retired: bool = False,
) -> Ask[CreditRow]:
    """The blocks that a search finds; `keeps` picks those that are meant."""

    def fits(row: CreditRow) -> bool:
        if retired and row.status == "ISSUED":
            return False
        return not countries or row.project.country_code in countries

    return Ask(
        "/credits",
        read_credits,
        query=query,
        countries=countries,
        retired=retired,
        shows=lambda row: search_form(query) in search_form(_credit_text(row)),
        fits=fits,
        keeps=keeps,
    )


def of_project(key: str) -> Ask[CreditRow]:
    """All blocks of the project of that code."""
    return credits_of(key, _in_project(key))


def of_serial(serial: str) -> Ask[CreditRow]:
    """The blocks that have the serial: one, but for what is listed twice."""
    return credits_of(serial, lambda row: row.serial_number == serial)


def one_project(key: str) -> Ask[ProjectRow]:
    """The project of that code."""
    return Ask(
        "/projects",
        read_projects,
        query=key,
        shows=lambda row: search_form(key) in search_form(_project_text(row)),
        keeps=lambda row: code(row) == key,
    )


def _searches(question: Question) -> list[tuple[str, Keeps | None]]:
    """The texts to search blocks for, with what picks the meant ones where that is known."""
    parent = question.parent
    if parent is not None and parent.entity is Entity.PROJECT:
        return [(key, _in_project(key)) for key in parent.keys if project_code(key) == key]
    if parent is not None:
        named = ((project_of_issuance(key), key) for key in parent.keys)
        return [(project, _in_issuance(key)) for project, key in named if project]
    serial, issuance = question.where("unit_serial_id"), question.where("issuance_id")
    if serial is not None:
        return [(str(serial.value), None)]
    asked = _code(question, "project.")
    if issuance is not None and not asked:
        asked = project_of_issuance(str(issuance.value).upper()) or str(issuance.value)
    return [(asked, _in_project(asked) if project_code(asked) == asked else None)]


def _in_project(key: str) -> Keeps:
    return lambda row: code(row.project) == key


def _in_issuance(key: str) -> Keeps:
    """Blocks that say nothing of their batch are kept: they may be of any."""
    project = project_of_issuance(key)
    return lambda row: (
        issuance_key(row) == key or (issuance_key(row) is None and code(row.project) == project)
    )


def plain_part(text: str) -> str:
    """What of a text to search for, so that rows which spell the rest of it otherwise come too:
    all of it, or its longest word without accents and apostrophes; nothing where it has none."""
    plain = " ".join(text.split())
    if _PLAIN.fullmatch(plain):
        return plain
    words = [word for word in plain.split() if _PLAIN.fullmatch(word)]
    return max(words, key=len, default="")


# ASCII but for the signs that stand for an apostrophe.
_PLAIN = re.compile(r"[^\x00-\x1f\x7f'`\u0080-\U0010ffff]+")


def _code(question: Question, prefix: str) -> str:
    """What to search for to find the project with the asked code, in its own spelling."""
    for name in ("project_id", "origin_project_id"):
        asked = question.where(f"{prefix}{name}")
        if asked is not None:
            return project_code(str(asked.value)) or str(asked.value)
    return ""


def _countries(question: Question, name: str) -> tuple[str, ...] | None:
    """The countries asked for: None for any, an empty tuple where conditions exclude all."""
    asked = [{str(v) for v in p.values()} for p in question.predicates if p.field == name]
    return tuple(sorted(set.intersection(*asked))) if asked else None


def _project_text(row: ProjectRow) -> str:
    parts = (code(row), row.name, row.description, row.project_developer, row.methodology)
    return " ".join(part for part in parts if part)


def _credit_text(row: CreditRow) -> str:
    parts = (row.serial_number, row.note, row.id, _project_text(row.project))
    return " ".join(part for part in parts if part)
