"""Writes the test vectors of docs/provenance.md: `python -m tests.vectors.make`.

Everything is fixed: the key is that of RFC 8032, 7.1, TEST 1, and nothing draws on time or
chance. A test holds the files to what this makes.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

from gateway.provenance import merkle
from gateway.provenance.bundle import make_bundle
from gateway.provenance.canonical import canonical
from gateway.provenance.disclosure import disclose
from gateway.provenance.jwks import PublishedKey, jwks
from gateway.provenance.notary import Notary
from gateway.provenance.note import Checkpoint, NoteKey
from gateway.provenance.statement import Level
from gateway.provenance.stream import StreamNotary
from gateway.provenance.tiles import TileTree, bundle, tile_path
from gateway.provenance.tlogproof import tlog_proof
from tests.paths import ROOT
from tests.provenance.answers import (
    NOW,
    PEM,
    QUERY,
    VARIABLES,
    FixedClock,
    SeededChance,
    finished,
    key_set,
    matter,
    notary,
    signed,
    signer,
)
from tests.provenance.mutations import mutate

HERE = ROOT / "tests" / "vectors"
ORIGIN = "gw.example/log"
LOG = NoteKey(ORIGIN, signer().public)
MUTATED = 24

# Values and what RFC 8785 makes of them; each tells two ways of getting it wrong apart.
VALUES: list[str] = [
    '{"b":1,"a":{"d":null,"c":[true,false]}}',
    '{"\\u20ac":1,"\\r":2,"\\ufb33":3,"1":4,"\\ud83d\\ude00":5,"\\u0080":6,"\\u00f6":7}',
    '["\\u0000\\u001f\\u007f\\u2028\\"\\\\/\\b\\f\\n\\r\\t"]',
    "[9007199254740991,-9007199254740991,0,-0]",
    "[1e21,1e-7,0.000001,1.2345678901234568e20,4.50,1.7976931348623157e308,5e-324]",
    '{"":"","a":{},"b":[]}',
]


class Ledger:
    """Takes entries and keeps them."""

    origin = ORIGIN

    def __init__(self) -> None:
        self.entries: list[bytes] = []

    def submit(self, entry: bytes) -> None:
        self.entries.append(entry)


def vectors() -> dict[str, bytes]:
    """Every file by its path below this folder."""
    found: dict[str, bytes] = {"key.pem": PEM.encode()}
    ledger = Ledger()
    whole = signed(matter(seed=3), notary(log=ledger))
    found["response.json"] = text(whole)
    found["jwks.json"] = text(key_set())
    found["query.graphql"] = QUERY.encode()
    found["variables.json"] = text(VARIABLES)
    found["statement-level.json"] = text(signed(matter(seed=3, level=Level.STATEMENT)))
    found["record.json"] = text(disclose(whole, 1))
    found["errors-only.json"] = text(refused())
    found["stream.json"] = text(stream())
    found.update(mutated(whole))
    found.update(log(ledger.entries[0]))
    found["bundle.zip"] = make_bundle(
        found["response.json"],
        key_set(),
        query=QUERY,
        variables=VARIABLES,
        proof=found["log/answer.tlog-proof"].decode(),
    )
    found["canonical.json"] = text(
        [{"json": given, "canonical": canonical(json.loads(given)).decode()} for given in VALUES]
    )
    found["merkle.json"] = text(trees())
    found["key-times.json"] = text(key_times())
    return found


def text(value: Any) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=True) + "\n").encode()


def refused() -> dict[str, Any]:
    """A request error: no data, and signed all the same."""
    errors = [{"message": "no such field", "extensions": {"code": "GRAPHQL_VALIDATION_FAILED"}}]
    return signed(matter(answer={"errors": errors}, level=Level.STATEMENT))


def key_times() -> dict[str, Any]:
    """One answer, dated on a whole second, and its key in all positions to that instant: whether
    a verifier takes the answer, and whether a signer that knows the key so would have made it."""
    moment = NOW.replace(microsecond=0)
    by = Notary(
        "https://gw.example", notary().builder, signer(), FixedClock(moment), SeededChance()
    )
    at = int(moment.timestamp())
    cases: list[dict[str, Any]] = []

    def case(valid: bool, signs: bool, **times: Any) -> None:
        keys = jwks([PublishedKey(signer().public, **times)])
        cases.append({"jwks": keys, "valid": valid, "signs": signs})

    case(True, True)
    for begins, ends in ((-1, 1), (0, 1), (None, 1), (0, None)):
        case(True, True, **_window(at, begins, ends))
    for begins, ends in ((-2, -1), (-1, 0), (None, 0), (0, 0), (1, 2), (1, None)):
        case(False, False, **_window(at, begins, ends))
    for reason in ("superseded", "cessationOfOperation"):
        for since in (-1, 0, 1):
            case(since == 1, False, revoked_at=at + since, reason=reason)
    reasons: tuple[str | None, ...] = ("keyCompromise", "unspecified", None)
    for told in reasons:
        for since in (-1, 0, 1):
            case(False, False, revoked_at=at + since, reason=told)
    answer = {"errors": [{"message": "no such field"}]}
    response = signed(matter(answer=answer, level=Level.STATEMENT), by)
    return {"issuedAt": at, "response": response, "cases": cases}


def _window(at: int, begins: int | None, ends: int | None) -> dict[str, int]:
    times = {"not_before": begins, "expires": ends}
    return {name: at + offset for name, offset in times.items() if offset is not None}


def stream() -> list[dict[str, Any]]:
    """Three events, the last one final."""
    seals = StreamNotary(notary(), "urn:uuid:00000000-0000-4000-8000-000000000000")
    events: list[dict[str, Any]] = []
    for number in range(3):
        event = matter(number, Level.STATEMENT)
        value = finished(seals.attest(event, final=number == 2))
        events.append({**(event.answer or {}), "extensions": {"provenance": value}})
    return events


def mutated(whole: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Changed copies that every verifier must refuse, some of them as texts."""
    rng = random.Random("vectors")
    proof = ("extensions", "provenance")
    parts = ("statement", "signatures", "records", "version")
    roots: list[tuple[Any, ...]] = [("data",), *((*proof, part) for part in parts)]
    for number in range(MUTATED):
        yield f"mutated/{number:02d}.json", text(mutate(whole, rng, roots)[0])
    plain = json.dumps(whole)
    yield "mutated/duplicate-key.json", plain.replace('{"data"', '{"data": {}, "data"', 1).encode()
    other = copy.deepcopy(whole)
    item = other["extensions"]["provenance"]["signatures"][0]
    item["signature"] += "=="
    yield "mutated/padded-base64.json", text(other)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = letters[letters.index(item["signature"][-3]) + 1]
    item["signature"] = item["signature"][:-3] + last
    yield "mutated/stray-bits-base64.json", text(other)


