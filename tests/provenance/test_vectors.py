"""The committed vectors: what this makes, what every verifier accepts and refuses."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from gateway.provenance import merkle
from gateway.provenance.canonical import canonical
from gateway.provenance.jwks import read_jwks
from gateway.provenance.keyview import KeyView
from gateway.provenance.note import read_checkpoint
from gateway.provenance.tiles import TileTree
from gateway.provenance.tlogproof import read_policy
from gateway.provenance.verify import verify_response
from gateway.provenance.verify_cli import main
from tests.provenance.answers import signer
from tests.vectors.make import HERE, MUTATED, vectors

KEYS = ("--jwks", str(HERE / "jwks.json"))
ASKED = ("--query", str(HERE / "query.graphql"), "--variables", str(HERE / "variables.json"))
BAD = sorted(path.name for path in (HERE / "mutated").iterdir())


def content(data: bytes) -> Any:
    """What is in the file: compressors differ from machine to machine."""
    if not data.startswith(b"PK"):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_committed_files_are_what_is_made() -> None:
    made = {name: content(data) for name, data in vectors().items()}
    there = {
        path.relative_to(HERE).as_posix(): content(path.read_bytes())
        for path in HERE.rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    }
    changed = sorted(name for name in {*made, *there} if made.get(name) != there.get(name))
    assert not changed, "a format changed: bump the version, or run python -m tests.vectors.make"


@pytest.mark.parametrize(
    "name",
    ["response.json", "statement-level.json", "record.json", "errors-only.json", "stream.json"],
)
def test_the_good_ones_are_valid(name: str) -> None:
    assert main([str(HERE / name), *KEYS, *ASKED]) == 0


def test_the_bundle_is_valid_but_for_its_recipes(capsys: pytest.CaptureFixture[str]) -> None:
    argv = [str(HERE / "bundle.zip"), *KEYS, "--policy", str(HERE / "log" / "policy"), "--json"]
    assert main(argv) == 2
    found = json.loads(capsys.readouterr().out)["findings"]
    assert [f["check"] for f in found if f["result"] == "UNCHECKED"] == ["mapping"]
    assert any(f["check"] == "log" and f["result"] == "HOLDS" for f in found)


TIMES: dict[str, Any] = json.loads((HERE / "key-times.json").read_text())


@pytest.mark.parametrize("case", TIMES["cases"], ids=lambda case: case["jwks"]["keys"][0])
def test_signer_and_verifier_agree_on_a_keys_time(case: dict[str, Any]) -> None:
    verdict = verify_response(TIMES["response"], case["jwks"])
    assert verdict.valid is case["valid"]
    keys = list(read_jwks(case["jwks"]).values())
    view = KeyView.of(keys, {signer().kid: signer()}, {})
    assert (view.signer_at(TIMES["issuedAt"]) is not None) is case["signs"]
    # What a verifier enforces the signer enforces first.
    assert case["valid"] or not case["signs"]


@pytest.mark.parametrize("name", BAD)
def test_the_changed_ones_are_refused(name: str) -> None:
    assert main([str(HERE / "mutated" / name), *KEYS]) == 1


def test_there_are_as_many_changed_ones_as_there_should_be() -> None:
    assert len(BAD) == MUTATED + 3


def test_the_canonical_forms_are_those_of_the_library() -> None:
    for case in json.loads((HERE / "canonical.json").read_text()):
        value = json.loads(case["json"])
        assert canonical(value).decode() == case["canonical"] == rfc8785.dumps(value).decode()


def test_the_trees_are_those_of_rfc_9162() -> None:
    for tree in json.loads((HERE / "merkle.json").read_text()):
        leaves = [merkle.leaf_hash(bytes.fromhex(entry)) for entry in tree["entries"]]
        top, size = bytes.fromhex(tree["root"]), len(leaves)
        assert merkle.root(leaves) == top
        for index, proof in enumerate(tree["inclusion"]):
            path = [bytes.fromhex(node) for node in proof]
            assert merkle.includes(leaves[index], index, size, path, top)
        for old, proof in enumerate(tree["consistency"], start=1):
            path = [bytes.fromhex(node) for node in proof]
            assert merkle.consistent(old, size, merkle.root(leaves[:old]), top, path)


def test_the_log_is_consistent() -> None:
    keys = read_policy((HERE / "log" / "policy").read_text())
    old = read_checkpoint((HERE / "log" / "checkpoint.100").read_text(), keys)
    new = read_checkpoint((HERE / "log" / "checkpoint").read_text(), keys)

    def fetch(path: str) -> bytes | None:
        file: Path = HERE / "log" / path
        return file.read_bytes() if file.is_file() else None

    told: list[Any] = json.loads((HERE / "log" / "consistency-100-300.json").read_text())
    proof = [bytes.fromhex(node) for node in told]
    assert TileTree(fetch, new.size).consistency(old.size) == proof
    assert merkle.consistent(old.size, new.size, old.root, new.root, proof)
