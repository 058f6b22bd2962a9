"""Evidence: exchanges in order, and the headers that a mapping looks at."""

from __future__ import annotations

from gateway.provenance.evidence import Evidence, Watched
from tests.provenance.answers import exchange


def test_exchanges_are_numbered_in_the_order_in_which_they_ended() -> None:
    evidence = Evidence()
    assert [evidence.add(exchange(b"a")), evidence.add(exchange(b"b"))] == [0, 1]


def test_headers_that_are_looked_at_are_remembered_missing_ones_too() -> None:
    seen: dict[str, str | None] = {}
    headers = Watched({"x-total-count": "7", "set-cookie": "secret"}, seen)
    assert headers.get("x-total-count") == "7"
    assert "x-none" not in headers
    assert (len(headers), list(headers)) == (2, ["x-total-count", "set-cookie"])
    assert seen == {"x-total-count": "7", "x-none": None}


def test_an_exchange_with_headers_can_be_hashed() -> None:
    assert len({exchange(b"a", headers={"a": "b"}), exchange(b"a", headers={"a": "b"})}) == 1
