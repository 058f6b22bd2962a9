"""A process that keeps a log: `python -m tests.adversarial.logchild FOLDER SEED [DIES_AT]`.

It signs answers without an end and prints the entry of each as soon as the answer could be sent.
It dies as by `kill -9` before its `DIES_AT`-th file operation, where that is given.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys

from gateway.clock import SystemClock
from gateway.provenance.log import open_log
from gateway.provenance.logstore import LogStore
from tests.provenance.answers import signer
from tests.provenance.logs import KEY, ORIGIN, commit, entry


async def main(folder: str, seed: int, dies_at: int) -> None:
    rng = random.Random(seed)
    log = open_log(folder, ORIGIN, signer(), SystemClock())
    log._period = 0.002
    if dies_at:
        _die_at(dies_at)
    await log.start()
    print("started", flush=True)
    task = asyncio.create_task(log.run())
    for number in range(seed * 100_000, (seed + 1) * 100_000):
        found = entry(number)
        log.submit(found)
        print(found.hex(), flush=True)
        if rng.random() < 0.4:
            await asyncio.sleep(rng.random() * 0.004)
    await task


def _die_at(operation: int) -> None:
    left = operation

    def watch(event: str, args: object) -> None:
        nonlocal left
        if event in ("os.rename", "os.remove", "os.mkdir", "open", "sqlite3.connect"):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


def whole(folder: str) -> LogStore:
    """The log of a folder, opened anew and everything that waited under a checkpoint."""
    found = LogStore(folder, KEY)
    found.open()
    if found.waiting:
        commit(found)
    return found


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int((sys.argv[3:] or ["0"])[0])))
