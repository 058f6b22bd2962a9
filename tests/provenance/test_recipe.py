"""Mapping recipes: complete, stable and named by their hash."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from functools import cache, partial
from hashlib import sha256
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from adapters.catalogue import built_in
from gateway.errors import ConfigError
from gateway.harmonise.table import Table
from gateway.model.entity import Entity
from gateway.model.field import computed, constant, mapped, wire
from gateway.model.picklists import ProjectStatus
from gateway.model.project import LocationView, ProjectRecord
from gateway.model.record import Record
from gateway.provenance.archive import keep_in_archive, read_archive
from gateway.provenance.recipe import Recipes, recipe_bytes, recipe_document
from tests.docs.rules import changed, rules_document
from tests.paths import ROOT

STATUS = Table("test-status", {"Open": ProjectStatus.LISTED, "Closed": ProjectStatus.COMPLETED})
BASE = "https://registry.example/"
LIMITS = {"most": 3, "words": ("a", "b")}


@cache
def lookup() -> Table[str]:
    return Table("test-lookup", {"x": "y"})


@cache
def numbers() -> dict[str, int]:
    return {"one": 1}


def link(row: Any) -> str:
    return f"{BASE}{_tidy(row.number)}"


def _tidy(number: Any) -> str:
    return str(number).strip() if LIMITS else str(numbers().get(number) or lookup()(number))


def prefixed(prefix: str, row: Any) -> str:
    return f"{prefix}{row.number}"


class Place(LocationView[Any]):
    __slots__ = ()
    country = wire("country")


def places(row: Any) -> tuple[Place, ...]:
    return (Place(row),)


class Project(ProjectRecord[Any]):
    __slots__ = ()
    project_name = wire("name")
    project_status = mapped("state", STATUS)
    project_link = computed(link, "number")
    project_id = computed(partial(prefixed, "P"), "number")
    project_developer = computed(lambda row: row.a, "a")
    project_tags = computed(lambda row: row.b, "b")
    program = constant("Test")
    project_locations = computed(places, "country")

    @property
    def key(self) -> str:  # type: ignore[override]
        return _tidy(self.row.number)


class One:
    views: Mapping[Entity, tuple[type[Record[Any]], ...]] = {Entity.PROJECT: (Project,)}


class Changed:
    class Other(Project):
        __slots__ = ()
        program = constant("Test 2")

    views: Mapping[Entity, tuple[type[Record[Any]], ...]] = {Entity.PROJECT: (Other,)}


def test_a_recipe_says_for_each_field_what_it_is_read_from_and_by_which_rule() -> None:
    (view,) = recipe_document(One())["views"]["project"]
    assert view["fields"]["project_status"] == {"from": ["state"], "rule": "table.test-status/1"}
    assert view["fields"]["project_status_raw"]["rule"] == "raw-text"
    assert view["fields"]["program"] == {"from": [], "rule": "constant:Test"}


def test_a_table_is_published_with_every_entry() -> None:
    rules = recipe_document(One())["rules"]
    assert rules["table.test-status/1"] == {"entries": {"Open": "Listed", "Closed": "Completed"}}


def test_a_function_is_published_with_its_source_and_all_that_it_uses() -> None:
    rules = recipe_document(One())["rules"]
    assert rules["test-recipe.link/1"] == {
        "source": "def link(row: Any) -> str:\n    return f'{BASE}{_tidy(row.number)}'",
        "constants": {"BASE": BASE},
        "uses": {"_tidy": "test-recipe.tidy/1"},
    }
    tidy = rules["test-recipe.tidy/1"]
    assert tidy["constants"] == {"LIMITS": {"most": "3", "words": ["a", "b"]}}
    assert tidy["uses"] == {"lookup": "test-recipe.lookup/1", "numbers": "test-recipe.numbers/1"}
    assert rules["test-recipe.numbers/1"]["value"] == {"one": "1"}
    assert rules["test-recipe.lookup/1"]["uses"] == {"value": "table.test-lookup/1"}
    assert rules["table.test-lookup/1"] == {"entries": {"x": "y"}}
    assert "test-recipe.prefixed/1" in rules


def test_functions_without_a_name_of_their_own_are_told_apart() -> None:
    document = recipe_document(One())
    (view,) = document["views"]["project"]
    first, second = (view["fields"][f]["rule"] for f in ("project_developer", "project_tags"))
    assert first != second
    assert "row.a" in document["rules"][first]["source"]
    assert "row.b" in document["rules"][second]["source"]


def test_the_views_of_children_are_published_too() -> None:
    (fields,) = recipe_document(One())["children"].values()
    assert fields["country"] == {"from": ["country"], "rule": "as-is"}


def test_the_same_mapping_has_the_same_name_and_another_has_another() -> None:
    assert recipe_bytes(One()) == recipe_bytes(One())
    assert recipe_bytes(One()) != recipe_bytes(Changed())


def test_the_same_views_are_written_down_once_however_often_a_gateway_starts() -> None:
    first, second = (Recipes({"one": One()}, version).all() for version in ("1", "2"))
    ((digest, body),) = first.items()
    assert second[digest] is body


def test_recipes_are_served_by_their_hash_old_ones_too() -> None:
    old = recipe_bytes(Changed())
    recipes = Recipes({"one": One()}, "1.2", [old])
    digest = recipes.digest("one")
    assert digest is not None
    body = recipes.get(digest)
    assert body is not None
    assert sha256(body).hexdigest() == digest == recipes.named["one"].digest
    assert recipes.get(sha256(old).hexdigest()) == old
    assert recipes.get("0" * 64) is None
    assert recipes.digest("none") is None
    assert len(recipes.all()) == 2


def test_the_archive_keeps_every_recipe(tmp_path: Path) -> None:
    assert read_archive(tmp_path / "none") == []
    first = Recipes({"one": One()}, "1")
    keep_in_archive(tmp_path, first.all().values())
    second = Recipes({"one": Changed()}, "2", read_archive(tmp_path))
    keep_in_archive(tmp_path, second.all().values())
    assert sorted(read_archive(tmp_path)) == sorted([recipe_bytes(One()), recipe_bytes(Changed())])


def test_a_changed_recipe_in_the_archive_is_noticed(tmp_path: Path) -> None:
    keep_in_archive(tmp_path, [b"{}"])
    next(iter(tmp_path.iterdir())).write_bytes(b"[]")
    with pytest.raises(ConfigError, match="was changed"):
        read_archive(tmp_path)


def test_an_archive_that_cannot_be_written_is_a_configuration_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be written"):
        keep_in_archive(tmp_path / "file" / "x", [b"{}"])


def test_the_recipes_of_all_adapters_name_a_published_rule_for_every_field() -> None:
    for registry, adapter in built_in().items():
        document = json.loads(recipe_bytes(adapter))
        for views in document["views"].values():
            for view in views:
                for name, field in view["fields"].items():
                    rule = field["rule"]
                    plain = rule in ("as-is", "raw-text") or rule.startswith("constant:")
                    given = rule in document["rules"] or rule in document["children"]
                    assert plain or given, f"{registry} {view['view']}.{name}: {rule}"


def test_a_rule_without_source_text_is_named_all_the_same() -> None:
    made: dict[str, Any] = {"__name__": __name__}
    exec("def rule(row): return row.number", made)

    class Typed(ProjectRecord[Any]):
        project_id = computed(made["rule"], "number")

    class Adapter:
        views: Mapping[Entity, tuple[type[Record[Any]], ...]] = {Entity.PROJECT: (Typed,)}

    assert recipe_document(Adapter())["rules"]["test-recipe.rule/1"]["source"] is None


def test_no_recipe_names_a_module() -> None:
    for adapter in built_in().values():
        assert re.search(rb"\b(adapters|gateway)\.", recipe_bytes(adapter)) is None


MODULE = """
from gateway.model.entity import Entity
from gateway.model.field import computed, mapped
from gateway.model.project import ProjectRecord
from gateway.model.rule import rule
from gateway.harmonise.table import Table

