"""What every adapter is held to, whatever its registry: no test here knows a registry by name.

Each test runs a registry's emulator on loopback and asks it through the real door. What one
wire can say is declared by its emulator, what can be asked by its adapter.
"""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from gateway.errors import BadCursor, Outcome, RegistryError
from gateway.model.entity import Entity
from gateway.model.globalid import parse_id
from gateway.model.question import Op, Order, Question
from gateway.sandbox.fault import Fault
from tests.conformance.comparison import CHILDREN, RECORDS, differences, vocabulary
from tests.conformance.desk import (
    LONG,
    OUTCOMES,
    REGISTRIES,
    SHORT,
    UNKNOWN,
    busiest,
    desk,
    keys,
    keys_of,
    some,
)
from tests.conformance.questions import holds_for, predicates, values_of

pytestmark = pytest.mark.parametrize("registry", REGISTRIES)


async def test_every_row_of_the_world_comes_back_field_by_field(registry: str) -> None:
    async with desk(registry) as at:
        for entity in at.adapter.collections:
            records = await at.everything(entity)
            assert sorted(keys(records)) == sorted(at.truth.rows(entity))
            assert at.wrong(entity, records) == []


async def test_the_declaration_of_what_the_wire_says_names_fields_that_exist(
    registry: str,
) -> None:
    async with desk(registry) as at:
        assert set(at.emulated.says) >= set(at.adapter.collections)
        for entity in at.adapter.collections:
            for name in at.emulated.says[entity]:
                own, _, field = name.partition(".")
                assert own in vocabulary(RECORDS[entity])
                assert any(hasattr(view, own) for view in at.adapter.views[entity])
                assert not field or field in vocabulary(CHILDREN[own])


async def test_ids_are_canonical_and_links_lead_to_the_parents(registry: str) -> None:
    async with desk(registry) as at:
        for entity in at.adapter.collections:
            for record in await at.everything(entity):
                parsed = parse_id(record.id)
                assert parsed is not None
                assert (parsed.registry, parsed.entity) == (registry, entity)
                assert parsed.key == record.key
                row = at.truth.rows(entity)[record.key]
                for link in ("project_key", "issuance_key"):
                    told = getattr(record, link, None)
                    assert told in (None, getattr(row, link, None))


async def test_the_parent_that_a_row_repeats_is_the_parent(registry: str) -> None:
    async with desk(registry) as at:
        for entity in set(at.adapter.collections) - {Entity.PROJECT}:
            for record in await at.everything(entity):
                parent = getattr(record, "parent", None)
                if parent is not None:
                    assert parent.key == at.truth.rows(entity)[record.key].project_key
                    wrong = differences(at.truth, at.emulated, Entity.PROJECT, parent, partly=True)
                    assert wrong == []


async def test_a_record_points_to_its_row_in_the_evidence(registry: str) -> None:
    async with desk(registry) as at:
        bodies: dict[int, Any] = {}
        for entity in at.adapter.collections:
            for record in await at.everything(entity):
                source = record.origin.source
                exchange = at.evidence.exchanges[source]
                assert exchange.body is not None
                if "json" in (exchange.media_type or ""):
                    if source not in bodies:
                        bodies[source] = json.loads(exchange.body)
                    found = bodies[source]
                    for part in record.pointer.split("/")[1:]:
                        step = part.replace("~1", "/").replace("~0", "~")
                        found = found[int(step)] if isinstance(found, list) else found[step]
                    assert isinstance(found, dict | list)


async def test_a_walk_gives_each_key_once_and_in_the_same_order_again(registry: str) -> None:
    async with desk(registry) as at:
        for entity in at.adapter.collections:
            first = keys(await at.everything(entity))
            assert len(first) == len(set(first))
            assert keys(await at.everything(entity)) == first
            small = keys(await at.ask(Question(entity, want=1)))
            assert sorted(small) == sorted(first)


