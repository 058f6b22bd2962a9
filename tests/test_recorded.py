"""The evidence is asked by whole addresses: none is taken for another that it ends with."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest

from adapters.contract import Politeness, Reply, Request
from gateway.errors import Outcome, RegistryTimeout
from gateway.provenance.evidence import Exchange
from gateway.recorded import Address, address
from gateway.replay import EvidenceSource
from gateway.upstream.upstream import Upstream

HERE = "https://registry.example"
OTHER = "https://elsewhere.invalid/base"


def exchange(uri: str, body: str, *, redacted: bool = False, registry: str = "r") -> Exchange:
    content = body.encode()
    digest = sha256(content).hexdigest()
    return Exchange(
        registry, Outcome.OK, "GET", uri, redacted, digest=digest, body=content, status=200
    )


def text(reply: Reply) -> str:
    return reply.body.decode()


async def read(
    request: Request | str, *exchanges: Exchange, base: str = HERE, public: str = "", key: str = "r"
) -> str:
    source = EvidenceSource(Upstream(key, base, public or base, Politeness()), exchanges, [])
    asked = Request(request) if isinstance(request, str) else request
    return (await source.read(asked, text)).value


def query(*pairs: tuple[str, str], public: str = "n") -> Request:
    return Request("/page", query=pairs, public=frozenset(public))


LONGER = exchange(f"{HERE}/v1/page", "longer")
SHORTER = exchange(f"{HERE}/page", "shorter")


@pytest.mark.parametrize("base", [HERE, OTHER])
@pytest.mark.parametrize("order", [(LONGER, SHORTER), (SHORTER, LONGER)])
async def test_an_address_is_not_one_that_ends_like_it(
    base: str, order: tuple[Exchange, ...]
) -> None:
    assert await read("/page", *order, base=base) == "shorter"
    assert await read("/v1/page", *order, base=base) == "longer"


async def test_the_end_of_another_address_is_no_answer_at_all() -> None:
    for wrong in ("/v1/page", "/other-page", "/page/", "", "/pag", "/x/page?n=1"):
        with pytest.raises(RegistryTimeout):
            await read("/page", exchange(HERE + wrong, "wrong"))


async def test_of_two_registries_one_of_which_stands_below_the_other_each_gets_its_own() -> None:
    upper = exchange(f"{HERE}/page", "upper", registry="upper")
    lower = exchange(f"{HERE}/lower/page", "lower", registry="lower")
    for order in ((upper, lower), (lower, upper)):
        assert await read("/page", *order, key="upper") == "upper"
        assert await read("/page", *order, key="lower", base=f"{HERE}/lower") == "lower"
        assert await read("/page", *order, key="lower", base=OTHER) == "lower"


async def test_a_request_for_the_base_itself_is_not_every_request() -> None:
    root = exchange(HERE, "root")
    assert await read("", SHORTER, root) == "root"
    with pytest.raises(RegistryTimeout):
        await read("", SHORTER)


async def test_where_the_registry_stood_is_one_place_for_all_of_its_exchanges() -> None:
    told = [exchange(f"https://other.example/{path}/page", path) for path in ("a", "b")]
    source = EvidenceSource(Upstream("r", OTHER, OTHER, Politeness()), told, [])
    with pytest.raises(RegistryTimeout):
        await source.read(Request("/page"), text)
    assert (await source.read(Request("/b/page"), text)).value == "b"
    assert (await source.read(Request("/a/page"), text)).value == "a"


async def test_a_public_address_stands_for_the_one_that_is_asked() -> None:
    told = exchange("https://public.example/api/page", "told")
    assert await read("/page", told, public="https://public.example/api/") == "told"


async def test_what_was_redacted_then_is_not_compared_and_everything_else_is() -> None:
    hidden = exchange(f"{HERE}/page?n=1&who=REDACTED", "hidden", redacted=True)
    assert await read(query(("n", "1"), ("who", "A B")), hidden) == "hidden"
    for wrong in (
        query(("n", "2"), ("who", "A B")),
        query(("n", "1"), ("whom", "A B")),
        query(("who", "A B"), ("n", "1")),
        query(("n", "1")),
        query(("n", "1"), ("who", "A"), ("who", "B")),
    ):
        with pytest.raises(RegistryTimeout):
            await read(wrong, hidden)


async def test_a_value_that_reads_redacted_and_was_not_is_compared() -> None:
    shown = exchange(f"{HERE}/page?n=REDACTED", "shown")
    assert await read(query(("n", "REDACTED")), shown) == "shown"
    with pytest.raises(RegistryTimeout):
        await read(query(("n", "1")), shown)


async def test_what_was_shown_then_is_compared_though_it_is_redacted_now() -> None:
    shown = exchange(f"{HERE}/page?who=A%20B", "shown")
    assert await read(query(("who", "A B")), shown) == "shown"
    with pytest.raises(RegistryTimeout):
        await read(query(("who", "B")), shown)


async def test_a_registry_that_stands_nowhere_has_no_answers() -> None:
    with pytest.raises(RegistryTimeout):
        await read("/page", SHORTER, base="nowhere")


async def test_an_exchange_whose_address_could_not_be_printed_answers_nothing() -> None:
    for unprinted in ("", "https://[::1/page", "no address"):
        with pytest.raises(RegistryTimeout):
            await read("/page", replace(SHORTER, uri=unprinted))


def test_an_address_is_known_without_who_asked_and_in_its_own_spelling() -> None:
    told = Address("https", "x.example:8443", ("a%2Fb", ""), (("q", "1%202"), ("r", "")))
    assert address("https://me:secret@X.example:8443/a%2Fb/?q=1%202&r") == told
