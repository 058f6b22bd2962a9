"""Runs the sandbox: every emulator on a loopback port of its own, inside this process."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from urllib.parse import quote

from aiohttp import web
from aiohttp.typedefs import Middleware
from pydantic import SecretStr

from gateway.config import RegistrySettings
from gateway.errors import ConfigError
from gateway.sandbox.database import DatabaseFront
from gateway.sandbox.database_file import Damage, Database
from gateway.sandbox.draw import Draw
from gateway.sandbox.emulator import Emulator
from gateway.sandbox.fault import Fault, Front
from gateway.sandbox.market import make
from gateway.sandbox.rate import limited
from gateway.sandbox.world import Telling, World
from gateway.upstream.transport import Transport
from gateway.upstream.upstream import Upstream

GROUP = "carbon_gateway.emulators"

# Every registry that the sandbox emulates, with the module attribute that holds its emulator.
EMULATORS: dict[str, str] = {
    "acr": "gateway.sandbox.acr:EMULATOR",
    "art": "gateway.sandbox.art:EMULATOR",
    "biocarbon": "gateway.sandbox.biocarbon:EMULATOR",
    "cad-trust": "gateway.sandbox.cad_trust:EMULATOR",
    "cad-trust-v2": "gateway.sandbox.cad_trust_v2:EMULATOR",
    "car": "gateway.sandbox.car:EMULATOR",
    "cats": "gateway.sandbox.cats:EMULATOR",
    "cdm": "gateway.sandbox.cdm:EMULATOR",
    "cercarbono": "gateway.sandbox.cercarbono:EMULATOR",
    "core-registry": "gateway.sandbox.core_registry:EMULATOR",
    "ecoregistry": "gateway.sandbox.ecoregistry:EMULATOR",
    "example-national-csv": "gateway.sandbox.national_csv:EMULATOR",
    "example-national-rest": "gateway.sandbox.national_rest:EMULATOR",
    "example-national-sql": "gateway.sandbox.national_sql:EMULATOR",
    "gcc": "gateway.sandbox.gcc:EMULATOR",
    "gold-standard": "gateway.sandbox.gold_standard:EMULATOR",
    "icr": "gateway.sandbox.icr:EMULATOR",
    "isometric": "gateway.sandbox.isometric:EMULATOR",
    "plan-vivo": "gateway.sandbox.plan_vivo:EMULATOR",
    "puro": "gateway.sandbox.puro:EMULATOR",
    "social-carbon": "gateway.sandbox.social_carbon:EMULATOR",
    "uk-land-carbon": "gateway.sandbox.uk_land_carbon:EMULATOR",
    "undp": "gateway.sandbox.undp:EMULATOR",
    "verra": "gateway.sandbox.verra:EMULATOR",
}


Trouble = Fault | Middleware | Damage


def places() -> dict[str, str]:
    """Where every emulator is, by registry: the built-in ones, then third parties'."""
    found = dict(EMULATORS)
    for point in entry_points(group=GROUP):
        found.setdefault(point.name, point.value)
    return found


def load(only: Collection[str] = (), where: Mapping[str, str] | None = None) -> dict[str, Emulator]:
    """The emulators by registry, imported only now; `only` names some of them.

    `where` takes the place of `places()`.

    Raises:
        ConfigError: for an emulator that cannot be imported.
    """
    found: dict[str, Emulator] = {}
    for registry, place in (places() if where is None else where).items():
        if not only or registry in only:
            module, _, attribute = place.partition(":")
            try:
                found[registry] = getattr(import_module(module), attribute)
            except Exception as error:
                # A third party's module may raise anything when it is imported.
                raise ConfigError(f"{GROUP}: {place} cannot be loaded: {error}") from error
    return found


def telling(world: World, emulated: Emulator) -> Telling:
    """What the registry tells of the world; drawn here for one that the world does not know."""
    known = world.tellings.get(emulated.registry)
    if known is not None or emulated.scheme is None:
        return known or Telling(emulated.registry)
    return Draw(emulated.scheme, world.seed).telling(world.scale)


class Sandbox:
    """An async context manager: on entering, all emulators listen on 127.0.0.1.

    `emulators` takes the place of the built-in ones, as for a registry under development.
    `record` keeps the SHA-256 of every body sent, for comparison with the gateway's evidence.
    """

    def __init__(
        self,
        world: World | None = None,
        *,
        emulators: Mapping[str, Emulator] | None = None,
        only: Collection[str] = (),
        record: bool = False,
    ) -> None:
        self.world = world or make()
        self._emulators = load(only) if emulators is None else dict(emulators)
        self._record = record
        self._fronts = {registry: Front(record=record) for registry in self._emulators}
        self._runners: list[web.AppRunner] = []
        self._bases: dict[str, str] = {}
        self._folder: TemporaryDirectory[str] | None = None

    async def __aenter__(self) -> Sandbox:
        try:
            for registry, emulated in self._emulators.items():
                await self._start(registry, emulated)
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every port, and remove every file; requests under way are cut off."""
        while self._runners:
            await self._runners.pop().cleanup()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
        self._bases.clear()

    def settings(self) -> dict[str, RegistrySettings]:
        """What the gateway's configuration must say to talk to the emulators."""
        return {registry: self._settings(registry) for registry in self._bases}

    def fail(self, registry: str, trouble: Trouble, *, after: int = 0, delay: float = 30.0) -> None:
        """From now on, or after so many good answers, the registry has this trouble; one that is
        slow takes `delay` seconds."""
        front = self._fronts[registry]
        front.trouble, front.after, front.delay = trouble, after, delay

    def heal(self, registry: str) -> None:
        """All is well again."""
        self._fronts[registry].trouble = None

    def sent(self, registry: str) -> list[str]:
        """The SHA-256 of every body the registry sent, in order; empty without `record`."""
        return self._fronts[registry].sent

    def transport(self, upstream: Upstream) -> Transport | None:
        """For a door: the wire to a database that `fail` can harm, None for other registries.

        Without it a gateway reads the file itself, which is always whole.
        """
        for registry, base in self._bases.items():
            front = self._fronts[registry]
            if base == upstream.base_url and isinstance(front, DatabaseFront):
                return front.wire(upstream)
        return None

    async def _start(self, registry: str, emulated: Emulator) -> None:
        application = emulated.application(telling(self.world, emulated))
        if isinstance(application, Database):
            self._folder = self._folder or TemporaryDirectory(prefix="cgw-sandbox-")
            path = Path(self._folder.name, f"{registry}.sqlite")
            await asyncio.to_thread(application.write, path)
            self._fronts[registry] = DatabaseFront(record=self._record, path=path)
            self._bases[registry] = f"sqlite://{quote(str(path))}"
            return
        application.middlewares.insert(0, limited(emulated.rate, emulated.burst))
        application.middlewares.insert(0, self._fronts[registry].middleware())
        runner = web.AppRunner(
            application, access_log=None, shutdown_timeout=0.1, handler_cancellation=True
        )
        self._runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = int(runner.addresses[0][1])
        self._bases[registry] = f"http://127.0.0.1:{port}{emulated.base_path}"

    def _settings(self, registry: str) -> RegistrySettings:
        emulated = self._emulators[registry]
        return RegistrySettings(
            base_url=self._bases[registry],
            headers=dict(emulated.headers),
            options=dict(emulated.options),
            credential=SecretStr(emulated.credential) if emulated.credential else None,
            allow_private=True,
            # A little slower than allowed: two clocks never agree on where a second begins.
            rate=emulated.rate * 0.9,
            period=1.0,
            burst=max(1, emulated.burst // 2),
        )
