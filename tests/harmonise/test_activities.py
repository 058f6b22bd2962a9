"""Types and sectors: the registry's words first, then what its methodologies imply."""

from __future__ import annotations

import pytest

from gateway.harmonise import methodology_activity_data as data
from gateway.harmonise import sectors
from gateway.harmonise.activities import Named, recipe, sectors_of, types_of
from gateway.harmonise.methodologies import methodologies
from gateway.harmonise.methodology_codes import find_codes
from gateway.harmonise.project_types import PROJECT_TYPES, type_words
from gateway.harmonise.sectors import SECTORS, sector_words
from gateway.model.picklists import ValueBasis


def codes(text: str) -> list[str | None]:
    return [one.code for one in methodologies(text)]


def test_the_registrys_own_word_comes_first() -> None:
    said = types_of(type_words("Wind"), codes("ACM0001"))
    assert said == Named(("Wind",), ValueBasis.REGISTRY)


def test_a_methodology_of_one_activity_gives_the_type_where_the_words_give_none() -> None:
    said = types_of(type_words(None), codes("ACM0001 (Version NA)"))
    assert said == Named(("Landfill gas",), ValueBasis.METHODOLOGY)


def test_a_methodology_of_several_activities_gives_a_sector_and_no_type() -> None:
    for text in ("ACM0002", "AMS-I.D. (Version 18)"):
        assert types_of(type_words(None), codes(text)) == Named()
        assert sectors_of(sector_words(None), codes(text)) == Named(
            (sectors.ENERGY,), ValueBasis.METHODOLOGY
        )


def test_several_methodologies_give_each_their_own() -> None:
    said = types_of(type_words(None), codes("AMS-I.D., AMS-III.D. (Version 19), ACM0001"))
    assert said.values == ("Methane avoidance", "Landfill gas")


def test_a_word_that_no_table_knows_is_named_beside_what_the_methodology_says() -> None:
    said = sectors_of(sector_words("Moonlight"), codes("ACM0001"))
    assert said == Named((sectors.WASTE,), ValueBasis.METHODOLOGY, ("Moonlight",))


def test_nothing_said_and_no_methodology_is_nothing() -> None:
    assert types_of(type_words(""), codes("")) == Named()


@pytest.mark.parametrize(
    ("table", "vocabulary"), [(data.TYPES, PROJECT_TYPES), (data.SECTORS, SECTORS)]
)
def test_the_tables_speak_of_known_values_and_of_codes_that_a_text_can_give(
    table: dict[str, tuple[str, ...]], vocabulary: tuple[str, ...]
) -> None:
    assert set(table) <= set(vocabulary)
    for codes in table.values():
        assert len(set(codes)) == len(codes)
        for code in codes:
            (found,) = methodologies(code)
            assert found.code == code
            assert found.canonical or find_codes(code), code


def test_a_methodology_has_at_most_one_type() -> None:
    codes = [code for codes in data.TYPES.values() for code in codes]
    assert len(set(codes)) == len(codes)


def test_every_methodology_with_a_type_has_a_sector() -> None:
    typed = {code for codes in data.TYPES.values() for code in codes}
    placed = {code for codes in data.SECTORS.values() for code in codes}
    # Carbon used in products lies in no one scope.
    assert typed - placed == {"VM0043", "GS-CONCRETE", "GS-FUEL-SWITCH-BIOMASS"}


def test_the_recipe_prints_both_tables_by_code() -> None:
    printed = recipe()
    assert printed["types"]["ACM0001"] == ["Landfill gas"]
    assert printed["sectors"]["ACM0008"] == [sectors.MINING, sectors.FUGITIVE]
