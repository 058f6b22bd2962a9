"""A manifest's fields are declared fields like any adapter's: lazy, with raw texts and a recipe."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.catalogue import examples
from adapters.contract import Unread
from adapters.manifest_convert import CONVERTERS, coerced
from adapters.manifest_records import Records, Rows
from adapters.manifest_resource import FileResource
from adapters.manifest_views import Views
from gateway.model import picklists as pick
from gateway.model.entity import Entity
from gateway.model.record import Identifier, Origin
from gateway.provenance.recipe import recipe_bytes, recipe_document
from tests.adapters.manifests import manifest

LOOKUPS: dict[str, dict[str, Any]] = {
    "status": {"On": "Registered", "Off": "Withdrawn"},
    "place": {"The North": "KE"},
    "names": {"X": "Example"},
    "many": {"both": ["Wind"]},
    "flag": {"ja": True, "nein": False},
}
ORIGIN = Origin("invented", 3)


def record(fields: dict[str, Any], row: dict[str, Any], entity: Entity = Entity.PROJECT) -> Any:
    """The record that these fields make of a JSON row."""
    return records(fields, entity).records(made(fields, entity, row).rows, ORIGIN)[0]


def made(fields: dict[str, Any], entity: Entity, *rows: Any) -> Rows:
    return records(fields, entity).make(rows, Unread())


def records(fields: dict[str, Any], entity: Entity = Entity.PROJECT) -> Records:
    resource = FileResource.model_validate(
        {"endpoint": {"path": "x.jsonl"}, "fields": {"key": "id", **fields}}
    )
    info = examples()["example-national-csv"].info
    views = Views("invented", LOOKUPS)
    return Records(info, entity, resource, views, table=False)


def test_texts_are_as_they_are_and_numbers_become_texts_where_texts_are_meant() -> None:
    found = record({"project_name": "name", "project_id": "id", "project_tags": "b"},
                   {"id": 7, "name": "", "b": True})  # fmt: skip
    assert (found.key, found.project_id, found.project_name) == ("7", "7", None)
    assert found.project_tags == "true"
    assert found.id == "cgw:invented:project:7"
    assert found.pointer == "/0"


def test_fields_are_converted_by_what_they_are() -> None:
    found = record(
        {
            "registration_date": "day",
            "updated_at": "at",
            "covered_by_ndc": "ndc",
            "sector": "sector",
            "methodology": "method",
        },
        {
            "id": "1",
            "day": "2024-01-31T10:00:00Z",
            "at": "2024-01-31",
            "ndc": "inside ndc",
            "sector": "Energy demand",
            "method": "ACM0002 v20.0",
        },
    )
    assert found.registration_date == "2024-01-31"
    assert found.registration_date_raw == "2024-01-31T10:00:00Z"
    assert found.covered_by_ndc is pick.CoveredByNDC.INSIDE_NDC
    assert (found.sector, found.sector_raw) == ("Energy demand", "Energy demand")
    assert found.methodology == "ACM0002"


def test_texts_with_a_raw_sibling_have_it_without_conversion_too() -> None:
    found = record({"current_registry": "reg", "sector": {"from": "s", "convert": "text"}},
                   {"id": "1", "reg": "Here", "s": "Odd"})  # fmt: skip
    assert (found.current_registry, found.current_registry_raw) == ("Here", "Here")
    assert (found.sector, found.sector_raw) == ("Odd", "Odd")


def test_lookups_come_before_converters_and_alone_where_none_is_said() -> None:
    fields = {
        "project_status": {"from": "s", "lookup": "status"},
        "project_locations": [{"country": {"from": "c", "lookup": "place", "convert": "country"}}],
        "project_developer": {"from": "d", "lookup": "names"},
        "project_types": {"from": "t", "lookup": "many"},
    }
    one = record(fields, {"id": "1", "s": " on ", "c": "The north", "d": "x", "t": "BOTH"})
    assert one.project_status is pick.ProjectStatus.REGISTERED
    assert one.project_locations[0].country == "KE"
    assert one.project_developer == "Example"
    assert one.project_types == ("Wind",)
    other = record(fields, {"id": "1", "s": "Registered", "c": "Ghana", "d": "y", "t": "z"})
    assert (other.project_status, other.project_status_raw) == (None, "Registered")
    assert other.project_locations[0].country == "GH"
    assert other.project_developer is None


def test_booleans_are_read_from_every_way_to_say_them() -> None:
    for raw, value in ((True, True), ("No", False), (1, True), ("perhaps", None)):
        found = record({"is_ex_ante": "p"}, {"id": "1", "p": raw}, Entity.UNIT)
        assert found.is_ex_ante is value
    said = {"is_ex_ante": {"from": "p", "lookup": "flag"}}
    assert record(said, {"id": "1", "p": "nein"}, Entity.UNIT).is_ex_ante is False


def test_constants_are_of_the_fields_kind() -> None:
    fields = {
        "unit_metric": {"constant": "tCO2e"},
        "is_ex_ante": {"constant": False},
        "unit_count": {"constant": Decimal("1.50")},
        "vintage_year": {"constant": 2024},
        "country_jurisdiction_of_owner": {"constant": "KE"},
        "unit_status_date": {"constant": "2024-01-31"},
    }
    found = record(fields, {"id": "1"}, Entity.UNIT)
    assert found.unit_metric is pick.UnitMetric.TCO2E
    assert found.unit_metric_raw is None
    assert (found.is_ex_ante, found.unit_count, found.vintage_year) == (
        False,
        Decimal("1.50"),
        2024,
    )
    assert found.country_jurisdiction_of_owner == "KE"
    assert found.unit_status_date == "2024-01-31"
    assert record({"sectors": {"constant": ["Waste"]}}, {"id": "1"}).sectors == ("Waste",)


def test_templates_are_filled_where_all_of_them_is_there() -> None:
    fields = {
        "project_link": {"template": "https://x.example/p/{id}?z={zone}"},
        "project_tags": {"template": "{id} in {zone}"},
    }
    whole = record(fields, {"id": "A/1 ü", "zone": 5})
    assert whole.project_link == "https://x.example/p/A%2F1%20%C3%BC?z=5"
    assert whole.project_tags == "A/1 ü in 5"
    assert record(fields, {"id": "A"}).project_link is None


def test_the_first_of_several_places_that_says_something_counts() -> None:
    fields = {"project_name": {"from": ["title", "name"]}}
    assert record(fields, {"id": "1", "title": "", "name": "N"}).project_name == "N"
    assert record(fields, {"id": "1", "title": "T", "name": "N"}).project_name == "T"
    assert record(fields, {"id": "1"}).project_name is None


def test_children_are_made_of_the_row_where_it_says_anything_of_them() -> None:
    fields = {
        "project_locations": [
            {"country": "c", "in_country_region": "r"},
            {"country": "c2", "geographic_identifier": {"constant": "second"}},
        ],
        "cad_trust_program": [{"program_name": "p"}],
    }
    both = record(fields, {"id": "1", "c": "Kenya", "c2": "Ghana", "p": "P"})
    assert [place.country for place in both.project_locations] == ["KE", "GH"]
    assert both.cad_trust_program.program_name == "P"
    none = record(fields, {"id": "1"})
    assert (none.project_locations, none.cad_trust_program) == ((), None)


def test_children_are_made_of_the_items_of_a_list() -> None:
    fields = {
        "project_locations": {
            "each": "sites[?live]",
            "fields": {"country": "iso", "latitude": "at.lat", "longitude": "at.lon"},
        }
    }
    sites = [
        {"live": True, "iso": "KE", "at": {"lat": Decimal("-1.50"), "lon": 36}},
        {"live": False, "iso": "GH"},
    ]
    (place,) = record(fields, {"id": "1", "sites": sites}).project_locations
    assert (place.country, place.latitude, place.longitude) == ("KE", Decimal("-1.50"), 36)
    assert place.latitude_raw == "-1.50"
    assert record(fields, {"id": "1"}).project_locations == ()
    odd = record({"labels": {"each": "m", "fields": {"label": "x"}}}, {"id": "1", "m": {"a": 1}})
    assert (odd.labels, odd.unmapped("labels")) == ((), ('{"a":1}',))


def test_texts_of_several_children_are_taken_apart() -> None:
    fields = {
        "labels": {"from": "marks", "convert": "labels"},
        "co_benefits": {"from": "goals", "convert": "sdgs"},
        "methodologies": {"from": "method", "convert": "methodologies"},
        "project_locations": {"from": "where", "convert": "countries"},
    }
    found = record(
        fields,
        {"id": "1", "marks": "CCP; Odd mark", "goals": ["SDG 7", 13], "method": "ACM0002 v20.0",
         "where": "Kenya; Ghana"},
    )  # fmt: skip
    assert [(m.label, m.label_raw) for m in found.labels] == [
        ("ICVCM CCP", "CCP"), ("Odd mark", "Odd mark"),
    ]  # fmt: skip
    assert [goal.sdg for goal in found.co_benefits] == [7, 13]
    assert found.co_benefits[0].co_benefit_raw == "SDG 7; 13"
    assert found.methodologies[0].methodology_version == "20.0"
    assert [place.country for place in found.project_locations] == ["KE", "GH"]
    assert found.project_locations[0].country_raw == "Kenya; Ghana"
    assert record(fields, {"id": "1"}).labels == ()


@pytest.mark.parametrize("value", [{"a": 1}, ["a"]])
def test_an_object_or_a_list_where_a_plain_value_should_be_is_odd(value: Any) -> None:
    text = json.dumps(value, separators=(",", ":"))
    for name in ("project_name", "registration_date"):
        found = record({name: "x"}, {"id": "1", "x": value})
        assert getattr(found, name) is None
        assert found.unmapped(name) == (text,)
    assert found.registration_date_raw == text


def test_rows_that_are_none_are_left_out_of_a_list_with_their_places() -> None:
    fields = {"estimations": {"each": "years", "fields": {"unit_count": "n"}}}
    unread = Unread()
    rows = [{"id": "1", "years": [{"n": 1}, 7]}, {"id": ""}, 8, {"id": "2", "years": "none"}]
    found = records(fields).make(rows, unread)
    assert [(row.id, place) for row, place in found.rows] == [("1", 0), ("2", 3)]
    assert (found.lost, found.received) == (2, 4)
    assert unread.count == 3
    assert unread.first[1:] == ["/1: its id is missing", "/2: it is no object but 8"]
    odd: Any = records(fields).records(found.rows[1:], ORIGIN)[0]
    assert (odd.estimations, odd.unmapped("estimations")) == ((), ("none",))


def test_a_recipe_says_what_is_selected_and_every_rule(tmp_path: Path) -> None:
    text = """
