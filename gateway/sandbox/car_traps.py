"""The Reserve's own ways to go wrong: nearly all of them with status 200."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gateway.sandbox.car_pages import home, no_project

EXPORT = "/myModule/include/rptdownload.asp"
PROJECT = "/mymodule/reg/prjView.asp"
REPORT = "/myModule/rpt/myrpt.asp"


def page(text: str) -> web.Response:
    """A page as the registry sends it: Windows-1252, and no word about that."""
    body = text.encode("cp1252", "replace")
    return web.Response(body=body, headers={"Content-Type": "text/html"})


def _rewriting(path: str, change: Callable[[bytes], bytes]) -> Middleware:
    @web.middleware
    async def trap(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        if request.path != path or not isinstance(response, web.Response):
            return response
        changed = change(bytes(response.body or b""))  # type: ignore[arg-type]
        return web.Response(
            body=changed, headers={"Content-Type": response.headers["Content-Type"]}
        )

    return trap


@web.middleware
async def refuses_sessions(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every export is answered as if the session were another's."""
    return page(home()) if request.path == EXPORT else await handler(request)


@web.middleware
async def forgets_cookies(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The page comes without its cookie."""
    response = await handler(request)
    response.headers.popall("Set-Cookie", None)
    response.cookies.clear()
    return response


@web.middleware
async def loses_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """No project has a page."""
    return page(no_project("0" * 32)) if request.path == PROJECT else await handler(request)


@web.middleware
async def mixes_reports(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every page is that of another report, whatever number is asked for."""
    if request.path != REPORT or request.method != "GET":
        return await handler(request)
    other = "206" if request.query.get("r") != "206" else "111"
    return await handler(request.clone(rel_url=request.rel_url.with_query(r=other)))


def _without_last(body: bytes) -> bytes:
    """The export ends a record early, at the end of a line."""
    return body[: body.rstrip(b"\n").rfind(b'",\n"') + 3]


def _cut(body: bytes) -> bytes:
    return body[:-20]


def _more(body: bytes) -> bytes:
    """The page speaks of one row more than there are."""
    start = body.rfind(b" : ")
    end = body.index(b"<", start)
    total = int(body[start + 3 : end]) + 1
    return body[: start + 3] + str(total).encode() + body[end:]


def _no_form(body: bytes) -> bytes:
    return body.replace(b"frmDownload", b"frmGone")


TRAPS: Mapping[str, Middleware] = {
    "the session is refused": refuses_sessions,
    "the cookie is lost": forgets_cookies,
    "the export lacks a row": _rewriting(EXPORT, _without_last),
    "the export is cut": _rewriting(EXPORT, _cut),
    "the page promises more rows": _rewriting(REPORT, _more),
    "the page has no form": _rewriting(REPORT, _no_form),
    "reports are mixed up": mixes_reports,
    "projects have no page": loses_pages,
}
