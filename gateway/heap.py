"""The process's heap: how glibc keeps it, and giving back what is free.

Bodies come and go in threads and by the megabyte. As glibc is set up, each thread may have an arena
of its own, and room for large pieces is soon taken from the heap's end, where one small piece that
stays holds everything below it. So there are few arenas here, and large pieces have pages of their
own, which go when they go. Elsewhere than with glibc nothing is done.
"""

from __future__ import annotations

import ctypes
import gc

import msgspec

# The numbers of mallopt(3).
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_LARGE = 256 * 1024
_ARENAS = 1
# So many that each of its 512 places takes one.
_KEYS = 6_000


def tidy() -> bool:
    """Set the heap up so that what was used once is given back; whether that could be done.

    To be called before there are threads.
    """
    libc = _libc()
    if libc is None:
        return False
    told = [
        libc.mallopt(_ARENA_MAX, _ARENAS),
        libc.mallopt(_MMAP_THRESHOLD, _LARGE),
        libc.mallopt(_TRIM_THRESHOLD, _LARGE),
    ]
    return all(told)


def give_back() -> None:
    """Collect what is in rings, and give free pages back to the system."""
    _forget_keys()
    gc.collect()
    libc = _libc()
    if libc is not None:
        libc.malloc_trim(0)


def _forget_keys() -> None:
    """msgspec keeps the last 512 keys of objects that it read. They were made one here, one there,
    and the interpreter gives no megabyte back in which one is left: those here lie together."""
    msgspec.json.decode(b"{" + b",".join(b'"%d":0' % number for number in range(_KEYS)) + b"}")


def _libc() -> ctypes.CDLL | None:
    """This program's C library, where it is glibc."""
    try:
        found = ctypes.CDLL(None)
    except (OSError, TypeError):
        return None
    return found if hasattr(found, "malloc_trim") and hasattr(found, "mallopt") else None
