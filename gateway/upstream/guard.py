"""The address guard: a registry's name may not lead into the operator's own network.

It stands where sockets are made, so it sees the address of every attempt, however the host was
spelt: names, literals, `0x7f.1`, mapped IPv6 and answers that change between lookups.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

# `is_global` passes these, and each leads back to an IPv4 address or to many hosts at once.
_TUNNELS = tuple(
    ipaddress.ip_network(text)
    for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)

AddressInfo = tuple[int, int, int, str, tuple[Any, ...]]


class AddressRefused(OSError):
    """The name resolved to an address that no public registry can have."""


def is_public(address: str) -> bool:
    """Whether the address can belong to a host on the public internet."""
    try:
        found = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        elif any(found in tunnel for tunnel in _TUNNELS):
            return False
    return found.is_global and not found.is_multicast


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
