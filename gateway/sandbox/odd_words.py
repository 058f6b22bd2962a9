"""Words that no table knows, planted in a registry: the same rows, some of them in other words.

An emulator says everything in words that the gateway can map. A real registry starts to use a new
status, an older name of a country or a date by its season overnight. `odd_words` does that to a
body on its way: the named words are written otherwise wherever they stand as whole values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

MARK = " (as they say here)"


def odd(word: str) -> str:
    """What the registry writes instead."""
    return word + MARK


def odd_words(words: Iterable[str]) -> Middleware:
    """A registry that writes `odd(word)` for each of these words."""
    chosen = tuple(words)

    @web.middleware
    async def plant(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        if isinstance(response, web.Response) and isinstance(response.body, bytes):
            response.body = planted(response.body, chosen)
        return response

    return plant


def planted(body: bytes, words: Iterable[str]) -> bytes:
    """The body with the odd words in it; one that is no text stays as it is."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return body
    for word in words:
        for old, new in _written(word):
            # What must stand before it is looked at last: a pattern that begins with plain text
            # is searched for many times faster.
            plain = re.escape(old)
            alone = rf'{plain}(?<=[">,|;\n]{plain})(?=[",<|;\r\n])'
            text = re.sub(alone, new.replace("\\", r"\\"), text)
    return text.encode()


def _written(word: str) -> Iterable[tuple[str, str]]:
    """The word as it stands in plain text and in both of JSON's spellings."""
    found = {word: odd(word)}
    for ascii_only in (True, False):
        escaped = json.dumps(word, ensure_ascii=ascii_only)[1:-1]
        found[escaped] = json.dumps(odd(word), ensure_ascii=ascii_only)[1:-1]
    return found.items()
