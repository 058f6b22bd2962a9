"""Every column that a registry sends is read, or is left out by a decision that says why."""

from __future__ import annotations

import re
from importlib.resources import files
from importlib.resources.abc import Traversable

import pytest

from adapters.catalogue import BUILT_IN
from adapters.ignored_columns import Kind, ignored, ignored_columns, read_columns
from tests.ignored import BUILT, left_alone
from tests.paths import DOCS

FILES = sorted(files("adapters").joinpath("ignored").iterdir(), key=lambda file: file.name)
ONE = '[[columns]]\nkind = "display"\nreason = "A colour of the page."\nnames = ["colour"]\n'


@pytest.mark.parametrize("registry", BUILT)
async def test_every_emulated_column_is_read_or_has_a_reason_not_to_be(registry: str) -> None:
    sent = await left_alone(registry)
    decided = ignored(registry)
    assert sent - decided == set(), "decide, and write the reason into adapters/ignored"
    assert decided - sent == set(), "these are read, or not sent any more: take them out"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_is_a_registrys_or_shared_by_some(file: Traversable) -> None:
    shared = {read_columns(other.read_text("utf-8"))[0] for other in FILES}
    name = file.name.removesuffix(".toml")
    assert name in (shared if name.startswith("_") else BUILT_IN)


@pytest.mark.parametrize("registry", BUILT)
def test_a_reason_is_a_sentence_and_a_column_has_one(registry: str) -> None:
    groups = ignored_columns(registry)
    assert all(len(group.reason.split()) >= 3 for group in groups)
    assert all(group.reason.endswith(".") for group in groups)
    names = [name for group in groups for name in group.names]
    assert len(names) == len(set(names))


def test_personal_data_is_named_as_such() -> None:
    (mail,) = (group for group in ignored_columns("verra") if "emailNotification" in group.names)
    assert mail.kind is Kind.PERSONAL_DATA


def test_the_page_lists_the_kinds() -> None:
    page = (DOCS / "check.md").read_text("utf-8")
    table = page.partition("| kind | what it is |\n|---|---|\n")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `([a-z ]+)` \|", table, re.MULTILINE) == [kind.value for kind in Kind]


def test_an_adapter_without_a_file_leaves_nothing_alone() -> None:
    assert ignored("my-registry") == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        ONE.replace('reason = "A colour of the page."\n', ""),
        ONE.replace("A colour of the page.", ""),
        ONE.replace("display", "because"),
        ONE.replace('["colour"]', "[]"),
        ONE.replace('"colour"', '"colour", "colour"'),
        ONE + ONE,
        ONE.replace("names", "name"),
        'columns = ["colour"]\n',
        "[[columns]\n",
    ],
)
def test_a_column_without_a_decision_is_refused(text: str) -> None:
    assert read_columns(ONE)[1][0].names == ("colour",)
    with pytest.raises(ValueError):  # noqa: PT011
        read_columns(text)
