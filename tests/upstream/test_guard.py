"""The address guard: which addresses a registry may have."""

from __future__ import annotations

import ipaddress
import socket

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import Request
from gateway.errors import RegistryUnreachable
from gateway.upstream.guard import AddressRefused, guarded_socket, is_public, socket_factory
from tests.upstream.bench import Registry, as_text, door_to, terms, upstream

PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fd00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2001::1",
    "not an address",
]


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
