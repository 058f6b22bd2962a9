"""Files of others, read with a bound before the first byte is taken into memory."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from gateway.errors import ProvenanceError
from gateway.provenance.strict import one_line

# An answer with the bodies that it rests on; and key sets, questions, policies, certificates.
MOST_BYTES = 512 * 1024 * 1024
SMALL_BYTES = 16 * 1024 * 1024


def read_bounded(path: Path, most: int = MOST_BYTES, *, plain: bool = False) -> bytes:
    """The whole file. With `plain` only a regular file is read, and not what a link leads to: a
    pipe or a device has no end that is known ahead.

    Raises:
        OSError: it cannot be read.
        ProvenanceError: it is larger, or not a plain file.
    """
    flags = os.O_NOFOLLOW | os.O_NONBLOCK if plain else 0
    handle = os.open(path, os.O_RDONLY | flags)
    try:
        seen = os.fstat(handle)
        if plain and not stat.S_ISREG(seen.st_mode):
            raise ProvenanceError(f"{one_line(path.name)} is not a plain file")
        data = b""
        if seen.st_size <= most:
            with os.fdopen(handle, "rb", closefd=False) as file:
                data = file.read(most + 1)
    finally:
        os.close(handle)
    if seen.st_size > most or len(data) > most:
        raise ProvenanceError(f"{one_line(path.name)} is larger than {most} bytes")
    return data
