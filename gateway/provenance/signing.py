"""Which keys sign a statement of a given moment, and which are published: one view of both."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from gateway.provenance.jwks import jwks_of_signers
from gateway.provenance.keys import Signer


@runtime_checkable
class SigningKeys(Protocol):
    """The keys of one issuer, each of which may sign in its time only.

    Who signs and what is published come from here, so that they change at the same instant.
    """

    @property
    def trouble(self) -> str:
        """Why the keys' history cannot be taken as it stands now; empty while it can."""
        ...

    def at(self, moment: datetime) -> tuple[Signer, ...]:
        """The keys that sign what is dated so, in the order of their names; one at least.

        Raises:
            NoSigningKey: none is in its time, or it is not known any more which is.
        """
        ...

    def stand(self, signers: tuple[Signer, ...], moment: datetime) -> bool:
        """Whether these keys, as they are known now, may have signed what is dated so."""
        ...

    def jwks(self) -> dict[str, Any]:
        """The document for `/.well-known/jwks.json`."""
        ...

    def seconds_left(self, moment: datetime) -> tuple[float | None, float | None]:
        """Seconds until the key that signs at the moment ends, and until signing ends
        altogether where no further key follows; 0 where nothing signs, None for never."""
        ...


class LastingKeys:
    """Keys without a history: a PEM, a KMS, a throw-away key. They sign at any time, together."""

    def __init__(self, *signers: Signer) -> None:
        self._signers = tuple(sorted(signers, key=lambda signer: signer.kid))

    @property
    def trouble(self) -> str:
        return ""

    def at(self, moment: datetime) -> tuple[Signer, ...]:
        return self._signers

    def stand(self, signers: tuple[Signer, ...], moment: datetime) -> bool:
        return True

    def jwks(self) -> dict[str, Any]:
        return jwks_of_signers(self._signers)

    def seconds_left(self, moment: datetime) -> tuple[float | None, float | None]:
        return None, None
