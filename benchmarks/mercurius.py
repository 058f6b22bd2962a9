"""Starting the hand-written Node gateway."""

from __future__ import annotations

import shutil

from benchmarks import process, tools
from benchmarks.place import free_port
from benchmarks.process import Process
from benchmarks.site import APPS, Site
from benchmarks.upstream import Mode


def start(site: Site) -> Process:
    """Fastify, Mercurius with its JIT, undici; one process."""
    folder = tools.npm("mercurius", tools.MERCURIUS)
    shutil.copy(APPS / "mercurius.mjs", folder)
    port = free_port()
    command = [tools.node(), "mercurius.mjs", str(port), site.upstream]
    if site.mode is Mode.FRESH:
        command.append("--cache")
    environ = {"NODE_ENV": "production"}
    return process.start(
        "mercurius", command, port, site.core, site.folder, environ=environ, cwd=folder
    )
