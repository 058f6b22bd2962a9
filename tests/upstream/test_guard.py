"""The address guard: which addresses a registry may have."""

from __future__ import annotations

import ipaddress
import socket

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import Request
from gateway.errors import RegistryHttpError, RegistryUnreachable
from gateway.upstream.connector import Connector
from gateway.upstream.guard import AddressRefused, guarded_socket, is_public, socket_factory
from gateway.upstream.upstream import Upstream
from tests.upstream.bench import Registry, as_text, door_to, terms, upstream

# IANA's registries of special-purpose addresses, whole, and what they do not list any more.
SPECIAL = {
    "this network": "0.0.0.0/8",
    "this host": "0.0.0.0/32",
    "private": "10.0.0.0/8",
    "shared": "100.64.0.0/10",
    "loopback": "127.0.0.0/8",
    "link-local": "169.254.0.0/16",
    "private, 12 bits": "172.16.0.0/12",
    "protocol assignments": "192.0.0.0/24",
    "DS-Lite": "192.0.0.0/29",
    "dummy": "192.0.0.8/32",
    "PCP anycast": "192.0.0.9/32",
    "TURN anycast": "192.0.0.10/32",
    "NAT64 discovery": "192.0.0.170/31",
    "documentation 1": "192.0.2.0/24",
    "AS112": "192.31.196.0/24",
    "AMT": "192.52.193.0/24",
    "6to4 relays": "192.88.99.0/24",
    "private, 16 bits": "192.168.0.0/16",
    "AS112, direct": "192.175.48.0/24",
    "benchmarking": "198.18.0.0/15",
    "documentation 2": "198.51.100.0/24",
    "documentation 3": "203.0.113.0/24",
    "multicast": "224.0.0.0/4",
    "reserved": "240.0.0.0/4",
    "broadcast": "255.255.255.255/32",
    "v6 unspecified": "::/128",
    "v6 loopback": "::1/128",
    "v6 IPv4-compatible": "::/96",
    "v6 IPv4-translated": "::ffff:0:0:0/96",
    "v6 NAT64": "64:ff9b::/96",
    "v6 NAT64, local use": "64:ff9b:1::/48",
    "v6 discard": "100::/64",
    "v6 dummy": "100:0:0:1::/64",
    "v6 protocol assignments": "2001::/23",
    "v6 Teredo": "2001::/32",
    "v6 PCP anycast": "2001:1::1/128",
    "v6 TURN anycast": "2001:1::2/128",
    "v6 DNS-SD anycast": "2001:1::3/128",
    "v6 benchmarking": "2001:2::/48",
    "v6 AMT": "2001:3::/32",
    "v6 AS112": "2001:4:112::/48",
    "v6 ORCHID": "2001:10::/28",
    "v6 ORCHID 2": "2001:20::/28",
    "v6 DRIP": "2001:30::/28",
    "v6 documentation": "2001:db8::/32",
    "v6 6to4": "2002::/16",
    "v6 AS112, direct": "2620:4f:8000::/48",
    "v6 6bone": "3ffe::/16",
    "v6 documentation, 20 bits": "3fff::/20",
    "v6 SRv6": "5f00::/16",
    "v6 unique local": "fc00::/7",
    "v6 link-local": "fe80::/10",
    "v6 site-local": "fec0::/10",
    "v6 multicast": "ff00::/8",
    "v6 not given to anybody": "4000::/2",
}
PRIVATE = [
    "127.0.0.1",
    "169.254.169.254",
    "fe80::1%eth0",
    "2606:2800:220:1::1%eth0",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "::93.184.216.34",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::5db8:d822",
    "2002:7f00:1::",
    "2001:0:5db8:d822::1",
    "0x7f.1",
    "127.1",
    "0177.0.0.1",
    "/run/socket",
    "",
    "not an address",
]


