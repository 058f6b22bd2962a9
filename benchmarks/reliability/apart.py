"""A gateway and the registries that it asks, each in a process of its own, on loopback only.

python -m benchmarks.reliability.apart registries     prints their settings, ends with its input
python -m benchmarks.reliability.apart gateway        reads those settings; prints its port, then
                                                      what it takes for each line of its input
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import resource
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway import log
from gateway.app import Readiness, create_app
from gateway.assemble import Gateway, assemble
from gateway.config import RegistrySettings, ServerSettings, Settings
from gateway.provenance.keys import throw_away_signer
from gateway.sandbox.market import make
from gateway.sandbox.runner import Sandbox
from gateway.serve import Server, listen, run

PAGE = resource.getpagesize()


@dataclass(frozen=True, slots=True)
class State:
    """What a gateway takes: bytes that are resident, open files, tasks, seconds of processor time,
    bytes that its caches say they hold, connections, and requests that were told to come back."""

    rss: int
    files: int
    tasks: int
    cpu: float
    kept: int
    connections: int
    limited: int
    shed: int


def _say(value: Any) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


async def _lines() -> AsyncIterator[bytes]:
    reader = asyncio.StreamReader(limit=1 << 24)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while line := (await reader.readline()).strip():
        yield line


def shown(sandbox: Sandbox) -> dict[str, Any]:
    """The sandbox's settings as JSON, with what is secret in it: it is for another process."""
    return {
        key: {
            **one.model_dump(mode="json", exclude_defaults=True, exclude={"headers", "credential"}),
            "headers": {n: v.get_secret_value() for n, v in one.headers.items()},
            "credential": one.credential and one.credential.get_secret_value(),
            "public_uri": one.base_url if (one.base_url or "").startswith("http") else None,
        }
        for key, one in sandbox.settings().items()
    }


async def registries() -> None:
    """The sandbox, until its input ends."""
    async with Sandbox(make()) as sandbox:
        _say(shown(sandbox))
        async for _ in _lines():
            pass


async def gateway() -> None:
    """The gateway, until its input ends."""
    lines = _lines()
    told = json.loads(await anext(lines))
    listener = listen("127.0.0.1", 0)
    server = ServerSettings(port=listener.getsockname()[1], drain=1.0)
    made = Settings(
        server=server,
        registries={key: RegistrySettings.model_validate(one) for key, one in told.items()},
        only=tuple(told),
    )
    assembled = assemble(made, signer=throw_away_signer())
    readiness = Readiness()
    app = create_app(assembled, readiness=readiness)
    served = Server(app, server, readiness, assembled.endpoint.shares)
    serving = asyncio.create_task(served.serve(sockets=[listener]))
    await served.listening.wait()
    _say(server.port)
    async for line in lines:
        if line == b"collect":
            gc.collect()
        _say(_state(assembled, served))
    served.should_exit = served.force_exit = True
    await serving


def _state(assembled: Gateway, served: Server) -> dict[str, Any]:
    shares = assembled.endpoint.shares
    executor: Any = assembled.endpoint.executor
    return {
        "rss": int(Path("/proc/self/statm").read_text().split()[1]) * PAGE,
        "files": len(os.listdir("/proc/self/fd")),
        "tasks": len(asyncio.all_tasks()),
        "cpu": time.process_time(),
        "kept": executor.kept_bytes,
        "connections": len(served.door),
        "limited": 0 if shares is None else shares.limited,
        "shed": assembled.admission.shed,
    }


@dataclass
class Apart:
    """A running pair, and where to ask the gateway."""

    process: asyncio.subprocess.Process
    port: int

    async def state(self, word: str = "state") -> State:
        """What the gateway takes now."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(word.encode() + b"\n")
        return State(**json.loads(await asyncio.wait_for(self.process.stdout.readline(), 60)))


@asynccontextmanager
async def _part(what: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.reliability.apart", what),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 24,
    )
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 20)
        except TimeoutError:
            process.kill()
            await process.wait()


@asynccontextmanager
async def apart() -> AsyncIterator[Apart]:
    """A gateway over the sandbox, both in processes of their own."""
    async with _part("registries") as first, _part("gateway") as second:
        assert first.stdout is not None
        assert second.stdin is not None
        assert second.stdout is not None
        told = await asyncio.wait_for(first.stdout.readline(), 120)
        second.stdin.write(told)
        port = int(await asyncio.wait_for(second.stdout.readline(), 120))
        yield Apart(second, port)


if __name__ == "__main__":
    log.configure("error")
    run(registries() if sys.argv[1] == "registries" else gateway())
