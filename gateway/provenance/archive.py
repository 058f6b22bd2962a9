"""The archive of mapping recipes: one file per recipe, named by its hash, kept for ever."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from gateway.errors import ConfigError, ProvenanceError
from gateway.provenance.bounded import SMALL_BYTES, read_bounded
from gateway.provenance.durable import write_atomically


def read_archive(directory: Path) -> list[bytes]:
    """Every recipe in the directory, which may be missing.

    Raises:
        ConfigError: a file whose content is not what its name says.
    """
    found: list[bytes] = []
    for file in sorted(directory.glob("*.json")) if directory.is_dir() else ():
        try:
            body = read_bounded(file, SMALL_BYTES)
        except (OSError, ProvenanceError) as problem:
            raise ConfigError(f"the recipe {file} cannot be read: {problem}") from None
        if sha256(body).hexdigest() != file.stem:
            raise ConfigError(f"{file} was changed: its SHA-256 is not its name")
        found.append(body)
    return found


def keep_in_archive(directory: Path, recipes: Iterable[bytes]) -> None:
    """Writes the recipes that are not there yet.

    Raises:
        ConfigError: the directory or a file in it cannot be written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for body in recipes:
            file = directory / f"{sha256(body).hexdigest()}.json"
            if not file.exists():
                write_atomically(file, body, mode=0o644)
    except OSError as problem:
        raise ConfigError(f"{directory} cannot be written: {problem.strerror}") from None
