"""Reading settings: a TOML file, then `CGW_*` variables over it, then references to secrets.

cgw.toml                        environment
[limits]                        CGW_LIMITS__DEPTH=10
depth = 12                      CGW_CACHE=off
[registries.gold-standard]      CGW_REGISTRIES__GOLD_STANDARD__RATE=2
headers.x-key = "${env:KEY}"    KEY=...
[signing]
key_pem = "${file:/run/secrets/key.pem}"
"""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from gateway.config import Settings
from gateway.configtypes import FromFolder, span
from gateway.errors import ConfigError
from gateway.model.nearest import nearest, or_else

Path_ = tuple[str, ...]
# How pydantic calls numbers that are too small or too large.
_OUT_OF_RANGE = frozenset(
    {"greater_than", "greater_than_equal", "less_than", "less_than_equal", "finite_number"}
    | {"int_parsing_size"}
)

PREFIX = "CGW_"
# Options of the command line: the file itself, and the gateway that `cgw query` asks.
_OPTIONS = frozenset({"CGW_CONFIG", "CGW_URL"})

_SHORT: dict[str, Path_] = {
    "CGW_CACHE": ("cache", "backend"),
    "CGW_CURSOR_SECRET": ("cursor_secret",),
    "CGW_ONLY": ("only",),
}
# What Kubernetes sets in every pod beside a service called "cgw".
_SERVICE_LINK = re.compile(r"CGW_(SERVICE_(HOST|PORT\w*)|PORT(_\d+_\w+)?)")
_REFERENCE = re.compile(r"\$(?:(\$)|\{(?:(env|file):([^}]+)\}|([^}]*)))")
_HEADER = re.compile(r"\s*\[{1,2}([^\[\]]+)\]{1,2}\s*(?:#.*)?")
_KEY = re.compile(r"\s*((?:\"[^\"]*\"|'[^']*'|[A-Za-z0-9_-]+)(?:\s*\.\s*(?:\"[^\"]*\"|'[^']*'|"
                  r"[A-Za-z0-9_-]+))*)\s*=")  # fmt: skip
_KEY_PART = re.compile(r"\"([^\"]*)\"|'([^']*)'|([A-Za-z0-9_-]+)")


def load(path: str | Path | None, environ: Mapping[str, str]) -> Settings:
    """The settings of a file (None: defaults) and of the environment.

    Raises:
        ConfigError: naming the file and line or the variable, what is wrong, and the remedy.
    """
    file = None if path is None else Path(path)
    text = "" if file is None else _text(file)
    tree = _parsed(file, text)
    places = {place: f"{file}, line {line}" for place, line in lines(text)}
    for name, place, value in _variables(environ):
        _put(tree, place, value, name)
        places[place] = name
    folder = Path() if file is None else file.parent
    resolved = _resolved(tree, (), places, environ, folder)
    _relative(resolved, Settings, folder)
    try:
        return Settings.model_validate(resolved)
    except ValidationError as error:
        raise ConfigError(_explained(error, places, file)) from None


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8")
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file} is not UTF-8: bad byte at offset {error.start}") from None


