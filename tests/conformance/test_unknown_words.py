"""A row in a word that no table knows is told as undecided, whoever applies the filter.

The odd word stands in the registry's own store here: what the registry narrows by, and what it
counts, knows of it.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

import pytest

from adapters.catalogue import adapters
from gateway.model.entity import Entity
from gateway.model.question import Op, Predicate
from gateway.stitch.ask import Ask
from gateway.stitch.connection import connect
from gateway.upstream.terms import Terms
from tests.conformance.desk import REGISTRIES, desk
from tests.conformance.test_whole_truth import Told, fresh
from tests.tools import sweep

ODD = "Under Review by Us"


@dataclass(frozen=True, slots=True)
class Case:
    """Where a registry's emulator takes its rows from, and which cell of them is the word.

    `calls` is what a question costs at most where the registry has no such word: one for each
    list that it is asked, and the counts.
    """

    registry: str
    entity: Entity
    field: str
    module: str
    maker: str
    table: str
    column: str | int
    calls: int

    def plant(self, patch: pytest.MonkeyPatch) -> None:
        """Lets one row of the emulator's say the odd word."""
        place = importlib.import_module(self.module)
        made = getattr(place, self.maker)

        def planted(*told: Any) -> Any:
            found = made(*told)
            tables = getattr(found, "lists", found)
            rows = tables[self.table] if self.table else tables
            # The flag of the buffer is a word of its own.
            at = next(n for n, row in enumerate(rows) if self._plain(row))
            rows[at] = _with(rows[at], self.column)
            return found

        patch.setattr(place, self.maker, planted)

    def _plain(self, row: Any) -> bool:
        return isinstance(row, tuple) or not row.get("isBuffer")


def _with(row: Any, column: Any) -> Any:
    if isinstance(row, dict):
        return row | {column: ODD}
    return (*row[:column], ODD, *row[column + 1 :])


P, U = Entity.PROJECT, Entity.UNIT
NODE, NODE_2 = "gateway.sandbox.cad_trust", "gateway.sandbox.cad_trust_v2"
PLATFORM = "gateway.sandbox.sp_platform"
SOCIAL_CARBON = "gateway.sandbox.social_carbon"
UNDP = "gateway.sandbox.undp"
SQL, DATABASE = "example-national-sql", "gateway.sandbox.national_sql"
BALANCE = "creditTransactionsManagement/queryBalance"
CASES = (
    Case("cad-trust", P, "project_status", NODE, "project_rows", "", "projectStatus", 3),
    Case("cad-trust", P, "covered_by_ndc", NODE, "project_rows", "", "coveredByNDC", 3),
    Case("cad-trust", U, "unit_status", NODE, "unit_rows", "", "unitStatus", 4),
    Case("cad-trust", U, "unit_type", NODE, "unit_rows", "", "unitType", 4),
    Case("core-registry", P, "project_status", NODE, "project_rows", "", "projectStatus", 3),
    Case("cad-trust-v2", P, "project_status", NODE_2, "tables", "project", "projectStatus", 7),
    Case("cad-trust-v2", U, "unit_status", NODE_2, "tables", "unit", "unitStatus", 8),
    Case("verra", P, "project_status", PLATFORM, "write", "project", "status", 3),
    Case("verra", U, "unit_status", PLATFORM, "write", "holdings", "status", 3),
    Case("social-carbon", P, "project_status", SOCIAL_CARBON, "Rows", "project",
         "Project Status", 1),
    Case("undp", P, "project_status", UNDP, "Rows", "programme/query", "currentStage", 1),
    Case("undp", U, "unit_status", UNDP, "Rows", BALANCE, "type", 2),
    Case(SQL, P, "project_status", DATABASE, "rows", "projects", 4, 1),
    Case(SQL, U, "unit_status", DATABASE, "rows", "units", 11, 1),
)  # fmt: skip


def named(case: Case) -> str:
    return f"{case.registry}-{case.field}"


async def asked(fed: Any, case: Case, value: Any) -> tuple[Told, list[list[str]], int]:
    """What is told, the texts of what is undecided, and how many calls it took."""
    asking = Ask(fed, Terms(deadline=fed.clock.monotonic() + 60))
    where = (Predicate(case.field, Op.EQ, value),)
    page = await connect(
        asking, case.entity, registries=(case.registry,), predicates=where, first=1_000_000
    )
    told = [one.texts for row in page.coverage for one in row.undecided]
    return Told.of(page), told, len(asking.terms.evidence.exchanges)


