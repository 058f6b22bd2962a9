"""The files that pages load: a fixed list, read once, never a path from a request."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

TYPES = {
    "graphiql.css": "text/css; charset=utf-8",
    "graphiql.js": "text/javascript; charset=utf-8",
    "graphiql.licences.txt": "text/plain; charset=utf-8",
    "page.css": "text/css; charset=utf-8",
}


@cache
def content(name: str) -> tuple[bytes, bytes, str]:
    """The bytes of an asset, the same compressed, and its entity tag."""
    body = files("gateway.web").joinpath("static", name).read_bytes()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    return body, gzip.compress(body, 9, mtime=0), tag


def asset(request: Request) -> Response:
    """`/static/<name>`, with revalidation."""
    name = request.path_params["name"]
    if name not in TYPES:
        return PlainTextResponse("no such file\n", 404)
    body, packed, tag = content(name)
    headers = {"etag": tag, "cache-control": "public, max-age=3600", "vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        body = packed
    return Response(body, headers=headers, media_type=TYPES[name])
