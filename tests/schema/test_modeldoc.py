"""`docs/model.md` says what the schema and the adapters say."""

import pytest

from adapters.catalogue import adapters
from gateway.model.entity import Entity
from gateway.schema.modeldoc import _LINEAGE, fillers, model_document
from gateway.stitch.coverage import model_fields
from gateway.stitch.vocabulary import VOCABULARY
from tests.paths import DOCS

PAGE = DOCS / "model.md"


def test_the_page_is_the_printed_one() -> None:
    assert PAGE.read_text("utf-8") == model_document(adapters()), "run `make docs`"


@pytest.mark.parametrize("entity", list(Entity))
def test_every_field_of_a_record_has_a_lineage(entity: Entity) -> None:
    assert set(_LINEAGE[entity]) == set(model_fields(VOCABULARY[entity]))


@pytest.mark.parametrize("entity", list(Entity))
def test_every_field_of_the_deck_is_filled_by_some_registry(entity: Entity) -> None:
    known = adapters()
    unfilled = [
        name
        for name, (deck, _, _) in _LINEAGE[entity].items()
        if deck and not fillers(known, entity, name)
    ]
    assert unfilled in ([], ["labels"] if entity is Entity.ISSUANCE else [])
