"""Starting Hive Gateway over the same REST registries, as its documentation has it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from benchmarks import openapi, process, tools
from benchmarks.place import BenchError, free_port
from benchmarks.process import Process
from benchmarks.site import APPS, Site
from benchmarks.upstream import Mode


def start(site: Site) -> Process:
    """Composes the supergraph and serves it in production mode, with one worker.

    Raises:
        BenchError: what npm, the composition or the gateway said.
    """
    folder = _composed(site)
    port = free_port()
    command = [tools.node(), str(folder.parent / "node_modules" / ".bin" / "hive-gateway")]
    command += ["supergraph", "--port", str(port), "--host", "127.0.0.1", "--fork", "1"]
    environ = {"NODE_ENV": "production", "LOG_LEVEL": "error"}
    if site.mode is Mode.FRESH:
        environ["BENCH_CACHE"] = "1"
    return process.start("hive", command, port, site.core, site.folder, environ=environ, cwd=folder)


def _composed(site: Site) -> Path:
    folder = tools.npm("hive", tools.HIVE) / site.mode.value
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "openapi").mkdir(parents=True)
    for name, document in openapi.descriptions(site.bodies, site.upstream).items():
        (folder / "openapi" / f"{name}.json").write_text(json.dumps(document))
    for file in (APPS / "hive").glob("*.mjs"):
        shutil.copy(file, folder)
    command = [tools.node(), str(folder.parent / "node_modules" / ".bin" / "mesh-compose")]
    command += ["-c", "mesh.config.mjs", "-o", "supergraph.graphql"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=180)
    if done.returncode != 0:
        raise BenchError(f"mesh-compose failed: {(done.stdout + done.stderr)[-2000:]}")
    return folder