def _parsed(file: Path | None, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = re.sub(r" \((at [^()]*+)\)$", r", \1", str(error))
        raise ConfigError(f"{file} is not TOML: {message}") from None
    except RecursionError:
        raise ConfigError(f"{file} is not TOML: it is nested too deeply") from None
    except ValueError:
        raise ConfigError(f"{file} is not TOML: a number in it has too many digits") from None


def lines(text: str) -> Iterator[tuple[Path_, int]]:
    """Where each table and key of a TOML text stands; for messages, so roughly is enough."""
    table: Path_ = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.fullmatch(line):
            table = _parts(header[1])
            yield table, number
        elif key := _KEY.match(line):
            place = table + _parts(key[1])
            for end in range(len(table) + 1, len(place) + 1):
                yield place[:end], number


def _parts(dotted: str) -> Path_:
    return tuple("".join(groups) for groups in _KEY_PART.findall(dotted))


def _variables(environ: Mapping[str, str]) -> Iterator[tuple[str, Path_, Any]]:
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name in _OPTIONS or _SERVICE_LINK.fullmatch(name):
            continue
        if name in _SHORT:
            place = _SHORT[name]
        elif "__" in name:
            place = tuple(name.removeprefix(PREFIX).lower().split("__"))
            if place[0] == "registries":
                place = tuple(_dashed(i, part, place) for i, part in enumerate(place))
        else:
            raise ConfigError(
                f"the variable {name} means nothing here; settings are {PREFIX}<SECTION>__<KEY>, "
                f"such as {PREFIX}SERVER__PORT"
            )
        yield name, place, _value(environ[name])


def _dashed(index: int, part: str, place: Path_) -> str:
    """Registry keys and header names have dashes where variables can only have underscores."""
    is_header = index == 3 and place[2] == "headers"
    return part.replace("_", "-") if index == 1 or is_header else part


def _value(text: str) -> Any:
    if text[:1] in ("[", "{"):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def _put(tree: dict[str, Any], place: Path_, value: Any, name: str) -> None:
    for part in place[:-1]:
        tree = tree.setdefault(part, {})
        if not isinstance(tree, dict):
            raise ConfigError(f"the variable {name} goes into {part}, which is not a section")
    tree[place[-1]] = value


def _resolved(
    value: Any, place: Path_, places: Mapping[Path_, str], environ: Mapping[str, str], folder: Path
) -> Any:
    if isinstance(value, dict):
        return {
            key: _resolved(inner, (*place, key), places, environ, folder)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_resolved(inner, place, places, environ, folder) for inner in value]
    if not isinstance(value, str) or "$" not in value:
        return value
    where = _place(place, places) or "the configuration"

    def replace(match: re.Match[str]) -> str:
        if match[1]:
            return "$"
        if match[4] is not None:
            raise ConfigError(
                f"{where}: a reference is ${{env:NAME}} or ${{file:/path}}; a plain $ is $$"
            )
        if match[2] == "env":
            if match[3] not in environ:
                raise ConfigError(f"{where}: the variable {match[3]} is not set; set it")
            return environ[match[3]]
        try:
            return (folder / match[3]).read_text("utf-8").removesuffix("\n")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "not UTF-8 text"
            raise ConfigError(f"{where}: the file {match[3]} cannot be read: {reason}") from None

    return _REFERENCE.sub(replace, value)


def _relative(tree: Any, model: type[BaseModel], folder: Path) -> None:
    """Paths in a file are relative to the file: those of the settings, and those in URLs."""
    if not isinstance(tree, dict):
        return
    for name, field in model.model_fields.items():
        value, kinds = tree.get(name), [*_kinds(field)]
        if isinstance(value, str) and any(kind is FromFolder for kind in kinds):
            tree[name] = _joined(folder, value)
        elif isinstance(value, str) and name == "base_url":
            scheme, _, path = value.partition(":")
            if scheme in ("file", "sqlite") and path and not path.startswith("/"):
                tree[name] = f"{scheme}://{quote(_joined(folder.absolute(), path))}"
        elif isinstance(value, dict):
            inner = next((kind for kind in kinds if _is_model(kind)), None)
            if inner is not None:
                held = [value] if field.annotation is inner else value.values()
                for one in held:
                    _relative(one, inner, folder)


def _joined(folder: Path, text: str) -> str:
    """The path from the folder on; one that begins with `~` from the user's own."""
    try:
        return str(folder / Path(text).expanduser()) if text.strip() else text
    except RuntimeError:
        raise ConfigError(
            f"{text}: there is no home directory to begin it with; write the whole path"
        ) from None


def _kinds(field: FieldInfo) -> Iterator[Any]:
    """Everything that a field's annotation is made of."""
    yield from field.metadata
    left = [field.annotation]
    while left:
        kind = left.pop()
        yield kind
        left += [*getattr(kind, "__args__", ()), *getattr(kind, "__metadata__", ())]


def _place(place: Path_, places: Mapping[Path_, str]) -> str:
    """The nearest known place: of the setting itself, of what holds it, of what it holds."""
    for end in range(len(place), 0, -1):
        if place[:end] in places:
            return places[place[:end]]
    inside = (known for known in places if known[: len(place)] == place)
    found = next(inside, None)
    return "" if found is None else places[found]


def _explained(error: ValidationError, places: Mapping[Path_, str], file: Path | None) -> str:
    return "\n".join(_one(detail, places, file) for detail in error.errors())


def _one(detail: Any, places: Mapping[Path_, str], file: Path | None) -> str:
    place = tuple(str(part) for part in detail["loc"])
    where = _place(place, places) or (str(file) if file else "the configuration")
    name = ".".join(place)
    if detail["type"] == "extra_forbidden":
        return f"{where}: there is no setting {name}{_suggestion(place)}"
    if detail["type"] in _OUT_OF_RANGE and (field := _field(place)) and (range_ := span(field)):
        return f"{where}: {name}: {_given(detail['input'])} is out of range; it must be {range_}"
    message = str(detail["msg"]).removeprefix("Value error, ")
    message = message[:1].lower() + message[1:]
    if detail["type"] == "literal_error":
        message += or_else(nearest(str(detail["input"]), _words(detail)))
    return f"{where}: {name}: {message}"


def _given(value: Any) -> str:
    try:
        text = str(value)
    except ValueError:
        # Python writes out no number of thousands of digits.
        return "a number of very many digits"
    return text if len(text) <= 40 else f"{text[:37]}..."


def _words(detail: Any) -> list[str]:
    return re.findall(r"'([^']*)'", str(detail["ctx"]["expected"]))


def _suggestion(place: Path_) -> str:
    model = _holding(place)
    known = list(model.model_fields) if _is_model(model) else []
    close = difflib.get_close_matches(place[-1], known, 1)
    hint = f"did you mean {close[0]}?" if close else f"there are: {', '.join(known)}"
    return f"; {hint}"


def _holding(place: Path_) -> Any:
    """The model in which the place's last part stands."""
    model: Any = Settings
    for part in place[:-1]:
        field = model.model_fields.get(part) if _is_model(model) else None
        model = _inner(field.annotation) if field else model
    return model


def _field(place: Path_) -> FieldInfo | None:
    model = _holding(place)
    return model.model_fields.get(place[-1]) if _is_model(model) else None


def _inner(annotation: Any) -> Any:
    """The model itself, or the one that a mapping holds."""
    arguments = getattr(annotation, "__args__", ())
    return arguments[-1] if arguments else annotation


def _is_model(found: Any) -> bool:
    return isinstance(found, type) and issubclass(found, BaseModel)
