"""Signed notes, verifier keys and checkpoints."""

from __future__ import annotations

import base64

import pytest

from gateway.errors import ProvenanceError
from gateway.provenance.keys import verifies
from gateway.provenance.note import Checkpoint, NoteKey, read_checkpoint, read_vkey
from tests.provenance.answers import signer

KEY = NoteKey("gw.example/log", signer().public)
HEAD = Checkpoint("gw.example/log", 3, bytes(32))
NOTE = HEAD.signed(KEY, signer().sign_now(HEAD.text().encode()))


def test_the_public_example_of_the_note_format_verifies() -> None:
    # The example of Go's sumdb/note package.
    key = read_vkey("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    text = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
    )
    line = (
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJ"
        "nAM="
    )
    signature = base64.b64decode(line)
    assert signature[:4] == key.id
    assert verifies(key.public, signature[4:], text.encode())


def test_a_verifier_key_comes_back_from_its_text() -> None:
    assert read_vkey(KEY.vkey) == KEY


def test_a_verifier_key_may_have_plus_signs_in_its_base64() -> None:
    for index in range(256):
        key = NoteKey("a", bytes([index]) * 32)
        assert read_vkey(key.vkey) == key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "na me+00000000+AQ==",
        "a+00000000+AQ==",
        KEY.vkey.replace("gw.", "gx."),
        KEY.vkey[:-1],
        KEY.vkey + "é",
    ],
)
def test_a_broken_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(ProvenanceError):
        read_vkey(text)


def test_a_signed_checkpoint_comes_back() -> None:
    assert read_checkpoint(NOTE, [KEY]) == HEAD


def test_signatures_of_strangers_are_passed_over() -> None:
    stranger = "\u2014 witness.example AAAAAAAA\n"
    assert read_checkpoint(NOTE + stranger, [KEY]) == HEAD


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda n: n.replace("\n3\n", "\n4\n"), "does not hold"),
        (lambda n: n.replace("\n3\n", "\n03\n"), "does not hold"),
        (lambda n: n.replace("gw.example/log ", "gx.example/log "), "no trusted key"),
        (lambda n: n.replace("\u2014 ", "- "), "broken|base64"),
        (lambda n: n[:-1], "not a signed note"),
        (lambda n: n.replace("\n\n", "\n"), "not a signed note"),
        (lambda n: n.replace("3", "3\r"), "not a signed note"),
        (lambda n: n + "\n", "too many|no signatures"),
        (lambda n: n + "\u2014 x AAAA\n", "broken"),
        (lambda n: n + "\u2014 x AAAB=\n", "base64"),
        (lambda n: n + "\u2014 x AAAAAAB=\n", "canonical"),
    ],
)
def test_a_changed_checkpoint_is_refused(change: object, why: str) -> None:
    assert callable(change)
    with pytest.raises(ProvenanceError, match=why):
        read_checkpoint(change(NOTE), [KEY])


@pytest.mark.parametrize(
    "text",
    [
        "gw.example/log\n3\nAAAA\n",
        "gw.example/log\n03\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "gw.example/log\n3\n" + base64.b64encode(bytes(32)).decode() + "\nmore\n",
        "gw.example/log\n",
    ],
)
def test_what_is_no_checkpoint_is_refused_even_when_signed(text: str) -> None:
    signature = base64.b64encode(KEY.id + signer().sign_now(text.encode())).decode()
    with pytest.raises(ProvenanceError):
        read_checkpoint(f"{text}\n\u2014 {KEY.name} {signature}\n", [KEY])


def test_a_key_of_another_name_does_not_sign_for_the_log() -> None:
    other = NoteKey("other.example", signer().public)
    note = HEAD.signed(other, signer().sign_now(HEAD.text().encode()))
    with pytest.raises(ProvenanceError, match="no trusted key of the log"):
        read_checkpoint(note, [other])