[client]
type = "file"
[lookups.status]
"On" = "Registered"
[resources.project]
endpoint = { path = "p.jsonl" }
[resources.project.fields]
key = "ids.code || id"
project_status = { from = "state.name", lookup = "status" }
project_locations = [{ country = { from = "c", convert = "country" } }, { country = "d" }]
project_link = { template = "https://x.example/{id}" }
"""
    adapter = manifest(tmp_path, text)
    found = recipe_document(adapter)
    fields = found["views"]["project"][0]["fields"]
    assert fields["key"] == {"from": ["ids.code || id"], "rule": "as-is"}
    assert fields["project_status"] == {"from": ["state.name"], "rule": "table.invented-status/1"}
    assert fields["project_status_raw"]["from"] == ["state.name"]
    assert found["rules"]["table.invented-status/1"]["entries"] == {"On": "Registered"}
    assert fields["project_locations"]["from"] == ["c", "d"]
    assert sorted(found["children"]) == [
        "invented.invented-project-project-locations1",
        "invented.invented-project-project-locations2",
    ]
    assert b"https://x.example/" in recipe_bytes(adapter)
    assert recipe_bytes(adapter) == recipe_bytes(manifest(tmp_path, text))


def test_attributes_keep_clear_of_each_other_and_of_pythons_words() -> None:
    fields = {"project_name": "class", "project_tags": "a.b", "project_id": "a_b",
              "project_subtype": '"7 x"', "ndc_information": '"?"'}  # fmt: skip
    found = records(fields)
    names = [column.name for column in found.shape.columns]
    assert names == ["id", "class_", "a_b", "a_b_2", "c_7_x", "column"]
    row = {"id": "1", "class": "c", "a": {"b": "d"}, "a_b": "e", "7 x": "f", "?": "g"}
    told = record(fields, row)
    assert (told.project_name, told.project_tags, told.project_id) == ("c", "d", "e")
    assert (told.project_subtype, told.ndc_information) == ("f", "g")


def test_keys_are_identifiers_where_the_manifest_says_by_which_scheme() -> None:
    adapter = examples()["example-national-csv"]
    assert adapter.info.schemes == ("example-national-csv.project",)
    assert adapter.project_key(" XC-9001 ") == "XC-9001"
    assert adapter.project_key("9001") is None
    known = adapter.lookup_key("example-national-csv.project", "XC-9001")
    assert known == (Entity.PROJECT, "XC-9001")
    assert adapter.lookup_key("example-national-csv.project", "x") is None
    assert adapter.lookup_key("other", "XC-9001") is None
    (view,) = adapter.views[Entity.PROJECT]
    assert view.fields["identifiers"].read(
        type("Row", (), {"registration_no": "XC-9001"})()
    ) == (Identifier("example-national-csv.project", "XC-9001"),)  # fmt: skip


def test_units_belong_to_the_issuance_that_their_row_names() -> None:
    adapter = examples()["example-national-csv"]
    unit = record({"issuance_key": "i"}, {"id": "U", "i": "I-1"}, Entity.UNIT)
    issuance = record({}, {"id": "I-1"}, Entity.ISSUANCE)
    assert adapter.belongs(unit, issuance)
    assert not adapter.belongs(unit, record({}, {"id": "I-2"}, Entity.ISSUANCE))
    assert not adapter.belongs(record({}, {"id": "U"}, Entity.UNIT), issuance)


def test_every_converter_gives_nothing_for_what_it_does_not_know() -> None:
    for name, (gives, convert) in CONVERTERS.items():
        found = convert("\u0000 no such thing \u0000")
        assert found in (None, ()) or gives == "text", name


@pytest.mark.parametrize(
    ("kind", "value"),
    [("quantity", "many"), ("integer", "x"), ("country", 7), ("text", 7), ("instant", "soon")],
)
def test_a_value_that_a_field_cannot_have_is_refused(kind: str, value: Any) -> None:
    with pytest.raises(ValueError, match="is no"):
        coerced(kind, None, value)


def test_compiled_projections_can_read_every_attribute() -> None:
    for adapter in examples().values():
        for (view,) in adapter.views.values():
            for declared in view.fields.values():
                assert all(path.isidentifier() for path in declared.inputs)
