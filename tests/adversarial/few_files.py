"""A server that may open 220 files, and opens 50 for each answer. Prints its port."""

from __future__ import annotations

import resource

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from gateway.app import Readiness
from gateway.config import ServerSettings
from gateway.serve import Server, listen, run


async def opens(request: Request) -> PlainTextResponse:
    """Opens files, as the log does, while clients hold what they may."""
    files = [open(__file__) for _ in range(50)]  # noqa: SIM115, ASYNC230
    for file in files:
        file.close()
    return PlainTextResponse(f"opened {len(files)}")


def main() -> None:
    """Serve until killed."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (220, 220))
    listener = listen("127.0.0.1", 0)
    app = Starlette(routes=[Route("/healthz", opens)])
    server = Server(app, ServerSettings(), Readiness(started=True))
    print(listener.getsockname()[1], flush=True)
    run(server.serve(sockets=[listener]))


if __name__ == "__main__":
    main()
