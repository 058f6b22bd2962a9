"""One caller with a connection of its own, who asks one question after the other."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from types import TracebackType
from typing import Any

from benchmarks.place import BenchError


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer: its bytes, its headers, and how many milliseconds it took."""

    body: bytes
    headers: Message
    ms: float

    def parsed(self) -> Any:
        """The answer as JSON.

        Raises:
            BenchError: it has errors.
        """
        answer = json.loads(self.body)
        if isinstance(answer, dict) and answer.get("errors"):
            raise BenchError(f"the answer has errors: {str(answer['errors'])[:2000]}")
        return answer


class Caller:
    """A context manager: the connection is kept between questions."""

    def __init__(self, port: int, timeout: float = 120.0) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

    def __enter__(self) -> Caller:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def ask(
        self,
        text: str,
        variables: Mapping[str, Any] | None = None,
        extensions: Mapping[str, Any] | None = None,
    ) -> Heard:
        """One answer.

        Raises:
            BenchError: its status is not 200.
        """
        body: dict[str, Any] = {"query": text}
        if variables:
            body["variables"] = dict(variables)
        if extensions:
            body["extensions"] = dict(extensions)
        sent = json.dumps(body)
        began = time.perf_counter()
        self._connection.request("POST", "/graphql", sent, {"content-type": "application/json"})
        response = self._connection.getresponse()
        told = response.read()
        heard = Heard(told, response.headers, (time.perf_counter() - began) * 1000)
        if response.status != 200:
            raise BenchError(f"status {response.status}: {told[:2000]!r}")
        return heard


def ask(port: int, text: str, extensions: Mapping[str, Any] | None = None) -> Any:
    """One answer, parsed.

    Raises:
        BenchError: it is not 200, or it has errors.
    """
    with Caller(port) as caller:
        return caller.ask(text, extensions=extensions).parsed()
