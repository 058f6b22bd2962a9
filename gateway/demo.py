"""`cgw demo`: an invented market, the whole gateway over it, and one question asked and verified.

Everything runs in one process: the emulated registries on loopback ports of their own, and the
gateway that asks them over real HTTP.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console

from gateway import client
from gateway.app import Readiness, create_app
from gateway.assemble import assemble
from gateway.config import ServerSettings, Settings
from gateway.errors import GatewayError
from gateway.provenance.keys import throw_away_signer
from gateway.provenance.strict import load_json
from gateway.provenance.verify import verify_response
from gateway.sandbox.market import make
from gateway.sandbox.runner import Sandbox
from gateway.serve import Server, listen
from gateway.stitch import guarded
from gateway.telling import tell
from gateway.web.example import SANDBOX as QUESTION

_logger = logging.getLogger(__name__)


def settings(sandbox: Sandbox, host: str, port: int) -> Settings:
    """The settings of a gateway over the running sandbox, which serves nothing else."""
    registries = {
        # The loopback address is what is really asked, and nobody's secret here.
        key: registry.model_copy(update={"public_uri": registry.base_url})
        for key, registry in sandbox.settings().items()
    }
    server = ServerSettings(host=host, port=port, graphiql=True, drain=5.0)
    return Settings(server=server, registries=registries, only=tuple(registries))


async def demo(console: Console, *, host: str, port: int, scale: int, once: bool = False) -> int:
    """Serve the sandbox until a signal comes; `once` ends after the first question instead.

    Gives the exit code: of the verification with `once`, else 0.

    Raises:
        ConfigError: the port is taken.
    """
    with _planted_texts_untold():
        return await _demo(console, host, port, scale, once=once)


async def _demo(console: Console, host: str, port: int, scale: int, *, once: bool) -> int:
    listener = listen(host, port)
    port = listener.getsockname()[1]
    if scale > 1:
        console.print(f"Inventing a market {scale} times the usual size ...")
    world = await asyncio.to_thread(make, scale=scale)
    async with Sandbox(world) as sandbox:
        made = settings(sandbox, host, port)
        readiness = Readiness()
        app = create_app(
            assemble(made, signer=throw_away_signer()), sandbox=True, readiness=readiness
        )
        server = Server(app, made.server, readiness)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        listening = asyncio.create_task(server.listening.wait())
        await asyncio.wait((serving, listening), return_when=asyncio.FIRST_COMPLETED)
        listening.cancel()
        code = 0
        if not serving.done():
            code = await _first_question(console, made.server.origin, readiness)
            if once:
                server.should_exit = True
        await serving
    return code if once else 0


@contextmanager
def _planted_texts_untold() -> Iterator[None]:
    """The log without texts that no table knows and what adapters note: the market has such rows
    on purpose, and the answer's own warnings show them. What fails is logged."""

    def other(record: logging.LogRecord) -> bool:
        return record.msg not in (guarded.UNKNOWN_TEXT, guarded.NOTED)

    logger = logging.getLogger(guarded.__name__)
    logger.addFilter(other)
    try:
        yield
    finally:
        logger.removeFilter(other)


async def _first_question(console: Console, url: str, readiness: Readiness) -> int:
    try:
        answer = await asyncio.to_thread(client.ask, url, QUESTION)
        keys = await asyncio.to_thread(client.jwks, url)
        response: Any = load_json(answer)
    except GatewayError as error:
        if readiness.draining:
            return 0  # stopped before it was answered
        _logger.error("the first question failed: %s", error.message)
        return 1
    verdict = verify_response(response, keys, query=QUESTION)
    tell(console, url, QUESTION, response, verdict)
    # Incomplete is what a throw-away key must always be.
    return 0 if verdict.valid else verdict.exit_code
