"""The rig: the sandbox and a gateway over it, in a process of their own, on loopback only.

Prints the gateway's port, then answers lines on standard input: `calls` with what the registries
saw since the last time, `cpu` with the seconds of processor time used so far. Ends with its input.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gateway import log
from gateway.app import Readiness, create_app
from gateway.assemble import assemble
from gateway.demo import settings
from gateway.provenance.keys import throw_away_signer
from gateway.sandbox.market import make
from gateway.sandbox.runner import Sandbox
from gateway.serve import Server, listen, run

# Headers that do not make another question: one registry tells standards apart by headers.
_HOPS = frozenset({"if-none-match", "if-modified-since", "connection", "content-length"})


@dataclass(slots=True)
class Seen:
    """One call as a registry saw it; instants are seconds on the rig's monotonic clock."""

    registry: str
    question: str
    began: float
    ended: float
    status: int


class Recorder:
    """Notes every call to every registry. `pause` seconds make each answer take its time, so
    that calls overlap as they do on the real network."""

    def __init__(self, pause: float) -> None:
        self.pause = pause
        self.seen: list[Seen] = []

    def of(self, registry: str) -> Middleware:
        """The middleware that notes this registry's calls."""

        @web.middleware
        async def note(request: web.Request, handler: Handler) -> web.StreamResponse:
            began = time.monotonic()
            body = await request.read()
            told = sorted(f"{n}:{v}" for n, v in request.headers.items() if n.lower() not in _HOPS)
            asked = "\n".join([request.method, request.path_qs, *told]).encode() + body
            question = hashlib.sha256(asked).hexdigest()[:16]
            status = 500
            try:
                response = await handler(request)
                status = response.status
                await asyncio.sleep(self.pause)
                return response
            finally:
                self.seen.append(Seen(registry, question, began, time.monotonic(), status))

        return note


async def rig(pause: float) -> None:
    """Serve until standard input ends."""
    listener = listen("127.0.0.1", 0)
    recorder = Recorder(pause)
    async with Sandbox(make()) as sandbox:
        made = settings(sandbox, "127.0.0.1", listener.getsockname()[1])
        # All callers of the load test have one address.
        many = made.server.model_copy(update={"connections_each": made.server.connections})
        made = made.model_copy(update={"server": many})
        for registry in made.registries:
            sandbox.fail(registry, recorder.of(registry))
        readiness = Readiness()
        gateway = assemble(made, signer=throw_away_signer())
        server = Server(create_app(gateway, readiness=readiness), made.server, readiness)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        await server.listening.wait()
        politeness = {
            key: {
                "rate": one.politeness.rate / one.politeness.period,
                "burst": one.politeness.burst,
            }
            for key, one in gateway.federation.upstreams.items()
        }
        say({"port": listener.getsockname()[1], "politeness": politeness})
        reader = asyncio.StreamReader(limit=1 << 20)
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
        )
        while line := (await reader.readline()).strip():
            if line == b"calls":
                say([asdict(seen) for seen in recorder.seen])
                recorder.seen.clear()
            elif line == b"cpu":
                say(time.process_time())
        server.should_exit = server.force_exit = True
        await serving


def say(value: Any) -> None:
    """One line of JSON for whoever started the rig."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    log.configure("error")
    run(rig(float(sys.argv[1]) if len(sys.argv) > 1 else 0.02))
