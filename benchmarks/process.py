"""A process under test: pinned to one core, waited for, measured, ended."""

from __future__ import annotations

import http.client
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from benchmarks.place import BenchError


@dataclass(slots=True)
class Process:
    """A started server; `ready_after` is how many seconds it took to answer.

    As a context manager it ends with its block.
    """

    name: str
    popen: subprocess.Popen[bytes]
    port: int
    log: Path
    ready_after: float = 0.0

    def __enter__(self) -> Process:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def memory(self) -> Memory:
        """What it and its children hold now."""
        found = Memory()
        for pid in family(self.popen.pid):
            found = found.plus(memory_of(pid))
        return found

    def forget_peak(self) -> None:
        """From here on the peak is counted anew, where the system allows it (proc(5))."""
        for pid in family(self.popen.pid):
            with suppress(OSError):
                Path(f"/proc/{pid}/clear_refs").write_text("5")

    def cpu_seconds(self) -> float:
        """Processor time of it and its children so far."""
        ticks = 0
        for pid in family(self.popen.pid):
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def check(self) -> None:
        """Raises BenchError when it is gone."""
        if self.popen.poll() is not None:
            raise BenchError(f"{self.name} ended: {self.said()}")

    def said(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-3000:]

    def stop(self) -> None:
        """Ends it, at once if it does not end by itself."""
        every = family(self.popen.pid)
        self.popen.terminate()
        try:
            self.popen.wait(5)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait(5)
        for pid in every[1:]:
            if Path(f"/proc/{pid}").exists():
                os.kill(pid, 9)


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes: resident, proportional share, and the most that was ever resident."""

    rss: int = 0
    pss: int = 0
    peak: int = 0

    def plus(self, other: Memory) -> Memory:
        """Both together."""
        return Memory(self.rss + other.rss, self.pss + other.pss, self.peak + other.peak)


def start(
    name: str,
    command: Sequence[str],
    port: int,
    core: int,
    folder: Path,
    *,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    seconds: float = 60.0,
) -> Process:
    """Starts a server on one core and waits until it answers HTTP.

    Raises:
        BenchError: it ended, or did not answer in time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"{name}.log"
    began = time.monotonic()
    with log.open("wb") as sink:
        popen = subprocess.Popen(
            ["taskset", "-c", str(core), *command],
            stdout=sink,
            stderr=sink,
            env={**os.environ, **(environ or {})},
            cwd=cwd,
        )
    process = Process(name, popen, port, log)
    while time.monotonic() - began < seconds:
        process.check()
        if _answers(port):
            process.ready_after = time.monotonic() - began
            return process
        time.sleep(0.02)
    process.stop()
    raise BenchError(f"{name} did not answer within {seconds:g} seconds: {process.said()}")


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    # Who knows no such path is ready when it says so.
    return response.status != 503


def family(pid: int) -> list[int]:
    """The process and all that it started."""
    found = [pid]
    for one in found:
        # Each thread lists those that it started.
        for listed in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found += [int(child) for child in listed.read_text().split()]
            except OSError:
                continue
    return found


def memory_of(pid: int) -> Memory:
    """What one process holds; nothing where it is gone."""
    sizes: dict[str, int] = {}
    for name in ("status", "smaps_rollup"):
        try:
            text = Path(f"/proc/{pid}/{name}").read_text()
        except OSError:
            continue
        for line in text.splitlines():
            key, _, rest = line.partition(":")
            if key in ("VmRSS", "VmHWM", "Pss"):
                sizes[key] = int(rest.split()[0]) * 1024
    return Memory(sizes.get("VmRSS", 0), sizes.get("Pss", 0), sizes.get("VmHWM", 0))
