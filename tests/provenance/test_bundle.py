"""Evidence bundles: made, kept, checked years later, replayed, asked again."""

from __future__ import annotations

import copy
import io
import json
import random
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from gateway.errors import ProvenanceError
from gateway.provenance.bundle import Bundle, make_bundle, read_bundle
from gateway.provenance.bundle_verify import Demands, fetch_url, verify_bundle
from gateway.provenance.canonical import canonical
from gateway.provenance.envelope import open_statement
from gateway.provenance.evidence import Evidence, Exchange
from gateway.provenance.jwks import PublishedKey, jwks
from gateway.provenance.merkle import leaf_hash
from gateway.provenance.notary import Notary
from gateway.provenance.note import Checkpoint, NoteKey
from gateway.provenance.replay import Question, Replayed
from gateway.provenance.statement import Level, Recipe
from gateway.provenance.strict import encode64
from gateway.provenance.tlogproof import checkpoint_of, tlog_proof
from gateway.provenance.verdict import Verdict
from tests.provenance.answers import (
    NOW,
    QUERY,
    VARIABLES,
    exchange,
    key_set,
    matter,
    notary,
    signed,
    signer,
)
from tests.provenance.authority import make_authority, stamp
from tests.provenance.mutations import mutate

RECIPE = b'{"rules":{}}'
RECIPES = {"verra": Recipe("verra", "1", sha256(RECIPE).hexdigest())}
LOG = NoteKey("gw.example/log", signer().public)


class Ledger:
    origin = LOG.name

    def submit(self, entry: bytes) -> None:
        self.entry = entry


def response(by: Notary | None = None, **changes: Any) -> dict[str, Any]:
    return signed(matter(**changes), by or notary(mappings=RECIPES))


def log_proof(entry: bytes) -> str:
    head = Checkpoint(LOG.name, 1, leaf_hash(entry))
    return tlog_proof(0, [], head.signed(LOG, signer().sign_now(head.text().encode())))


def zipped(found: dict[str, Any] | None = None, **options: Any) -> bytes:
    options.setdefault("mappings", {RECIPES["verra"].digest: RECIPE})
    options.setdefault("query", QUERY)
    options.setdefault("variables", VARIABLES)
    text = json.dumps(found or response()).encode()
    return make_bundle(text, key_set(), **options)


def kept(tmp_path: Path, data: bytes | None = None) -> Bundle:
    file = tmp_path / "bundle.zip"
    file.write_bytes(zipped() if data is None else data)
    return read_bundle(file)


def verified(bundle: Bundle, **demands: Any) -> Verdict:
    demands.setdefault("jwks", key_set())
    demands.setdefault("now", NOW)
    return verify_bundle(bundle, Demands(**demands))


def test_a_whole_bundle_is_valid(tmp_path: Path) -> None:
    verdict = verified(kept(tmp_path), max_age=timedelta(hours=1))
    assert verdict.exit_code == 0
    text = verdict.as_text()
    assert "It answers this query." in text
    assert "2 upstream bodies are the ones that were read." in text
    assert "The 1 mapping recipes are the signed ones." in text


def test_the_same_bundle_is_the_same_file() -> None:
    found = response()
    assert zipped(found) == zipped(found)


def test_a_directory_with_the_same_files_is_a_bundle_too(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(zipped())) as archive:
        archive.extractall(tmp_path / "folder")
    assert verified(read_bundle(tmp_path / "folder")).exit_code == 0


def test_the_bundles_own_keys_need_a_pin(tmp_path: Path) -> None:
    bundle = kept(tmp_path)
    assert verified(bundle, jwks=None).exit_code == 2
    assert verified(bundle, jwks=None, pin=signer().kid).exit_code == 0
    assert verified(bundle, jwks=None, pin="other").exit_code == 1


def test_a_changed_body_or_recipe_is_refused(tmp_path: Path) -> None:
    bundle = kept(tmp_path)
    bundle.bodies[1] += b" "
    assert "upstream-1.bin is not what was read" in verified(bundle).as_text()
    bundle = kept(tmp_path)
    bundle.mappings[RECIPES["verra"].digest] += b" "
    assert verified(bundle).exit_code == 1
    bundle = kept(tmp_path)
    bundle.bodies[2] = b"more"
    assert verified(bundle).exit_code == 1


def test_what_is_missing_leaves_the_evidence_incomplete(tmp_path: Path) -> None:
    for lose in ("bodies", "mappings"):
        bundle = kept(tmp_path)
        getattr(bundle, lose).clear()
        verdict = verified(bundle)
        assert verdict.exit_code == 2, lose


def test_a_recipe_that_no_source_used_is_told(tmp_path: Path) -> None:
    bundle = kept(tmp_path)
    bundle.mappings[sha256(b"{}").hexdigest()] = b"{}"
    assert "used by no source" in verified(bundle).as_text()


