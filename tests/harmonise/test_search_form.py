"""Searches compare texts as people type them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.harmonise.table import fold, search_form


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("sao joao", "Usina Eólica São João - fase II"),
        ("SÃO JOÃO", "usina eolica sao joao"),
        ("d'água", "Recuperação d\u2019água"),
        ("d\u2019agua", "Recuperacao d'agua"),
        ("d`agua", "d\u02bcÁgua"),
        ("çelik", "ÇELİK"),
        ("CELIK", "çelik"),
        ("irmak", "K\u0131z\u0131l\u0131rmak"),
        ("IRMAK", "KIZILIRMAK"),
        ("strasse", "Straße"),
        ("lodz", "Łódź"),
        ("oresund", "Øresund"),
        ("thanh pho", "Thành phố Hồ Chí Minh"),
        ("ελληνικη", "ΕΛΛΗΝΙΚΉ"),
        ("cafe\u0301", "Café"),
        ("２０２０", "2020"),  # noqa: RUF001
    ],
)
def test_what_people_type_is_found_in_what_is_written(typed: str, written: str) -> None:
    assert search_form(typed) in search_form(written)


def test_vowel_signs_of_other_scripts_are_letters() -> None:
    assert search_form("कि") != search_form("क")
    assert search_form("กิ") != search_form("ก")


LETTERS = st.text(st.characters(categories=["Lu", "Ll", "Nd", "Zs"], max_codepoint=0x24F))


@given(LETTERS)
def test_the_form_of_a_form_is_itself(text: str) -> None:
    assert search_form(search_form(text)) == search_form(text)


@given(LETTERS)
def test_marks_never_count(text: str) -> None:
    parted = unicodedata.normalize("NFD", text)
    assert search_form(parted) == search_form(text)
    assert search_form("".join(f"{c}\u0301" for c in text if c.isalpha())) == search_form(
        "".join(c for c in text if c.isalpha())
    )


@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=40))
def test_plain_text_compares_as_it_always_did(text: str) -> None:
    assert search_form(text) == fold(text).replace("`", "'")
