"""Tiles, and proofs computed out of them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import ProvenanceError
from gateway.provenance import merkle
from gateway.provenance.tiles import TileTree, bundle, tile_path, unbundle

SIZES = st.integers(1, 700) | st.sampled_from([255, 256, 257, 511, 512, 65_536, 65_537, 70_000])


def leaves_of(size: int) -> list[bytes]:
    return [merkle.leaf_hash(index.to_bytes(4, "big")) for index in range(size)]


LEAVES = leaves_of(70_000)


def tiles_of(size: int) -> dict[str, bytes]:
    """The tiles of a tree, cut as the specification says."""
    found: dict[str, bytes] = {}
    level, hashes = 0, LEAVES[:size]
    while hashes:
        for number in range(-(-len(hashes) // 256)):
            part = hashes[number * 256 : (number + 1) * 256]
            found[tile_path(level, number, len(part))] = b"".join(part)
        hashes = [merkle.root(hashes[i : i + 256]) for i in range(0, len(hashes) // 256 * 256, 256)]
        level += 1
    return found


def test_paths_are_those_of_the_specification() -> None:
    assert tile_path(0, 1234067) == "tile/0/x001/x234/067"
    assert tile_path(3, 5, 17) == "tile/3/005.p/17"
    assert tile_path("entries", 1000) == "tile/entries/x001/000"


def test_a_tree_of_70000_has_the_tiles_that_the_specification_lists() -> None:
    names = tiles_of(70_000)
    assert sum(name.startswith("tile/0/") for name in names) == 274
    assert {"tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"} < set(names)


@settings(max_examples=60, deadline=None)
@given(SIZES, st.data())
def test_roots_and_proofs_out_of_tiles_are_those_of_the_tree(
    size: int, data: st.DataObject
) -> None:
    tree = TileTree(tiles_of(size).get, size)
    top = merkle.root(LEAVES[:size])
    assert tree.root() == top
    index = data.draw(st.integers(0, size - 1))
    assert tree.leaf(index) == LEAVES[index]
    assert merkle.includes(LEAVES[index], index, size, tree.inclusion(index), top)
    old = data.draw(st.integers(1, size))
    before = tree.root(old)
    assert before == merkle.root(LEAVES[:old])
    assert merkle.consistent(old, size, before, top, tree.consistency(old))
    if index < old:
        assert merkle.includes(LEAVES[index], index, old, tree.inclusion(index, old), before)


def test_a_full_tile_serves_for_its_parts() -> None:
    tree = TileTree(tiles_of(256).get, 100)
    assert tree.root() == merkle.root(LEAVES[:100])


def test_missing_and_short_tiles_are_noticed() -> None:
    nothing: dict[str, bytes] = {}
    assert TileTree(nothing.get, 0).root() == merkle.EMPTY
    with pytest.raises(ProvenanceError, match="missing"):
        TileTree(nothing.get, 5).root()
    with pytest.raises(ProvenanceError, match="missing"):
        TileTree({"tile/0/000.p/5": bytes(64)}.get, 5).root()


def test_proofs_beyond_the_tree_are_refused() -> None:
    tree = TileTree(tiles_of(5).get, 5)
    for index, size in [(5, 5), (-1, 5), (0, 6)]:
        with pytest.raises(ProvenanceError):
            tree.inclusion(index, size)
    for old, new in [(0, 5), (6, 6), (3, 2)]:
        with pytest.raises(ProvenanceError):
            tree.consistency(old, new)


@given(st.lists(st.binary(max_size=300)))
def test_entry_bundles_come_back(entries: list[bytes]) -> None:
    assert unbundle(bundle(entries)) == entries


def test_a_bundle_that_is_cut_short_is_refused() -> None:
    for data in (bundle([b"abc"])[:-1], b"\x00"):
        with pytest.raises(ProvenanceError, match="short"):
            unbundle(data)


def test_a_leaf_beyond_the_tree_is_not_made_up() -> None:
    with pytest.raises(ProvenanceError, match="cut short"):
        TileTree(tiles_of(5).get, 5).leaf(5)
