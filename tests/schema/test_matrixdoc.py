"""`docs/registries.md` says what the adapters declare, all of it and nothing else."""

from __future__ import annotations

from adapters.catalogue import adapters
from gateway.model.entity import Entity
from gateway.schema.matrixdoc import matrix_document
from gateway.stitch.coverage import camel
from tests.adapters.invented import INVENTED
from tests.paths import DOCS

PAGE = DOCS / "registries.md"


def section(text: str, heading: str) -> dict[str, dict[str, str]]:
    """The table below a heading: its rows by their first cell, their cells by column."""
    table = text.split(f"{heading}\n\n")[1].split("\n\n")[0].strip().split("\n")
    head, _, *rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table]
    return {row[0].strip("`"): dict(zip(head, row, strict=True)) for row in rows}


def test_the_page_is_the_printed_one() -> None:
    assert PAGE.read_text("utf-8") == matrix_document(adapters()), "run `make docs`"


def test_every_declared_filter_stands_in_its_cell() -> None:
    text = matrix_document(adapters())
    for entity in Entity:
        rows = section(text, f"### {entity.value.capitalize()}s: filters")
        assert set(rows) == {k for k, a in adapters().items() if entity in a.collections}
        for key, row in rows.items():
            declared = adapters()[key].collections[entity].filters
            filled = {name for name, cell in row.items() if cell and name != "registry"}
            assert filled == {
                "`" + ".".join(camel(part) for part in name.split(".")) + "`" for name in declared
            }
            for name, pushdown in declared.items():
                cell = row["`" + ".".join(camel(part) for part in name.split(".")) + "`"]
                assert cell.startswith("(") is not pushdown.exact
                assert len(cell.strip("()").split(", ")) == len(pushdown.ops)


def test_every_registry_has_its_terms_and_its_day_of_verification() -> None:
    text = matrix_document(adapters())
    about, terms = section(text, "## Which there are"), section(text, "## Terms")
    for key, adapter in adapters().items():
        wanted = adapter.info.verified or "not verified against a live host"
        assert about[key]["verified"] == wanted
        assert terms[key]["terms"] == adapter.info.terms


def test_a_registry_without_a_host_says_that_one_must_be_configured() -> None:
    about = section(matrix_document({"invented": INVENTED}), "## Which there are")
    assert about["invented"]["reading"] == "host to be configured"
    assert about["invented"]["records"] == "projects"
