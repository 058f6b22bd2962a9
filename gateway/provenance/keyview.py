"""One reading of a key directory: what is published, and who signs at which moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.provenance.jwks import PublishedKey
from gateway.provenance.keys import LocalSigner


@dataclass(frozen=True, slots=True)
class KeyView:
    """The published keys of one reading, and the private ones that were found to them.

    `problems` says, by thumbprint, why the private part of a key that may still sign cannot be
    used. Which key signs is a question of the moment, not of when one looks.
    """

    keys: tuple[PublishedKey, ...]
    pairs: tuple[tuple[PublishedKey, LocalSigner], ...]
    problems: Mapping[str, str]

    @staticmethod
    def of(
        keys: Sequence[PublishedKey],
        signers: Mapping[str, LocalSigner],
        problems: Mapping[str, str],
    ) -> KeyView:
        """The view in which the key that began last signs, of several in their time."""
        named = [(key, signers[key.kid]) for key in keys if key.kid in signers]
        # Reversed first: of two that begin together the one published last comes first.
        pairs = sorted(reversed(named), key=lambda pair: _begins(pair[0]), reverse=True)
        return KeyView(tuple(keys), tuple(pairs), problems)

    def signer_at(self, seconds: float) -> LocalSigner | None:
        """Who signs what is dated so; None where no key is in its time."""
        for key, signer in self.pairs:
            if key.signs_at(seconds):
                return signer
        return None

    def key_at(self, seconds: float) -> PublishedKey | None:
        """The published half of the key that signs then."""
        return next((key for key, _ in self.pairs if key.signs_at(seconds)), None)

    def stands(self, kid: str, seconds: float) -> bool:
        """Whether by this reading the key may have signed what is dated so."""
        return any(key.kid == kid and key.signs_at(seconds) for key, _ in self.pairs)

    def begins_after(self, seconds: float) -> int | None:
        """When the next key that can sign begins."""
        coming = [
            key.not_before
            for key, _ in self.pairs
            if key.not_before is not None
            and key.not_before > seconds
            and key.signs_at(key.not_before)
        ]
        return min(coming, default=None)

    def ends_after(self, seconds: float) -> int | None:
        """When signing ends, keys that take over without a gap included; None: never."""
        return signing_ends([key for key, _ in self.pairs], seconds)


def signing_ends(keys: Sequence[PublishedKey], seconds: float) -> int | None:
    """When the keys that may sign at the moment, and those that follow without a gap, have all
    ended; the moment itself where none may, None where one never ends. All in Unix seconds."""
    reached = int(seconds)
    while True:
        ends = [key.expires for key in keys if key.signs_at(max(reached, seconds))]
        if not ends:
            return reached
        if None in ends:
            return None
        reached = max(end for end in ends if end is not None)


def _begins(key: PublishedKey) -> float:
    return float("-inf") if key.not_before is None else key.not_before
