"""Two `cgw serve` processes over one sandbox, which share nothing but the key directory."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from benchmarks.reliability.requests import connect
from gateway.sandbox.market import make
from gateway.sandbox.runner import Sandbox
from gateway.serve import listen

REGISTRY = "gold-standard"
ISSUER = "http://gw.example"
_COMMAND = "from gateway.cli import main; main()"


@asynccontextmanager
async def replicas(folder: Path, count: int = 2) -> AsyncIterator[list[int]]:
    """The ports of so many gateways that sign with the keys of `folder / "keys"`; each listens.

    Raises:
        RuntimeError: one did not start; its words are in the message.
    """
    async with Sandbox(make(), only=(REGISTRY,)) as sandbox:
        config = folder / "cgw.toml"
        config.write_text(_config(sandbox))
        ports = [_free() for _ in range(count)]
        processes: list[asyncio.subprocess.Process] = []
        try:
            for number, port in enumerate(ports):
                with (folder / f"replica-{number}.log").open("wb") as file:
                    processes.append(await _start(config, port, file.fileno()))
            for number, port in enumerate(ports):
                if not await _listens(port):
                    said = (folder / f"replica-{number}.log").read_text()
                    raise RuntimeError(f"replica {number} did not start: {said}")
            yield ports
        finally:
            for process in processes:
                if process.returncode is None:
                    process.terminate()
            await asyncio.gather(*(process.wait() for process in processes))


def _config(sandbox: Sandbox) -> str:
    registry = sandbox.settings()[REGISTRY]
    lines = [
        f"only = [{json.dumps(REGISTRY)}]",
        'cursor_secret = "known to both replicas of this measurement"',
        f'[server]\nissuer = "{ISSUER}"\nlog_level = "warning"\ndrain = 2\ndrain_delay = 0',
        '[signing]\nkeys_dir = "keys"',
        f"[registries.{REGISTRY}]",
        f"base_url = {json.dumps(registry.base_url)}",
        "allow_private = true",
    ]
    if registry.credential is not None:
        lines.append(f"credential = {json.dumps(registry.credential.get_secret_value())}")
    lines += [f"headers.{name} = {json.dumps(v)}" for name, v in registry.headers.items()]
    return "\n".join(lines) + "\n"


def _free() -> int:
    listener = listen("127.0.0.1", 0)
    port: int = listener.getsockname()[1]
    listener.close()
    return port


async def _start(config: Path, port: int, log: int) -> asyncio.subprocess.Process:
    arguments = ("serve", "--config", str(config), "--port", str(port))
    environ = {name: v for name, v in os.environ.items() if not name.startswith("CGW_")}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", _COMMAND, *arguments, stdout=log, stderr=log, env=environ
    )


async def _listens(port: int) -> bool:
    for _ in range(600):
        try:
            (await connect(port)).close()
        except OSError:
            await asyncio.sleep(0.1)
        else:
            return True
    return False
