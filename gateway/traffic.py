"""What became of the requests: counts by status and code, and how long they took."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator

from gateway.errors import GatewayError

# Upper edges in seconds; the last holds whatever is slower.
EDGES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, float("inf"))
OTHER = "OTHER"


class Traffic:
    """Counts since the start. Statuses are the gateway's own, codes those of its errors: the
    labels are as few as these, whatever clients send."""

    def __init__(self) -> None:
        self.answers: Counter[tuple[int, str]] = Counter()
        self.responses: Counter[int] = Counter()
        self.buckets = [0] * len(EDGES)
        self.seconds = 0.0
        self._codes = frozenset(_codes(GatewayError))

    def answered(self, status: int, code: str | None, seconds: float) -> None:
        """A request to the endpoint was answered so, with the code of its first error."""
        known = "" if code is None else code if code in self._codes else OTHER
        self.answers[status, known] += 1
        self.buckets[bisect_left(EDGES, seconds)] += 1
        self.seconds += seconds

    def responded(self, status: int) -> None:
        """A response of any path began with this status, or with 0 where none did."""
        self.responses[status if 100 <= status < 600 else 0] += 1


def _codes(root: type[GatewayError]) -> Iterator[str]:
    yield root.code
    for kind in root.__subclasses__():
        yield from _codes(kind)
