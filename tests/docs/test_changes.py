"""Every fragment of the changelog can be gathered: its name says its kind, its text is an entry."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.paths import DOCS

ROOT = DOCS.parent
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["towncrier"]
FOLDER = ROOT / SETTINGS["directory"]
KINDS = [kind["directory"] for kind in SETTINGS["type"]]
# A file of another name is passed over by the tool, so its change would be lost in silence.
NAMED = re.compile(rf"\+[a-z0-9-]+\.(?:{'|'.join(KINDS)})\.md")
FRAGMENTS = sorted(
    path for path in FOLDER.iterdir() if path.name not in ("README.md", *SETTINGS["ignore"])
)


def wrong(name: str, text: str) -> str | None:
    """What keeps a fragment from being an entry of a list, if anything."""
    if not NAMED.fullmatch(name):
        return "its name is not +<slug>.<kind>.md"
    if not re.match(r"[A-Z`]", text):
        return "it does not begin with a sentence"
    if re.search(r"\n\s*\n\s*\S|^\s*[-*#] ", text, re.MULTILINE):
        return "it is more than one paragraph, or has a bullet or heading of its own"
    return None if text.strip().endswith(".") else "it does not end with a full stop"


@pytest.mark.parametrize("fragment", FRAGMENTS, ids=lambda path: path.name)
def test_a_fragment_is_an_entry_of_a_kind(fragment: Path) -> None:
    assert wrong(fragment.name, fragment.read_text("utf-8")) is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("+retry.mended.md", "A 408 is retried.\n"),
        ("retry.fixed.md", "A 408 is retried.\n"),
        ("+Retry 408.fixed.md", "A 408 is retried.\n"),
        ("+retry.fixed.txt", "A 408 is retried.\n"),
        ("+retry.fixed.md", ""),
        ("+retry.fixed.md", "- A 408 is retried.\n"),
        ("+retry.fixed.md", "A 408 is retried.\n\n- And more.\n"),
        ("+retry.fixed.md", "A 408 is retried"),
    ],
)
def test_what_is_no_entry_is_refused(name: str, text: str) -> None:
    assert wrong(name, text)
    assert wrong("+retry.fixed.md", "A 408 is retried within\nthe budget.\n") is None


def test_kinds_are_those_of_keep_a_changelog_and_of_the_folders_page() -> None:
    page = (FOLDER / "README.md").read_text("utf-8")
    assert KINDS == ["added", "changed", "deprecated", "removed", "fixed", "security"]
    assert all(f"`{kind}`" in page for kind in KINDS)


def test_the_changelog_has_the_line_below_which_releases_are_written() -> None:
    changelog = (ROOT / SETTINGS["filename"]).read_text("utf-8")
    assert changelog.count(SETTINGS["start_string"]) == 1
