"""File descriptors: as many as the system allows, and how many of them clients may hold.

Every connection takes one: those of clients, those to registries, and the files of the log. Where
clients could hold all of them, registries could not be asked and nothing could be logged.
"""

from __future__ import annotations

# What clients never get: connections to registries, the store, the log's files, the keys.
_RESERVE = 128
# More than this is of no use here, and some systems state numbers that are none.
_MOST = 65_536


def raise_limit() -> int:
    """Let the process open as many files as it may, and say how many that is."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return _MOST
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST if hard == resource.RLIM_INFINITY else min(hard, _MOST)
    if soft != resource.RLIM_INFINITY and soft < most:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
            soft = most
        except (OSError, ValueError):
            pass  # the limit stays as it is
    return _MOST if soft == resource.RLIM_INFINITY else min(soft, _MOST)


def for_clients(limit: int, wanted: int) -> int:
    """How many connections clients may hold, where the process may open `limit` files: never
    more than are wanted, never so many that less than the reserve is left, and at least a few."""
    reserve = min(_RESERVE, limit // 2)
    return max(1, min(wanted, limit - reserve))