def test_a_log_proof_is_checked_against_a_policy(tmp_path: Path) -> None:
    ledger = Ledger()
    found = response(notary(mappings=RECIPES, log=ledger))
    lone = kept(tmp_path, zipped(found))
    assert "There is no proof from the log gw.example/log" in verified(lone).as_text()
    bundle = kept(tmp_path, zipped(found, proof=log_proof(ledger.entry)))
    assert verified(bundle).exit_code == 2
    verdict = verified(bundle, logs=(LOG,))
    assert verdict.exit_code == 0
    assert "Entry 0 of the log gw.example/log (1 entries)." in verdict.as_text()
    bundle.proof = log_proof(bytes(32))
    assert verified(bundle, logs=(LOG,)).exit_code == 1


def test_a_proof_from_a_log_that_the_statement_does_not_name_is_refused(tmp_path: Path) -> None:
    found = response()
    proof = found["extensions"]["provenance"]
    entry = open_statement(proof["statement"], proof["signatures"]).log_entry
    bundle = kept(tmp_path, zipped(found, proof=log_proof(entry)))
    assert "another log" in verified(bundle, logs=(LOG,)).as_text()


def test_a_time_stamp_saves_an_answer_from_a_later_loss_of_the_key(tmp_path: Path) -> None:
    client = pytest.importorskip("rfc3161_client", reason="needs the tsa extra")
    make_authority(tmp_path)
    roots = (tmp_path / "ca.pem").read_bytes()
    ledger = Ledger()
    found = response(notary(mappings=RECIPES, log=ledger))
    proof = log_proof(ledger.entry)
    builder = client.TimestampRequestBuilder().data(checkpoint_of(proof).encode())
    request = builder.hash_algorithm(client.HashAlgorithm.SHA256).build()
    token = stamp(tmp_path, request.as_bytes())
    bundle = kept(tmp_path, zipped(found, proof=proof, stamp=token))
    assert verified(bundle, logs=(LOG,)).exit_code == 2
    assert verified(bundle, logs=(LOG,), tsa_roots=roots).exit_code == 0

    lost = jwks([PublishedKey(signer().public, revoked_at=2**33, reason="keyCompromise")])
    assert verified(bundle, jwks=lost, logs=(LOG,)).exit_code == 1
    saved = verified(bundle, jwks=lost, logs=(LOG,), tsa_roots=roots)
    assert saved.exit_code == 0
    assert "was lost later" in saved.as_text()

    bundle.stamp = token[:-1]
    assert verified(bundle, logs=(LOG,), tsa_roots=roots).exit_code == 1
    assert verified(bundle, logs=(LOG,), tsa_roots=b"x").exit_code == 2


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"response.json": b"{}", "../evil": b""}, "unknown file"),
        ({"jwks.json": b"{}"}, "no response"),
        ({"response.json": b"{}", "query.graphql": b"\xff"}, "UTF-8"),
    ],
)
def test_what_is_no_bundle_is_refused(tmp_path: Path, files: dict[str, bytes], why: str) -> None:
    file = tmp_path / "bundle.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    with pytest.raises(ProvenanceError, match=why):
        read_bundle(file)


