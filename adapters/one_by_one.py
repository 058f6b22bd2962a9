"""Records that are read one by one: what is odd about the answer for one costs that one only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from adapters.contract import InvalidPayload, Page
from gateway.errors import PayloadTooLarge, RegistryError, RegistryHttpError
from gateway.model.record import Record

R = TypeVar("R")
T = TypeVar("T")

_REFUSED = "Records whose own answers are none: {}{}."
_NAMED = 10


class AnotherRecord(InvalidPayload):
    """A record came, and not the one that was asked for; `source` is the exchange that brought it.

    The body could be decoded, so that it is for the adapter to see what the door could not.
    """


async def one_by_one(
    asks: Iterable[tuple[Sequence[str], T]],
    read: Callable[[T], Awaitable[Iterable[Record[Any]]]],
    others: Iterable[str] = (),
) -> Page:
    """What each ask brings; `asks` have the keys that they are made for beside them.

    The keys of an ask that failed are the page's `refused`, with why. `others` are keys that were
    asked for and need no ask.

    Raises:
        RegistryError: nothing at all is known of any key.
    """
    brought, refused = await each(asks, read)
    known = bool(brought) or bool(list(others))
    return settled(Page([record for some in brought for record in some]), refused, known=known)


async def each(
    asks: Iterable[tuple[Sequence[str], T]], read: Callable[[T], Awaitable[R]]
) -> tuple[list[R], dict[str, RegistryError]]:
    """What the asks bring, and, by key, why an ask that is made for it brought nothing."""
    found: list[R] = []
    refused: dict[str, RegistryError] = {}
    given_up: RegistryError | None = None
    for keys, ask in asks:
        if given_up is None:
            try:
                found.append(await read(ask))
            except RegistryError as error:
                refused.update(dict.fromkeys(keys, error))
                given_up = None if _of_one(error) else error
        else:
            refused.update(dict.fromkeys(keys, given_up))
    return found, refused


def _of_one(error: RegistryError) -> bool:
    """Whether the error says nothing of other answers. A registry that cannot be reached, refuses
    us, or wants to be left alone is not asked for the rest."""
    if isinstance(error, RegistryHttpError):
        return error.status not in (401, 403)
    return isinstance(error, (InvalidPayload, PayloadTooLarge))


def settled(page: Page, refused: dict[str, RegistryError], *, known: bool) -> Page:
    """The page with what was refused, unless that is `known` to be all of it.

    Raises:
        RegistryError: nothing at all is known of any key.
    """
    refused = {key: refused[key] for key in refused.keys() - {r.key for r in page.records}}
    if not refused:
        return page
    if not known:
        raise next(iter(refused.values()))
    named = sorted(refused)
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    told = _REFUSED.format(", ".join(named[:_NAMED]), more)
    return replace(page, refused=refused, warnings=(*page.warnings, told))
