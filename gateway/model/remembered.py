"""What functions remember of the texts that registries and clients send, forgotten together."""

from __future__ import annotations

import sys
from functools import _lru_cache_wrapper

# Where functions of such texts are. What others remember is of the program itself.
_PLACES = ("gateway.harmonise.", "gateway.model.", "adapters.")


def forget() -> None:
    """Empties every `lru_cache` with a bound: what has none is of the program, and stays."""
    for name, module in list(sys.modules.items()):
        if name.startswith(_PLACES):
            for one in list(vars(module).values()):
                if isinstance(one, _lru_cache_wrapper) and one.cache_parameters()["maxsize"]:
                    one.cache_clear()
