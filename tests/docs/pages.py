"""The parts of pages that are written from the code: `python -m tests.docs.pages` renews them.

A generated part stands between `<!-- from the code: NAME -->` and `<!-- end -->`.
"""

from __future__ import annotations

import inspect
import io
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout, suppress
from pathlib import Path

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from adapters.catalogue import adapters
from adapters.manifest_convert import CONVERTERS
from gateway import errors
from gateway.cli import main
from gateway.config import (
    CacheSettings,
    DecodingSettings,
    LimitSettings,
    LogSettings,
    RegistrySettings,
    ServerSettings,
    Settings,
    SigningSettings,
)
from gateway.configtypes import span
from gateway.schema.matrixdoc import matrix_document
from gateway.schema.modeldoc import model_document
from tests.docs.rules import PAGE, changed, rules_document
from tests.paths import DOCS

PART = re.compile(r"(<!-- from the code: ([a-z ]+) -->\n).*?(<!-- end -->)", re.DOTALL)
COMMANDS = (
    "",
    "serve",
    "demo",
    "check",
    "query",
    "verify",
    "schema",
    "schema print",
    "schema check",
    "manifest",
    "manifest check",
    "keys",
    "keys new",
    "keys list",
    "keys rotate",
    "keys restore",
    "keys retire",
    "keys revoke",
    "adapters",
    "adapters list",
    "adapters matrix",
    "adapters new",
    "adapters test",
)
SECTIONS: dict[str, type[BaseModel]] = {
    "server": ServerSettings,
    "limits": LimitSettings,
    "cache": CacheSettings,
    "decoding": DecodingSettings,
    "signing": SigningSettings,
    "log": LogSettings,
    "registries.<key>": RegistrySettings,
}


def command_help(command: str) -> str:
    """What `cgw <command> --help` prints on a terminal of 80 columns."""
    out = io.StringIO()
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = "80"
    try:
        with redirect_stdout(out), suppress(SystemExit):
            main([*command.split(), "--help"])
    finally:
        os.environ.pop("COLUMNS")
        if before is not None:
            os.environ["COLUMNS"] = before
    return "\n".join(line.rstrip() for line in out.getvalue().strip().splitlines())


def commands() -> str:
    """Every command with its help."""
    parts = (
        f"## `cgw {command}`\n\n```text\n{command_help(command)}\n```\n".replace("cgw `", "cgw`")
        for command in COMMANDS
    )
    return "\n".join(parts)


def settings() -> str:
    """Every setting of every section."""
    return "\n".join(_sections())


def _sections() -> Iterator[str]:
    simple = [
        n for n in Settings.model_fields if n.split(".")[0] not in SECTIONS and n != "registries"
    ]
    yield "At the top of the file:\n"
    yield _table({name: Settings.model_fields[name] for name in simple})
    for section, model in SECTIONS.items():
        yield f"## `[{section}]`\n"
        about = inspect.getdoc(model) or ""
        yield f"{about}\n"
        yield _table(model.model_fields)


def _table(fields: dict[str, FieldInfo]) -> str:
    rows = ["| setting | default | what it is |", "|---|---|---|"]
    for name, field in fields.items():
        held = f" ({span(field)})" if span(field) else ""
        rows.append(f"| `{name}` | {_default(field)} | {field.description}{held} |")
    return "\n".join(rows) + "\n"


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if value is None or value == "" or isinstance(value, SecretStr):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, (dict, tuple)):
        return "none"
    return f"`{value}`"


def codes() -> str:
    """Every error code and its sentence."""
    found: dict[str, str] = {}
    roots = (errors.GatewayError, errors.RequestError, errors.RegistryError)
    for _, kind in inspect.getmembers(errors, inspect.isclass):
        if issubclass(kind, errors.GatewayError) and kind not in roots:
            found[kind.code] = " ".join((kind.__doc__ or "").split())
    rows = [f"| `{code}` | {found[code]} |" for code in sorted(found)]
    return "\n".join(["| code | when |", "|---|---|", *rows]) + "\n"


def converters() -> str:
    """Every converter of manifests, by what it gives."""
    by_kind: dict[str, list[str]] = {}
    for name, (gives, _) in CONVERTERS.items():
        by_kind.setdefault(gives, []).append(f"`{name}`")
    rows = [f"| {gives} | {', '.join(names)} |" for gives, names in by_kind.items()]
    return "\n".join(["| gives | `convert` |", "|---|---|", *rows]) + "\n"


PARTS: dict[str, Callable[[], str]] = {
    "converters": converters,
    "commands": commands,
    "settings": settings,
    "error codes": codes,
}


def renewed(page: str) -> str:
    """The page with its generated parts as they must be."""
    return PART.sub(lambda found: f"{found[1]}\n{PARTS[found[2]]()}\n{found[3]}", page)


def written() -> Iterator[tuple[Path, str]]:
    """Every page as it must be; some are printed whole."""
    whole = {
        "model.md": model_document,
        "registries.md": matrix_document,
        PAGE.name: rules_document,
    }
    for path in sorted(DOCS.glob("*.md")):
        if path.name in whole:
            yield path, whole[path.name](adapters())
        else:
            yield path, renewed(path.read_text("utf-8"))


if __name__ == "__main__":
    for path, text in written():
        if path == PAGE and (rules := changed(text, path.read_text("utf-8"))):
            print(f"{path.name}: raise the version of what does something new: {', '.join(rules)}")
            sys.exit(1)
        if text != path.read_text("utf-8"):
            path.write_text(text, "utf-8")
            print(f"renewed {path.name}")
