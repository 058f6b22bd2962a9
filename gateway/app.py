"""The application: what is served under which path, and what happens at start and stop."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.assemble import Gateway
from gateway.clientaddress import ClientAddress
from gateway.clock import SystemChance
from gateway.config import ServerSettings
from gateway.face import Face
from gateway.frontdoor import FrontDoor
from gateway.logface import log_routes
from gateway.replay_setup import published
from gateway.sealed import Sealed
from gateway.web import assets, example, pages

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_CACHED = {"cache-control": "public, max-age=300"}
_FOR_EVER = {"cache-control": "public, max-age=31536000, immutable"}


@dataclass(slots=True)
class Readiness:
    """Whether this process wants more work; a stop begins by not wanting any."""

    started: bool = False
    draining: bool = False
    # What lets connections in, where this process has one.
    front: FrontDoor | None = None

    @property
    def ready(self) -> bool:
        return self.started and not self.draining


def create_app(
    gateway: Gateway, *, sandbox: bool = False, readiness: Readiness | None = None
) -> ASGIApp:
    """The ASGI application of an assembled gateway. `sandbox` makes its pages say so."""
    state = readiness or Readiness()
    server = gateway.settings.server

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await gateway.start()
        state.started = True
        try:
            yield
        finally:
            state.draining = True
            await gateway.close()

    routes = _routes(gateway, state, sandbox=sandbox)
    app = _straight(gateway.endpoint, Starlette(routes=routes, lifespan=lifespan))
    if server.allowed_origins:
        app = CORSMiddleware(
            app,
            allow_origins=server.allowed_origins,
            allow_methods=("GET", "POST"),
            allow_headers=("content-type", "graphql-require-preflight", "x-request-id"),
            expose_headers=("cache-status", "link", "x-request-id"),
            max_age=600,
        )
    app = Face(
        app,
        issuer=server.origin,
        hosts=hosts(server),
        chance=SystemChance(),
        clients=ClientAddress(server.trusted_proxies, server.forwarded_header),
        traffic=gateway.endpoint.traffic,
    )
    if gateway.settings.signing.http_signatures:
        keys = gateway.notary.keys
        app = Sealed(app, issuer=server.origin, keys=keys, clock=gateway.clock)
    return app


def _straight(endpoint: ASGIApp, others: ASGIApp) -> ASGIApp:
    """The endpoint without the way through Starlette, whose layers it has no use for."""

    def app(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        asked = scope["type"] == "http" and scope["path"] == "/graphql"
        return endpoint(scope, receive, send) if asked else others(scope, receive, send)

    return app


def hosts(server: ServerSettings) -> tuple[str, ...]:
    """The Host names that are answered: the issuer's, the own, and what is configured."""
    own = urlsplit(server.origin).hostname or ""
    return (own, server.host, *_LOOPBACK, *server.allowed_hosts)


def _routes(gateway: Gateway, state: Readiness, *, sandbox: bool) -> list[Route]:
    server = gateway.settings.server
    known = json.dumps(_about(gateway)).encode()
    federation = gateway.federation
    setup = json.dumps(
        published(gateway.settings, federation.adapters, federation.upstreams)
    ).encode()

    def root(request: Request) -> Response:
        upstreams = gateway.federation.upstreams.values()
        return pages.landing(server.origin, upstreams, sandbox=sandbox, graphiql=server.graphiql)

    def healthz(request: Request) -> Response:
        return JSONResponse({"status": "ok"}, headers={"cache-control": "no-store"})

    def readyz(request: Request) -> Response:
        word = "ready" if state.ready else "draining" if state.draining else "starting"
        if state.ready and not gateway.notary.ready:
            word = "no signing key"
        elif state.ready and gateway.log is not None and gateway.log.trouble:
            word = "the transparency log does not go on"
        status = 200 if word == "ready" else 503
        return JSONResponse({"status": word}, status, {"cache-control": "no-store"})

    def jwks(request: Request) -> Response:
        return JSONResponse(gateway.jwks(), headers=_CACHED)

    def about(request: Request) -> Response:
        return Response(known, headers=_CACHED, media_type="application/json")

    def mapping(request: Request) -> Response:
        document = gateway.recipes.get(request.path_params["digest"])
        if document is None:
            return PlainTextResponse("no such mapping\n", 404)
        return Response(document, headers=_FOR_EVER, media_type="application/json")

    def replay(request: Request) -> Response:
        return Response(setup, headers=_CACHED, media_type="application/json")

    def schema(request: Request) -> Response:
        return Response(gateway.sdl, headers=_CACHED, media_type="application/graphql")

    def metrics(request: Request) -> Response:
        # An extra that not everyone installs.
        from gateway.engine.metrics import EngineCollector
        from gateway.frontdoor_metrics import FrontDoorCollector
        from gateway.provenance.metrics import LogCollector, SigningCollector
        from gateway.traffic_metrics import TrafficCollector
        from gateway.upstream.metrics import exposition

        engine = EngineCollector(gateway.endpoint.executor)
        signing = SigningCollector(gateway.notary, gateway.clock)
        traffic = TrafficCollector(gateway.endpoint.traffic)
        front, log = FrontDoorCollector(state.front), LogCollector(gateway.log)
        text, media_type = exposition(
            gateway.door, gateway.admission, engine, signing, traffic, front, log
        )
        return Response(text, headers={"cache-control": "no-store", "content-type": media_type})

    def graphiql(request: Request) -> Response:
        return pages.graphiql(example.SANDBOX if sandbox else example.LIVE)

    found = [
        Route("/", _async(root)),
        Route("/graphql", gateway.endpoint),
        Route("/healthz", _async(healthz)),
        Route("/readyz", _async(readyz)),
        Route("/.well-known/jwks.json", _async(jwks)),
        Route("/.well-known/carbon-gateway.json", _async(about)),
        Route("/.well-known/carbon-gateway/mappings/{digest}", _async(mapping)),
        Route("/.well-known/carbon-gateway/replay.json", _async(replay)),
        Route("/schema.graphql", _async(schema)),
        Route("/static/{name}", _async(assets.asset)),
    ]
    if server.graphiql:
        found.append(Route("/graphiql", _async(graphiql)))
    if server.metrics:
        found.append(Route("/metrics", _async(metrics)))
    if gateway.log is not None:
        found += log_routes(gateway.log)
    return found


def _async(handler: Callable[[Request], Response]) -> Callable[[Request], Awaitable[Response]]:
    """Handlers that wait for nothing need no thread of their own."""

    async def handle(request: Request) -> Response:
        return handler(request)

    return handle


def _about(gateway: Gateway) -> dict[str, object]:
    issuer = gateway.settings.server.origin
    return {
        "issuer": issuer,
        "graphql": f"{issuer}/graphql",
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "mappings_uri": f"{issuer}/.well-known/carbon-gateway/mappings/",
        "replay_uri": f"{issuer}/.well-known/carbon-gateway/replay.json",
        "schema_uri": f"{issuer}/schema.graphql",
        "schema_digest": {"sha256": gateway.notary.builder.schema_digest},
        "log": _log(gateway),
        "versions": [1],
    }


def _log(gateway: Gateway) -> dict[str, object] | None:
    if gateway.log is None:
        return None
    return {
        "origin": gateway.log.store.key.name,
        "prefix": f"{gateway.settings.server.origin}/log",
        "vkey": gateway.log.vkey,
    }
