"""`c2sp.org/tlog-proof@v1`: one text that proves offline that an entry is in a log."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence

from gateway.errors import ProvenanceError
from gateway.provenance.merkle import includes, leaf_hash
from gateway.provenance.note import (
    Checkpoint,
    NoteKey,
    read_checkpoint,
    read_vkey,
    unsigned_checkpoint,
)

HEADER = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")
_HASH = re.compile(r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=")


def tlog_proof(index: int, proof: Sequence[bytes], checkpoint: str) -> str:
    """The text for the entry at `index`; `checkpoint` is the signed note."""
    hashes = [base64.b64encode(node).decode() for node in proof]
    return "\n".join([HEADER, f"index {index}", *hashes, "", checkpoint])


def verify_tlog_proof(
    text: str, entry: bytes, trusted: Iterable[NoteKey] | None
) -> tuple[int, Checkpoint]:
    """The index of the entry and the checkpoint that holds it. Without trusted keys nothing is
    known of who signed it, and a proof that cannot hold is refused all the same.

    Raises:
        ProvenanceError: another format, an `extra` line (nothing signs it), a checkpoint that
            no trusted key signed, or an entry that is not in the log.
    """
    top, blank, note = text.partition("\n\n")
    lines = top.split("\n")
    if not blank or lines[0] != HEADER or len(lines) < 2:
        raise ProvenanceError("not a log proof")
    match = _INDEX.fullmatch(lines[1])
    if match is None or not all(_HASH.fullmatch(line) for line in lines[2:]):
        raise ProvenanceError("the log proof is broken")
    checkpoint = unsigned_checkpoint(note) if trusted is None else read_checkpoint(note, trusted)
    proof = [base64.b64decode(line) for line in lines[2:]]
    index = int(match[1])
    if not includes(leaf_hash(entry), index, checkpoint.size, proof, checkpoint.root):
        raise ProvenanceError("the entry is not in the log where the proof says")
    return index, checkpoint


def checkpoint_of(text: str) -> str:
    """The signed note inside a proof: the bytes that a time stamp is over."""
    return text.partition("\n\n")[2]


def read_policy(text: str) -> list[NoteKey]:
    """The log keys of a `tlog-policy` file.

    Raises:
        ProvenanceError: a broken line, or a policy that asks for witnesses, which this verifier
            does not check and so must not pass over.
    """
    keys: list[NoteKey] = []
    quorums: list[list[str]] = []
    for line in text.split("\n"):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0] == "log" and 2 <= len(words) <= 3:
            keys.append(read_vkey(words[1]))
        elif words[0] == "quorum":
            quorums.append(words[1:])
        elif words[0] not in ("witness", "group"):
            raise ProvenanceError("a line of the log policy is broken")
    if quorums != [["none"]]:
        raise ProvenanceError("the log policy asks for witnesses; only `quorum none` is checked")
    if len({key.public for key in keys}) != len(keys):
        raise ProvenanceError("the log policy names one log key twice")
    return keys
