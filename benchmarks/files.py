"""What large files cost others: `python -m benchmarks.files`; `--write` for docs/reliability.md.

A gateway in a process of its own serves a CSV of 200,000 rows and 31 MB, an XLSX of 100,000 rows
and a Parquet file of 200,000. While they are read for the first time, filtered, sorted, walked and
asked by several clients at once, `/healthz` of the same process is asked all the time. Its p99 has
to stay under 100 ms; it is printed beside the idle one of the same run.

`serve FOLDER` is the gateway: it prints its port, and ends with its input.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.reliability import document
from gateway import log
from gateway.app import Readiness, create_app
from gateway.assemble import assemble
from gateway.config import (
    DecodingSettings,
    LimitSettings,
    RegistrySettings,
    ServerSettings,
    Settings,
)
from gateway.provenance.keys import throw_away_signer
from gateway.sandbox.workbook import workbook
from gateway.serve import Server, listen, run

MOST_MS = 100.0
ROWS = {"csv": 200_000, "xlsx": 100_000, "parquet": 200_000}
COLUMNS = ("ID", "Project", "State", "Quantity", "Vintage", "Serial", "Owner", "Notes")
PROJECTS = 5_000
MANIFEST = """
[registry]
key = "{kind}"
name = "A register in a file"
operator = ""
url = ""
terms = ""
attribution = ""
[client]
type = "file"
[resources.project]
endpoint = {{ path = "projects.csv" }}
[resources.project.fields]
key = "ID"
project_name = "Name"
[resources.unit]
endpoint = {{ path = "units.{kind}" }}
ignored = ["Notes"]
[resources.unit.fields]
key = "ID"
project_key = "Project"
unit_serial_id = "Serial"
unit_status = "State"
unit_count = "Quantity"
vintage_year = "Vintage"
unit_owner = "Owner"
"""
UNITS = """query($after: String, $where: UnitWhere, $orderBy: UnitOrder, $registry: RegistryKey!) {
  units(first: 500, after: $after, where: $where, orderBy: $orderBy, registries: [$registry]) {
    nodes { id unitSerialId unitStatus unitCount vintageYear unitOwner }
    pageInfo { hasNextPage endCursor }
    coverage { outcome complete message }
  } }"""
EDGES = """{ projects(first: 100, registries: ["csv"]) {
  nodes { id units(first: 50) { nodes { id unitCount } } } } }"""


def rows(count: int) -> Iterator[tuple[str | int, ...]]:
    """Invented units; the last column is what makes a line long, and nobody reads it."""
    for n in range(count):
        yield (
            f"U{n:07d}",
            f"P{n % PROJECTS:05d}",
            "Held" if n % 3 else "Retired",
            n % 1000 + 1,
            2010 + n % 12,
            f"SERIAL-NUMBER-{n:08d}-{n + 9:08d}",
            f"Owner {n % 100} and sons",
            "words that stand in the file and are read by nobody, as remarks are for the most "[
                :74
            ],
        )


def fill(folder: Path) -> int:
    """Writes manifests and files; the bytes of the CSV."""
    (folder / "manifests").mkdir()
    projects = [f"P{n:05d},Wind park {n}\n" for n in range(PROJECTS)]
    (folder / "projects.csv").write_text("ID,Name\n" + "".join(projects))
    for kind in ROWS:
        (folder / "manifests" / f"{kind}.toml").write_text(MANIFEST.format(kind=kind))
    with (folder / "units.csv").open("w") as file:
        file.write(",".join(COLUMNS) + "\n")
        file.writelines(
            ",".join(f'"{one}"' if type(one) is str else str(one) for one in row) + "\n"
            for row in rows(ROWS["csv"])
        )
    (folder / "units.xlsx").write_bytes(workbook({"s": [COLUMNS, *rows(ROWS["xlsx"])]}))
    import pyarrow
    import pyarrow.parquet

    columns = zip(*rows(ROWS["parquet"]), strict=True)
    table = pyarrow.table(dict(zip(COLUMNS, map(list, columns), strict=True)))
    pyarrow.parquet.write_table(table, folder / "units.parquet")
    return (folder / "units.csv").stat().st_size


async def serve(folder: Path) -> None:
    """The gateway, until its input ends."""
    listener = listen("127.0.0.1", 0)
    # One address asks for all clients here.
    server = ServerSettings(port=listener.getsockname()[1], drain=1.0, fair=False)
    registry = RegistrySettings(base_url=f"file://{folder}", rate=10_000, burst=1_000, timeout=240)
    made = Settings(
        server=server,
        # So that nothing ends for want of time, whatever else the machine does.
        limits=LimitSettings(timeout=240),
        decoding=DecodingSettings(seconds=240),
        manifests=str(folder / "manifests"),  # type: ignore[arg-type]
        registries=dict.fromkeys(ROWS, registry),
        only=tuple(ROWS),
    )
    assembled = assemble(made, signer=throw_away_signer())
    readiness = Readiness()
    app = create_app(assembled, readiness=readiness)
    served = Server(app, server, readiness, assembled.endpoint.shares)
    serving = asyncio.create_task(served.serve(sockets=[listener]))
    await served.listening.wait()
    sys.stdout.write(f"{server.port}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    served.should_exit = served.force_exit = True
    await serving


@dataclass
class Health:
    """Asks `/healthz` again and again on a connection of its own; milliseconds of each."""

    port: int
    took: list[float] = field(default_factory=list)

    @contextmanager
    def watched(self) -> Iterator[list[float]]:
        """What it took meanwhile."""
        took: list[float] = []
        stop = threading.Event()
        thread = threading.Thread(target=self._run, args=(took, stop))
        thread.start()
        try:
            yield took
        finally:
            stop.set()
            thread.join()

    def _run(self, took: list[float], stop: threading.Event) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        while not stop.is_set():
            began = time.perf_counter()
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            took.append(1000 * (time.perf_counter() - began))
            stop.wait(0.005)
        connection.close()


@dataclass(frozen=True)
class Client:
    """Asks the gateway one question after the other."""

    port: int

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The answer's data.

        Raises:
            RuntimeError: it has errors.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        body = json.dumps({"query": query, "variables": variables})
        connection.request("POST", "/graphql", body, {"content-type": "application/json"})
        told = json.loads(connection.getresponse().read())
        connection.close()
        if told.get("errors"):
            raise RuntimeError(told["errors"][0]["message"])
        found: dict[str, Any] = told["data"]
        return found

    def units(self, registry: str, **variables: Any) -> dict[str, Any]:
        """A page of units."""
        found: dict[str, Any] = self.ask(UNITS, registry=registry, **variables)["units"]
        if found["coverage"][0]["outcome"] != "OK":
            raise RuntimeError(found["coverage"][0]["message"])
        return found

    def nothing(self, registry: str, number: int = 0) -> None:
        """A filter over all rows that finds none."""
        where = {"unitOwner": {"contains": f"nobody {number}"}}
        if self.units(registry, where=where)["nodes"]:
            raise RuntimeError("a filter that nothing matches found something")

    def walk(self, registry: str, where: dict[str, Any] | None = None) -> None:
        """All pages."""
        after = None
        while True:
            page = self.units(registry, after=after, where=where)
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                return


def several(*works: Callable[[], None]) -> None:
    """All at once."""
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def phases(client: Client) -> dict[str, Callable[[], None]]:
    """What is done to the gateway, by the words of the page."""
    owner = {"unitOwner": {"contains": "owner 77 and"}}
    order = {"field": "VINTAGE_YEAR"}
    return {
        "CSV, 200,000 rows: the first read": lambda: client.units("csv") and None,
        "a filter that finds nothing": lambda: client.nothing("csv"),
        "a filter that finds one row of a hundred, all pages": lambda: client.walk("csv", owner),
        "in the order of the vintages": lambda: client.units("csv", orderBy=order) and None,
        "all 400 pages": lambda: client.walk("csv"),
        "the units of a hundred projects": lambda: client.ask(EDGES) and None,
        "eight clients, filters that find nothing": lambda: several(
            *(lambda n=n: client.nothing("csv", n) for n in range(1, 9))
        ),
        "XLSX, 100,000 rows: the first read": lambda: client.units("xlsx") and None,
        "XLSX: a filter that finds nothing": lambda: client.nothing("xlsx"),
        "Parquet, 200,000 rows: the first read": lambda: client.units("parquet") and None,
        "Parquet: a filter that finds nothing": lambda: client.nothing("parquet"),
        "all three filtered at once": lambda: several(
            *(lambda kind=kind: client.nothing(kind, 99) for kind in ROWS)
        ),
    }


def p99(took: list[float]) -> float:
    """The value that one of a hundred is above, at the least the last but one."""
    return sorted(took)[max(0, len(took) - 1 - max(1, len(took) // 100))]


def measure() -> tuple[str, bool]:
    """The section of the page, and whether the promise was kept."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = fill(folder)
        command = [sys.executable, "-m", "benchmarks.files", "serve", name]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as gateway:
            assert gateway.stdout is not None
            client = Client(int(gateway.stdout.readline()))
            health = Health(client.port)
            with health.watched() as took:
                time.sleep(5)
            idle, kept = p99(took), True
            lines = [("nothing", "5.0 s", f"{idle:.0f} ms", "1.0", len(took))]
            for what, work in phases(client).items():
                began = time.perf_counter()
                with health.watched() as took:
                    work()
                    seconds = time.perf_counter() - began
                    # A short one is seen by at least some questions.
                    time.sleep(0.2)
                found = p99(took)
                kept = kept and found < MOST_MS
                cells = (what, f"{seconds:.1f} s", f"{found:.0f} ms", f"{found / idle:.1f}")
                lines.append((*cells, len(took)))
                print(*lines[-1], sep=" | ", file=sys.stderr, flush=True)
            assert gateway.stdin is not None
            gateway.stdin.close()
    head = ("meanwhile", "took", "p99 of `/healthz`", "times idle", "asked")
    told = f"{document.place()} The CSV has {size / 1e6:.0f} MB.\n\n{document.table(head, lines)}"
    verdict = "kept" if kept else "**broken**"
    return f"{told}\n\nUnder {MOST_MS:.0f} ms throughout: {verdict}.", kept


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="write docs/reliability.md")
    parser.add_argument("what", nargs="?", choices=["serve"], help=argparse.SUPPRESS)
    parser.add_argument("folder", nargs="?", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.what:
        log.configure("error")
        run(serve(Path(options.folder)))
        return 0
    text, kept = measure()
    print(text)
    if options.write and kept:
        document.write({"files": text})
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
