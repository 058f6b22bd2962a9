"""Whose request it is: the connection's address, or what trusted proxies say, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.clientaddress import ClientAddress, subscriber
from gateway.config import Settings
from gateway.configfile import load
from gateway.errors import ConfigError

OWN = ("10.0.0.0/8", "2001:db8:1::/48")


def scope(peer: str | None, *headers: tuple[str, str]) -> dict[str, Any]:
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
    return {"client": None if peer is None else (peer, 1234), "headers": raw}


def behind(peer: str | None, *told: str) -> str:
    return ClientAddress(OWN).of(scope(peer, *(("x-forwarded-for", text) for text in told)))


def forwarded(peer: str, *told: str) -> str:
    found = ClientAddress(OWN, "forwarded")
    return found.of(scope(peer, *(("forwarded", text) for text in told)))


def test_nothing_is_believed_of_who_is_not_trusted() -> None:
    assert behind("198.51.100.9", "203.0.113.1") == "198.51.100.9"
    assert ClientAddress().of(scope("10.0.0.1", ("x-forwarded-for", "1.1.1.1"))) == "10.0.0.1"


@pytest.mark.parametrize(
    ("told", "client"),
    [
        (("203.0.113.1",), "203.0.113.1"),
        (("6.6.6.6, 203.0.113.1",), "203.0.113.1"),
        (("6.6.6.6, 203.0.113.1, 10.9.9.9",), "203.0.113.1"),
        (("6.6.6.6", "203.0.113.1"), "203.0.113.1"),
        (("203.0.113.1:4711",), "203.0.113.1"),
        (("[2a00:1::5]:443",), "2a00:1::5"),
        (("2A00:1:0:0::5",), "2a00:1::5"),
        (("::ffff:203.0.113.1",), "203.0.113.1"),
        (("fe80::1%eth0",), "fe80::1"),
        (("10.1.1.1, 10.2.2.2",), "10.1.1.1"),
        (("6.6.6.6, unknown",), "10.0.0.1"),
        (("6.6.6.6, unknown, 10.3.3.3",), "10.3.3.3"),
        (("",), "10.0.0.1"),
        ((", ,",), "10.0.0.1"),
        ((), "10.0.0.1"),
        (("\xff\xfe, 999.1.1.1",), "10.0.0.1"),
    ],
)
def test_the_client_is_the_nearest_hop_that_is_no_proxy_of_ours(
    told: tuple[str, ...], client: str
) -> None:
    assert behind("10.0.0.1", *told) == client
    assert behind("::ffff:10.0.0.1", *told) == client


@pytest.mark.parametrize(
    ("told", "client"),
    [
        (("for=203.0.113.1",), "203.0.113.1"),
        (("for=6.6.6.6, For=203.0.113.1;proto=https;by=10.0.0.1",), "203.0.113.1"),
        (('for="[2a00:1::5]:47011"',), "2a00:1::5"),
        (('for="203.0.113.1:80";host="a,b"',), "203.0.113.1"),
        (('for="6.6.6.6, for="[2a00:1::5]"',), "2a00:1::5"),
        (('for=6.6.6.6;host="x, for=203.0.113.1',), "203.0.113.1"),
        (("for=6.6.6.6", 'host="x', "for=203.0.113.1"), "203.0.113.1"),
        (("for=6.6.6.6, proto=https",), "10.0.0.1"),
        (("for=6.6.6.6, for=_hidden",), "10.0.0.1"),
        (('for="\\2\\0\\3.0.113.1"',), "203.0.113.1"),
        (("nonsense",), "10.0.0.1"),
    ],
)
def test_the_standard_header_is_read_from_its_end(told: tuple[str, ...], client: str) -> None:
    assert forwarded("10.0.0.1", *told) == client


def test_only_the_header_that_the_proxies_write_is_read() -> None:
    both = scope("10.0.0.1", ("forwarded", "for=6.6.6.6"), ("x-forwarded-for", "203.0.113.1"))
    assert ClientAddress(OWN).of(both) == "203.0.113.1"
    assert ClientAddress(OWN, "forwarded").of(both) == "6.6.6.6"


def test_a_connection_without_an_address_has_none() -> None:
    assert behind(None, "203.0.113.1") == ""
    assert behind("testclient", "203.0.113.1") == "testclient"


def test_no_more_hops_are_read_than_anybody_has() -> None:
    assert behind("10.0.0.1", "6.6.6.6, " + "10.1.1.1, " * 400 + "10.2.2.2") == "10.1.1.1"


@given(st.text(alphabet='for="[]:;,.\\ 1203af%x', max_size=300))
def test_whatever_a_client_writes_the_proxys_own_word_stands(said: str) -> None:
    assert behind("10.0.0.1", said + ",203.0.113.1") == "203.0.113.1"
    assert behind("10.0.0.1", said, "203.0.113.1") == "203.0.113.1"
    assert forwarded("10.0.0.1", said + ",for=203.0.113.1") == "203.0.113.1"
    assert forwarded("10.0.0.1", said, 'for="[2a00:1::5]:1"') == "2a00:1::5"


def test_a_subscriber_is_an_address_or_a_64() -> None:
    assert subscriber("203.0.113.1") == "203.0.113.1"
    assert subscriber("2a00:1:2:3:4:5:6:7") == subscriber("2a00:1:2:3::9") == "2a00:1:2:3::/64"
    assert subscriber("") == ""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("10.0.0.7/8", "did you mean 10.0.0.0/8?"),
        ("proxy.example", "is no network: write an address such as 10.0.0.7"),
        ("0.0.0.0/0", "is everybody"),
        ("::/0", "is everybody"),
        ("10.0.0.0/33", "is no network"),
    ],
)
def test_a_network_that_is_none_is_told_at_the_start(text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=r"server\.trusted_proxies") as caught:
        load(None, {"CGW_SERVER__TRUSTED_PROXIES": text})
    assert told in caught.value.message


def test_single_addresses_and_lists_are_networks_too() -> None:
    found: Settings = load(None, {"CGW_SERVER__TRUSTED_PROXIES": "10.0.0.7, ::1"})
    assert found.server.trusted_proxies == ("10.0.0.7", "::1")
    assert (
        ClientAddress(found.server.trusted_proxies).of(
            scope("::1", ("x-forwarded-for", "203.0.113.1"))
        )
        == "203.0.113.1"
    )
