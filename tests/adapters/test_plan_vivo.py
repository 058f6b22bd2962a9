"""Plan Vivo's adapter: a tenant of the platform, by configuration."""

from __future__ import annotations

from adapters.contract import Adapter
from adapters.plan_vivo import TENANT, adapter
from adapters.sp_rows import HoldingRow, Ledger, ProjectRow
from gateway.model.entity import Entity
from gateway.model.question import Parent, Question
from gateway.model.record import Origin
from gateway.sandbox.plan_vivo import EMULATOR
from tests.adapters.tenant import ask, keys, serve
from tests.market import make

TOLD = make().told_by("plan-vivo")
HERE = Origin("plan-vivo", 0)


def test_it_is_an_adapter_of_its_own_standard() -> None:
    checked: Adapter = adapter
    assert dict(checked.info.headers)["registry"] == "PVCL"
    assert dict(checked.info.headers)["standardid"] == "671000000000001"


def test_what_plan_vivo_leaves_null_is_not_declared() -> None:
    project = TENANT.views[Ledger.PROJECT]
    assert not any(map(project.publishes, ("sector", "methodologies", "co_benefits", "labels")))
    assert project.publishes("project_type")


def test_a_forward_credit_is_planned_and_a_reserve_keeps_its_class() -> None:
    view = TENANT.views[Ledger.HOLDINGS]

    def unit(kind: str, name: str) -> tuple[object, object]:
        row = HoldingRow(entityId=1, projectId=2, unitType=kind, unitClassName=name)
        record = view(row, HERE)
        return getattr(record, "is_ex_ante", None), getattr(record, "unit_tags", None)

    assert unit("fPVC", "fPVC") == (True, "fPVC")
    assert unit("rPVC", "Future Risk Buffer") == (False, "Future Risk Buffer")
    assert unit("newPVC", "") == (None, None)


def test_a_page_is_linked_only_for_the_standard_whose_path_is_known() -> None:
    view = TENANT.views[Ledger.PROJECT]

    def link(standard: str | None) -> object:
        row = ProjectRow(entityId=1, projectId=2, standardName=standard)
        return getattr(view(row, HERE), "project_link", None)

    assert link("PV Climate") == ("https://registry.spglobal.com/pvclimate/public/pv/projects/2")
    assert link("Another") is None
    assert link(None) is None


def test_a_private_account_is_no_developer() -> None:
    view = TENANT.views[Ledger.PROJECT]
    row = ProjectRow(entityId=1, projectId=2, accountName="A", considerAccountPrivate=True)
    assert getattr(view(row, HERE), "project_developer", "") is None


async def test_a_project_is_found_by_its_long_number_and_its_units_with_it() -> None:
    truth = TOLD.projects[0]
    async with serve(adapter, EMULATOR, TOLD) as source:
        assert adapter.lookup_key("plan-vivo.project", truth.key) == (Entity.PROJECT, truth.key)
        page = await adapter.by_keys(source, Entity.PROJECT, [truth.key])
        assert keys(page.records) == [truth.key]
        question = Question(Entity.UNIT, parent=Parent(Entity.PROJECT, (truth.key,)))
        found = await ask(adapter, source, question)
        assert set(keys(found)) == {u.key for u in TOLD.units if u.project_key == truth.key}


def test_the_rules_of_a_tenant_are_published_in_full() -> None:
    recipe = TENANT.views[Ledger.PROJECT].recipe()
    assert recipe["project_link"]["rule"] == "link.plan-vivo/1"
    assert recipe["identifiers"]["rule"] == "identifier.plan-vivo.project/1"
    fields = TENANT.views[Ledger.PROJECT].fields
    for name in ("project_link", "identifiers"):
        assert getattr(fields[name], "function").recipe()["rule"] == recipe[name]["rule"]  # noqa: B009
