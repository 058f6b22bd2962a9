"""Captured payloads of real registries, where the folder with them lies beside the repository."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from adapters.contract import Reply
from gateway.model.field import Mapped
from gateway.model.record import View
from tests.adapters.source import LoopbackSource, loopback
from tests.paths import SHARED

SAMPLES = SHARED / "registries" / "samples"


def sample(registry: str, name: str) -> bytes:
    """The bytes of one captured body; the test is skipped where there are none."""
    path = SAMPLES / registry / name
    if not path.is_file():
        pytest.skip(f"no captured payload: ../shared/registries/samples/{registry}/{name}")
    return path.read_bytes()


def replied(body: bytes) -> Reply:
    """The body as an adapter's decoder gets it."""
    return Reply(200, {}, body)


def json_type(value: Any) -> str:
    """The JSON type of a decoded value."""
    names = {str: "string", bool: "boolean", dict: "object", list: "array", type(None): "null"}
    return names.get(type(value), "number")


def types_by_key(rows: list[dict[str, Any]]) -> dict[str, set[str]]:
    """Every key of the rows with the JSON types that its values have."""
    found: dict[str, set[str]] = {}
    for row in rows:
        for key, value in row.items():
            found.setdefault(key, set()).add(json_type(value))
    return found


@asynccontextmanager
async def replayed(
    pages: Mapping[str, tuple[str, str]], registry: str, media_type: str
) -> AsyncIterator[LoopbackSource]:
    """A server that answers each path with a captured body: `{path: (registry, file name)}`."""
    bodies = {path: sample(*place) for path, place in pages.items()}

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=bodies[request.path], content_type=media_type)

    served = web.Application()
    for path in bodies:
        served.router.add_route("*", path, answer)
    async with loopback(served, registry) as source:
        yield source


def unmapped(view: View[Any]) -> set[tuple[str, str]]:
    """What no table maps, by field and text, in the view and in everything below it."""
    found: set[tuple[str, str]] = set()
    for name, field in type(view).fields.items():
        value = getattr(view, name)
        if isinstance(field, Mapped):
            found.update((name, text) for text in field.unmapped(view.row))
        for child in value if isinstance(value, tuple) else (value,):
            if isinstance(child, View):
                found |= unmapped(child)
    return found
