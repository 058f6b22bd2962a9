"""Keys of an unusual form, as rows have that did not come by a node's own making.

CAD Trust's key columns are plain text. A node gives UUIDs, but what other organisations sent, and
what came out of a workbook, keeps the key it had: with capitals, dots, padding, blanks.
"""

from __future__ import annotations

from typing import Final

# Every so many-th record has such a key.
EVERY: Final = 6


def odd_key(kind: str, number: int, uuid: str) -> str:
    """The UUID, or for some of the numbers a key of another form, each in turn.

    Next to each other are keys that differ by case, by padding, by a blank and by a tab alone.
    """
    turn, place = divmod(number, EVERY)
    if place != EVERY - 1:
        return uuid
    group, form = divmod(turn, 9)
    base = f"legacy-{kind}-{group + 17}"
    return (
        base,
        base.upper(),
        uuid.upper(),
        f"{group:03d}.{kind}",
        f"{group:04d}.{kind}",
        f"{base} ",
        f"{base}\t",
        f"{kind} {group + 1}/2:a&b=c",
        f"[{kind},{group}]",
    )[form]
