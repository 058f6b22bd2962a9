"""GreenTrace's own ways to go wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gateway.sandbox.rewriting import rewriting

Dataset = dict[str, Any]

# What a trap has the search look for instead of what the form says.
SEARCH = web.RequestKey("search", str)
UNMAPPED = "No static resource v1/{}."


def unmapped(request: web.Request) -> web.Response:
    """What the platform answers to every question that is not the form it wants."""
    told = {"status": 500, "message": UNMAPPED.format(request.path), "path": request.path}
    return web.json_response(told, status=500)


@web.middleware
async def shuts_out(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A client that asked too often is told that its key is wrong; there are no keys."""
    return web.json_response({"message": "Invalid API Key"}, status=401)


@web.middleware
async def throttles(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The platform's CDN asks for an hour of silence."""
    return web.Response(status=429, headers={"Retry-After": "3600"}, text="error code: 1015")


@web.middleware
async def is_gone(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The older host: every page with status 200."""
    text = "<html><body>You have reached an invalid page.</body></html>"
    return web.Response(text=text, content_type="text/html")


@web.middleware
async def loses_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Projects that are listed have no page of their own."""
    if request.method == "GET":
        return web.json_response({"message": "Not Found"}, status=404)
    return await handler(request)


def _mixed(page: Any) -> Any:
    """The page of another project."""
    return page | {"projectDetail": page["projectDetail"] | {"projectKey": "P2423ZZZZ"}}


def _rewriting(change: Callable[[str, Dataset], tuple[str, Dataset]]) -> Middleware:
    def changed(document: Any) -> Any:
        return {"datasets": dict(change(*one) for one in document["datasets"].items())}

    return rewriting(lambda document: "datasets" in document, changed)


def _renamed(name: str, dataset: Dataset) -> tuple[str, Dataset]:
    """As if the status had been ignored."""
    return ("projects" if name == "projects" else "holdings"), dataset


def _clamped(name: str, dataset: Dataset) -> tuple[str, Dataset]:
    return name, dataset | {"rows": dataset["rows"][:3]}


def _short(name: str, dataset: Dataset) -> tuple[str, Dataset]:
    return name, dataset | {"rows": dataset["rows"][1:]}


def _empty(name: str, dataset: Dataset) -> tuple[str, Dataset]:
    return name, dataset | {"rows": []}


def _doubled(name: str, dataset: Dataset) -> tuple[str, Dataset]:
    rows = dataset["rows"]
    return name, dataset | {"rows": [*rows[:1], *rows[:-1]]}


def searching(change: Callable[[str], str]) -> Middleware:
    """A trap that changes what is searched for."""

    @web.middleware
    async def trap(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method == "POST":
            form = await request.post()
            request[SEARCH] = change(str(form.get("searchText", "")))
        return await handler(request)

    return trap


TRAPS: Mapping[str, Middleware] = {
    "the client is shut out with a 401": shuts_out,
    "the CDN asks for an hour of silence": throttles,
    "the host is gone": is_gone,
    "listed projects have no page": loses_pages,
    "a page is another project's": rewriting(lambda document: "projectDetail" in document, _mixed),
    "the status is ignored": _rewriting(_renamed),
    "pages are clamped": _rewriting(_clamped),
    "a row is missing": _rewriting(_short),
    "all rows are missing": _rewriting(_empty),
    "a row comes twice": _rewriting(_doubled),
    "the search is ignored": searching(lambda text: ""),
    "the search finds nothing": searching(lambda text: "no such text" if text else ""),
}
