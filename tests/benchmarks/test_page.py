"""The page: everything on it comes from the figures, and its plots are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks.markdown import table
from benchmarks.page import page, plots
from benchmarks.place import BenchError
from benchmarks.results import Results, kept
from tests.benchmarks import made


def rows(text: str, first: str) -> list[list[str]]:
    found = [line for line in text.splitlines() if line.startswith(f"| {first} |")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in found]


def test_the_page_names_a_plot_for_each_that_is_drawn_and_no_other() -> None:
    named = re.findall(r"\(performance/([^)]+)\)", page(made.results()))
    assert len(named) == len(set(named))
    assert set(named) == set(plots(made.results()))


def test_the_run_is_described() -> None:
    assert "- This run: Some machine; rounds: 3, each 2 s; nginx 1.22.1." in page(made.results())


def test_rates_are_medians() -> None:
    assert rows(page(made.results()), "Mercurius with JIT, by hand")[0][1:] == ["400"] * 3


def test_ratios_stand_by_concurrency_and_with_their_median() -> None:
    found = rows(page(made.results()), "Hive Gateway, Mesh REST sources")
    assert ["3.60", "12.00", "12.00", "**12.00**"] * 3 in [row[1:] for row in found]


def test_memory_is_told_by_mode_and_as_a_share_of_hives() -> None:
    memory = page(made.results()).partition("## Memory")[2]
    found = rows(memory, "carbon-gateway")[0]
    assert found[1:] == ["80", "80", "80", "0.20", "0.20", "0.20", "0.50"]


def test_stages_and_starts_are_told() -> None:
    text = page(made.results())
    assert "median 1.00 s (0.90, 1.00, 1.10)" in text
    assert rows(text, "sign")[0] == ["sign", "0.25"]


def test_processor_time_is_told_by_part_without_noise() -> None:
    text = page(made.results())
    assert rows(text, "adapters")[0] == ["adapters", "2.00"]
    assert not rows(text, "yarl")
    assert "- Q2 (1,000 samples): `adapters.rows:decoded` 50%" in text


def test_how_the_bodies_behaved_is_told() -> None:
    assert "- Q1: 20 answers, 20 reads, all `hit`" in page(made.results())


def test_who_is_missing_is_named_with_the_reason() -> None:
    results = made.results()
    results.tables[0].failed["hive"] = "npm is not installed"
    assert "Hive Gateway, Mesh REST sources is missing: npm is not installed" in page(results)


def test_growth_is_told_by_the_record() -> None:
    found = rows(page(made.results()), "100,000")[0]
    assert found == ["100,000", "10,000.0", "100", "948", "12,500.0", "125", "90"]


def test_walks_are_told_by_the_size_of_their_pages() -> None:
    pages = page(made.results()).partition("### Pages")[2]
    assert rows(pages, "25")[0] == ["25", "200", "800", "160", "4.0"]


def test_delay_is_held_against_what_is_possible() -> None:
    delays = page(made.results()).partition("### Delay")[2]
    assert rows(delays, "0")[0] == ["0", "0.50", "1.50", "1,067", "100%"]
    assert rows(delays, "100")[0] == ["100", "0.50", "1.50", "400", "62%"]


def test_a_run_without_anything_has_a_page() -> None:
    text = page(Results())
    assert "Nothing measured yet" in text
    assert "## Growth" not in text
    assert plots(Results()) == {}


def test_every_row_of_a_table_is_as_long_as_its_head() -> None:
    width = 0
    for line in page(made.results()).splitlines():
        if line.startswith("|"):
            width = width or line.count("|")
            assert line.count("|") == width, line
        else:
            width = 0


def test_a_bar_in_a_cell_does_not_end_it() -> None:
    assert table(("a", "b"), [("x|y", "z")]) == "| a | b |\n|---|--:|\n| x&#124;y | z |\n"


def test_a_run_is_kept_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "bench" / "results.json"
    assert kept(path) == Results()
    made.results().keep(path)
    assert kept(path) == made.results()


def test_a_run_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text('{"tables": 5}')
    with pytest.raises(BenchError, match="remove it"):
        kept(path)
