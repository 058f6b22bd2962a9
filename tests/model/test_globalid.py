"""Global ids: one spelling each, and nothing else is one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.entity import Entity
from gateway.model.globalid import MAX_KEY, GlobalId, all_have_ids, format_id, has_id, parse_id

KEYS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    min_size=1,
    max_size=MAX_KEY,
)


@given(st.sampled_from(["verra", "gold-standard", "a"]), st.sampled_from(Entity), KEYS)
def test_an_id_is_read_back_as_it_was_written(registry: str, entity: Entity, key: str) -> None:
    assert parse_id(format_id(registry, entity, key)) == GlobalId(registry, entity, key)


def test_a_key_is_percent_encoded_where_it_is_not_plain() -> None:
    assert str(GlobalId("verra", Entity.UNIT, "a b/ü")) == "cgw:verra:unit:a%20b%2F%C3%BC"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "verra:project:1529",
        "gid:verra:project:1529",
        "cgw:verra:project:1:2",
        "cgw:verra:forest:1529",
        "cgw:Verra:project:1529",
        "cgw:-verra:project:1529",
        "cgw:verra:project:",
        "cgw:verra:project:" + "a" * (4 * MAX_KEY),
        "cgw:verra:project:" + "%20" * (5 * MAX_KEY),
    ],
)
def test_what_has_another_shape_is_no_id(text: str) -> None:
    assert parse_id(text) is None


@pytest.mark.parametrize("encoded", ["%FF", "%C3", "%00", "a%00b", "a" * (MAX_KEY + 1)])
def test_a_key_that_no_registry_can_have_is_refused(encoded: str) -> None:
    assert parse_id(f"cgw:verra:project:{encoded}") is None


@pytest.mark.parametrize("encoded", ["%61", "a%2fb", "a/b", "a b", "ü", "50%"])
def test_another_spelling_of_an_id_is_refused(encoded: str) -> None:
    assert parse_id(f"cgw:verra:project:{encoded}") is None


@pytest.mark.parametrize(
    "key", ["a\tb", "a\n", " a", "\x7f", "é" * MAX_KEY, "\U0001f333" * MAX_KEY]
)
def test_whatever_a_workbook_leaves_in_a_key_can_be_asked_for(key: str) -> None:
    assert has_id(key)
    assert parse_id(format_id("one", Entity.UNIT, key)) == GlobalId("one", Entity.UNIT, key)


@pytest.mark.parametrize("key", ["", "\0", "a\0", "\ud800", "a" * (MAX_KEY + 1)])
def test_what_no_id_can_be_made_of_is_told_apart(key: str) -> None:
    assert not has_id(key)


ODD = st.sampled_from(["", "\n", "a", "\0", "a" * 150, "\ud800"])


@given(st.lists(st.builds("".join, st.lists(ODD, max_size=3)), max_size=4))
def test_many_keys_are_judged_as_each_of_them(keys: list[str]) -> None:
    assert all_have_ids(keys) == all(map(has_id, keys))