async def test_tokens_resume_where_they_were_given(registry: str) -> None:
    async with desk(registry) as at:
        for entity in at.adapter.collections:
            question = Question(entity, want=10)
            walked = await at.pages(question)
            assert walked[-1].next is None
            for place in {0, len(walked) // 2, len(walked) - 1}:
                page = walked[place]
                rest = keys_of(walked[place + 1 :])
                assert (
                    keys_of(await at.pages(question, page.token)) == keys(list(page.records)) + rest
                )
                if page.next is not None:
                    assert keys_of(await at.pages(question, page.next)) == rest


async def test_a_token_that_was_never_given_is_refused_or_leads_to_rows_of_the_world(
    registry: str,
) -> None:
    async with desk(registry) as at:
        for entity in at.adapter.collections:
            for forged in ("", "x", "-1", "9" * 40, "1.2.3.4.5", "null", "\u0665", "a" * 5000):
                try:
                    found = keys_of(await at.pages(Question(entity), forged))
                except (BadCursor, RegistryError):
                    continue
                assert set(found) <= set(at.truth.rows(entity))


async def test_by_keys_gives_what_the_walk_gives(registry: str) -> None:
    async with desk(registry) as at:
        for entity, collection in at.adapter.collections.items():
            if not collection.by_keys:
                continue
            wanted = some(sorted(at.truth.rows(entity)), 25)
            page = await at.adapter.by_keys(at.source(), entity, [*wanted, wanted[0]])
            assert sorted(record.key for record in page.records) == wanted
            for record in page.records:
                wrong = differences(at.truth, at.emulated, entity, record, listed=False)
                assert wrong == []


async def test_by_keys_leaves_out_what_it_does_not_know(registry: str) -> None:
    async with desk(registry) as at:
        for entity, collection in at.adapter.collections.items():
            if collection.by_keys:
                known = min(at.truth.rows(entity))
                asked = [UNKNOWN[0], known, *UNKNOWN[1:]]
                page = await at.adapter.by_keys(at.source(), entity, asked)
                assert [record.key for record in page.records] == [known]
                assert not (await at.adapter.by_keys(at.source(), entity, UNKNOWN)).records
                assert not (await at.adapter.by_keys(at.source(), entity, ())).records


@pytest.mark.slow_for(*LONG)
async def test_every_declared_filter_equals_filtering_here(registry: str) -> None:
    async with desk(registry) as at:
        projects = await at.projects()
        for entity, collection in at.adapter.collections.items():
            records = await at.everything(entity)
            asked = predicates(collection, records, projects)
            assert {p.field for p in asked} == set(collection.filters)
            for predicate in asked:
                if not collection.accepts(predicate):
                    continue
                wanted = {r.key for r in records if holds_for(r, predicate, projects)}
                found = await at.narrowed(entity, predicate)
                assert len(found) == len(set(keys(found)))
                if not collection.exact(predicate):
                    assert wanted <= set(keys(found)) <= set(keys(records)), predicate
                    found = [r for r in found if holds_for(r, predicate, projects)]
                assert set(keys(found)) == wanted, predicate


@pytest.mark.slow_for(*LONG)
async def test_every_declared_filter_narrows(registry: str) -> None:
    async with desk(registry) as at:
        projects = await at.projects()
        for entity, collection in at.adapter.collections.items():
            records = await at.everything(entity)
            for name in collection.filters:
                asked = [
                    p
                    for p in predicates(collection, records, projects)
                    if p.field == name
                    and collection.accepts(p)
                    and any(not holds_for(r, p, projects) for r in records)
                ]
                assert asked, f"the sandbox cannot tell whether {name} narrows"
                counts = [len(await at.narrowed(entity, p)) for p in asked]
                assert min(counts) < len(records), name


@pytest.mark.slow_for(*LONG)
async def test_two_filters_at_once_are_both_applied(registry: str) -> None:
    async with desk(registry) as at:
        projects = await at.projects()
        for entity, collection in at.adapter.collections.items():
            records = await at.everything(entity)
            by_name = {
                p.field: p
                for p in predicates(collection, records, projects)
                if p.op is Op.EQ and collection.accepts(p)
                if any(holds_for(r, p, projects) for r in records)
            }
            for one, other in pairwise(by_name.values()):
                found = await at.narrowed(entity, one, other)
                wanted, left = (
                    {r.key for r in rows if all(holds_for(r, p, projects) for p in (one, other))}
                    for rows in (records, found)
                )
                assert left == wanted, (one, other)


@pytest.mark.slow_for(*LONG)
async def test_children_of_a_parent_are_those_that_name_it(registry: str) -> None:
    async with desk(registry) as at:
        for entity, collection in at.adapter.collections.items():
            rows = at.truth.rows(entity)
            for parent in collection.parents:
                link = "project_key" if parent is Entity.PROJECT else "issuance_key"
                with_children = {getattr(row, link) for row in rows.values()}
                without = sorted(set(at.truth.rows(parent)) - with_children)[:2]
                known = some(sorted(with_children), 4)
                for key in [*known, busiest(rows, link), *without, *UNKNOWN]:
                    wanted = {k for k, row in rows.items() if getattr(row, link) == key}
                    assert await at.below(entity, parent, [key]) == wanted
                several = some(sorted(with_children), min(5, collection.parents_per_call))
                wanted = {k for k, row in rows.items() if getattr(row, link) in several}
                assert await at.below(entity, parent, several) == wanted


async def test_a_unit_belongs_to_its_issuance_and_to_no_other(registry: str) -> None:
    async with desk(registry) as at:
        if not {Entity.UNIT, Entity.ISSUANCE} <= set(at.adapter.collections):
            pytest.skip("the registry does not publish both")
        issuances = await at.everything(Entity.ISSUANCE)
        for unit in some(await at.everything(Entity.UNIT), 60):
            owners = [i.key for i in issuances if at.adapter.belongs(unit, i)]
            assert owners == [at.truth.units[unit.key].issuance_key]


async def test_totals_are_true(registry: str) -> None:
    async with desk(registry) as at:
        projects = await at.projects()
        for entity, collection in at.adapter.collections.items():
            records = await at.everything(entity)
            first = (await at.pages(Question(entity, want=5)))[0]
            assert first.total in ((len(records),) if collection.totals else (None, len(records)))
            for predicate in some(predicates(collection, records, projects), 8):
                if collection.exact(predicate):
                    pages = await at.pages(Question(entity, (predicate,), want=5))
                    total = len(keys_of(pages))
                    assert all(page.total in (None, total) for page in pages), predicate


async def test_declared_orders_are_kept(registry: str) -> None:
    async with desk(registry) as at:
        for entity, collection in at.adapter.collections.items():
            for name in collection.orders:
                for descending in (False, True):
                    order = Order(name, descending)
                    found = await at.ask(Question(entity, order=order, want=500))
                    values = [v for record in found for v in values_of(record, name)[:1]]
                    assert values == sorted(values, reverse=descending)
                    assert sorted(keys(found)) == sorted(at.truth.rows(entity))


async def test_public_spellings_lead_to_the_record(registry: str) -> None:
    async with desk(registry) as at:
        for entity in at.adapter.collections:
            for record in some(await at.everything(entity), 40):
                if entity is Entity.PROJECT:
                    assert at.adapter.project_key(record.key) in (record.key, None)
                for identifier in record.identifiers:
                    assert identifier.scheme
                    assert identifier.value
                    found = at.adapter.lookup_key(identifier.scheme, identifier.value)
                    keys_of_it = (record.key, *record.former_keys)
                    assert found is None or found in [(entity, key) for key in keys_of_it]


async def test_spellings_of_nothing_lead_nowhere(registry: str) -> None:
    async with desk(registry) as at:
        for text in ("", " ", "no such project!", "\x00", "é" * 300):
            assert at.adapter.project_key(text) is None
        assert at.adapter.lookup_key("no-such-scheme", "1") is None


async def test_the_evidence_has_the_hash_of_the_bytes_that_were_sent(registry: str) -> None:
    async with desk(registry) as at:
        for entity in at.adapter.collections:
            await at.everything(entity)
        digests = [exchange.digest for exchange in at.evidence.exchanges]
        assert digests
        assert set(digests) <= set(at.sandbox.sent(registry))
        assert {exchange.outcome for exchange in at.evidence.exchanges} == {Outcome.OK}


async def test_a_second_instance_speaks_under_its_own_key(registry: str) -> None:
    async with desk(registry, known_as="second-instance") as at:
        for entity in at.adapter.collections:
            page = (await at.pages(Question(entity, want=1)))[0]
            for record in page.records:
                assert record.registry == "second-instance"
                assert record.id.startswith(f"cgw:second-instance:{entity.value}:")


@pytest.mark.slow_for(*set(REGISTRIES).difference(SHORT))
@pytest.mark.parametrize("fault", Fault)
async def test_a_fault_is_a_typed_outcome_and_never_fewer_rows(registry: str, fault: Fault) -> None:
    async with desk(registry) as at:
        at.sandbox.fail(registry, fault)
        for entity in at.adapter.collections:
            source = at.source(0.2 if fault is Fault.SLOW else 60.0)
            with pytest.raises(RegistryError) as raised:
                async for _ in at.adapter.pages(source, Question(entity, want=500)):
                    pass
            assert raised.value.outcome is OUTCOMES[fault]
            assert raised.value.registry == registry


@pytest.mark.slow_for(*set(REGISTRIES).difference(SHORT))
@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.HTML, Fault.TRUNCATED, Fault.WRONG_TYPE])
async def test_a_fault_in_the_middle_loses_no_page_before_it(registry: str, fault: Fault) -> None:
    async with desk(registry) as at:
        for entity in at.adapter.collections:
            at.sandbox.heal(registry)
            whole = await at.pages(Question(entity, want=1))
            calls = at.calls
            await at.pages(Question(entity, want=1))
            calls = at.calls - calls
            at.sandbox.fail(registry, fault, after=max(1, calls // 2))
            if calls > 1:
                found, error = await at.until_error(Question(entity, want=1))
                assert error is not None
                assert keys_of(found) == keys_of(whole[: len(found)])


@pytest.mark.slow
async def test_a_market_twenty_times_as_large_is_walked_whole(registry: str) -> None:
    async with desk(registry, scale=20) as at:
        for entity in at.adapter.collections:
            assert sorted(keys(await at.everything(entity))) == sorted(at.truth.rows(entity))
