"""Logs of a few entries, for tests."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from gateway.provenance.logstore import LogStore
from gateway.provenance.note import NoteKey
from tests.provenance.answers import signer

ORIGIN = "gw.example/log"
KEY = NoteKey(ORIGIN, signer().public)


def entry(number: int) -> bytes:
    return sha256(f"entry {number}".encode()).digest()


def store(path: Path) -> LogStore:
    found = LogStore(path, KEY)
    found.open()
    return found


def commit(found: LogStore) -> None:
    head = found.grow()
    found.publish(head, head.signed(KEY, signer().sign_now(head.text().encode())))


def filled(path: Path, count: int, batch: int = 100) -> None:
    log = store(path)
    for start in range(0, count, batch):
        log.journal([entry(i) for i in range(start, min(count, start + batch))])
        commit(log)
    log.close()
