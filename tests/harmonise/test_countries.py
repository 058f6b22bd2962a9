"""Country names of real lists, and the texts that name no country."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.harmonise.countries import (
    countries,
    country,
    country_key,
    country_name,
    is_not_a_country,
    table,
)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("Turkey", "TR"),
        ("Türkiye", "TR"),
        ("Turquía", "TR"),
        ("Cote D'Ivoire", "CI"),
        ("COTE D'IVOIRE", "CI"),
        ("Côte d\u2019Ivoire", "CI"),
        ("Cape Verde", "CV"),
        ("Tanzania United Republic of", "TZ"),
        ("United Republic of Tanzania", "TZ"),
        ("Congo", "CG"),
        ("Republic of the Congo", "CG"),
        ("Congo the Democratic Republic of the", "CD"),
        ("Congo, The Democratic Republic of The", "CD"),
        ("Congo, Democratic Republic of the", "CD"),
        ("Democratic Republic of Congo", "CD"),
        ("Bolivia Plurinational State of", "BO"),
        ("Korea Republic of", "KR"),
        ("Republic of Korea", "KR"),
        ("Democratic People's Republic of Korea", "KP"),
        ("North Macedonia Republic of", "MK"),
        ("The Former Yugoslav Republic of Macedonia", "MK"),
        ("Kosovo Republic of", "XK"),
        ("Lao", "LA"),
        ("Lao People's Democratic Republic", "LA"),
        ("Scotland", "GB"),
        ("England", "GB"),
        ("Wales", "GB"),
        ("Northern Ireland", "GB"),
        ("Hong Kong S.A.R.", "HK"),
        ("Macau S.A.R.", "MO"),
        ("Antigua and Barduba", "AG"),
        ("Equatorial New Guinea", "GQ"),
        ("Domincan Republic", "DO"),
        ("Guinea Bissau", "GW"),
        ("Swaziland", "SZ"),
        ("Eswatini", "SZ"),
        ("United States", "US"),
        ("United States of America", "US"),
        ("Afghanistan ", "AF"),
        ("Gabon ", "GA"),
        ("Malasia", "MY"),
        ("Perú", "PE"),
        ("Niger", "NE"),
        ("Nigeria", "NG"),
        ("Dominica", "DM"),
        ("Guinea", "GN"),
        ("Papua New Guinea", "PG"),
        ("South Sudan", "SS"),
        ("Syria Arab Republic", "SY"),
        ("NA", "NA"),
        ("GR", "GR"),
        ("GRC", "GR"),
        ("BRA", "BR"),
        ("NO", "NO"),
    ],
)
def test_a_name_or_code_gives_the_iso_code(raw: str, code: str) -> None:
    assert country(raw) == code


@pytest.mark.parametrize(
    "raw",
    ["International", "XZ", "--", "European Union", "", "  ", None, " United Republic of", "N/A"],
)
def test_what_is_known_to_be_no_country_is_none_on_purpose(raw: Any) -> None:
    assert country(raw) is None
    assert is_not_a_country(raw)


@pytest.mark.parametrize("raw", ["Atlantis", "No", "in", "na", "ZZZ", "Republic", "."])
def test_an_unknown_text_is_none_and_not_excused(raw: str) -> None:
    assert country(raw) is None
    assert not is_not_a_country(raw)


@pytest.mark.parametrize(
    ("raw", "codes"),
    [
        ("BI; ET; KE", ("BI", "ET", "KE")),
        ("ZM; ZW", ("ZM", "ZW")),
        ("CR, PA", ("CR", "PA")),
        ("Kenya / Uganda", ("KE", "UG")),
        ("Congo, Democratic Republic of the", ("CD",)),
        ("Kenya; Kenya; Atlantis", ("KE",)),
        ("International", ()),
        ("", ()),
        (None, ()),
    ],
)
def test_lists_of_countries(raw: Any, codes: tuple[str, ...]) -> None:
    assert countries(raw) == codes


def test_every_country_has_an_english_name_that_reads_back() -> None:
    codes = set(table().entries.values())
    assert len(codes) == 250
    for code in codes:
        name = country_name(code)
        assert name is not None
        assert country(name) == code


def test_a_code_that_is_none_has_no_name() -> None:
    assert country_name("XX") is None


def test_texts_of_marks_alone_have_a_key_of_their_own() -> None:
    assert country_key(" - - ") == "--"
