"""What a lookup puts into a closed list is one of its words: others cannot be asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.harmonise.vocabulary import vocabularies
from tests.adapters.manifests import manifest, problem

TEXT = """
[client]
type = "file"

[lookups.words]
a = WORD

[resources.project]
endpoint = { path = "p.csv", format = "csv" }
fields = { key = "Code", FIELD }
"""
FIELDS = [
    'sector = { from = "S", lookup = "words" }',
    'sector = { from = "S", lookup = "words", convert = "sector" }',
    'sectors = { from = "S", lookup = "words" }',
    'project_type = { from = "S", lookup = "words" }',
    'project_types = { from = "S", lookup = "words" }',
    'co_benefits = [{ co_benefit = { from = "S", lookup = "words" } }]',
]


def text(field: str, word: str) -> str:
    return TEXT.replace("FIELD", field).replace("WORD", json.dumps(word))


def words(field: str) -> tuple[str, ...]:
    name = field.partition(" ")[0].removesuffix("s")
    return vocabularies()[name].words


@pytest.mark.parametrize("field", FIELDS)
def test_every_word_of_the_list_is_taken_in_any_case(tmp_path: Path, field: str) -> None:
    for word in words(field):
        manifest(tmp_path, text(field, word))
    manifest(tmp_path, text(field, words(field)[0].upper()))


@pytest.mark.parametrize("field", FIELDS)
def test_another_word_is_refused_with_the_right_one(tmp_path: Path, field: str) -> None:
    right = words(field)[0]
    told = problem(tmp_path, text(field, right[:-1] + "xx"))
    assert "so that nobody could ask for it" in told
    assert f"Did you mean '{right}'" in told


@pytest.mark.parametrize("field", FIELDS)
def test_a_word_that_is_like_none_is_refused_with_all_of_them(tmp_path: Path, field: str) -> None:
    told = problem(tmp_path, text(field, "Qqqqqqqqq"))
    assert all(word in told for word in words(field))


def test_what_a_registry_calls_a_sector_leads_to_the_word_for_it(tmp_path: Path) -> None:
    told = problem(tmp_path, text(FIELDS[0], "Renewable energy"))
    assert "Did you mean 'Energy industries (renewable-/ non renewable sources)'" in told


def test_words_of_open_fields_are_the_operators_own(tmp_path: Path) -> None:
    manifest(tmp_path, text('project_name = { from = "S", lookup = "words" }', "Any name"))
