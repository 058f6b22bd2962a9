"""What the replicas of one gateway agree on: gates, pace, retry budgets and single flight."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol, TypeVar

from gateway.upstream.flight import Allowance
from gateway.upstream.rate import Rate

T = TypeVar("T")


class Turn(NamedTuple):
    """What the others say of the next turn: seconds to `wait` before trying again (zero: it is
    taken), and seconds for which the shared gate is `shut`. Where they are out of reach, the turn
    is one of this process' own part of the rate, which it shares `among` so many."""

    wait: float = 0.0
    shut: float = 0.0
    among: int = 1


class Replicas(Protocol):
    """Every method works, if need be for this process alone: what is shared may be out of
    reach."""

    async def turn(self, registry: str, rate: Rate, late: int = 0) -> Turn:
        """Take a turn of the pace that all share; so many requests left late since the last one,
        and count once more."""
        ...

    async def shut(self, registry: str, seconds: float) -> None:
        """Close the shared gate; a longer wait already given stands."""
        ...

    async def called(self, registry: str) -> None:
        """A first attempt is made."""
        ...

    async def spend(self, registry: str) -> bool:
        """Take one retry out of the shared budget, if there is one."""
        ...

    async def once(
        self,
        key: str,
        allowance: Allowance,
        ask: Callable[[], Awaitable[T]],
        look: Callable[[], Awaitable[T | None]],
    ) -> T:
        """What `ask` gives, where one replica asks and the others `look` for what it found; a
        failure is shared too.

        Raises:
            Failure: the asking replica's, or a timeout.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


_FREE = Turn()


class Alone:
    """One process, with nobody to agree with."""

    async def turn(self, registry: str, rate: Rate, late: int = 0) -> Turn:
        return _FREE

    async def shut(self, registry: str, seconds: float) -> None:
        return None

    async def called(self, registry: str) -> None:
        return None

    async def spend(self, registry: str) -> bool:
        return True

    async def once(
        self,
        key: str,
        allowance: Allowance,
        ask: Callable[[], Awaitable[T]],
        look: Callable[[], Awaitable[T | None]],
    ) -> T:
        return await ask()

    async def close(self) -> None:
        return None
