"""Load: wrk with one question, from the other core."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks import tools
from benchmarks.place import BenchError

_LUA = """
wrk.method = "POST"
wrk.path = "/graphql"
wrk.headers["content-type"] = "application/json"
wrk.body = [==[{body}]==]
{turn}
done = function(summary, latency, requests)
  local broken = summary.errors.connect + summary.errors.read + summary.errors.write
  io.write(string.format("measured %d %d %d %d %d %d\\n", summary.requests, summary.duration,
    summary.errors.status, broken + summary.errors.timeout, latency:percentile(50),
    summary.bytes))
end
"""
# Each request asks with another number in the place of the mark, `turns` of them.
TURN_MARK = "@TURN@"
_TURN = """
local turn, parts = 0, {}
for part in (wrk.body .. "@TURN@"):gmatch("(.-)@TURN@") do parts[#parts + 1] = part end
request = function()
  turn = (turn + 1) % TURNS
  return wrk.format(nil, nil, nil, table.concat(parts, string.format("%08x", turn)))
end
"""
_MEASURED = re.compile(r"^measured" + r" (\d+)" * 6 + "$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Measured:
    """One short run: how many answers, how many per second, the median wait in milliseconds,
    bytes per answer."""

    answers: int
    rate: float
    median_ms: float
    size: float


def run(
    port: int,
    text: str,
    connections: int,
    seconds: float,
    core: int,
    folder: Path,
    *,
    variables: Mapping[str, str] | None = None,
    turns: int = 0,
) -> Measured:
    """Asks one question over and over; with `turns`, with so many different variables.

    Raises:
        BenchError: an answer had another status than 200, or a connection failed.
    """
    script = folder / "question.lua"
    asked = {"query": text, "variables": dict(variables)} if variables else {"query": text}
    turn = _TURN.replace("TURNS", str(turns)) if turns else ""
    script.write_text(_LUA.replace("{turn}", turn).replace("{body}", json.dumps(asked)))
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
    return Measured(requests, requests / micros * 1e6, median / 1000, size / max(1, requests))
