"""Proofs of the log, and the policies that say which logs are trusted."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from gateway.errors import ProvenanceError
from gateway.provenance.tlogproof import read_policy, tlog_proof, verify_tlog_proof
from tests.provenance.logs import KEY, entry, filled, store


def test_a_policy_names_the_trusted_logs() -> None:
    text = f"# ours\nlog {KEY.vkey} https://gw.example/log\n\nquorum none\n"
    assert read_policy(text) == [KEY]


@pytest.mark.parametrize(
    "text",
    [
        f"log {KEY.vkey}\n",
        f"log {KEY.vkey}\nwitness w {KEY.vkey}\nquorum w\n",
        f"log {KEY.vkey}\nlog {KEY.vkey}\nquorum none\n",
        "log\nquorum none\n",
        "quorum none\nquorum none\n",
    ],
)
def test_a_policy_that_asks_for_more_than_is_checked_is_refused(text: str) -> None:
    with pytest.raises(ProvenanceError):
        read_policy(text)


def proof_text(tmp_path: Path) -> str:
    filled(tmp_path, 37)
    log = store(tmp_path)
    note = (tmp_path / "checkpoint").read_text()
    text = tlog_proof(20, log.tree().inclusion(20), note)
    log.close()
    return text


def test_every_mutation_of_a_log_proof_is_refused(tmp_path: Path) -> None:
    rng = random.Random(9)
    text = proof_text(tmp_path)
    assert verify_tlog_proof(text, entry(20), [KEY])[0] == 20
    for _ in range(2000):
        at = rng.randrange(len(text))
        letter = rng.choice("0129aA+/= \n\u2014é")
        kind = rng.randrange(3)
        changed = text[:at] + ("" if kind == 0 else letter) + text[at + (kind != 1) :]
        if changed == text:
            continue
        with pytest.raises(ProvenanceError):
            verify_tlog_proof(changed, entry(20), [KEY])


@pytest.mark.parametrize(
    "text", ["", "c2sp.org/tlog-proof@v1\n\n", "c2sp.org/tlog-proof@v1\nextra QQ==\nindex 20\n\nx"]
)
def test_what_is_no_log_proof_is_refused(text: str) -> None:
    with pytest.raises(ProvenanceError):
        verify_tlog_proof(text, entry(20), [KEY])


def test_an_entry_that_is_not_the_proofs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProvenanceError, match="not in the log"):
        verify_tlog_proof(proof_text(tmp_path), entry(21), [KEY])