def ends(text: str) -> list[str]:
    """The first and the last address of a network, and one in its middle."""
    network = ipaddress.ip_network(text)
    first, last = int(network.network_address), int(network.broadcast_address)
    kind = type(network.network_address)
    return [str(kind(number)) for number in (first, (first + last) // 2, last)]


@pytest.mark.parametrize("name", SPECIAL)
def test_no_special_purpose_address_is_a_registrys(name: str) -> None:
    for address in ends(SPECIAL[name]):
        assert not is_public(address), address
        if ":" not in address:
            assert not is_public(f"::ffff:{address}"), address


@pytest.mark.parametrize(
    "address",
    [
        "1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0",
        "191.255.255.255", "192.0.1.0", "192.0.3.0", "192.167.255.255", "192.169.0.0",
        "198.17.255.255", "198.20.0.0", "198.51.99.255", "203.0.114.0", "223.255.255.255",
        "2000::", "2001:200::", "2001:db7:ffff::", "2001:db9::", "2003::", "2a00:1450::1",
        "2620:4f:7fff::", "2620:4f:8001::", "3ffd:ffff::", "3fff:1000::",
    ],
)  # fmt: skip
def test_the_neighbours_of_special_ranges_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_inside_are_refused(address: str) -> None:
    assert not is_public(address)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with pytest.raises(AddressRefused):
        guarded_socket((family, socket.SOCK_STREAM, 0, "", (address, 443)))


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:8.8.8.8"])
def test_addresses_outside_are_let_through(address: str) -> None:
    assert is_public(address)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    made = socket_factory(False)((family, socket.SOCK_STREAM, 0, "", (address, 443)))
    assert not made.getblocking()
    made.close()


@given(st.ip_addresses(v=4))
def test_an_address_mapped_into_version_six_is_judged_as_itself(
    address: ipaddress.IPv4Address,
) -> None:
    assert is_public(f"::ffff:{address}") == is_public(str(address))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f.1", "2130706433"])
async def test_no_spelling_of_loopback_gets_past_the_guard(host: str) -> None:
    async def secret(_: web.Request) -> web.Response:
        return web.Response(text="metadata")

    async with Registry(secret) as registry:
        port = registry.url.split(":")[2].split("/")[0]
        inside = upstream(f"http://{host}:{port}", allow_private=False)
        async with door_to(inside) as door:
            with pytest.raises(RegistryUnreachable, match=r"not public|leads nowhere"):
                await door.source("sample", terms()).read(Request("x"), as_text)
        assert registry.calls == 0


async def test_a_refused_address_is_not_tried_again() -> None:
    async with door_to(upstream("http://127.0.0.1:9", allow_private=False)) as door:
        asked = terms()
        with pytest.raises(RegistryUnreachable):
            await door.source("sample", asked).read(Request("x"), as_text)
        assert asked.evidence.exchanges[0].attempts == 1


class Names(AbstractResolver):
    """A resolver that gives these addresses, one list for each time it is asked."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = [*answers]
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        self.asked += 1
        found = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in found
        ]

    async def close(self) -> None:
        return None


@pytest.mark.parametrize(
    "answers",
    [
        [["127.0.0.1"]],
        [["10.255.255.1", "127.0.0.1"]],
        [["::ffff:127.0.0.1", "::127.0.0.1", "127.0.0.1"]],
        [["fec0::1"], ["127.0.0.1"], ["127.0.0.1"]],
    ],
)
async def test_a_name_that_changes_its_mind_leads_nowhere_inside(answers: list[list[str]]) -> None:
    """What a name resolves to is judged at each connection, not when it was looked up first."""

    async def secret(_: web.Request) -> web.Response:
        return web.Response(text="metadata")

    names = Names(*answers)

    def pool(of: Upstream) -> aiohttp.BaseConnector:
        guarded = socket_factory(of.allow_private)
        return Connector(resolver=names, use_dns_cache=False, socket_factory=guarded)

    async with Registry(secret) as registry:
        port = registry.url.split(":")[2].split("/")[0]
        inside = upstream(f"http://registry.example:{port}", allow_private=False)
        async with door_to(inside, connector=pool) as door:
            for n in range(3):
                with pytest.raises(RegistryUnreachable, match="not public"):
                    await door.source("sample", terms()).read(Request(f"x{n}"), as_text)
        assert registry.calls == 0
        assert names.asked == 3


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/latest", "http://[::1]/", "http://127.0.0.1.nip.example/"]
)
async def test_no_redirect_leads_inside(target: str) -> None:
    async def away(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": target})

    async with Registry(away) as registry, door_to(upstream(registry.url)) as door:
        with pytest.raises(RegistryHttpError, match="redirect away from the registry"):
            await door.source("sample", terms()).read(Request("x"), as_text)
        assert registry.calls == 1