def test_a_broken_zip_is_refused(tmp_path: Path) -> None:
    data = zipped()
    for broken in (data[:-40], data[: len(data) // 2], b"PK" + bytes(50)):
        file = tmp_path / "bundle.zip"
        file.write_bytes(broken)
        with pytest.raises(ProvenanceError):
            read_bundle(file)


@pytest.mark.slow
def test_a_file_twice_or_too_large_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "bundle.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("response.json", b"{}")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("response.json", b"[]")
    with pytest.raises(ProvenanceError, match="twice"):
        read_bundle(file)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("response.json", bytes(513 * 1024 * 1024))
    with pytest.raises(ProvenanceError, match="too large"):
        read_bundle(file)


def test_a_bundle_whose_response_has_no_proof_is_refused(tmp_path: Path) -> None:
    for text in (b"{}", b"[]", b'{"a":1,"a":1}'):
        assert verified(Bundle(text)).exit_code == 1
        with pytest.raises(ProvenanceError):
            make_bundle(text, key_set())


class Mapper:
    """A replayer that answers what it was told to."""

    def __init__(self, data: Any, mapping: str = RECIPES["verra"].digest) -> None:
        self._data = data
        self._mapping = mapping
        self.seen: list[Exchange] = []
        self.question: Question | None = None

    def mapping(self, registry: str) -> str | None:
        return self._mapping

    def answer(self, question: Question, exchanges: Sequence[Exchange]) -> Replayed:
        self.question, self.seen = question, list(exchanges)
        if self._data == "refuse":
            raise ProvenanceError("an exchange is missing")
        return Replayed(self._data, frozenset({("projects", "more")}))


def test_a_replay_gives_the_same_answer_out_of_the_kept_bytes(tmp_path: Path) -> None:
    found = response()
    again = copy.deepcopy(found["data"])
    again["projects"]["more"] = "another cursor"
    mapper = Mapper(again)
    verdict = verified(kept(tmp_path, zipped(found)), replayer=mapper)
    assert verdict.exit_code == 0
    assert "Mapping the upstream bytes again gives the same answer." in verdict.as_text()
    assert mapper.question == Question(QUERY, VARIABLES, "Q", NOW, ("goldstandard", "verra"))
    assert mapper.seen == [replace(e, mapping=None) for e in matter().evidence.exchanges]


def test_a_replay_with_another_answer_is_refused_or_explained(tmp_path: Path) -> None:
    whole = Evidence(True, matter().evidence.exchanges[:2])
    bundle = kept(tmp_path, zipped(response(evidence=whole)))
    wrong = verified(bundle, replayer=Mapper({}))
    assert wrong.exit_code == 1
    assert "gives another answer: /projects." in wrong.as_text()
    other = verified(bundle, replayer=Mapper({}, mapping="0" * 64))
    assert other.exit_code == 2
    assert "The mapping of verra was another one then" in other.as_text()
    assert verified(bundle, replayer=Mapper("refuse")).exit_code == 2
    failed = verified(kept(tmp_path), replayer=Mapper({}))
    assert failed.exit_code == 2
    assert "Failures cannot be replayed exactly" in failed.as_text()


def test_a_replay_needs_query_and_bodies(tmp_path: Path) -> None:
    mapper = Mapper({})
    bundle = kept(tmp_path)
    bundle.query = bundle.variables = None
    assert "A replay needs the query" in verified(bundle, replayer=mapper).as_text()
    bundle = kept(tmp_path)
    del bundle.bodies[0]
    assert "the bodies of sources [0] are needed" in verified(bundle, replayer=mapper).as_text()


def test_upstream_json_with_a_key_twice_is_told(tmp_path: Path) -> None:
    evidence = Evidence(True, [exchange(b'{"a":1,"a":2}'), exchange(b"a;b", media_type="text/csv")])
    found = response(evidence=evidence, level=Level.STATEMENT)
    verdict = verified(kept(tmp_path, zipped(found)), replayer=Mapper(found["data"]))
    assert 'The body of source 0: the key "a" is there twice' in verdict.as_text()


def test_asking_again_compares_bytes(tmp_path: Path) -> None:
    bodies = iter([b'{"value":[]}', b"changed"])
    verdict = verified(kept(tmp_path), fetch=lambda address: next(bodies))
    assert verdict.exit_code == 2
    assert "Source 0 (verra) still says exactly the same." in verdict.as_text()
    assert "Source 1 (verra) says something else now" in verdict.as_text()


def test_what_cannot_be_asked_again_is_told(tmp_path: Path) -> None:
    def fetch(address: str) -> bytes:
        raise ProvenanceError("no route")

    posted = replace(exchange(b"{}"), method="POST")
    hidden = replace(exchange(b"{}"), uri_redacted=True)
    evidence = Evidence(True, [posted, hidden, exchange(b"[]")])
    found = response(evidence=evidence, level=Level.STATEMENT)
    text = verified(kept(tmp_path, zipped(found)), fetch=fetch).as_text()
    assert text.count("cannot be asked again from the statement alone") == 2
    assert "could not be asked: no route" in text


def test_only_the_web_is_asked() -> None:
    for address in ("file:///etc/passwd", "http://127.0.0.1:9/", "https://["):
        with pytest.raises(ProvenanceError):
            fetch_url(address)


@pytest.mark.slow
def test_not_even_a_trusted_signer_can_make_the_verifier_stumble(tmp_path: Path) -> None:
    rng = random.Random("signed nonsense")
    predicate = ("extensions", "provenance", "statement", "predicate")
    base, codes = response(), set()
    for _ in range(400):
        found, _ = mutate(base, rng, [predicate])
        proof = found["extensions"]["provenance"]
        (item,) = proof["signatures"]
        message = f"{item['protected']}.{encode64(canonical(proof['statement']))}"
        item["signature"] = encode64(signer().sign_now(message.encode()))
        bundle = Bundle(json.dumps(found).encode(), None, QUERY, canonical(VARIABLES))
        bundle.bodies[0] = b'{"value":[]}'
        verdict = verified(
            bundle, replayer=Mapper({}), fetch=lambda address: b"x", max_age=timedelta(hours=1)
        )
        codes.add(verdict.exit_code)
    assert codes == {1, 2}


def test_a_bundle_of_sources_without_mappings_says_nothing_of_them(tmp_path: Path) -> None:
    verdict = verified(kept(tmp_path, zipped(signed(matter(), notary(mappings={})), mappings={})))
    assert verdict.exit_code == 0
    assert "mapping" not in verdict.as_text()


class Served(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"12345")

    def log_message(self, format: str, *args: Any) -> None:
        """Tests are quiet."""


def test_an_address_is_read_up_to_the_limit() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Served) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        assert fetch_url(address, most=5) == b"12345"
        with pytest.raises(ProvenanceError, match="too large"):
            fetch_url(address, most=4)
        server.shutdown()
