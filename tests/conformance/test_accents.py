"""Texts that registries hold with accents and apostrophes of any shape: found however they are
typed, or the answer says that it is not complete."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.model.entity import Entity
from gateway.model.question import Op, Predicate
from gateway.sandbox.world import Telling, World
from gateway.stitch.plan import plan
from tests.conformance import desk as desks
from tests.conformance.brute import Brute
from tests.conformance.desk import REGISTRIES, desk
from tests.conformance.test_whole_truth import Told, asked, fresh
from tests.market import make

NAMES = (
    "São João d\u2019Água",
    "Sao Joao d'Agua",
    "SÃO JOÃO D'ÁGUA",
    "Projeto  São João d\u2019Agua",
)
TYPED = ("são joão", "sao joao", "SAO", "d\u2019água", "d'agua", "São João d'Água", "projeto são")


def accented() -> World:
    """The market with every second project of each registry named so."""
    world = make()
    return replace(world, tellings={key: named(told) for key, told in world.tellings.items()})


def named(told: Telling) -> Telling:
    projects = [
        replace(project, project_name=f"{NAMES[n // 2 % len(NAMES)]} {n}") if n % 2 else project
        for n, project in enumerate(told.projects)
    ]
    return replace(told, projects=type(told.projects)(projects))


@pytest.fixture(autouse=True)
def _accents(monkeypatch: pytest.MonkeyPatch) -> None:
    world = accented()
    monkeypatch.setattr(desks, "world", lambda scale: world)


@pytest.mark.parametrize("registry", REGISTRIES)
async def test_a_text_is_found_however_it_is_typed_or_the_answer_is_not_complete(
    registry: str,
) -> None:
    async with desk(registry) as at, fresh(at, registry) as fed:
        brute = Brute(at.truth, at.emulated, at.adapter)
        found = 0
        for typed in TYPED:
            for name, op in (
                ("project_name", Op.CONTAINS),
                ("project_name", Op.STARTS_WITH),
                ("text", Op.CONTAINS),
            ):
                where = (Predicate(name, op, typed),)
                planned = plan(at.adapter, Entity.PROJECT, where)
                told = Told.of(await asked(fed, registry, Entity.PROJECT, where))
                rows = at.truth.rows(Entity.PROJECT).items()
                wanted = {k for k, row in rows if brute.judge(Entity.PROJECT, row, where, planned)}
                assert told.returned <= wanted, where
                if told.complete:
                    assert told.returned == wanted, where
                else:
                    assert planned.skipped or planned.told_by_words(at.adapter), where
                found += len(told.returned)
        # What the sandbox writes in codes of its own it takes from other registries' tellings.
        assert found or at.emulated.scheme, "no name of this registry bears an accent"
