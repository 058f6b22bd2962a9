"""Changed files, from a seed: as bytes, as JSON, and with what is nasty to read."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

from tests.provenance.mutations import at, paths

# Written into a text somewhere, or in place of a value.
NASTY = [
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"9" * 5_000,
    b"-" + b"9" * 400,
    b"1e999",
    b"1E400000",
    b"1.0",
    b"NaN",
    b"-Infinity",
    b'"\\ud800"',
    b"\xef\xbb\xbf",
    b"\x00",
    b"\xff\xfe",
    b'"' + b"\\u0041" * 2_000 + b'"',
    b'{"keys":[],"keys":[]}',
    b"null",
    b"true",
    b"[[[[]]]]",
    b"\r\n\r\n",
]
VALUES: list[Any] = [
    None,
    True,
    -1,
    0,
    2**53,
    2**64,
    10**400,
    1.5,
    1e300,
    "",
    " ",
    "\u0000",
    "\ud800",
    "../../etc/passwd",
    "9999-99-99T99:99:99.999Z",
    "0000-00-00T00:00:00.000Z",
    "A" * 70_000,
    "=" * 44,
    [],
    {},
    [[]],
    {"": {}},
    {"sha256": "0" * 64},
]


def of_bytes(data: bytes, rng: random.Random) -> bytes:
    """The bytes with a few of them changed, moved, doubled, lost, or made nasty."""
    for _ in range(rng.choice((1, 1, 1, 2, 5))):
        start = rng.randrange(len(data) + 1)
        end = min(len(data), start + rng.choice((1, 1, 2, 8, 64, 1000)))
        match rng.randrange(7):
            case 0 if start < len(data):
                data = (
                    data[:start] + bytes([data[start] ^ 1 << rng.randrange(8)]) + data[start + 1 :]
                )
            case 1:
                data = data[:start] + data[end:]
            case 2:
                data = data[:end] + data[start:]
            case 3:
                data = data[:start] + rng.randbytes(rng.choice((1, 4, 32))) + data[start:]
            case 4:
                data = data[:start]
            case 5:
                data = data[:start] + rng.choice(NASTY) + data[start:]
            case _:
                other = rng.randrange(len(data) + 1)
                data = data[:start] + data[other : other + end - start] + data[end:]
    return data


def of_json(text: bytes, rng: random.Random) -> bytes:
    """The text of a JSON value in which a few places hold something else."""
    value = copy.deepcopy(json.loads(text))
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        places = paths(value)[1:]
        if not places:
            return json.dumps(rng.choice(VALUES)).encode()
        path = rng.choice(places)
        holder, step = at(value, path[:-1]), path[-1]
        choice = rng.randrange(5)
        if choice == 0:
            del holder[step]
        elif choice == 1 and isinstance(holder, dict):
            name = rng.choice(["extra", "d", "exp", "revoked", "nbf", "crit", ""])
            holder[name] = copy.deepcopy(rng.choice(VALUES))
        elif choice == 2:
            holder[step] = copy.deepcopy(at(value, rng.choice(places)))
        else:
            holder[step] = copy.deepcopy(rng.choice(VALUES))
        if _depth(value) > 200:
            break
    return json.dumps(value).encode()


def _depth(value: Any) -> int:
    level, depth = [value], 0
    while level:
        depth += 1
        level = [
            inner
            for one in level
            if isinstance(one, (dict, list))
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if depth > 500:
            break
    return depth


def mutant(data: bytes, rng: random.Random, *, is_json: bool) -> bytes:
    """One or the other."""
    return of_json(data, rng) if is_json and rng.random() < 0.6 else of_bytes(data, rng)
