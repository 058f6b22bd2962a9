"""A CAD Trust node of any length and slowness, for the growth figures; pinned beside the load.

`/n<rows>/d<milliseconds>/v1/projects` is a list of so many rows, each answer that late. The rows
are recorded ones of the emulator with keys of their own; every answer has a new text in every
row, so that no two bodies are alike. As the real node does, it forbids keeping them.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from itertools import count
from pathlib import Path
from typing import cast
from urllib.parse import parse_qs

import uvloop

_TARGET = re.compile(rb"GET (/n(\d+)/d(\d+)/v1/projects\?(\S+)|\S+) ")
_MARK = b"@TEXT@"
_HEAD = (
    "HTTP/1.1 {status}\r\ncontent-type: application/json; charset=utf-8\r\n"
    "cache-control: no-store\r\nx-data-synced: true\r\ncontent-length: {length}\r\n\r\n"
)


class Rows:
    """Writes pages: rows and their order are told by their numbers alone."""

    def __init__(self, recorded: bytes) -> None:
        self._rows = [_parted(row) for row in json.loads(recorded)["data"]]
        self._answers = count(1)

    def answer(self, total: int, query: str) -> bytes:
        """The body for a query, as the node writes it."""
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        if "warehouseProjectId" in asked:
            text = self._row(int(asked["warehouseProjectId"][:8], 16))
        else:
            page, limit = int(asked["page"]), int(asked["limit"])
            rows = map(self._row, range((page - 1) * limit, min(page * limit, total)))
            head = f'{{"page":{page},"pageCount":{-(-total // limit)},"data":['
            text = b"".join((head.encode(), b",".join(rows), b"]}"))
        return text.replace(_MARK, b"%032x" % next(self._answers))

    def _row(self, number: int) -> bytes:
        return key(number).encode().join(self._rows[number % len(self._rows)])


def key(number: int) -> str:
    """The key of a row; keys are in the order of their numbers."""
    return f"{number:08x}-0000-4000-8000-000000000000"


def _parted(row: dict[str, object]) -> list[bytes]:
    own = str(row["warehouseProjectId"])
    marked = {**row, "projectName": f"{row['projectName']} {_MARK.decode()}"}
    return (
        json.dumps(marked, ensure_ascii=False, separators=(",", ":")).encode().split(own.encode())
    )


class Node(asyncio.Protocol):
    """One connection: requests without bodies, one after the other."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._read = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's own are transports by behaviour only.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._read += data
        while b"\r\n\r\n" in self._read:
            asked, _, self._read = self._read.partition(b"\r\n\r\n")
            found = _TARGET.match(asked)
            if found is None or found[2] is None:
                self._write("404 Not Found", b"{}")
            elif late := int(found[3]):
                loop = asyncio.get_running_loop()
                loop.call_later(late / 1000, self._tell, int(found[2]), found[4].decode())
            else:
                self._tell(int(found[2]), found[4].decode())

    def _tell(self, total: int, query: str) -> None:
        self._write("200 OK", self._rows.answer(total, query))

    def _write(self, status: str, body: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            head = _HEAD.format(status=status, length=len(body)).encode()
            self._transport.write(head + body)


async def serve(port: int, rows: Rows) -> None:
    """Serves until it is ended."""
    server = await asyncio.get_running_loop().create_server(lambda: Node(rows), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), Rows(Path(sys.argv[2]).read_bytes())))
