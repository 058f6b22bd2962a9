"""What is wrong with a manifest, and at which of its places."""

from __future__ import annotations


class Problem(Exception):
    """Never leaves the package: the loader adds the file and the line of `place`."""

    def __init__(self, place: tuple[str, ...], message: str) -> None:
        super().__init__(message)
        self.place = place
        self.message = message
