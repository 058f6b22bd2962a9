"""Messages about a manifest name the line that is meant."""

from __future__ import annotations

from adapters.manifest_lines import line_of, places

TEXT = '''\
# a comment = no key
[registry]
key = "x"
"quoted key" = 1

[resources.unit.endpoint]
query = """
SELECT a
  FROM units
 WHERE state = 'x'
"""
limit = 5
short = """one line"""

[[resources.unit.fields.labels]]
label = "Mark"
a.b.c = 1
'''


def test_tables_and_keys_have_their_lines() -> None:
    found = places(TEXT)
    assert found[("registry",)] == 2
    assert found[("registry", "key")] == 3
    assert found[("registry", "quoted key")] == 4
    assert found[("resources", "unit", "endpoint", "limit")] == 12
    assert found[("resources", "unit", "endpoint", "short")] == 13
    assert found[("resources", "unit", "fields", "labels")] == 15
    assert found[("resources", "unit", "fields", "labels", "a", "b", "c")] == 17


def test_what_stands_in_a_long_text_is_no_key() -> None:
    assert not any("state" in place or "WHERE state" in place for place in places(TEXT))


def test_the_nearest_known_place_stands_for_an_unknown_one() -> None:
    found = places(TEXT)
    assert line_of(("registry", "key", "deeper"), found) == 3
    assert line_of(("resources", "unit", "endpoint", "nowhere"), found) == 6
    assert line_of(("resources", "unit"), found) == 6
    assert line_of(("elsewhere",), found) is None
