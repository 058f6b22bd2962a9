"""Several values in one text, parted by signs that also stand inside the values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.harmonise import sectors
from gateway.harmonise.project_type_data import SPELLINGS
from gateway.harmonise.project_types import PROJECT_TYPES, project_type, type_words
from gateway.harmonise.sectors import SECTORS, sector, sector_words
from gateway.harmonise.wordlist import MOST_PARTS, Words, read_words

LIVESTOCK = "Livestock, enteric fermentation, and manure management"
SCOPES = "Energy industries (renewable/non-renewable sources)"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Energy demand, Transport", (sectors.DEMAND, sectors.TRANSPORT)),
        ("Energy demand; Transport", (sectors.DEMAND, sectors.TRANSPORT)),
        ("Energy demand,Transport", (sectors.DEMAND, sectors.TRANSPORT)),
        (
            f"{SCOPES}, {LIVESTOCK}, Waste handling and disposal",
            (sectors.ENERGY, sectors.LIVESTOCK, sectors.WASTE),
        ),
        (f"{LIVESTOCK}; Construction", (sectors.LIVESTOCK, sectors.CONSTRUCTION)),
        (
            "Fugitive emissions from fuels (solid, oil and gas), Mining/mineral production",
            (sectors.FUGITIVE, sectors.MINING),
        ),
        (
            "Agriculture; forestry and fishing, Transport",
            (sectors.AFOLU, sectors.TRANSPORT),
        ),
        ("Transport, Transport", (sectors.TRANSPORT,)),
    ],
)
def test_both_signs_part_sectors_and_commas_in_names_do_not(
    text: str, values: tuple[str, ...]
) -> None:
    assert sector_words(text) == Words(values)


def test_what_no_run_knows_is_kept_as_it_was_written() -> None:
    said = sector_words("Space, mirrors and such, Transport; Moonlight")
    assert said == Words((sectors.TRANSPORT,), ("Space, mirrors and such", "Moonlight"))


def test_what_names_nothing_on_purpose_is_neither_a_value_nor_unknown() -> None:
    assert type_words("Other, Solar") == Words(("Solar",))
    assert type_words("Other") == Words()
    assert sector_words("N/A") == Words()


def test_known_names_that_were_part_of_unknown_ones_are_still_found() -> None:
    assert type_words("ARR, XYZ, WRC").unknown == ("XYZ",)
    assert len(type_words("ARR, XYZ, WRC").values) == 2


@given(st.lists(st.sampled_from(SECTORS), min_size=1, max_size=6), st.sampled_from([",", ";", "|"]))
def test_any_list_of_sectors_comes_back_whole(names: list[str], sign: str) -> None:
    joined = f"{sign} ".join(names)
    # "Any combination of the above" and its like are single values; none is made of two others.
    assert sector_words(joined) == Words(tuple(dict.fromkeys(names)))


@given(
    st.lists(st.sampled_from([*PROJECT_TYPES, *SPELLINGS]), min_size=1, max_size=6),
    st.sampled_from([", ", "; "]),
)
def test_any_list_of_types_comes_back_whole(names: list[str], sign: str) -> None:
    said = type_words(sign.join(names))
    assert said.unknown == ()
    assert set(said.values) <= set(PROJECT_TYPES)
    assert set(said.values) == {project_type(name) for name in names} or "," in "".join(names)


def test_a_text_of_very_many_parts_costs_no_more_than_its_bound() -> None:
    asked: list[str] = []

    def read(part: str) -> None:
        asked.append(part)

    said: Words[str] = read_words(",".join(["x"] * 20_000), read)
    assert len(said.unknown) == 1
    assert len(asked) <= 1 + 8 * MOST_PARTS


def test_a_text_too_long_to_be_remembered_is_read_all_the_same() -> None:
    long = "Transport, " + "y" * 600
    assert sector_words(long) == Words((sectors.TRANSPORT,), ("y" * 600,))


def test_every_sector_of_the_table_is_one_value() -> None:
    for raw in sectors.TABLE.entries:
        assert sector_words(raw).values == (sector(raw),)


def test_no_text_says_nothing() -> None:
    assert sector_words(None) == Words()
    assert sector_words("") == Words()
    assert type_words("  ") == Words()
