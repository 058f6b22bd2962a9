"""Pages name what exists, and all of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from adapters.catalogue import adapters
from tests.docs.pages import COMMANDS, PART, PARTS, command_help, renewed
from tests.docs.rules import PAGE, changed, rules_document
from tests.paths import DOCS, ROOT

PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md"), ROOT / "changes" / "README.md"])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_generated_parts_are_up_to_date(page: Path) -> None:
    text = page.read_text("utf-8")
    assert renewed(text) == text, "run: make docs"


def test_every_generated_part_is_on_some_page() -> None:
    found = {part[1] for page in PAGES for part in PART.findall(page.read_text("utf-8"))}
    assert found == set(PARTS)


def test_every_command_is_listed() -> None:
    for command in COMMANDS:
        listed = command_help(command).partition("Commands:\n")[2]
        inner = {line.split()[0] for line in listed.splitlines() if re.match(r"  \S", line)}
        known = {
            c.removeprefix(command).split()[0]
            for c in COMMANDS
            if c.startswith(command) and c != command
        }
        assert inner <= known, f"cgw {command}: {inner - known}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_that_pages_show_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    shown = re.findall(r"(?:^|[`( /])cgw ((?:[a-z]+ ?)+)([^`\n]*)", text, re.MULTILINE)
    for words, rest in shown:
        command = next(
            (
                c
                for c in sorted(COMMANDS, key=len, reverse=True)
                if f"{words} ".startswith(f"{c} ") and c
            ),
            None,
        )
        if command is None:
            assert words.split()[0] not in ("run", "start"), f"cgw {words}"
            continue
        for option in re.findall(r"(--[a-z-]+)", rest.partition("#")[0]):
            assert option in command_help(command), f"cgw {words}{rest}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|mailto:)([^)#]*)#?([^)]*)\)", page.read_text("utf-8"))
    for target, heading in links:
        path = page.parent / target if target else page
        assert path.exists(), target
        assert not heading or heading in _headings(path), f"{target}#{heading}"


def _headings(page: Path) -> set[str]:
    """The names under which a page's headings can be linked."""
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_make_targets_that_pages_show_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for target in re.findall(r"(?:^|`)make ([a-z]+)", page.read_text("utf-8"), re.MULTILINE):
        assert target in targets, target


def test_every_rule_does_what_its_version_did() -> None:
    now = rules_document(adapters())
    assert changed(now, PAGE.read_text("utf-8")) == [], "raise the version of these, run: make docs"
    assert now == PAGE.read_text("utf-8"), "run: make docs"
