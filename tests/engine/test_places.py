"""Record proofs: every record of an answer has its place, and can be shown alone."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.attest import answer, matter
from gateway.clock import SystemChance, SystemClock
from gateway.engine.compiled import CompiledExecutor
from gateway.engine.fragment import plain
from gateway.engine.operation import GraphQLRequest, Result
from gateway.errors import BadInput
from gateway.incoming import Wishes
from gateway.model.entity import Entity
from gateway.provenance.jwks import jwks_of_signers
from gateway.provenance.keys import throw_away_signer
from gateway.provenance.notary import Notary
from gateway.provenance.statement import Builder, Level
from gateway.provenance.verify import verify_response
from gateway.stitch.ask import Ask
from gateway.upstream.terms import Terms
from tests.engine.test_equivalence import LIMITS
from tests.stitch.fake import FakeRegistry, Row, federation, projects

QUERY = """{
  node(id: "cgw:one:project:p1") { id }
  projects(first: 3) { n: nodes { id projectName units { edges { node { id project { id } } } } } }
}"""


async def executed(query: str = QUERY, *, records: bool = True) -> tuple[Result, Ask]:
    units = [Row(key=f"u{n}", project="p1", status="held") for n in range(2)]
    one = FakeRegistry("one", {Entity.PROJECT: projects(3), Entity.UNIT: units})
    fed = federation(one, limits=LIMITS)
    asking = Ask(fed, Terms(deadline=fed.clock.monotonic() + 60), records=records)
    return await CompiledExecutor(LIMITS).execute(GraphQLRequest(query), asking), asking


async def test_every_record_has_a_place_in_document_order() -> None:
    result, _ = await executed()
    found = [(".".join(map(str, place.path)), place.id) for place in result.places]
    assert found == [
        ("node", "cgw:one:project:p1"),
        ("projects.n.0", "cgw:one:project:p0"),
        ("projects.n.1", "cgw:one:project:p1"),
        ("projects.n.1.units.edges.0.node", "cgw:one:unit:u0"),
        ("projects.n.1.units.edges.0.node.project", "cgw:one:project:p1"),
        ("projects.n.1.units.edges.1.node", "cgw:one:unit:u1"),
        ("projects.n.1.units.edges.1.node.project", "cgw:one:project:p1"),
        ("projects.n.2", "cgw:one:project:p2"),
    ]


async def test_the_answer_is_the_same_with_and_without_places() -> None:
    traced, _ = await executed()
    untraced, _ = await executed(records=False)
    assert untraced.places == ()
    assert traced.data == plain(untraced.data)


async def test_a_place_names_the_exchange_and_the_row() -> None:
    result, asking = await executed()
    source, pointer = result.places[1].sources[0]
    assert asking.terms.evidence.exchanges[source].registry == "one"
    assert pointer == "/0"


@pytest.mark.parametrize(
    "query", [QUERY, "{ __typename }", "{ projects(first: 0) { nodes { id } } }"]
)
async def test_the_signed_tree_verifies(query: str) -> None:
    signer = throw_away_signer()
    builder = Builder(version="0", schema_digest="0" * 64)
    notary = Notary("http://gw.example", builder, signer, SystemClock(), SystemChance())
    result, asking = await executed(query)
    said = answer(result)
    told = matter(GraphQLRequest(query), Wishes(level=Level.RECORDS), said, asking, result.places)
    response: dict[str, Any] = {**said, "extensions": {"provenance": await notary.attest(told)}}
    keys = jwks_of_signers([signer])
    assert verify_response(response, keys, query=query).valid
    if result.places:
        response["extensions"]["provenance"]["records"][0]["id"] = "cgw:one:project:p2"
        assert not verify_response(response, keys, query=query).valid


@pytest.mark.parametrize("alias", ["projectStatus: projectName", "id: projectId"])
async def test_no_record_proof_is_given_of_a_field_under_the_name_of_another(alias: str) -> None:
    query = f"{{ projects(first: 1) {{ nodes {{ ...F }} }} }} fragment F on Project {{ {alias} }}"
    plainly, _ = await executed(query, records=False)
    assert plainly.executed
    with pytest.raises(
        BadInput, match=r"cannot hold .*: it is the name of another field"
    ) as caught:
        await executed(query)
    assert caught.value.details == dict(zip(("alias", "field"), alias.split(": "), strict=True))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("query ($country: CountryCode) "
         "{ projects(where: {country: {eq: $country}}) { totalCount } }",
         r"no variable 'contry'\. Did you mean 'country'\?$"),
        ("query ($a: Int) { projects(first: $a) { totalCount } }", r"no variable 'contry'\.$"),
        ("{ projects { totalCount } }", r"no variable 'contry'\.$"),
    ],
)  # fmt: skip
async def test_a_variable_that_the_operation_does_not_have_is_refused(
    query: str, said: str
) -> None:
    one = FakeRegistry("one", {Entity.PROJECT: projects(1)})
    fed = federation(one, limits=LIMITS)
    asking = Ask(fed, Terms(deadline=fed.clock.monotonic() + 60))
    with pytest.raises(BadInput, match=said):
        await CompiledExecutor(LIMITS).execute(GraphQLRequest(query, {"contry": "KE"}), asking)


MIXED = "{ ...F projects { nodes { id } } } fragment F on Query { __schema { __typename } }"


async def proofs_of(document: str, name: str | None = None) -> Result:
    fed = federation(FakeRegistry("one", {Entity.PROJECT: projects(3)}), limits=LIMITS)
    asked = Ask(fed, Terms(deadline=fed.clock.monotonic() + 60), records=True)
    request = GraphQLRequest(document, {}, name)
    return await CompiledExecutor(LIMITS).execute(request, asked)


async def test_record_proofs_are_not_said_to_cover_what_graphql_core_answered() -> None:
    with pytest.raises(BadInput, match="in a request of their own"):
        await proofs_of(MIXED)
    assert (await proofs_of("{ __schema { __typename } }")).places == ()


async def test_another_operation_that_introspects_takes_no_proof_away() -> None:
    text = f"query A {{ projects {{ nodes {{ id }} }} }} query B {MIXED}"
    assert (await proofs_of(text, "A")).places