def log(entry: bytes) -> dict[str, bytes]:
    """A log of 300 entries, its tiles, and proofs between its checkpoints."""
    entries = [bytes([i % 256, i // 256]) * 16 for i in range(299)]
    entries.insert(260, entry)
    leaves = [merkle.leaf_hash(e) for e in entries]
    full = merkle.root(leaves[:256])
    files = {
        tile_path(0, 0): b"".join(leaves[:256]),
        tile_path(0, 1, 44): b"".join(leaves[256:]),
        tile_path(1, 0, 1): full,
        tile_path("entries", 0): bundle(entries[:256]),
        tile_path("entries", 1, 44): bundle(entries[256:]),
    }
    tree = TileTree(files.get, 300)
    note = checkpoint(300, tree.root())
    found = {f"log/{name}": data for name, data in files.items()}
    found["log/checkpoint"] = note.encode()
    found["log/checkpoint.100"] = checkpoint(100, tree.root(100)).encode()
    found["log/consistency-100-300.json"] = text([h.hex() for h in tree.consistency(100)])
    found["log/answer.tlog-proof"] = tlog_proof(260, tree.inclusion(260), note).encode()
    found["log/policy"] = f"log {LOG.vkey}\nquorum none\n".encode()
    return found


def checkpoint(size: int, root: bytes) -> str:
    head = Checkpoint(ORIGIN, size, root)
    return head.signed(LOG, signer().sign_now(head.text().encode()))


def trees() -> list[dict[str, Any]]:
    """Trees of none to nine entries with every inclusion and consistency proof."""
    found: list[dict[str, Any]] = []
    for size in range(10):
        leaves = [merkle.leaf_hash(bytes([i])) for i in range(size)]
        found.append(
            {
                "entries": [f"{i:02x}" for i in range(size)],
                "root": merkle.root(leaves).hex(),
                "inclusion": [
                    [h.hex() for h in merkle.inclusion_proof(i, leaves)] for i in range(size)
                ],
                "consistency": [
                    [h.hex() for h in merkle.consistency_proof(i, leaves)]
                    for i in range(1, size + 1)
                ],
            }
        )
    return found


def main() -> None:
    for name, data in vectors().items():
        path = HERE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


if __name__ == "__main__":
    main()
