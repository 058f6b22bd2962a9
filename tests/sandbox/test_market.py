"""The sandbox's market holds together: codes parse, counts add up, nothing real, nothing random."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model.entity import Entity
from gateway.model.globalid import format_id, parse_id
from gateway.model.picklists import LabelType, UnitStatus
from gateway.sandbox import planted
from gateway.sandbox.carried_over import is_again, is_cer
from gateway.sandbox.codes import SCHEME_OF, SCHEMES
from gateway.sandbox.copies import NODES
from gateway.sandbox.odd_keys import EVERY
from gateway.sandbox.world import Issuance, Telling, Unit, World
from tests.market import make
from tests.tools import sweep

REGISTRIES = [scheme.registry for scheme in SCHEMES]
NODE_KEYS = [node.registry for node in NODES]
TELLINGS = [*REGISTRIES, *NODE_KEYS]

# The shapes that the registries' own serials have.
GRAMMARS = {
    "verra": r"(?P<batch>\d+)-(?P<start>\d+)-(?P<end>\d+)-VCS-VCU-\d+-VER-(?P<cc>[A-Z]{2})-\d+-"
    r"(?P<pid>\d+)-(?P<vs>\d{8})-(?P<ve>\d{8})-(?P<flag>[01])",
    "gold-standard": r"GS1-1-(?P<cc>[A-Z]{2})-GS(?P<pid>\d+)-\d+-(?P<vintage>\d{4})-"
    r"(?P<batch>\d+)-(?P<start>\d+)-(?P<end>\d+)",
    "acr": r"ACR-(?P<cc>[A-Z]{2})-(?P<pid>\d+)-(?P<vintage>\d{4})-(?P<batch>\d+)-"
    r"(?P<start>\d+) to (?P<end>\d+)",
    "art": r"ART-(?P<cc>[A-Z]{2})-(?P<pid>\d+)-(?P<vintage>\d{4})-(?P<batch>\d+)-"
    r"(?P<start>\d+) to (?P<end>\d+)",
    "car": r"CAR-[A-Za-z0-9]+-(?P<cc>[A-Z]{2})-(?P<pid>\d+)-\d+-\d+-[A-Z0-9]*-(?P<vintage>\d{4})-"
    r"(?P<batch>\d+)-(?P<start>\d+) to (?P<end>\d+)",
    "cdm": r"(?P<cc>[A-Z]{2})-5-(?P<start>\d+)-\d-\d-\d-(?P<pid>\d+) - "
    r"[A-Z]{2}-5-(?P<end>\d+)-\d-\d-\d-\d+",
    "biocarbon": r"BCR-(?P<cc>[A-Z]{2})-(?P<pid>\d+)-\d+-\d+-[0-9R]+-\d{4}-\d{4}-"
    r"(?P<start>\d+)-(?P<end>\d+)",
    "isometric": r"ISO-1-[A-Z0-9]+-[A-Z]{3}-X0*(?P<pid>\d+)-(?P<vintage>\d{4})-"
    r"(?P<start>\d+)-(?P<past>\d+)",
    "puro": r"PURO_PR_CORC100\+_(?P<cc>[A-Z]{2})_(?P<pid>\d+)_(?P<vintage>\d{4})_[0-9a-f-]{36}_"
    r"(?P<start>\d+)-(?P<end>\d+)",
    "social-carbon": r"(SC-)?SCU( - Removal)?-SOCIALCARBON-(?P<pid>\d+)-[A-Za-z ]+-"
    r"(?P<vintage>\d{4})-\d{14}-"
    r"(?P<start>\d+)-(?P<end>\d+)",
    "plan-vivo": r"PV-rPVC-(?P<cc>[A-Z]{2})-\d{15}-(?P<vs>\d{8})-(?P<ve>\d{8})-"
    r"(?P<start>\d+)-(?P<end>\d+)-SPG",
    "undp": r"CA0NNN-(?P<cc>[A-Z]{2})-XX-(?P<pid>\d+)-(?P<start>\d+)-(?P<end>\d+)-"
    r"(?P<vintage>\d{4})",
    "icr": r"ICR-[A-Z]{3}-\d+-(?P<pid>\d+)-\d+-[A-Z]+-\d+-(?P<vintage>\d{4})",
    "cercarbono": r"CDC_(?P<pid>\d+)(?:_[A-Za-z0-9]+)+",
}


@cache
def world(seed: int = 2026, scale: int = 1) -> World:
    return make(seed, scale)


def telling(registry: str) -> Telling:
    return world().told_by(registry)


def by_issuance(told: Telling) -> dict[str, list[Unit]]:
    found: dict[str, list[Unit]] = defaultdict(list)
    for unit in told.units:
        if not is_again(unit):
            found[unit.issuance_key].append(unit)
    return found


@pytest.mark.slow
@settings(max_examples=5, deadline=None)
@given(st.integers(0, 10_000))
def test_the_same_seed_makes_the_same_world(seed: int) -> None:
    assert make(seed) == make(seed)


def test_another_seed_makes_another_world() -> None:
    assert make(1).tellings != make(2).tellings


def test_a_registry_that_the_world_lacks_tells_nothing() -> None:
    assert world().told_by("nobody") == Telling("nobody")


def test_the_scale_multiplies_every_registry() -> None:
    small, large = world(), world(scale=3)
    for scheme in SCHEMES:
        told = large.told_by(scheme.registry).projects
        assert len(told) == 3 * len(small.told_by(scheme.registry).projects)


@pytest.mark.parametrize("registry", TELLINGS)
def test_keys_are_unique_and_make_canonical_ids(registry: str) -> None:
    told = telling(registry)
    for entity, rows in (
        (Entity.PROJECT, told.projects),
        (Entity.ISSUANCE, told.issuances),
        (Entity.UNIT, told.units),
    ):
        keys = [row.key for row in rows]
        assert len(keys) == len(set(keys)) > 0
        for key in keys:
            parsed = parse_id(format_id(registry, entity, key))
            assert parsed is not None
            assert parsed.key == key


@pytest.mark.parametrize("registry", TELLINGS)
def test_numbers_and_public_codes_are_unique(registry: str) -> None:
    told = telling(registry)
    assert len({p.number for p in told.projects}) == len(told.projects)
    assert len({p.row_id for p in told.projects}) == len(told.projects)
    assert len({u.number for u in told.units}) == len(told.units)


@pytest.mark.parametrize("registry", TELLINGS)
def test_every_child_has_its_parents(registry: str) -> None:
    told = telling(registry)
    projects = {p.key for p in told.projects}
    issuances = {i.key: i for i in told.issuances}
    assert {i.project_key for i in told.issuances} <= projects
    for unit in told.units:
        assert issuances[unit.issuance_key].project_key == unit.project_key
        assert issuances[unit.issuance_key].batch == unit.batch


@pytest.mark.parametrize("registry", REGISTRIES)
def test_the_blocks_of_an_issuance_tile_it(registry: str) -> None:
    told = telling(registry)
    units = by_issuance(told)
    for issuance in told.issuances:
        parts = sorted(
            (int(u.unit_block_start), int(u.unit_block_end)) for u in units[issuance.key]
        )
        assert parts[0][0] == issuance.block_start
        assert parts[-1][1] == issuance.block_end
        assert all(b == a + 1 for (_, a), (b, _) in itertools.pairwise(parts))


@pytest.mark.parametrize("registry", REGISTRIES)
def test_the_counts_of_an_issuances_units_add_up_to_it(registry: str) -> None:
    told, grain = telling(registry), SCHEME_OF[registry].grain
    units = by_issuance(told)
    for issuance in told.issuances:
        assert sum(u.unit_count for u in units[issuance.key]) == issuance.unit_count
        assert issuance.unit_count * grain == issuance.block_end - issuance.block_start + 1
    for unit in told.units:
        length = int(unit.unit_block_end) - int(unit.unit_block_start) + 1
        assert unit.unit_count * grain == length


@pytest.mark.parametrize("registry", NODE_KEYS)
def test_a_copy_never_holds_more_than_was_issued(registry: str) -> None:
    told = telling(registry)
    units = by_issuance(told)
    for issuance in told.issuances:
        assert sum(u.unit_count for u in units[issuance.key]) <= issuance.unit_count


@pytest.mark.parametrize("registry", sorted(GRAMMARS))
def test_serials_follow_the_registrys_grammar_and_say_what_the_row_says(registry: str) -> None:
    told = telling(registry)
    numbers = {p.key: p.number for p in told.projects}
    countries = {p.key: p.project_locations[0].country for p in told.projects}
    rows: list[Unit | Issuance] = [*told.units, *told.issuances]
    for row in rows:
        if registry == "gold-standard" and is_cer(row.unit_serial_id):
            continue
        match = re.fullmatch(GRAMMARS[registry], row.unit_serial_id)
        assert match is not None, row.unit_serial_id
        parts = match.groupdict()
        assert int(parts.get("pid", numbers[row.project_key])) == numbers[row.project_key]
        assert parts.get("cc", countries[row.project_key]) == countries[row.project_key]
        assert int(parts.get("vintage", row.vintage_year)) == row.vintage_year
        assert int(parts.get("batch", row.batch)) == row.batch
        assert parts.get("flag", str(int(bool(row.labels)))) == str(int(bool(row.labels)))
        if isinstance(row, Unit) and "start" in parts:
            assert parts["start"].lstrip("0") in (row.unit_block_start, "")
            if "past" in parts:
                assert int(parts["past"]) == int(row.unit_block_end) + 1
            else:
                assert int(parts["end"]) == int(row.unit_block_end)


def test_units_carry_the_labels_of_their_issuance() -> None:
    for told in world().tellings.values():
        labels = {i.key: i.labels for i in told.issuances}
        for unit in told.units:
            assert unit.labels in (labels[unit.issuance_key], ())


@pytest.mark.parametrize("registry", TELLINGS)
def test_nothing_happens_after_the_sandboxs_last_day(registry: str) -> None:
    told = telling(registry)
    events = [
        *(p.project_status_date for p in told.projects),
        *(p.registration_date for p in told.projects),
        *(p.validation_date for p in told.projects),
        *(p.updated_at for p in told.projects),
        *(i.issuance_date for i in told.issuances),
        *(i.issuance_end_date for i in told.issuances),
        *(i.verification_report_date for i in told.issuances),
        *(u.unit_status_date for u in told.units),
        *(u.updated_at for u in told.units),
    ]
    assert all("2010" < event < "2026-07-01" for event in events if event is not None)


@pytest.mark.parametrize("registry", TELLINGS)
def test_every_name_says_that_it_is_invented(registry: str) -> None:
    told = telling(registry)
    assert all(p.project_name.endswith("(sandbox)") for p in told.projects)
    assert all(p.project_developer.endswith("(invented)") for p in told.projects)
    for unit in told.units:
        for who in (unit.unit_owner, unit.unit_retirement_beneficiary):
            assert who is None or who.endswith("(invented)")


def test_only_units_that_left_circulation_have_a_status_date_and_reason() -> None:
    left = (UnitStatus.RETIRED, UnitStatus.CANCELLED, UnitStatus.EXPORTED)
    for told in world().tellings.values():
        for unit in told.units:
            assert (unit.unit_status_date is not None) == (unit.unit_status in left)
            assert (unit.unit_status_reason is not None) == (unit.unit_status in left)


def test_planned_units_are_held() -> None:
    planned_units = [u for t in world().tellings.values() for u in t.units if u.is_ex_ante]
    assert planned_units
    assert {u.unit_status for u in planned_units} == {UnitStatus.HELD}


def test_the_countries_that_break_careless_readers_are_there() -> None:
    for registry in ("verra", "gold-standard"):
        countries = {p.project_locations[0].country for p in telling(registry).projects}
        assert countries >= {"NA", "CD", "CG", "TR", "CI", "TZ"}


def test_texts_that_break_careless_code_are_there() -> None:
    text = "".join(p.project_name + p.project_description for p in telling("verra").projects)
    for hard in ('"', "'", "\n", "ü", "\u0645", "\U0001f32c", "\u00a0", "<"):
        assert hard in text


@pytest.mark.parametrize("seed", sweep(range(12), 3))
def test_every_seed_has_one_project_in_two_registries_with_vintages_that_meet(seed: int) -> None:
    made = world(seed)
    verra, gold = made.told_by("verra"), made.told_by("gold-standard")
    ours, theirs = planted.find(made).twins
    one = next(p for p in verra.projects if p.key == ours)
    other = next(p for p in gold.projects if p.key == theirs)
    assert one.project_name == other.project_name
    assert one.project_locations == other.project_locations
    years = {i.vintage_year for i in verra.issuances if i.project_key == ours}
    assert years & {i.vintage_year for i in gold.issuances if i.project_key == theirs}


@pytest.mark.parametrize("seed", range(12))
def test_every_seed_has_a_block_that_is_retired_twice(seed: int) -> None:
    made = world(seed)
    ours, theirs = planted.find(made).used_twice
    one = next(u for u in made.told_by("verra").units if u.key == ours)
    other = next(u for u in made.told_by("cad-trust").units if u.key == theirs)
    assert (one.unit_block_start, one.unit_block_end) == (
        other.unit_block_start,
        other.unit_block_end,
    )
    assert one.unit_status is other.unit_status is UnitStatus.RETIRED
    assert one.unit_retirement_beneficiary != other.unit_retirement_beneficiary


def test_some_copies_lag_behind_their_registry() -> None:
    node, verra = telling("cad-trust"), telling("verra")
    stale = planted.find(world()).stale
    assert len(stale) > 1
    now = {p.project_id: p.project_status for p in verra.projects}
    lagging = [p for p in node.projects if p.key in stale and p.project_id in now]
    assert any(p.project_status is not now[p.project_id] for p in lagging)


def test_a_registry_that_publishes_to_cad_trust_names_its_record_there() -> None:
    ours, theirs = planted.find(world()).crosswalk
    project = next(p for p in telling("biocarbon").projects if p.key == ours)
    copied = next(p for p in telling("cad-trust").projects if p.key == theirs)
    assert copied.project_id == project.project_id
    assert copied.registry_of_origin == project.current_registry


def test_a_converted_project_names_its_row_in_the_registry_it_came_from() -> None:
    ours, theirs = planted.find(world()).converted
    project = next(p for p in telling("cercarbono").projects if p.key == ours)
    origin = next(p for p in telling("biocarbon").projects if p.key == theirs)
    assert project.registry_of_origin == origin.current_registry
    assert project.origin_project_id == str(origin.row_id)
    assert not any(i.project_key == ours for i in telling("cercarbono").issuances)


def test_one_project_has_hundreds_of_units_and_one_has_none() -> None:
    found, verra = planted.find(world()), telling("verra")
    assert sum(u.project_key == found.giant for u in verra.units) > 200
    assert not any(u.project_key == found.empty for u in verra.units)


def test_lookalikes_differ_in_their_phase_only() -> None:
    found = planted.find(world())
    one = next(p for p in telling("verra").projects if p.key == found.lookalikes[0])
    other = next(p for p in telling("gold-standard").projects if p.key == found.lookalikes[1])
    assert one.project_name.replace("Phase I ", "Phase II ") == other.project_name


def test_members_of_a_programme_name_it_and_no_methodology() -> None:
    found, gold = planted.find(world()), telling("gold-standard")
    members = [p for p in gold.projects if p.key in found.members]
    assert len(members) == 2
    for member in members:
        assert member.methodologies == ()
        assert [r.related_project_id for r in member.related_projects] == [found.programme]


def test_copies_spell_the_origins_id_in_several_ways() -> None:
    spelt = {
        re.sub(r"\d+", "#", p.origin_project_id)
        for p in telling("cad-trust").projects
        if p.registry_of_origin in ("Verra", "Gold Standard")
    }
    assert spelt >= {"#", "GS#", "VCS#", "VCS #", "GS #"}


def test_everything_of_a_node_has_a_key_of_its_own_and_most_of_it_a_uuid() -> None:
    told = telling("cad-trust")
    ids = [
        *(p.key for p in told.projects),
        *(i.key for i in told.issuances),
        *(u.key for u in told.units),
        *(x.project_location_id for p in told.projects for x in p.project_locations),
        *(x.project_rating_id for p in told.projects for x in p.project_ratings),
        *(x.co_benefit_id for p in told.projects for x in p.co_benefits),
        *(x.estimation_id for p in told.projects for x in p.estimations),
        *(x.label_id for p in told.projects for x in p.labels),
    ]
    assert len(ids) == len(set(ids))
    shape = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
    odd = [str(one) for one in ids if not shape.fullmatch(str(one))]
    assert len(odd) > 20
    assert len(odd) < len(ids) / EVERY
    keys = {p.key for p in told.projects} | {i.key for i in told.issuances}
    assert set(odd) <= keys | {u.key for u in told.units}


def test_authorised_units_declare_a_corresponding_adjustment() -> None:
    for told in world().tellings.values():
        for unit in told.units:
            authorised = any(
                label.label_type is LabelType.ARTICLE_6_AUTHORISATION for label in unit.labels
            )
            if authorised:
                assert unit.corresponding_adjustment_declaration.value == "Committed"


def test_a_pool_is_one_unit_of_its_issuance() -> None:
    told = telling("car")
    pooled = [u for u in told.units if u.unit_status is UnitStatus.BUFFER]
    assert pooled
    assert [u.key for u in pooled] == [f"{u.issuance_key}-buffer" for u in pooled]


def test_what_is_left_of_a_block_is_one_unit_under_the_blocks_own_key() -> None:
    told = telling("biocarbon")
    held = [u for u in told.units if u.unit_status is UnitStatus.HELD]
    assert held
    assert [u.key for u in held] == [u.issuance_key for u in held]


@pytest.mark.parametrize("registry", ["biocarbon", "cercarbono"])
def test_a_reserve_is_issued_apart(registry: str) -> None:
    told = telling(registry)
    reserved = [u for u in told.units if u.unit_status is UnitStatus.BUFFER]
    assert reserved
    for issuance, units in by_issuance(told).items():
        if any(u in reserved for u in units):
            assert [u.key for u in units] == [issuance]
