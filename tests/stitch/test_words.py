"""Warnings for parts of words, in vocabularies where registries may have words of their own."""

from __future__ import annotations

import pytest

from gateway.model.question import Op, Predicate
from gateway.stitch.words import MOST, unknown_words


@pytest.mark.parametrize(
    ("name", "op", "part"),
    [
        ("label", Op.CONTAINS, "corsia"),
        ("label", Op.STARTS_WITH, "CCB"),
        ("methodology", Op.STARTS_WITH, "ACM"),
        ("verification_body", Op.CONTAINS, "TUV"),
        ("verification_body", Op.CONTAINS, "TÜV"),
        ("project.registry_of_origin", Op.CONTAINS, "gold"),
        ("project_name", Op.CONTAINS, "qqxzz"),
        ("label", Op.IS_NULL, True),
    ],
)
def test_a_part_of_a_known_word_is_no_slip(name: str, op: Op, part: object) -> None:
    assert unknown_words([Predicate(name, op, part)]) == []


def test_a_part_of_no_known_word_is_told() -> None:
    told = unknown_words(
        [
            Predicate("label", Op.CONTAINS, "korsia"),
            Predicate("methodology", Op.STARTS_WITH, "qqxzz"),
        ]
    )
    assert told[0].startswith("where.label: no word that a table knows contains 'korsia'.")
    assert told[1] == (
        "where.methodology: no word that a table knows starts with 'qqxzz'. "
        "Registries may use words of their own."
    )


def test_no_more_are_told_than_anybody_reads() -> None:
    asked = [Predicate("label", Op.CONTAINS, "qqxzz")]
    asked += [Predicate("label", Op.IN, tuple(f"qq{n}" for n in range(9)))]
    assert len(unknown_words(asked)) == MOST
