"""Builds the running gateway from its settings: the one place where all parts meet."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from adapters import catalogue
from adapters.contract import Adapter, Auth, Troubled
from gateway import __version__, heap, log
from gateway.bounded import bounds, room
from gateway.clientaddress import ClientAddress, subscriber
from gateway.clock import Chance, Clock, SystemChance, SystemClock
from gateway.config import (
    RegistrySettings,
    Settings,
    SigningSettings,
)
from gateway.endpoint import Endpoint
from gateway.engine.compiled import CompiledExecutor
from gateway.errors import ConfigError
from gateway.model.nearest import nearest, or_else
from gateway.model.remembered import forget
from gateway.provenance.archive import keep_in_archive, read_archive
from gateway.provenance.keynews import KeyNews
from gateway.provenance.keyring import Keyring
from gateway.provenance.keys import Signer, signer_from_file, signer_from_pem
from gateway.provenance.keywatch import KeyWatch
from gateway.provenance.log import Log
from gateway.provenance.notary import Notary
from gateway.provenance.published import PublishedCopy
from gateway.provenance.recipe import Recipes
from gateway.provenance.statement import Builder
from gateway.resting import Rest
from gateway.schema.build import print_schema
from gateway.stitch.ask import Ask
from gateway.stitch.cursor import Cursors
from gateway.stitch.federation import Federation
from gateway.transparency import configured_log
from gateway.upstream.admission import Admission
from gateway.upstream.credential import Placed, placed
from gateway.upstream.door import Door
from gateway.upstream.outage import Outage
from gateway.upstream.scheduler import Scheduler
from gateway.upstream.shares import Shares
from gateway.upstream.stores import open_replicas, open_store
from gateway.upstream.tuning import Tuning
from gateway.upstream.upstream import Upstream

_logger = logging.getLogger(__name__)

_OVERRIDES = (
    "rate",
    "period",
    "burst",
    "concurrency",
    "fresh_for",
    "stale_if_error",
    "timeout",
    "max_bytes",
)


@dataclass(frozen=True, slots=True)
class Gateway:
    """Everything that answers; `start` and `close` bracket its life in one event loop."""

    settings: Settings
    federation: Federation
    door: Door
    notary: Notary
    recipes: Recipes
    endpoint: Endpoint
    executor: CompiledExecutor
    admission: Admission
    sdl: str
    watch: KeyWatch | None
    log: Log | None
    clock: Clock
    tasks: list[asyncio.Task[None]]

    async def start(self) -> None:
        """Open the door, and tell about the keys of the directory where there is one. Once it
        has begun, a second time is nothing.

        Raises:
            ConfigError: the log cannot be written, or another process writes it.
        """
        if self.tasks:
            return
        await self.door.start()
        self.admission.start()
        if self.endpoint.scheduler is not None:
            self.endpoint.scheduler.install(asyncio.get_running_loop())
        if self.log is not None:
            await self.log.start()
            self.tasks.append(asyncio.create_task(self.log.run()))
        if self.watch is not None:
            self.tasks.append(asyncio.create_task(KeyNews(self.watch, self.clock).run()))
        resting = Rest(self.clock, self.settings.cache.idle, self.admission, self.rest)
        self.tasks.append(asyncio.create_task(resting.run()))

    async def rest(self) -> None:
        """Give up what can be made again, and give free memory back to the system."""
        self.executor.rest()
        forget()
        await self.door.rest()
        heap.give_back()

    async def close(self) -> None:
        """Stop what runs in the background and close every connection."""
        for task in self.tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self.tasks.clear()
        if self.log is not None:
            await self.log.close()
        await self.admission.close()
        await self.door.close()
        if self.endpoint.scheduler is not None:
            self.endpoint.scheduler.remove(asyncio.get_running_loop())

    def jwks(self) -> dict[str, Any]:
        """The published keys, with their history where there is a key directory."""
        return self.notary.keys.jwks()


def assemble(
    settings: Settings,
    *,
    signer: Signer | None = None,
    adapters: Mapping[str, Adapter] | None = None,
    clock: Clock | None = None,
    chance: Chance | None = None,
) -> Gateway:
    """The gateway that these settings describe. Nothing is opened or asked yet.

    `signer` takes the place of the configured key, `adapters` of the installed ones.

    Raises:
        ConfigError: naming the setting and the remedy.
    """
    clock, chance = clock or SystemClock(), chance or SystemChance()
    watch = _watch(settings, clock) if signer is None else None
    keys = watch or signer or _signer(settings)
    known = catalogue.adapters() if adapters is None else adapters
    served = registries(settings, catalogue.with_manifests(known, settings.manifests))
    upstreams = {key: upstream(key, a, settings.registries.get(key)) for key, a in served.items()}
    cache = settings.cache
    tuning = Tuning(
        decoding=bounds(settings.decoding),
        memo_bytes=cache.decoded_bytes,
        large_bytes=cache.files_bytes,
    )
    secret = shared_secret(settings)
    outage = Outage(clock, chance, tuning)
    largest = max((one.politeness.max_bytes for one in upstreams.values()), default=0)
    door = Door(
        upstreams,
        clock=clock,
        chance=chance,
        user_agent=user_agent(settings.server.contact),
        store=open_store(settings.cache, clock, secret, largest=largest),
        replicas=open_replicas(
            settings.cache, secret, clock=clock, chance=chance, tuning=tuning, outage=outage
        ),
        tuning=tuning,
        outage=outage,
    )
    # A secret of its own is good for one process; cursors then end with it.
    cursors = Cursors([secret or secrets.token_bytes(32)])
    federation = Federation(served, upstreams, door, clock, cursors, settings.limits)
    recipes = _recipes(settings.signing, served)
    sdl = print_schema()
    builder = Builder(version=__version__, schema_digest=hashlib.sha256(sdl.encode()).hexdigest())
    origin = settings.server.origin
    kept = (settings.signing.recipes_dir, settings.signing.keys_dir)
    transparency = configured_log(settings.log, origin, clock, beside=kept)
    notary = Notary(origin, builder, keys, clock, chance, mappings=recipes.named, log=transparency)
    server = settings.server
    shares = Shares(clock, quota=server.client_quota) if server.fair else None
    admission = Admission(server.in_flight, clock=clock, shares=shares)
    clients = ClientAddress(server.trusted_proxies, server.forwarded_header)
    executor = CompiledExecutor(
        settings.limits,
        mappings=recipes.digest,
        request_id=log.request_id.get,
        room=room(settings.cache),
    )
    endpoint = Endpoint(
        executor=executor,
        notary=notary,
        asked=partial(Ask, federation),
        limits=settings.limits,
        clock=clock,
        admit=admission.admit,
        check=partial(_check, admission, notary),
        client=lambda scope: subscriber(clients.of(scope)),
        shares=shares,
        scheduler=None if shares is None else Scheduler(shares),
        origins=frozenset(settings.server.allowed_origins),
    )
    return Gateway(
        settings=settings,
        federation=federation,
        door=door,
        notary=notary,
        recipes=recipes,
        endpoint=endpoint,
        executor=executor,
        admission=admission,
        sdl=sdl,
        watch=watch,
        log=transparency,
        clock=clock,
        tasks=[],
    )


def _check(admission: Admission, notary: Notary) -> None:
    """Whether a request can be answered at all, before it is read."""
    admission.check()
    notary.require()


def user_agent(contact: str) -> str:
    """What registries see: the product, and whom to write to where the operator says so."""
    product = f"carbon-gateway/{__version__}"
    return f"{product} (+{contact})" if contact else product


def registries(settings: Settings, known: Mapping[str, Adapter]) -> dict[str, Adapter]:
    """The adapters to serve: the known ones and configured second instances, in that order.

    Raises:
        ConfigError: for a registry that no adapter is for.
    """
    found = dict(known)
    for key, registry in settings.registries.items():
        if registry.adapter is not None and registry.adapter != key:
            if registry.adapter not in known:
                raise ConfigError(
                    f"registries.{key}.adapter: there is no adapter {registry.adapter}."
                    f"{or_else(nearest(registry.adapter, known))} "
                    f"There are: {', '.join(sorted(known))}"
                )
            found[key] = catalogue.renamed(
                known[registry.adapter], key, registry.name, registry.known_as or ()
            )
        elif key not in found:
            raise ConfigError(
                f"registries.{key}: there is no adapter for it.{or_else(nearest(key, known))} A "
                f"second instance names its adapter with registries.{key}.adapter, one of "
                f"{', '.join(sorted(known))}"
            )
        elif registry.known_as is not None:
            found[key] = catalogue.renamed(found[key], key, registry.name, registry.known_as)
    if unknown := [key for key in settings.only if key not in found]:
        raise ConfigError(
            f"only: there is no registry {unknown[0]}.{or_else(nearest(unknown[0], found))} "
            f"There are: {', '.join(found)}"
        )
    return {key: a for key, a in found.items() if _serves(settings, key)}


def _serves(settings: Settings, key: str) -> bool:
    registry = settings.registries.get(key)
    enabled = registry is None or registry.enabled
    return enabled and (not settings.only or key in settings.only)


def upstream(key: str, adapter: Adapter, registry: RegistrySettings | None) -> Upstream:
    """The registry as the door knows it: the adapter's defaults under the operator's settings."""
    given = registry or RegistrySettings()
    info = adapter.info
    headers = {name.lower(): value for name, value in info.headers}
    headers.update({n.lower(): value.get_secret_value() for n, value in given.headers.items()})
    base_url = (given.base_url or info.base_url).rstrip("/")
    secret = given.credential.get_secret_value() if given.credential is not None else ""
    where = Placed()
    if secret and info.credential:
        auth = info.auth or Auth("api_key", info.credential)
        where = placed(auth, secret, base_url, f"registries.{key}.credential")
        headers.update(where.headers)
    missing = []
    if not base_url:
        missing.append(f"registries.{key}.base_url")
    opens = {name.lower() for name in (info.credential, *info.credential_or)}
    if info.credential and not secret and not opens & set(headers):
        missing.append(f"registries.{key}.credential")
    overrides = {name: value for name in _OVERRIDES if (value := getattr(given, name)) is not None}
    # Folders, and names of hosts in the operator's own network, are not for everybody.
    inside = given.allow_private or (bool(base_url) and not base_url.startswith("http"))
    public = given.public_uri or (f"https://{key}.invalid" if inside else base_url)
    return Upstream(
        key=key,
        base_url=base_url,
        public_uri=public,
        politeness=replace(adapter.politeness, **overrides),
        headers=headers,
        options={**info.options, **given.options},
        allow_private=given.allow_private,
        configured=not missing,
        why_not=f"not configured: set {' and '.join(missing)}" if missing else "",
        secret_query=where.query,
        password=secret,
        grant=where.grant,
        trouble=adapter.trouble if isinstance(adapter, Troubled) else None,
    )


@contextmanager
def setting(name: str) -> Iterator[None]:
    """Add the name of the setting to a ConfigError that is raised inside.

    Raises:
        ConfigError: the one that was raised inside, its message beginning with `name`.
    """
    try:
        yield
    except ConfigError as error:
        known = error.message.startswith(name)
        raise ConfigError(error.message if known else f"{name}: {error.message}") from None


def _watch(settings: Settings, clock: Clock) -> KeyWatch | None:
    """The keys of the directory. One without a key in its time is taken, since that may change
    while the gateway runs; one whose present key cannot be used is a mistake to be mended."""
    given = settings.signing
    if given.keys_dir is None:
        return None
    # The log's directory is written by the gateway alone, and is no part of what is put back when
    # somebody puts back keys.
    folder = settings.log.directory
    copy = None if folder is None else PublishedCopy(Path(folder, "published-keys.json"))
    if folder is not None and Path(folder).exists() and not Path(folder).is_dir():
        raise ConfigError(f"log.directory: {folder} is a file; name a folder")
    if not Path(given.keys_dir).is_dir():
        raise ConfigError(
            f"signing.keys_dir: there is no folder {given.keys_dir}; make it with: "
            f"cgw keys new --dir {given.keys_dir}"
        )
    with setting("signing.keys_dir"):
        watch = KeyWatch(Keyring(given.keys_dir, clock), clock, copy=copy)
        view = watch.view()
        if view.problems and view.signer_at(clock.now().timestamp()) is None:
            raise ConfigError(next(iter(view.problems.values())))
    return watch


def _signer(settings: Settings) -> Signer:
    given = settings.signing
    if given.key_pem is not None:
        return signer_from_pem(given.key_pem.get_secret_value(), where="signing.key_pem")
    if given.key_file is not None:
        with setting("signing.key_file"):
            return signer_from_file(given.key_file)
    raise ConfigError(
        "there is no signing key: run `cgw keys new --dir keys` and set signing.keys_dir, or set "
        "signing.key_file or signing.key_pem"
    )


def shared_secret(settings: Settings) -> bytes | None:
    """What all replicas know and nobody else; None where nothing was given them."""
    given = settings.cursor_secret
    return None if given is None else given.get_secret_value().encode()


def _recipes(settings: SigningSettings, served: Mapping[str, Adapter]) -> Recipes:
    """The recipes in force, and with an archive all that ever were."""
    if settings.recipes_dir is None:
        return Recipes(served, __version__)
    folder = Path(settings.recipes_dir)
    with setting("signing.recipes_dir"):
        recipes = Recipes(served, __version__, read_archive(folder))
        keep_in_archive(folder, recipes.all().values())
    return recipes
