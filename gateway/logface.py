"""The transparency log over HTTP: checkpoint, tiles, and the proof of one entry (C2SP)."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from gateway.errors import LogStopped
from gateway.provenance.log import Log
from gateway.provenance.strict import encode64

_DIGEST = re.compile(r"[0-9a-f]{64}")
_NOW = {"cache-control": "no-store"}
_FOR_EVER = {"cache-control": "public, max-age=31536000, immutable"}


Handler = Callable[[Request], Awaitable[Response]]


def _readable(handler: Handler) -> Handler:
    """What cannot be read now is not said to be missing."""

    async def handle(request: Request) -> Response:
        try:
            return await handler(request)
        except (LogStopped, OSError):
            again = {**_NOW, "retry-after": "2"}
            return PlainTextResponse("the log cannot be read now; ask again\n", 503, again)

    return handle


def log_routes(log: Log) -> list[Route]:
    """`/log/checkpoint`, `/log/tile/...`, `/log/proof/<sha256 of the JWS>` and, with the time stamp
    over its checkpoint, `/log/stamped/<sha256 of the JWS>`."""

    async def file(request: Request) -> Response:
        path = request.path_params["path"]
        found = await log.file(path)
        if found is None:
            return PlainTextResponse("no such file of the log\n", 404, _NOW)
        text = path == "checkpoint"
        # A partial tile is replaced by a fuller one; a full one never changes.
        headers = _NOW if text or ".p/" in path else _FOR_EVER
        return Response(found, 200, headers, "text/plain" if text else "application/octet-stream")

    async def proof(request: Request) -> Response:
        digest = request.path_params["digest"]
        if not _DIGEST.fullmatch(digest):
            return PlainTextResponse("a proof is asked for by 64 hex digits\n", 404, _NOW)
        entry = bytes.fromhex(digest)
        found = await log.proof(entry)
        if found is not None:
            return PlainTextResponse(found, 200, _NOW)
        if log.pending(entry):
            waiting = {**_NOW, "retry-after": "2"}
            return PlainTextResponse("taken, and not yet under a checkpoint\n", 404, waiting)
        return PlainTextResponse("this log has no such entry\n", 404, _NOW)

    async def stamped(request: Request) -> Response:
        digest = request.path_params["digest"]
        found = None
        if _DIGEST.fullmatch(digest):
            found = await log.stamped_proof(bytes.fromhex(digest))
        if found is None:
            return PlainTextResponse("no time-stamped checkpoint has such an entry\n", 404, _NOW)
        text, token = found
        return JSONResponse({"proof": text, "stamp": encode64(token)}, 200, _NOW)

    return [
        Route("/log/proof/{digest}", _readable(proof)),
        Route("/log/stamped/{digest}", _readable(stamped)),
        Route("/log/{path:path}", _readable(file)),
    ]
