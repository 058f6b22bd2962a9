"""What the growth figures run on: one node of any length and slowness, and gateways over it."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from benchmarks import ours, process
from benchmarks.bodies import Bodies
from benchmarks.place import WORK, Cores, free_port
from benchmarks.process import Process

FOLDER = WORK / "growth"

_CONFIG = """
only = "{only}"
cursor_secret = "not-a-secret-but-32-characters-long"

[server]
issuer = "https://gateway.example"

[signing]
keys_dir = "{keys}"
{limits}
"""
_REGISTRY = """
[registries.{key}]
adapter = "cad-trust"
name = "{key}"
base_url = "http://127.0.0.1:{port}/n{rows}/d{late}"
public_uri = "https://{key}.example"
allow_private = true
rate = 1000000
period = 1
burst = 100000
concurrency = 64
timeout = 120
"""
# For pages far larger than the default limits allow.
RAISED = """
[limits]
first_max = 1000000
cost = 1000000000
timeout = 300
calls_per_registry = 10000
"""


def node(bodies: Bodies, cores: Cores) -> Process:
    """`benchmarks.apps.rows`, beside the load."""
    port = free_port()
    recorded = bodies.same / "cad-trust-projects.json"
    command = [sys.executable, "-m", "benchmarks.apps.rows", str(port), str(recorded)]
    return process.start(
        "rows", command, port, cores.rest, FOLDER, environ=ours.environ(), cwd=FOLDER
    )


def gateway(
    name: str,
    upstream: int,
    places: Mapping[str, tuple[int, int]],
    cores: Cores,
    limits: str = "",
) -> Process:
    """`cgw serve` over registries of so many rows, so many milliseconds late.

    Raises:
        BenchError: it did not start.
    """
    text = _CONFIG.format(only=", ".join(places), keys=ours.keys(), limits=limits)
    for registry, (rows, late) in places.items():
        text += _REGISTRY.format(key=registry, port=upstream, rows=rows, late=late)
    FOLDER.mkdir(parents=True, exist_ok=True)
    settings = FOLDER / f"{name}.toml"
    settings.write_text(text)
    return ours.served(name, settings, cores.gateway)
