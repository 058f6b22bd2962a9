"""aiocache's storage port, without the clients of stores that nobody configured.

aiocache imports redis-py wherever that is installed, which takes seven megabytes; the store that
needs it (`gateway.upstream.redis_store`) imports it by itself.
"""

from __future__ import annotations

import sys
from typing import Any

_absent: Any = None
_hidden = "redis" not in sys.modules and "aiocache" not in sys.modules
if _hidden:
    # How Python is told that there is no such module; aiocache then goes without it.
    sys.modules["redis"] = _absent
try:
    from aiocache.base import BaseCache
    from aiocache.serializers import BaseSerializer, NullSerializer
finally:
    if _hidden:
        del sys.modules["redis"]

__all__ = ("BaseCache", "BaseSerializer", "NullSerializer")
