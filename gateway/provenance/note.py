"""Signed notes and checkpoints of transparency logs (c2sp.org/signed-note, tlog-checkpoint)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from gateway.errors import ProvenanceError
from gateway.provenance.keys import verifies
from gateway.provenance.strict import one_line

ED25519 = b"\x01"
MOST_SIGNATURES = 64
_NAME = re.compile(r"[^\s+]+")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A key that signs notes under a name; for a log the name is its origin."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes that stand for the key in a signature line."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    @property
    def vkey(self) -> str:
        """The verifier key as policy files have it: `name+id+key`."""
        return f"{self.name}+{self.id.hex()}+{_encode(ED25519 + self.public)}"


def read_vkey(text: str) -> NoteKey:
    """The key of a vkey text.

    Raises:
        ProvenanceError: another algorithm, or an id that is not the key's.
    """
    # Base64 may hold a plus sign, so only the first two divide.
    parts = text.split("+", 2)
    if len(parts) != 3 or not _NAME.fullmatch(parts[0]):
        raise ProvenanceError("not a verifier key (name+id+key)")
    data = _decode(parts[2])
    if len(data) != 33 or data[:1] != ED25519:
        raise ProvenanceError("not an Ed25519 verifier key")
    key = NoteKey(parts[0], data[1:])
    if key.id.hex() != parts[1]:
        raise ProvenanceError("the verifier key's id is another key's")
    return key


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's tree head: its origin, its number of entries, its root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{_encode(self.root)}\n"

    def signed(self, key: NoteKey, signature: bytes) -> str:
        """The signed note with one signature line."""
        return f"{self.text()}\n\u2014 {key.name} {_encode(key.id + signature)}\n"


def read_checkpoint(note: str, trusted: Iterable[NoteKey]) -> Checkpoint:
    """The checkpoint of a note that a trusted key signed under the log's own name.

    Raises:
        ProvenanceError: another format, no signature by a trusted key, or one that does not hold.
    """
    text, lines = _split(note)
    keys = {(key.name, key.id): key for key in trusted}
    signers: set[str] = set()
    for line in lines:
        name, _, data = line.removeprefix("\u2014 ").partition(" ")
        found = _decode(data)
        if not line.startswith("\u2014 ") or not _NAME.fullmatch(name) or len(found) < 5:
            raise ProvenanceError("a signature line of the checkpoint is broken")
        key = keys.get((name, found[:4]))
        # Unknown keys are for others to know: witnesses and the next key of a log sign here.
        if key is None:
            continue
        if not verifies(key.public, found[4:], text.encode()):
            raise ProvenanceError(f"the checkpoint's signature by {one_line(name)} does not hold")
        signers.add(name)
    checkpoint = _parse(text)
    if checkpoint.origin not in signers:
        raise ProvenanceError("no trusted key of the log signed the checkpoint")
    return checkpoint


def unsigned_checkpoint(note: str) -> Checkpoint:
    """What a note says, whoever signed it.

    Raises:
        ProvenanceError: another format.
    """
    return _parse(_split(note)[0])


def _split(note: str) -> tuple[str, list[str]]:
    text, blank, signatures = note.rpartition("\n\n")
    if not blank or not note.endswith("\n") or any(c < " " and c != "\n" for c in note):
        raise ProvenanceError("not a signed note")
    lines = signatures.split("\n")[:-1]
    if not 0 < len(lines) <= MOST_SIGNATURES:
        raise ProvenanceError("the note has no signatures, or too many")
    return f"{text}\n", lines


def _parse(text: str) -> Checkpoint:
    lines = text.split("\n")
    # Extension lines are not used here, and none may pass unread.
    if len(lines) != 4 or not lines[0] or not _DECIMAL.fullmatch(lines[1]):
        raise ProvenanceError("not a checkpoint")
    root = _decode(lines[2])
    if len(root) != 32:
        raise ProvenanceError("the checkpoint's root is not a SHA-256")
    return Checkpoint(lines[0], int(lines[1]), root)


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decode(text: str) -> bytes:
    """Standard base64 in its one canonical spelling."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise ProvenanceError("not base64") from None
    if _encode(data) != text:
        raise ProvenanceError("base64 that is not canonical")
    return data
