"""One odd row of a GreenTrace ledger costs one value."""

from __future__ import annotations

from typing import Any

from gateway.model.entity import Entity
from gateway.model.question import Question
from gateway.sandbox.rewriting import rewriting
from tests.adapters.greentrace_acr import TOLD, pages, registry


def _without(every: bool) -> Any:
    def change(document: Any) -> Any:
        ((_, dataset),) = document["datasets"].items()
        keys = [row["issuanceKey"] for row in dataset["rows"]]
        key = next(key for key in keys if keys.count(key) > 1)
        own = [row for row in dataset["rows"] if row["issuanceKey"] == key]
        for row in own if every else own[:1]:
            del row["issuanceQuantity"]
        return document

    def meant(document: Any) -> bool:
        return "issuedCredits" in document.get("datasets", {})

    return rewriting(meant, change)


async def test_an_issuance_without_its_amount_costs_that_value_alone() -> None:
    async with registry(_without(every=True)) as source:
        (page,) = await pages(source, Question(Entity.ISSUANCE))
    amounts: list[Any] = [record.unit_count for record in page.records]  # type: ignore[attr-defined]
    assert len(amounts) == len(TOLD.issuances)
    assert amounts.count(None) == 1
    assert "do not add up" in page.warnings[0]


async def test_another_block_of_the_issuance_says_the_amount_too() -> None:
    async with registry(_without(every=False)) as source:
        (page,) = await pages(source, Question(Entity.ISSUANCE))
    amounts: list[Any] = [record.unit_count for record in page.records]  # type: ignore[attr-defined]
    assert len(amounts) == len(TOLD.issuances)
    assert None not in amounts
    assert page.warnings == ()
