"""`cgw adapters new`: a package with an adapter and an emulator that pass the suite as they are.

The adapter is code or, with `--manifest`, a manifest.
"""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path
from string import Template

from gateway.errors import ConfigError
from gateway.model.globalid import is_registry_key

TEMPLATES = files("adapters") / "templates"
SUITE = Path(str(files("adapters"))).parent / "tests" / "conformance" / "test_conformance.py"


def scaffold(
    key: str, folder: Path, name: str | None = None, *, manifest: bool = False
) -> list[Path]:
    """Write a new package for the registry into `folder/<key>`, and tell what was written.

    With `manifest` the adapter is a manifest, and no code but what loads it.

    Raises:
        ConfigError: the key is no registry key, or the folder is there already.
    """
    if not is_registry_key(key):
        raise ConfigError(
            f"{key!r} is no registry key: 1 to 32 of a-z, 0-9 and -, with no - at the ends"
        )
    package = f"carbon_{key.replace('-', '_')}"
    words = {
        "key": key,
        "name": _plain(name or key.replace("-", " ").title()),
        "package": package,
        "distribution": f"carbon-gateway-{key}",
        "class_name": "ADAPTER" if manifest else _class_name(key),
    }
    root = folder / key
    kind = "manifest_" if manifest else ""
    files = {
        root / "pyproject.toml": "pyproject.toml.txt",
        root / "README.md": f"{kind}README.md.txt",
        root / package / "adapter.py": f"{kind}adapter.py.txt",
        root / package / "emulator.py": "emulator.py.txt",
    }
    if manifest:
        files[root / package / "manifest.toml"] = "manifest.toml.txt"
    try:
        (root / package).mkdir(parents=True)
        for path, template in files.items():
            text = (TEMPLATES / template).read_text("utf-8")
            path.write_text(Template(text).substitute(words), "utf-8")
        (root / package / "__init__.py").touch()
    except FileExistsError:
        raise ConfigError(f"{root} is there already; choose another key or --dir") from None
    except OSError as error:
        raise ConfigError(f"{root} cannot be written: {error.strerror}") from error
    return [*files, root / package / "__init__.py"]


def suite(key: str) -> list[str]:
    """The command that holds one registry's adapter to the conformance suite.

    Raises:
        ConfigError: the suite is not there: it comes with the sources, not with the package.
    """
    if not SUITE.is_file():
        raise ConfigError(
            "the conformance suite comes with the sources of carbon-gateway: run this in a "
            "checkout that is installed with `make install`"
        )
    # Test ids end in the registry's key and a bracket, so that no other key is meant.
    files = [str(SUITE), *(str(SUITE.with_name(f"test_{name}.py")) for name in ("traps", "codes"))]
    return [sys.executable, "-m", "pytest", "-q", *files, "-k", f"[{key}] or -{key}]"]


def _plain(name: str) -> str:
    """A name that stands in a string of the templates as it is."""
    if not name.isprintable() or any(c in name for c in '"\\$') or not name.strip():
        raise ConfigError(f"{name!r} cannot be a registry's name here: use plain text")
    return name


def _class_name(key: str) -> str:
    found = "".join(part.capitalize() for part in key.split("-"))
    return found if found[0].isalpha() else f"Registry{found}"
