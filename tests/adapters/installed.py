"""A third party's package as pip would have left it: its entry points in a dist-info folder."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

CGW_ADAPTERS = (sys.executable, "-c", "from gateway.adapters_cli import app; app()")


def install(root: Path) -> None:
    """Make the package in this folder known to whoever has the folder on PYTHONPATH."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    info = root / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    lines: list[str] = []
    for group, points in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {value}" for name, value in points.items()), ""]
    (info / "entry_points.txt").write_text("\n".join(lines))


def cgw_adapters(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`cgw adapters ...` in a process that has the package installed."""
    found = os.environ | {"PYTHONPATH": str(root), "PYTEST_ADDOPTS": "-p no:cacheprovider"}
    return subprocess.run(
        [*CGW_ADAPTERS, *arguments],
        env=found,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
