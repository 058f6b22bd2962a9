"""The address guard: a registry's name may not lead into the operator's own network.

It stands where sockets are made, so it sees the address of every attempt, however the host was
spelt: names, literals, `0x7f.1`, mapped IPv6 and answers that change between lookups.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

# IANA's special-purpose registries and what is older than they are, in our own words: what Python
# calls global changes from release to release. None of these is where a registry could be, also
# where IANA calls one globally reachable: relays, sinks and protocols live there.
_SPECIAL_4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network, and the address that is none
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by carriers (CGNAT)
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, and every cloud's metadata
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments: DS-Lite, NAT64 discovery, TURN and PCP anycast
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT relays
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and the broadcast address
    )
)
# All that is given to hosts. Outside of it are loopback, link-local, site-local, unique local and
# multicast addresses, the unspecified one, and IPv4 in IPv6: compatible, translated and NAT64.
_GIVEN = ipaddress.IPv6Network("2000::/3")
_SPECIAL_6 = tuple(
    ipaddress.IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments: Teredo, benchmarking, ORCHID, DRIP, AMT, anycast
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",  # AS112
        "3ffe::/16",  # the experimental 6bone, given back
        "3fff::/20",  # documentation
    )
)

AddressInfo = tuple[int, int, int, str, tuple[Any, ...]]


class AddressRefused(OSError):
    """The name resolved to an address that no public registry can have."""


def is_public(address: str) -> bool:
    """Whether the address can belong to a host on the public internet. One with a zone cannot:
    it is of one link."""
    if "%" in address:
        return False
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is None:
            return found in _GIVEN and not any(found in one for one in _SPECIAL_6)
        # What a socket of both families makes of an IPv4 address: the same host.
        found = found.ipv4_mapped
    return not any(found in one for one in _SPECIAL_4)


def guarded_socket(info: AddressInfo) -> socket.socket:
    """A socket for a public address.

    Raises:
        AddressRefused: for any other address; nothing is sent to it.
    """
    family, kind, protocol, _, address = info
    if not is_public(str(address[0])):
        raise AddressRefused("the registry's name leads to an address that is not public")
    return _open(family, kind, protocol)


def open_socket(info: AddressInfo) -> socket.socket:
    """A socket for any address: for registries that the operator runs in his own network."""
    family, kind, protocol, _, _ = info
    return _open(family, kind, protocol)


def _open(family: int, kind: int, protocol: int) -> socket.socket:
    made = socket.socket(family, kind, protocol)
    made.setblocking(False)
    return made


def socket_factory(allow_private: bool) -> Callable[[AddressInfo], socket.socket]:
    """The maker of sockets for one registry."""
    return open_socket if allow_private else guarded_socket
