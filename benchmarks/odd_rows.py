"""What odd rows cost: `python -m benchmarks.odd_rows`.

A page of 5,000 units of a CAD Trust node is decoded as it should be, with one odd row, with every
hundredth and with every row odd, and with a NaN in it. Ratios are to the plain decoder of msgspec
in the same run: a sound page costs what it did before rows were read one by one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import msgspec

from adapters.cad_trust_rows import Envelope, UnitRow, read_unit_page
from adapters.contract import Reply

ROWS = 5_000
ROUNDS = 15


def page(rows: int, odd: Callable[[int], bool], value: str = '"2016-2017"') -> Reply:
    """A page of so many units, of which some have this value for a vintage."""
    made = ",".join(row(n, value if odd(n) else "2016") for n in range(rows))
    return Reply(200, {}, f'{{"page":1,"pageCount":1,"data":[{made}]}}'.encode())


def row(number: int, vintage: str) -> str:
    key = f"00000000-0000-4000-8000-{number:012d}"
    return (
        f'{{"warehouseUnitId":"{key}","issuanceId":"{key}","orgUid":"x","unitOwner":"An owner",'
        f'"serialNumberBlock":"S-{number}-{number + 9}","unitCount":10,"vintageYear":{vintage},'
        '"unitType":"Reduction - nature","unitStatus":"Held","unitTags":null,"labels":[],'
        f'"issuance":{{"id":"{key}","warehouseProjectId":"{key}","startDate":"2016-01-01"}}}}'
    )


def best(*works: Callable[[], Any]) -> list[float]:
    """Milliseconds of processor time in the fastest round of each; they take turns."""
    took: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS):
        for work, times in zip(works, took, strict=True):
            began = time.thread_time()
            work()
            times.append(time.thread_time() - began)
    return [min(times) * 1000 for times in took]


def main() -> None:
    plain = msgspec.json.Decoder(Envelope[UnitRow])
    sound = page(ROWS, lambda n: False)
    pages = {
        "sound": sound,
        f"one odd row of {ROWS:,}": page(ROWS, lambda n: n == ROWS // 2),
        "every hundredth row odd": page(ROWS, lambda n: n % 100 == 0),
        "every row odd": page(ROWS, lambda n: True),
        "one NaN": page(ROWS, lambda n: n == ROWS // 2, "NaN"),
        "every row odd, half as many rows": page(ROWS // 2, lambda n: True),
    }
    works = [lambda reply=reply: read_unit_page(reply) for reply in pages.values()]
    before, *after = best(lambda: plain.decode(sound.body), *works)
    print(f"{len(sound.body):,} bytes, {before:.1f} ms by the plain decoder\n")
    print("| page | ratio |")
    print("|---|---|")
    for name, took in zip(pages, after, strict=True):
        print(f"| {name} | {took / before:.2f} |")


if __name__ == "__main__":
    main()
