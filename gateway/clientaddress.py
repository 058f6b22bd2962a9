"""Whose request it is: the client's address, behind as many proxies as the operator trusts.

A header is only as good as whoever wrote it. So nothing is read from it unless the connection
comes from a network that the operator named, and only the one header is read that his proxies
write: a proxy that adds to `X-Forwarded-For` passes a `Forwarded` of the client's on unread.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Literal

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Header = Literal["x-forwarded-for", "forwarded"]

# Hops that are read, from the nearest on; nobody has more proxies, and every one costs time.
_HOPS = 16
_CHARS = 2048
# RFC 7239, section 4: pairs of a token and a token or a quoted text. Brackets and colons want
# quotes there, which some proxies forget.
_SIGN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]"
_PAIR_TEXT = rf"({_SIGN}++)=(?:\"((?:[^\"\\]|\\.)*+)\"|([^ \t\",;=]++))"
_PAIR = re.compile(f"(?<!{_SIGN}){_PAIR_TEXT}")
_ELEMENT = re.compile(rf"[ \t]*+{_PAIR_TEXT}[ \t]*+(?:;[ \t]*+{_PAIR_TEXT}[ \t]*+)*+")
# Commas that may stand inside the quotes of one element.
_COMMAS = 4
# With a port after it, or in the brackets that one demands; a zone names a link of the proxy's.
_HOST = re.compile(
    r"\[([0-9A-Fa-f:.]+)(?:%[^\]]*)?\](?::[0-9_A-Za-z.-]+)?|([0-9.]+):[0-9_A-Za-z.-]+"
)


class ClientAddress:
    """The address of each request's client, for the log and for limits.

    `trusted` are the networks of the operator's own proxies, `header` is what these write.
    """

    def __init__(self, trusted: Iterable[str] = (), header: Header = "x-forwarded-for") -> None:
        self._trusted = tuple(network(text) for text in trusted)
        self._header = header.encode()
        self._chain = _forwarded if header == "forwarded" else _x_forwarded_for

    def of(self, scope: Mapping[str, Any]) -> str:
        """The address in its canonical form, without a port; empty where there is none.

        Of the hops that the header tells, the last one that is no trusted proxy is the client:
        what stands before it is what the client said. A hop that is no address ends the way, and
        the proxy that told it is all that is known.
        """
        peer = scope.get("client")
        if peer is None:
            return ""
        known = address(str(peer[0]))
        if known is None:
            return str(peer[0])
        if not self._trusted or not self._trusts(known):
            return str(known)
        text = b",".join(value for name, value in scope["headers"] if name == self._header)
        for hop in self._chain(text.decode("latin-1")[-_CHARS:]):
            found = address(hop)
            if found is None:
                break
            known = found
            if not self._trusts(found):
                break
        return str(known)

    def trusts(self, text: str) -> bool:
        """Whether a connection from this address is a trusted proxy's."""
        found = address(text)
        return found is not None and self._trusts(found)

    def _trusts(self, found: Address) -> bool:
        return any(found in one for one in self._trusted)


def subscriber(client: str) -> str:
    """What limits by address count by: the address, of IPv6 the /64, which is one subscriber's."""
    found = address(client)
    if not isinstance(found, ipaddress.IPv6Address):
        return client
    return str(ipaddress.ip_network((int(found) >> 64 << 64, 64)))


def network(text: str) -> Network:
    """A trusted network, such as `10.0.0.0/8` or one address.

    Raises:
        ValueError: it is none, or it is everybody.
    """
    try:
        found = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        raise ValueError(
            f"{text!r} is no network: write an address such as 10.0.0.7, or a network such as "
            "10.0.0.0/8"
        ) from None
    if found.network_address != ipaddress.ip_interface(text.strip()).ip:
        raise ValueError(f"{text!r} has bits set beyond its length: did you mean {found}?")
    if found.prefixlen == 0:
        raise ValueError(f"{text!r} is everybody: name the networks of your own proxies")
    return found


def address(text: str) -> Address | None:
    """The address in a text, without port, brackets and zone; None where it is none."""
    text = text.strip()
    if found := _HOST.fullmatch(text):
        text = found[1] or found[2]
    try:
        known = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    # A socket that speaks both families tells an IPv4 client so.
    return getattr(known, "ipv4_mapped", None) or known


def _x_forwarded_for(text: str) -> Collection[str]:
    hops = text.rsplit(",", _HOPS)
    # What is left of the first cut is many hops, or the first one whole.
    return [hop for hop in reversed(hops) if hop.strip()][:_HOPS]


def _forwarded(text: str) -> Collection[str]:
    """The `for` of each element, from the last on; an element without one tells nothing.

    It is read from its end: what the client left open in his part swallows nothing of what the
    proxies added to it.
    """
    found: list[str] = []
    end = len(text)
    while end >= 0 and len(found) < _HOPS:
        cut = end
        for _ in range(_COMMAS):
            cut = text.rfind(",", 0, cut)
            part = text[cut + 1 : end]
            if cut < 0 or not part.strip() or _ELEMENT.fullmatch(part):
                break
        if part.strip():
            found.append(_for(part))
        end = cut
    return found


def _for(element: str) -> str:
    if not _ELEMENT.fullmatch(element):
        return ""
    for name, quoted, plain in _PAIR.findall(element):
        if name.lower() == "for":
            return plain or re.sub(r"\\(.)", r"\1", quoted)
    return ""
