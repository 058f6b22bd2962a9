"""The tree of RFC 9162, held to its recursive definition and to known roots."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.provenance import merkle

# The eight entries and their roots that Certificate Transparency's test data is built on.
ENTRIES = [
    bytes.fromhex(text)
    for text in [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [merkle.leaf_hash(entry) for entry in ENTRIES]
SIZES = st.integers(1, 70)


def definition(leaves: list[bytes]) -> bytes:
    """MTH as RFC 9162, 2.1.1 writes it."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = definition(leaves[:split]), definition(leaves[split:])
    return sha256(b"\x01" + left + right).digest()


def numbered(size: int) -> list[bytes]:
    return [merkle.leaf_hash(bytes([i])) for i in range(size)]


@pytest.mark.parametrize("size", range(9))
def test_the_known_roots_come_out(size: int) -> None:
    assert merkle.root(LEAVES[:size]).hex() == ROOTS[size]


@given(st.integers(0, 70))
def test_the_root_is_the_recursive_definition(size: int) -> None:
    assert merkle.root(numbered(size)) == definition(numbered(size))


def test_the_known_inclusion_proof_comes_out() -> None:
    # Leaf 5 of 8 in the same test data.
    assert [h.hex() for h in merkle.inclusion_proof(5, LEAVES)] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@given(SIZES, st.data())
def test_every_leaf_is_included_and_only_where_it_is(size: int, data: st.DataObject) -> None:
    leaves = numbered(size)
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion_proof(index, leaves)
    top = merkle.root(leaves)
    assert merkle.includes(leaves[index], index, size, proof, top)
    other = data.draw(st.integers(-1, size + 1))
    if other != index:
        assert not merkle.includes(leaves[index], other, size, proof, top)
    assert not merkle.includes(leaves[index], index, size, [*proof, top], top)
    if proof:
        assert not merkle.includes(leaves[index], index, size, proof[:-1], top)


@given(SIZES, st.data())
def test_every_tree_is_consistent_with_its_beginnings(size: int, data: st.DataObject) -> None:
    leaves = numbered(size)
    old = data.draw(st.integers(1, size))
    proof = merkle.consistency_proof(old, leaves)
    before, after = merkle.root(leaves[:old]), merkle.root(leaves)
    assert merkle.consistent(old, size, before, after, proof)
    assert not merkle.consistent(old, size, after + b"", before, proof) or before == after
    assert not merkle.consistent(old, size, before, after, [*proof, before])
    if proof:
        assert not merkle.consistent(old, size, before, after, proof[1:])


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3), (2, 4)])
def test_impossible_consistency_is_refused(old: int, new: int) -> None:
    assert not merkle.consistent(old, new, LEAVES[0], LEAVES[1], [])


def test_proofs_outside_the_tree_are_an_error() -> None:
    with pytest.raises(IndexError):
        merkle.inclusion_proof(8, LEAVES)
    with pytest.raises(IndexError):
        merkle.consistency_proof(0, LEAVES)


def test_no_proof_at_all_shows_nothing() -> None:
    old, new = merkle.root(LEAVES[:3]), merkle.root(LEAVES[:5])
    assert not merkle.consistent(3, 5, old, new, [])
