"""`cgw serve`: from settings to a listening gateway."""

from __future__ import annotations

import logging
import socket
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from gateway import __version__, heap, log
from gateway.app import Readiness, create_app
from gateway.assemble import Gateway, assemble
from gateway.config import Settings
from gateway.configfile import load
from gateway.errors import ConfigError
from gateway.machine import check_machine
from gateway.serve import Server, listen, run

_logger = logging.getLogger(__name__)


def serve_configured(
    config: Path | None, environ: Mapping[str, str], *, host: str | None, port: int | None
) -> None:
    """Serve until a signal stops it.

    Raises:
        ConfigError: the settings cannot be used, or the port is taken.
    """
    heap.tidy()
    given = {"CGW_SERVER__HOST": host, "CGW_SERVER__PORT": None if port is None else str(port)}
    over = {name: value for name, value in given.items() if value is not None}
    settings = load(config, {**environ, **over})
    log.configure(settings.server.log_level)
    listener = listen(settings.server.host, settings.server.port)
    with closing(listener):
        settings = _on_port(settings, listener.getsockname()[1])
        gateway = assemble(settings)
        check_machine(settings, gateway.federation.adapters)
        readiness = Readiness()
        server = Server(
            create_app(gateway, readiness=readiness),
            settings.server,
            readiness,
            gateway.endpoint.shares,
        )
        _announce(settings, gateway)
        run(_serving(gateway, server, listener))


async def _serving(gateway: Gateway, server: Server, listener: socket.socket) -> None:
    # What only shows when it is opened, such as a log that another process writes, is a mistake
    # of the configuration too, and is told as one.
    try:
        await gateway.start()
    except ConfigError:
        await gateway.close()
        raise
    await server.serve(sockets=[listener])


def _on_port(settings: Settings, port: int) -> Settings:
    """The settings with the port that was had, where any free one was asked for."""
    server = settings.server.model_copy(update={"port": port})
    return settings.model_copy(update={"server": server})


def _announce(settings: Settings, gateway: Gateway) -> None:
    upstreams = gateway.federation.upstreams.values()
    log.event(
        _logger,
        logging.INFO,
        "serving",
        version=__version__,
        url=settings.server.origin,
        keys=[signer.kid for signer in gateway.notary.signers],
        registries=[one.key for one in upstreams if one.configured],
        not_configured=[one.key for one in upstreams if not one.configured],
    )
    if settings.server.issuer is None:
        _logger.warning("server.issuer is not set: statements name %s", settings.server.origin)
    if settings.cursor_secret is None:
        _logger.warning("cursor_secret is not set: cursors end with this process")
