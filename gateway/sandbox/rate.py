"""An emulated registry's own rate: more than it allows gets 429 and a Retry-After."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware


class Bucket:
    """`rate` requests per second over time, at most `burst` at once."""

    def __init__(self, rate: float, burst: int, now: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._now = now
        self._left = float(burst)
        self._at = now()

    def take(self) -> float:
        """0 where the request is allowed, else how many seconds to wait before the next."""
        now = self._now()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left >= 1:
            self._left -= 1
            return 0.0
        return (1 - self._left) / self._rate


def limited(rate: float, burst: int, now: Callable[[], float] = time.monotonic) -> Middleware:
    """A middleware that answers 429 to whoever asks faster than `rate` requests in a second."""
    bucket = Bucket(rate, burst, now)

    @web.middleware
    async def limit(request: web.Request, handler: Handler) -> web.StreamResponse:
        wait = bucket.take()
        if wait:
            headers = {"Retry-After": str(math.ceil(wait))}
            return web.json_response({"error": "too many requests"}, status=429, headers=headers)
        return await handler(request)

    return limit
