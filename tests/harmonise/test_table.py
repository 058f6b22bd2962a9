"""Mapping tables: folding, unknown text, the memo, the recipe."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum

import pytest

from gateway.errors import ConfigError
from gateway.harmonise.table import MEMO_ENTRIES, MEMO_TEXT, Table, fold, words


class Colour(Enum):
    RED = "Red"
    BLUE = "Blue"


def test_a_known_text_gives_its_value_whatever_its_case_and_blanks() -> None:
    table = Table("colour", {"dark red": Colour.RED})
    assert table("dark red") is Colour.RED
    assert table("  DARK\u00a0 Red\n") is Colour.RED
    assert table("\uff44ark red") is Colour.RED


def test_an_unknown_text_gives_none() -> None:
    assert Table("colour", {"red": Colour.RED})("green") is None


def test_null_gives_none() -> None:
    assert Table("colour", {"red": Colour.RED})(None) is None


def test_numbers_and_booleans_are_read_as_their_text() -> None:
    table = Table("flag", {"1": "one", "true": "yes", "2.50": "half"})
    assert (table(1), table(True), table(Decimal("2.50"))) == ("one", "yes", "half")


def test_a_text_once_read_is_answered_from_the_memo() -> None:
    folded: list[str] = []

    def counting(text: str) -> str:
        folded.append(text)
        return fold(text)

    table = Table("colour", {"red": Colour.RED}, fold=counting)
    folded.clear()
    assert [table("Red"), table("Red"), table("green"), table("green")] == [
        Colour.RED,
        Colour.RED,
        None,
        None,
    ]
    assert folded == ["Red", "green"]


def test_the_memo_stays_bounded_under_ever_new_texts() -> None:
    table = Table("colour", {"red": Colour.RED})
    for number in range(2 * MEMO_ENTRIES + 1):
        table(f"text {number}")
    assert len(table._memo) <= MEMO_ENTRIES
    assert table("red") is Colour.RED


def test_long_texts_are_not_remembered() -> None:
    table = Table("colour", {"red": Colour.RED})
    assert table("x" * (MEMO_TEXT + 1)) is None
    assert not table._memo


def test_two_spellings_that_fold_alike_must_agree() -> None:
    with pytest.raises(ConfigError, match="table colour: 'RED' stands twice"):
        Table("colour", {"red": Colour.RED, "RED": Colour.BLUE})


def test_membership_tells_a_known_text_from_an_unknown_one() -> None:
    table = Table("colour", {"red": Colour.RED})
    assert "RED" in table
    assert "green" not in table
    assert None not in table


def test_the_rule_names_the_table_and_the_recipe_lists_it() -> None:
    table: Table[object] = Table(
        "mixed", {"b": Colour.BLUE, "a": ("x", "y"), "c": 3, "d": Decimal("1.5")}
    )
    assert table.rule == "table.mixed/1"
    assert table.recipe() == {
        "rule": "table.mixed/1",
        "entries": {"a": ["x", "y"], "b": "Blue", "c": 3, "d": "1.5"},
    }


def test_entries_cannot_be_changed_from_outside() -> None:
    source = {"red": Colour.RED}
    table = Table("colour", source)
    source["blue"] = Colour.BLUE
    assert list(table.entries) == ["red"]


def test_words_drop_accents_and_marks_but_keep_the_plus_sign() -> None:
    assert words("LATE_TO_VERIFY") == words("Late to verify") == "late to verify"
    assert words("Türkiye — REDD+ (test)") == "turkiye redd+ test"
