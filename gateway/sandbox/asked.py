"""Numbers as clients write them into questions."""

from __future__ import annotations


def number(text: object, otherwise: int = 0) -> int:
    """The number that a parameter's digits write; `otherwise` where it has none."""
    said = isinstance(text, str) and text.isascii() and text.isdigit()
    return int(str(text)) if said else otherwise
