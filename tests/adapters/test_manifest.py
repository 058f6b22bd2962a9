"""A manifest is found good when it is loaded, or told wrong with its file, line and remedy."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from adapters import catalogue
from adapters.manifest import load, load_folder
from gateway.assemble import assemble
from gateway.config import Settings
from gateway.configfile import load as load_settings
from gateway.errors import ConfigError
from gateway.model.entity import Entity
from gateway.provenance.keys import throw_away_signer
from tests.adapters.manifests import ABOUT, manifest, problem

FILE = """\
[client]
type = "file"

[resources.project]
endpoint = { path = "projects.csv" }

[resources.project.fields]
key = "Code"
project_name = "Name"
"""
FIRST = len(ABOUT.splitlines()) + 1


def line(text: str, mark: str) -> int:
    """The line of the whole manifest on which the mark stands."""
    return next(n for n, found in enumerate(text.splitlines(), FIRST) if mark in found)


def test_a_small_manifest_is_an_adapter(tmp_path: Path) -> None:
    adapter = manifest(tmp_path, FILE)
    assert adapter.info.key == "invented"
    assert list(adapter.collections) == [Entity.PROJECT]
    (view,) = adapter.views[Entity.PROJECT]
    assert view.publishes("project_name")
    assert not view.publishes("project_status")
    assert adapter.info.base_url == ""


# What stands in the manifest instead of what, and what is said of it.
WRONG = [
    ('type = "file"', 'type = "ftp"', "client.type: say one of file, rest, graphql, sql"),
    ('type = "file"', "", "client.type: say one of"),
    ('path = "projects.csv"', 'pathh = "p.csv"', "endpoint.pathh: there is no such key here"),
    ('path = "projects.csv"', 'pathh = "p.csv"', "did you mean path?"),
    ('path = "projects.csv"', "", "resources.project.endpoint.path: is missing"),
    ('"projects.csv"', '"projects.ods"', "format of projects.ods is not known"),
    ('"projects.csv"', '"p.csv", encoding = "klingon"', "'klingon' is no encoding"),
    ('"projects.csv"', '"p.csv", delimiter = ";;"', "endpoint.delimiter: string should have"),
    ("[resources.project]", "[resources.projects]", "resources.projects"),
    ('key = "Code"', "", "`key` is missing"),
    ('key = "Code"', 'key = { constant = "x" }', "the key must come from the row"),
    ("project_name", "projectname", "there is no field projectname; there are: key, "),
    ('"Name"', "7", "fields.project_name: input should be a valid dictionary"),
    ('"Name"', '{ from = "Name", lookup = "names" }', "there is no lookup names; there are: none"),
    ('"Name"', '{ from = "Name", convert = "magic" }', "there is no converter magic; there are:"),
    ('"Name"', '{ from = "Name", convert = "iso_date" }', "iso_date gives a date, but project_n"),
    ('"Name"', '{ from = "Name", constant = "x" }', "here is from and constant"),
    ('"Name"', "{ required = true }", "here is none"),
    ('"Name"', '{ constant = ["x"] }', "is no text"),
    ('"Name"', '{ template = "no place" }', "the template holds no {...}"),
    ('"Name"', '{ template = "x{}" }', "names nothing"),
    ('"Name"', '[{ country = "C" }]', "project_name is one value: a list is for children"),
    ('"Name"', '{ each = "a", fields = { country = "b" } }', "each is for a list of children"),
    ('"Name"', '{ from = "a", fields = { country = "b" } }', "fields belongs to each"),
    ("project_name", "unit_metric", ""),
]


@pytest.mark.parametrize(("good", "bad", "told"), WRONG)
def test_what_is_wrong_is_told_with_file_and_line(
    tmp_path: Path, good: str, bad: str, told: str
) -> None:
    text = FILE.replace(good, bad, 1)
    if not told:
        manifest(tmp_path, text)
        return
    message = problem(tmp_path, text)
    assert message.startswith("invented.toml, line ")
    assert told in message


FIELDS = [
    ("registration_date", '{ constant = "soon" }', "'soon' is no date"),
    ("project_status", '{ constant = "Fine" }', "is no ProjectStatus; there are: 'Listed'"),
    ("project_locations", '[{ country = { constant = "Kenya" } }]', "'Kenya' is no country code"),
    ("project_locations", '[{ country = { constant = "KE" } }]', "constants alone"),
    ("project_locations", '[{ town = "x" }]', "there is no field town"),
    ("project_locations", "[]", "the list names no children"),
    ("project_locations", '{ constant = "KE" }', "children have no constant"),
    ("project_locations", '"Country"', 'use convert = "countries"'),
    ("estimations", '"x"', "use a list of tables, or each"),
    ("project_locations", '{ each = "x", fields = { country = "y" } }', "cells of a table hold no"),
    ("cad_trust_program", '[{ program_name = "a" }, { program_name = "b" }]', "is one child"),
    ("sectors", '{ template = "{a}" }', "is a texts, and a template gives a text"),
    ("registration_date", '{ template = "{a}" }', "is a date, and a template gives a text"),
    ("covered_by_ndc", '{ from = "x", convert = "upper" }', "use a lookup"),
]


@pytest.mark.parametrize(("name", "spec", "told"), FIELDS)
def test_a_field_that_cannot_be_is_told_at_its_line(
    tmp_path: Path, name: str, spec: str, told: str
) -> None:
    text = f"{FILE}{name} = {spec}\n"
    message = problem(tmp_path, text)
    assert message.startswith(f"invented.toml, line {line(text, f'{name} =')}: ")
    assert told in message


def test_a_lookup_is_checked_value_by_value_and_must_be_used(tmp_path: Path) -> None:
    used = f'{FILE}project_status = {{ from = "S", lookup = "status" }}\n'
    text = f'{used}[lookups.status]\n"On" = "Registered"\n"Off" = "Gone"\n'
    message = problem(tmp_path, text)
    assert f"line {line(text, 'Off')}: lookups.status.Off: 'Gone' is no ProjectStatus" in message
    odd = text.replace('"Gone"', "[1]")
    told = "lookups.status.Off: must be a text, a number, true or false"
    assert problem(tmp_path, odd) == f"invented.toml, line {line(odd, 'Off')}: {told}"
    unused = f'{FILE}[lookups.status]\n"On" = "Registered"\n'
    assert "lookups.status: no field uses this lookup" in problem(tmp_path, unused)


REGISTRY = [
    ('key = "invented"', 'key = "Not A Key"', "is no registry key"),
    ('name = "Invented Registry"', 'name = ""', "registry.name"),
    ('terms = "None."', "", "registry.terms: is missing"),
    ('url = "https', 'countries = ["Kenya"]\nurl = "https', "'Kenya' is no country code"),
    ('url = "https', 'verified = "soon"\nurl = "https', "registry.verified"),
]


@pytest.mark.parametrize(("good", "bad", "told"), REGISTRY)
def test_what_is_said_of_the_registry_is_checked(
    tmp_path: Path, good: str, bad: str, told: str
) -> None:
    message = problem(tmp_path, FILE, about=ABOUT.replace(good, bad, 1))
    assert message.startswith("invented.toml, line ")
    assert told in message


PLACES = [
    ('base_url = "http://10.0.0.1"', "must be an https URL, file:folder or sqlite:file"),
    ('base_url = "https://u:p@x.example"', "must not hold credentials"),
    ('base_url = "postgresql://db/x"', "belong into the configuration"),
    ('auth = { type = "magic" }', "client.auth"),
    ('auth = { type = "api_key", place = "x" }', "auth.place: there is no such key here"),
    ("politeness = { rate = 0 }", "politeness.rate: input should be greater than or equal to"),
    ('paginator = { type = "single_page" }', "paginator: there is no such key here"),
]


@pytest.mark.parametrize(("said", "told"), PLACES)
def test_what_is_said_of_the_client_is_checked(tmp_path: Path, said: str, told: str) -> None:
    message = problem(tmp_path, FILE.replace('type = "file"', f'type = "file"\n{said}'))
    assert f"line {FIRST + 2}: client" in message
    assert told in message


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ('"a["', "'a[' is not JMESPath"),
        ('{ template = "{a[}" }', "'a[' is not JMESPath"),
        ('{ each = "a[", fields = {} }', "'a[' is not JMESPath"),
    ],
)
def test_a_selection_that_is_none_is_told_at_its_line(tmp_path: Path, spec: str, told: str) -> None:
    text = FILE.replace("projects.csv", "projects.jsonl").replace('"Name"', spec)
    message = problem(tmp_path, text)
    assert message.startswith(f"invented.toml, line {line(text, 'project_name')}: ")
    assert told in message


def test_a_pattern_that_is_none_is_told(tmp_path: Path) -> None:
    known = 'identifier = { scheme = "x", pattern = "(" }'
    text = FILE.replace("[resources.project]\n", f"[resources.project]\n{known}\n")
    assert "identifier.pattern: is no regular expression" in problem(tmp_path, text)


def test_a_pattern_that_a_registrys_text_makes_slow_is_told_at_its_line(tmp_path: Path) -> None:
    known = 'identifier = { scheme = "x", pattern = "([A-Z]+-?)+[0-9]" }'
    text = FILE.replace("[resources.project]\n", f"[resources.project]\n{known}\n")
    message = problem(tmp_path, text)
    assert message.startswith(f"invented.toml, line {line(text, 'identifier')}: ")
    assert "identifier.pattern: takes too long for texts such as" in message


def test_all_errors_of_the_shape_are_told_at_once(tmp_path: Path) -> None:
    text = FILE.replace("path =", "pth =").replace('type = "file"', 'type = "file"\nspeed = 3')
    assert len(problem(tmp_path, text).splitlines()) == 3


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"[registry", "is not TOML"),
        (b"\xff", "is not UTF-8: bad byte at offset 0"),
        (b"x = " + b"[" * 5000, "is not TOML"),
        (b"", "client.type: say one of"),
    ],
)
def test_a_file_that_is_no_manifest_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=told):
        load(path)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load(tmp_path / "missing.toml")


def test_places_in_a_manifest_are_relative_to_it(tmp_path: Path) -> None:
    text = FILE.replace('type = "file"', 'type = "file"\nbase_url = "file:up loads"')
    base = manifest(tmp_path, text).info.base_url
    assert base == f"file://{tmp_path}/up%20loads"


def test_numbers_of_a_manifest_are_exact(tmp_path: Path) -> None:
    child = "{ crediting_period_start = 'S', unit_count = { constant = 1.10 } }"
    text = f"{FILE}estimations = [{child}]\n"
    (view,) = manifest(tmp_path, text).views[Entity.PROJECT]
    row = type("Row", (), {"code": "1", "name": "x", "s": "2020-01-01"})()
    (estimation,) = view.fields["estimations"].read(row)
    assert estimation.unit_count == Decimal("1.10")


def test_a_folder_of_manifests_is_read_in_order(tmp_path: Path) -> None:
    (tmp_path / "b.toml").write_text(ABOUT.replace("invented", "second") + FILE)
    (tmp_path / "a.toml").write_text(ABOUT + FILE)
    (tmp_path / "notes.txt").write_text("no manifest")
    assert list(load_folder(tmp_path)) == ["invented", "second"]
    (tmp_path / "c.toml").write_text(ABOUT + FILE)
    with pytest.raises(ConfigError, match=r"c\.toml: the key invented is that of .*a\.toml"):
        load_folder(tmp_path)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no folder"):
        load_folder(tmp_path / "missing")


def test_the_operators_manifests_are_served_beside_the_others(tmp_path: Path) -> None:
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "a.toml").write_text(ABOUT + FILE)
    (tmp_path / "uploads").mkdir()
    config = tmp_path / "cgw.toml"
    config.write_text('manifests = "manifests"\n[registries.invented]\nbase_url = "file:uploads"\n')
    settings = load_settings(config, {})
    gateway = assemble(settings, signer=throw_away_signer())
    upstreams = gateway.federation.upstreams
    assert upstreams["invented"].base_url == f"file://{tmp_path}/uploads"
    assert upstreams["invented"].public_uri == "https://invented.invalid"
    assert upstreams["invented"].configured
    assert not upstreams["example-national-csv"].configured
    assert "example-national-csv.base_url" in upstreams["example-national-csv"].why_not


def test_a_manifest_may_not_take_the_key_of_another_adapter(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(ABOUT.replace("invented", "verra") + FILE)
    with pytest.raises(ConfigError, match="wants the key verra, which is taken"):
        catalogue.with_manifests(catalogue.adapters(), str(tmp_path))
    with pytest.raises(ConfigError, match="there is no folder"):
        assemble(Settings(manifests=str(tmp_path / "missing")), signer=throw_away_signer())


def test_the_worked_examples_say_that_they_are_invented() -> None:
    examples = catalogue.examples()
    assert len(examples) == 3
    for key, adapter in examples.items():
        assert key.startswith("example-national-")
        assert "(invented)" in adapter.info.name
        assert "invented" in adapter.info.notes
        assert adapter.info.base_url == ""
