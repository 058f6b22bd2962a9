"""Registries without code: adapters made of TOML manifests.

A manifest says who a registry is, how it is reached (files, REST, GraphQL or a database) and
which of CAD Trust's fields comes from what. `docs/manifests.md` is its reference. Everything that
can be wrong with one is found when it is loaded, and told with file, line and remedy.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from adapters import manifest_model, manifest_paging, manifest_resource
from adapters.manifest_adapter import ManifestAdapter
from adapters.manifest_lines import line_of, places
from adapters.manifest_model import MODELS
from adapters.manifest_problem import Problem
from gateway.errors import ConfigError

# Variants of a field that may be the end of a place.
_TAGS = frozenset({"text", "table", "list"})


def load(path: Path) -> ManifestAdapter:
    """The adapter of one manifest.

    Raises:
        ConfigError: naming the file, the line and the remedy, for each thing that is wrong.
    """
    return parse(_text(path), path)


def parse(text: str, path: Path) -> ManifestAdapter:
    """The adapter of this text; `path` is what it is called, and where relative places begin.

    Raises:
        ConfigError: as `load`.
    """
    where = places(text)
    try:
        tree = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        message = re.sub(r" \((at [^()]*+)\)$", r", \1", str(error))
        raise ConfigError(f"{path} is not TOML: {message}") from None
    except RecursionError:
        raise ConfigError(f"{path} is not TOML: it is nested too deeply") from None
    except ValueError:
        raise ConfigError(f"{path} is not TOML: a number in it has too many digits") from None
    client = tree.get("client")
    kind = client.get("type") if isinstance(client, dict) else None
    if not isinstance(kind, str) or kind not in MODELS:
        line = line_of(("client", "type"), where) or line_of(("client",), where) or 1
        known = ", ".join(MODELS)
        raise ConfigError(f"{path}, line {line}: client.type: say one of {known}")
    try:
        return ManifestAdapter(MODELS[kind].model_validate(tree), path.parent, tree)
    except ValidationError as error:
        told = [_explained(detail, tree, where, path) for detail in error.errors()]
        raise ConfigError("\n".join(told)) from None
    except Problem as problem:
        told = [_at(problem.place, where, path) + f": {problem.message}"]
        raise ConfigError("\n".join(told)) from None


def load_folder(folder: Path) -> dict[str, ManifestAdapter]:
    """The adapters of all manifests of a folder, by the keys of their registries.

    Raises:
        ConfigError: there is no such folder, one cannot be used, or two have one key.
    """
    if not folder.is_dir():
        raise ConfigError(f"manifests: there is no folder {folder}")
    found: dict[str, ManifestAdapter] = {}
    files: dict[str, Path] = {}
    for path in sorted(folder.glob("*.toml")):
        adapter = load(path)
        key = adapter.info.key
        if key in found:
            raise ConfigError(f"{path}: the key {key} is that of {files[key]}; use another one")
        found[key], files[key] = adapter, path
    return found


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8: bad byte at offset {error.start}") from None


def _explained(detail: Any, tree: Any, where: Mapping[Any, int], path: Path) -> str:
    """One error of the shape, at its place."""
    place: list[str] = []
    here = tree
    last = len(detail["loc"]) - 1
    for number, part in enumerate(detail["loc"]):
        there = isinstance(here, dict) and part in here
        if isinstance(part, str) and not there and (number < last or part in _TAGS):
            # The name of a variant, which is no part of the file.
            continue
        place.append(str(part))
        here = here[part] if there or (isinstance(here, list) and isinstance(part, int)) else None
    if detail["type"] == "extra_forbidden":
        close = difflib.get_close_matches(place[-1], _words(), 1)
        hint = f"; did you mean {close[0]}?" if close else ""
        return f"{_at(tuple(place), where, path)}: there is no such key here{hint}"
    message = str(detail["msg"]).removeprefix("Value error, ")
    if detail["type"] == "missing":
        message = "is missing"
    return f"{_at(tuple(place), where, path)}: {message[:1].lower()}{message[1:]}"


def _at(place: tuple[str, ...], where: Mapping[Any, int], path: Path) -> str:
    line = line_of(place, where) or 1
    return f"{path}, line {line}: {'.'.join(place)}"


def _words() -> list[str]:
    """Every key that some part of a manifest has."""
    found: dict[str, None] = {}
    for module in (manifest_model, manifest_resource, manifest_paging):
        for part in vars(module).values():
            if isinstance(part, type) and issubclass(part, BaseModel):
                for name, field in part.model_fields.items():
                    found[field.alias or name] = None
    return list(found)
