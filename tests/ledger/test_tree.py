"""The tree: against published vectors, and against the definition of RFC 6962 word for word."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledgers import naive_consistency, naive_inclusion, naive_root, nodes_of

from conftest import examples
from rightcall.ledger.tree import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    proof_length,
    sparse,
    verify_consistency,
    verify_inclusion,
)

# The vectors of Certificate Transparency (merkletree tests of google/certificate-transparency and of Trillian).
ENTRIES = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
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
D0, D67 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7", "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
D23, D47 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e", "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
D4, D45 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b", "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
INCLUSION = [(0, 8, [D0, D23, D47]), (5, 8, [D4, D67, ROOTS[4]]), (2, 3, [ROOTS[2]])]
CONSISTENCY = [(1, 8, [D0, D23, D47]), (6, 8, [D45, D67, ROOTS[4]]), (2, 5, [D23, D4])]


@pytest.mark.parametrize("size", range(9))
def test_published_roots(size: int) -> None:
    assert Frontier().extend(LEAVES[:size]).root().hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSION)
def test_published_inclusion_proofs(index: int, size: int, proof: list[str]) -> None:
    made = inclusion_proof(index, size, nodes_of(LEAVES))
    assert [hash.hex() for hash in made] == proof
    assert verify_inclusion(LEAVES[index], index, size, made, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("old", "size", "proof"), CONSISTENCY)
def test_published_consistency_proofs(old: int, size: int, proof: list[str]) -> None:
    made = consistency_proof(old, size, nodes_of(LEAVES))
    assert [hash.hex() for hash in made] == proof
    assert verify_consistency(old, bytes.fromhex(ROOTS[old]), size, bytes.fromhex(ROOTS[size]), made)


SIZES = st.integers(1, 130)


def leaves(count: int) -> list[bytes]:
    return [leaf_hash(b"%d" % index) for index in range(count)]


@settings(max_examples=examples(60))
@given(st.lists(st.integers(0, 40), max_size=6))
def test_growing_in_parts_is_the_tree_of_the_definition(parts: list[int]) -> None:
    """Whatever is appended at a time; and every complete subtree is told once, with its own hash."""
    every, tree, made = leaves(sum(parts)), Frontier(), []
    for part in parts:
        tree, new = Frontier.from_bytes(tree.to_bytes()).grow(every[tree.size : tree.size + part])
        made += new
    assert (tree.size, tree.root()) == (len(every), naive_root(every))
    assert tree == Frontier().extend(every)
    assert Frontier().append(leaf_hash(b"one")).root() == leaf_hash(b"one")
    complete = {
        (level, position): naive_root(every[position << level : (position + 1) << level]) for level in range(9) for position in range(len(every) >> level)
    }
    assert {(level, position): hash for level, position, hash in made} == complete
    assert len(made) == len(complete)


@settings(max_examples=examples(100))
@given(SIZES, st.data(), st.sampled_from([1, 2, 3, 8]))
def test_inclusion_proofs_are_those_of_the_definition(size: int, data: st.DataObject, step: int) -> None:
    every, index = leaves(size), data.draw(st.integers(0, size - 1))
    nodes = nodes_of(every)
    kept = {(level, position): nodes(level, position) for level in range(0, 9, step) for position in range(size >> level)}
    proof = inclusion_proof(index, size, sparse(lambda level, position: kept[level, position], step))
    assert proof == naive_inclusion(index, every)
    assert len(proof) == proof_length(index, size)
    assert verify_inclusion(every[index], index, size, proof, naive_root(every))


@settings(max_examples=examples(100))
@given(SIZES, st.data())
def test_consistency_proofs_are_those_of_the_definition(size: int, data: st.DataObject) -> None:
    every, old = leaves(size), data.draw(st.integers(1, size))
    proof = consistency_proof(old, size, nodes_of(every))
    assert proof == naive_consistency(old, every)
    assert verify_consistency(old, naive_root(every[:old]), size, naive_root(every), proof)


def test_no_other_leaf_place_or_size_fits_an_inclusion_proof() -> None:
    """All of them, in all trees up to nineteen leaves. A place or size with another way to the root is never taken for this one."""
    every = leaves(19)
    for size in range(1, 20):
        nodes, root = nodes_of(every[:size]), naive_root(every[:size])
        for index in range(size):
            proof = inclusion_proof(index, size, nodes)
            others = [(leaf, at) for leaf in range(size) for at in range(-1, size + 1) if (leaf, at) != (index, index)]
            assert not any(verify_inclusion(every[leaf], at, size, proof, root) for leaf, at in others)
            for bad in (proof[1:], proof[:-1], [*proof, root], [root, *proof]):
                assert bad == proof or not verify_inclusion(every[index], index, size, bad, root)


def test_no_other_history_fits_a_consistency_proof() -> None:
    """All pairs of sizes: another root before or after, another size, a proof cut or lengthened, a hash changed."""
    every = leaves(14)
    roots = [naive_root(every[:size]) for size in range(15)]
    for size in range(1, 15):
        for old in range(size + 1):
            proof = consistency_proof(old, size, nodes_of(every[:size]))
            assert verify_consistency(old, roots[old], size, roots[size], proof)
            wrong = sha256(b"another").digest()
            assert not verify_consistency(old, wrong, size, roots[size], proof)
            assert old == 0 or not verify_consistency(old, roots[old], size, wrong, proof)
            assert not verify_consistency(old, roots[old], size, roots[size], [*proof, wrong])
            for at in range(len(proof)):
                assert not verify_consistency(old, roots[old], size, roots[size], [*proof[:at], wrong, *proof[at + 1 :]])
                assert not verify_consistency(old, roots[old], size, roots[size], [*proof[:at], *proof[at + 1 :]])
            for other in (other for other in range(15) if 0 < other != old):
                assert not verify_consistency(other, roots[old], size, roots[size], proof)


def test_nothing_is_consistent_with_everything() -> None:
    assert verify_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, [])
    assert not verify_consistency(0, EMPTY_ROOT, 3, naive_root(leaves(3)), [EMPTY_ROOT])
    assert not verify_consistency(4, naive_root(leaves(4)), 3, naive_root(leaves(3)), [])


@pytest.mark.parametrize("stored", [b"", bytes(7), bytes(7) + b"\1", bytes(8) + b"x", bytes(7) + b"\1" + b"x" * 33, bytes(7) + b"\3" + b"x" * 32])
def test_a_frontier_that_was_cut_is_told(stored: bytes) -> None:
    with pytest.raises(ValueError, match=r"does not have these peaks|begins with its size"):
        Frontier.from_bytes(stored)


@pytest.mark.parametrize("prove", [lambda: inclusion_proof(3, 3, nodes_of(leaves(3))), lambda: consistency_proof(4, 3, nodes_of(leaves(3)))])
def test_there_is_no_proof_of_what_is_not_there(prove: object) -> None:
    with pytest.raises(ValueError, match="a tree of 3 leaves"):
        prove()  # type: ignore[operator]