SUBJECT = "invented"
FACTOR = 2


@rule("amount-of", version=3)
def _amount(row):
    return doubled(row.amount)


def doubled(amount):
    return amount * FACTOR


class Project(ProjectRecord):
    __slots__ = ()
    project_id = computed(_amount, "amount")
    project_status = mapped("state", Table("invented-status", {"a": "b"}, version=2))


class Adapter:
    views = {Entity.PROJECT: (Project,)}
"""
# The same in another layout, with other comments and another place in its file.
REFORMATTED = MODULE.replace(
    "    return doubled(row.amount)",
    '''    """What the row says."""
    # Twice.
    return doubled(
        row.amount,
    )''',
).replace("FACTOR = 2\n", "\n\n\nFACTOR = (\n    2\n)\n")


def written(path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The adapter of a module at the path, which stands in a package that recipes publish."""
    path.write_text(text)
    name = f"adapters.{path.stem}"
    spec = spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    return module.Adapter()


def test_a_module_that_moves_or_is_reformatted_changes_no_recipe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = recipe_bytes(written(tmp_path / "here.py", MODULE, monkeypatch))
    there = recipe_bytes(written(tmp_path / "elsewhere.py", REFORMATTED, monkeypatch))
    assert here == there
    assert set(json.loads(here)["rules"]) >= {
        "invented.amount-of/3",
        "invented.doubled/1",
        "table.invented-status/2",
    }


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        ("amount * FACTOR", "amount + FACTOR", ["invented.doubled/1"]),
        ("FACTOR = 2", "FACTOR = 3", ["invented.doubled/1"]),
        ('{"a": "b"}', '{"a": "c"}', ["table.invented-status/2"]),
        ("def doubled(amount):\n    return amount", "def doubled(tonnes):\n    return tonnes", []),
        ("version=3", "version=4", []),
    ],
)
def test_a_rule_that_does_something_else_needs_a_new_version(
    old: str, new: str, rules: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert old in MODULE
    before = written(tmp_path / "before.py", MODULE, monkeypatch)
    after = written(tmp_path / "after.py", MODULE.replace(old, new), monkeypatch)
    pages = [rules_document({"invented": adapter}) for adapter in (after, before)]
    assert changed(*pages) == rules


def test_recipes_that_were_signed_before_are_served_for_ever() -> None:
    frozen = ROOT / "tests" / "frozen" / "recipes"
    old = read_archive(frozen)
    assert old
    recipes = Recipes({"one": One()}, "1", old)
    for body in old:
        assert json.loads(body)["_type"] == "https://w3id.org/carbon-gateway/mapping/v1"
        assert recipes.get(sha256(body).hexdigest()) == body


def test_an_object_that_is_a_rule_is_published_with_what_it_holds() -> None:
    rules = json.loads(recipe_bytes(built_in()["acr"]))["rules"]
    first = rules["methodology.acr/1"]
    assert first["uses"] == {
        "_read": "table.methodologies-acr/1",
        "super": "greentrace.methods.call/1",
    }
    assert "table.methodologies-acr/1" in rules
