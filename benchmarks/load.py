"""Load: wrk with one question, from the other core; and single questions to check answers."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import tools
from benchmarks.place import BenchError

_LUA = """
wrk.method = "POST"
wrk.path = "/graphql"
wrk.headers["content-type"] = "application/json"
wrk.body = [==[{body}]==]
done = function(summary, latency, requests)
  local broken = summary.errors.connect + summary.errors.read + summary.errors.write
  io.write(string.format("measured %d %d %d %d %d %d\\n", summary.requests, summary.duration,
    summary.errors.status, broken + summary.errors.timeout, latency:percentile(50),
    summary.bytes))
end
"""
_MEASURED = re.compile(r"^measured" + r" (\d+)" * 6 + "$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Measured:
    """One short run: answers per second, the median wait in milliseconds, bytes per answer."""

    rate: float
    median_ms: float
    size: float


def run(
    port: int, text: str, connections: int, seconds: float, core: int, folder: Path
) -> Measured:
    """Asks one question over and over.

    Raises:
        BenchError: an answer had another status than 200, or a connection failed.
    """
    script = folder / "question.lua"
    script.write_text(_LUA.replace("{body}", json.dumps({"query": text})))
    command = [
        *("taskset", "-c", str(core), tools.program("wrk"), "-t1", f"-c{connections}"),
        *(f"-d{max(1, round(seconds))}s", "--timeout", "20s", "-s", str(script)),
        f"http://127.0.0.1:{port}/graphql",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60)
    found = _MEASURED.search(done.stdout)
    if found is None:
        raise BenchError(f"wrk failed: {done.stdout}{done.stderr}")
    requests, micros, statuses, broken, median, size = map(int, found.groups())
    if statuses or broken:
        raise BenchError(
            f"port {port}: {statuses} answers were no 200, {broken} connections failed"
        )
    # Slower than one answer in the whole run is a rate of nothing, not a failure.
    return Measured(requests / micros * 1e6, median / 1000, size / max(1, requests))


def ask(port: int, text: str, extensions: dict[str, Any] | None = None) -> Any:
    """One answer, parsed.

    Raises:
        BenchError: it is not 200, or it has errors.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        body: dict[str, Any] = {"query": text}
        if extensions:
            body["extensions"] = extensions
        headers = {"content-type": "application/json"}
        connection.request("POST", "/graphql", json.dumps(body), headers)
        response = connection.getresponse()
        told = response.read()
    finally:
        connection.close()
    if response.status != 200:
        raise BenchError(f"status {response.status}: {told[:2000]!r}")
    answer = json.loads(told)
    if isinstance(answer, dict) and answer.get("errors"):
        raise BenchError(f"the answer has errors: {str(answer['errors'])[:2000]}")
    return answer
