"""A small `Source` for adapter tests: real HTTP to a loopback server, no cache, no retries."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiohttp import ClientError, ClientSession, web
from aiohttp.test_utils import TestServer

from adapters.contract import Answer, Reply, Request
from gateway.errors import RegistryHttpError, RegistryRateLimited, RegistryUnreachable

T = TypeVar("T")


@dataclass
class LoopbackSource:
    """Asks one server; `asked` and `bodies` hold its requests and answers, by source index."""

    registry: str
    base_url: str
    session: ClientSession
    options: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    async def read(self, request: Request, decode: Callable[[Reply], T]) -> Answer[T]:
        """One request, one answer; statuses become the errors that the door would raise."""
        self.asked.append(request)
        sent: dict[str, Any] = {"params": list(request.query)} if request.query else {}
        if request.json is not None:
            sent["json"] = request.json
        if request.form is not None:
            sent["data"] = list(request.form)
        headers = {"Accept": request.accept, **self.headers, **dict(request.headers)}
        url = f"{self.base_url}/{request.path.lstrip('/')}"
        try:
            async with self.session.request(request.method, url, headers=headers, **sent) as got:
                body, status = await got.read(), got.status
                names = {name.lower(): value for name, value in got.headers.items()}
        except ClientError as error:
            raise RegistryUnreachable(str(error), registry=self.registry) from error
        self.bodies.append(body)
        if status == 429:
            raise RegistryRateLimited("asked to wait", registry=self.registry)
        if not 200 <= status < 300 and status not in request.allowed:
            raise RegistryHttpError(f"status {status}", status=status, registry=self.registry)
        return Answer(decode(Reply(status, names, body)), len(self.bodies) - 1, names)


@asynccontextmanager
async def loopback(
    application: web.Application,
    registry: str,
    *,
    base_path: str = "",
    headers: Mapping[str, str] | None = None,
    options: Mapping[str, str] | None = None,
) -> AsyncIterator[LoopbackSource]:
    """A source that asks the application, served on a free loopback port."""
    async with TestServer(application) as server, ClientSession() as session:
        yield LoopbackSource(
            registry=registry,
            base_url=str(server.make_url(base_path or "/")).rstrip("/"),
            session=session,
            options=options or {},
            headers=headers or {},
        )
