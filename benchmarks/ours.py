"""Starting our gateway as an operator would, and what is made of its own parts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks import process
from benchmarks.place import ROOT, WORK, free_port
from benchmarks.process import Process
from benchmarks.site import APPS, Site

CGW = str(Path(sys.executable).with_name("cgw"))
_REGISTRY = """
[registries.{key}]
base_url = "{upstream}/{key}"
public_uri = "https://{key}.example"
allow_private = true
credential = "not-a-secret"
rate = 1000000
period = 1
burst = 100000
concurrency = 64
"""
_CONFIG = """
only = "verra, gold-standard, cad-trust"
cursor_secret = "not-a-secret-but-32-characters-long"

[server]
issuer = "https://gateway.example"

[signing]
keys_dir = "{keys}"
"""


def config(site: Site) -> Path:
    """The path of the settings; everything that is on by default is on."""
    text = _CONFIG.format(keys=keys()) + "".join(
        _REGISTRY.format(key=key, upstream=site.upstream)
        for key in ("verra", "gold-standard", "cad-trust")
    )
    path = site.folder / "cgw.toml"
    path.write_text(text)
    return path


def keys() -> str:
    """The folder of the signing key, made once."""
    folder = WORK / "keys"
    if not folder.exists():
        command = [CGW, "keys", "new", "--dir", str(folder)]
        subprocess.run(command, check=True, cwd=ROOT, capture_output=True, timeout=60)
    return str(folder)


def gateway(site: Site) -> Process:
    """`cgw serve`, nothing turned off."""
    return served("carbon-gateway", config(site), site.core)


def reference(site: Site) -> Process:
    """The same application with graphql-core in the place of the compiled executor."""
    port = free_port()
    command = [sys.executable, str(APPS / "reference.py"), str(port), str(config(site))]
    return _python("strawberry", command, port, site)


def pass_through(site: Site) -> Process:
    """Bodies passed on unread."""
    port = free_port()
    command = [sys.executable, str(APPS / "passthrough.py"), str(port), site.upstream]
    return _python("pass-through", command, port, site)


def conditional(site: Site) -> Process:
    """The same, remembering what the upstream has not changed."""
    port = free_port()
    command = [sys.executable, str(APPS / "passthrough.py"), str(port), site.upstream]
    return _python("pass-through-304", [*command, "--conditional"], port, site)


def served(name: str, settings: Path, core: int) -> Process:
    """`cgw serve` with these settings."""
    port = free_port()
    command = [CGW, "serve", "--config", str(settings), "--port", str(port)]
    return process.start(name, command, port, core, settings.parent, environ=environ(), cwd=ROOT)


def environ() -> dict[str, str]:
    """This tree, with compiled modules kept between starts as an installation has them."""
    cache = WORK / "pycache"
    return {
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(cache),
    }


def _python(name: str, command: list[str], port: int, site: Site) -> Process:
    return process.start(name, command, port, site.core, site.folder, environ=environ(), cwd=ROOT)