@pytest.mark.parametrize("case", sweep(CASES, CASES[::3]), ids=named)
async def test_a_row_in_an_unknown_word_is_undecided_and_no_other_is_lost(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    case.plant(monkeypatch)
    async with desk(case.registry) as at:
        rows = await at.everything(case.entity)
        (odd,) = (r for r in rows if getattr(r, f"{case.field}_raw") == ODD)
        values = {getattr(r, case.field) for r in rows} - {None}
        if case.registry == "verra" and case.entity is U:
            # What is retired or cancelled stands in lists of its own, whatever a holding says.
            values = {value for value in values if value.value in ("Held", "Inactive")}
        assert values
        for value in values:
            async with fresh(at, case.registry) as fed:
                told, texts, _ = await asked(fed, case, value)
            assert told.returned == {r.key for r in rows if getattr(r, case.field) == value}
            assert (told.undecided, texts) == ({odd.key}, [[ODD]])
            assert not told.complete


@pytest.mark.parametrize("case", sweep(CASES, CASES[1::3]), ids=named)
async def test_where_all_words_are_known_the_answer_is_complete_at_two_more_calls(
    case: Case,
) -> None:
    async with desk(case.registry) as at:
        rows = await at.everything(case.entity)
        values = {getattr(r, case.field) for r in rows} - {None}
        for value in values:
            async with fresh(at, case.registry) as fed:
                told, _, calls = await asked(fed, case, value)
            assert told.returned == {r.key for r in rows if getattr(r, case.field) == value}
            assert (told.undecided, told.complete) == (set(), True)
            assert calls <= case.calls


# Filters on words, which a registry may compare to the letter only where no row can hold another
# word than those that it is asked by.
WORDS = frozenset(
    {
        "project_status",
        "sector",
        "project_type",
        "methodology",
        "country",
        "covered_by_ndc",
        "label",
        "co_benefit",
        "unit_status",
        "unit_type",
        "country_jurisdiction_of_owner",
        "corresponding_adjustment_declaration",
        "corresponding_adjustment_status",
    }
)
CLOSED = {
    # ISO codes.
    ("gold-standard", P, "country"),
    ("gold-standard", U, "project.country"),
    ("gold-standard", Entity.ISSUANCE, "project.country"),
    # Retirements and cancellations are lists of their own: no row says its status.
    ("social-carbon", U, "unit_status"),
    # A text that is its own value, read through no table.
    ("example-national-sql", P, "sector"),
    # The manifest says so.
    ("example-national-rest", P, "project_status"),
    ("example-national-rest", U, "unit_status"),
}


def test_words_are_compared_to_the_letter_only_where_there_are_no_others() -> None:
    exact = {
        (registry, entity, name)
        for registry in REGISTRIES
        for entity, collection in adapters()[registry].collections.items()
        for name, pushed in collection.filters.items()
        if name.removeprefix("project.") in WORDS and pushed.exact
    }
    assert exact <= CLOSED


@pytest.mark.parametrize("case", [CASES[0], CASES[3], CASES[8]], ids=named)
async def test_what_is_counted_of_words_is_counted_once_in_an_operation(case: Case) -> None:
    async with desk(case.registry) as at:
        rows = await at.everything(case.entity)
        found = {getattr(r, case.field) for r in rows} - {None}
        value = min(found, key=lambda one: one.value)
        async with fresh(at, case.registry) as fed:
            _, _, alone = await asked(fed, case, value)
        async with fresh(at, case.registry) as fed:
            asking = Ask(fed, Terms(deadline=fed.clock.monotonic() + 60))
            for _ in range(3):
                where = (Predicate(case.field, Op.EQ, value),)
                page = await connect(
                    asking, case.entity, registries=(case.registry,), predicates=where, first=1000
                )
                assert page.coverage[0].complete
        # At the most a page of rows for each of the three, and the counts of one.
        assert alone <= len(asking.terms.evidence.exchanges) <= alone + 2
