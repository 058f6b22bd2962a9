"""What was published is never taken back: which history may follow another, and the copies of the
published one by which an older `keys.json` is known.

A revocation counts because nobody can undo it. So a history may only grow: keys are added, a
key's time becomes shorter, a revocation comes, is dated earlier or weighs more.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from gateway.errors import ConfigError, ProvenanceError
from gateway.provenance.bounded import SMALL_BYTES, read_bounded
from gateway.provenance.durable import write_atomically
from gateway.provenance.jwks import UNTRUSTED_REASONS, PublishedKey, jwks, read_jwks
from gateway.provenance.strict import load_json


def step_back(before: Iterable[PublishedKey], now: Iterable[PublishedKey]) -> str:
    """What a history takes back of one that was published; empty where nothing."""
    present = {key.kid: key for key in now}
    for old in before:
        new = present.get(old.kid)
        if new is None:
            return f"the key {old.kid} is not in it"
        if _strict(old, new) != new:
            return f"the key {old.kid} {_looser(old, new)}"
    return ""


def strictest(one: Sequence[PublishedKey], other: Sequence[PublishedKey]) -> list[PublishedKey]:
    """All keys of both, each by the stricter word of the two."""
    found = {key.kid: key for key in one}
    for key in other:
        held = found.get(key.kid)
        found[key.kid] = key if held is None else _strict(held, key)
    return list(found.values())


class PublishedCopy:
    """A copy of the published key set in a file of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._kept: tuple[PublishedKey, ...] = ()

    def read(self) -> list[PublishedKey]:
        """What it says; nothing where there is no such file.

        Raises:
            ConfigError: it cannot be read, and then nobody knows what was published.
        """
        try:
            return list(read_jwks(load_json(read_bounded(self.path, SMALL_BYTES))).values())
        except FileNotFoundError:
            return []
        except OSError as problem:
            raise ConfigError(f"{self.path} cannot be read: {problem.strerror}") from None
        except ProvenanceError as problem:
            raise ConfigError(
                f"{self.path}, the copy of the published keys, is damaged: {problem.message}; put "
                "back a good one, such as what /.well-known/jwks.json gave last"
            ) from None

    def keep(self, keys: Sequence[PublishedKey]) -> None:
        """Writes the keys down, unless they are those that it wrote last.

        Raises:
            OSError: it cannot be written.
        """
        if not self.holds(keys):
            write_atomically(self.path, as_file(jwks(keys)), mode=0o644)
            self._kept = tuple(keys)

    def holds(self, keys: Sequence[PublishedKey]) -> bool:
        """Whether these are the keys that were written last."""
        return tuple(keys) == self._kept

    def refuse_older(self, before: Sequence[PublishedKey], now: Sequence[PublishedKey]) -> None:
        """Refuses a history `now` that takes back what this copy was read to say, `before`.

        Raises:
            ConfigError: saying what, and how to mend it.
        """
        if why := step_back(before, now):
            raise ConfigError(older(why, str(self.path)))


def older(why: str, copy: str) -> str:
    """What to say of a history that takes something back; `copy` holds what was published."""
    return (
        f"keys.json is older than what was published: {why}; put the newer one back, or bring "
        f"back what is missing with: cgw keys restore {copy}"
    )


def as_file(document: dict[str, Any]) -> bytes:
    """A key set as it is written to a file."""
    return (json.dumps(document, indent=2) + "\n").encode()


def _strict(one: PublishedKey, other: PublishedKey) -> PublishedKey:
    """The `other` key, made as strict as the `one`."""
    begins = [t for t in (one.not_before, other.not_before) if t is not None]
    ends = [t for t in (one.expires, other.expires) if t is not None]
    revoked = [t for t in (one.revoked_at, other.revoked_at) if t is not None]
    worse = max(other, one, key=_weight)
    return PublishedKey(
        public=other.public,
        issued_at=other.issued_at,
        not_before=max(begins, default=None),
        expires=min(ends, default=None),
        revoked_at=min(revoked, default=None),
        reason=worse.reason,
    )


def _weight(key: PublishedKey) -> int:
    """How much the revocation takes away from what the key signed before."""
    if key.revoked_at is None:
        return 0
    return 2 if (key.reason or "unspecified") in UNTRUSTED_REASONS else 1


def _looser(old: PublishedKey, new: PublishedKey) -> str:
    if old.revoked_at is not None and new.revoked_at is None:
        return "is no longer revoked"
    if _weight(old) > _weight(new) or (old.revoked_at or -math.inf) < (new.revoked_at or -math.inf):
        return "is revoked for less, or from later on"
    return "may sign for longer"
