"""How long a body may be used, by the letter of RFC 9111."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import Politeness
from gateway.upstream.entry import Entry, EntrySerializer
from gateway.upstream.freshness import directives, freshness, http_date, seconds

NOW = 1_767_225_600.0  # 2026-01-01T00:00:00Z
DATE = "Thu, 01 Jan 2026 00:00:00 GMT"
POLITE = Politeness(fresh_for=60.0, stale_if_error=600.0)


@pytest.mark.parametrize(
    ("headers", "lifetime"),
    [
        ({}, 60.0),
        ({"cache-control": "max-age=30"}, 30.0),
        ({"cache-control": "max-age=86400"}, 60.0),
        ({"cache-control": 'MAX-AGE="30"'}, 30.0),
        ({"cache-control": "max-age=30, max-age=50"}, 30.0),
        ({"cache-control": "max-age=30", "age": "10"}, 20.0),
        ({"cache-control": "max-age=30", "age": "99"}, 0.0),
        ({"cache-control": "max-age=30", "age": "nonsense"}, 30.0),
        ({"cache-control": "max-age=-5"}, 0.0),
        ({"cache-control": "max-age=1e9"}, 0.0),
        ({"cache-control": "no-cache"}, 0.0),
        ({"cache-control": "private, max-age=20"}, 20.0),
        ({"cache-control": "public"}, 60.0),
        ({"expires": "Thu, 01 Jan 2026 00:00:45 GMT", "date": DATE}, 45.0),
        ({"expires": "Thu, 01 Jan 2026 00:00:45 GMT"}, 45.0),
        ({"expires": "0"}, 0.0),
        ({"expires": "Thu, 01 Jan 1970 00:00:00 GMT", "date": DATE}, 0.0),
        ({"cache-control": "max-age=15", "expires": "0"}, 15.0),
        ({"date": DATE, "expires": "Thu, 01 Jan 2026 00:00:45 GMT", "age": "15"}, 30.0),
    ],
)
def test_the_lifetime_is_what_the_headers_say_capped_by_politeness(
    headers: dict[str, str], lifetime: float
) -> None:
    found = freshness(headers, NOW, POLITE)
    assert found.keep
    assert found.lifetime == lifetime


@pytest.mark.parametrize("headers", [{"cache-control": "max-age=9, no-store"}, {"vary": "*"}])
def test_what_may_not_be_stored_is_not(headers: dict[str, str]) -> None:
    assert not freshness(headers, NOW, POLITE).keep


@pytest.mark.parametrize(
    ("control", "grace"),
    [
        ("", 600.0),
        ("stale-if-error=5", 5.0),
        ("stale-if-error=999999", 600.0),
        ("must-revalidate", 0.0),
        ("no-cache", 0.0),
        ("stale-if-error=oops", 600.0),
    ],
)
def test_the_registry_may_shorten_how_long_an_old_body_stands_in(
    control: str, grace: float
) -> None:
    assert freshness({"cache-control": control}, NOW, POLITE).grace == grace


@given(st.dictionaries(st.sampled_from(["cache-control", "expires", "date", "age"]), st.text()))
def test_no_header_makes_freshness_stumble_or_exceed_its_bounds(headers: dict[str, str]) -> None:
    found = freshness(headers, NOW, POLITE)
    assert 0 <= found.lifetime <= POLITE.fresh_for
    assert 0 <= found.grace <= POLITE.stale_if_error


def test_directives_take_the_first_of_doubles() -> None:
    assert directives('a, B = "2" ,, c=3, c=4') == {"a": "", "b": "2", "c": "3"}


def test_numbers_and_dates_that_make_no_sense_are_none() -> None:
    assert seconds("١٢") is None
    assert seconds(None) is None
    assert seconds("9" * 50) == 2.0**31
    assert http_date("Thu, 32 Jan 2026 00:00:00 GMT") is None
    assert http_date("") is None
    assert http_date("Thu, 01 Jan 99999 00:00:00 GMT") is None


def entry(**changes: object) -> Entry:
    values: dict[str, object] = {
        "status": 200,
        "headers": {},
        "body": b"{}",
        "digest": "d",
        "fetched_at": NOW,
        "checked_at": NOW,
        "lifetime": 60.0,
        "grace": 600.0,
    }
    return Entry(**{**values, **changes})  # type: ignore[arg-type]


def test_an_entry_is_fresh_until_its_lifetime_or_the_clients_max_age_is_over() -> None:
    held = entry()
    assert held.staleness(NOW + 59, None) < 0
    assert held.staleness(NOW + 60, None) == 0
    assert held.staleness(NOW + 10, 5.0) == 5.0
    assert held.staleness(NOW, 0.0) == 0
    assert held.age(NOW - 100) == 0


@pytest.mark.parametrize(
    ("after", "max_age", "max_stale", "allowed"),
    [
        (61, None, None, True),
        (659, None, None, True),
        (660, None, None, False),
        (61, None, 0.0, False),
        (61, None, 5.0, True),
        (70, None, 5.0, False),
        (30, 0.0, None, True),
        (30, 0.0, 0.0, False),
        (60, None, 0.0, False),
    ],
)
def test_an_old_body_stands_in_only_as_long_as_both_sides_allow(
    after: int, max_age: float | None, max_stale: float | None, allowed: bool
) -> None:
    assert entry().may_stand_in(NOW + after, max_age, max_stale) is allowed


def test_a_304_renews_the_entry_and_keeps_its_bytes_and_birth() -> None:
    old = entry(headers={"etag": '"1"', "content-type": "text/csv", "age": "5"})
    news = {"cache-control": "max-age=7", "content-type": "text/html", "content-length": "0"}
    renewed, fresh = old.renewed(news, NOW + 500, POLITE)
    assert renewed.body is old.body
    assert renewed.digest == old.digest
    assert renewed.fetched_at == NOW
    assert renewed.checked_at == NOW + 500
    assert renewed.lifetime == fresh.lifetime == 2.0
    assert renewed.headers["content-type"] == "text/csv"
    assert renewed.headers["etag"] == '"1"'


def test_conditions_ask_by_whatever_validators_there_are() -> None:
    assert entry().conditions() == {}
    both = entry(headers={"etag": 'W/"x"', "last-modified": DATE})
    assert both.conditions() == {"if-none-match": 'W/"x"', "if-modified-since": DATE}


def test_entries_survive_the_store_and_foreign_bytes_count_as_absent() -> None:
    serializer = EntrySerializer()
    body = bytes(range(256))
    held = entry(headers={"a": "b"}, body=body, digest=sha256(body).hexdigest(), certificate="c")
    assert serializer.loads(serializer.dumps(held)) == held
    assert serializer.loads(None) is None
    assert serializer.loads(b"\x00garbage") is None
    assert serializer.loads(b"\x81\xa1a\x01") is None
