"""An evidence bundle: everything that it takes to check one answer years later, in one zip.

response.json  jwks.json  query.graphql  variables.json  upstream-<i>.bin
mapping-<sha256>.json  tlog-proof.txt  checkpoint.tsr  settings.json  manifest-<registry>.toml
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from gateway.errors import ProvenanceError
from gateway.provenance import shape
from gateway.provenance.bounded import MOST_BYTES, read_bounded
from gateway.provenance.canonical import canonical
from gateway.provenance.strict import decode64, load_json, one_line

MOST_FILES = 4_096
# What a reader of damaged archives may stumble over, beside errors of its own.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    OSError,
    RuntimeError,
    NotImplementedError,
    EOFError,
    ValueError,
    LookupError,
    OverflowError,
)
_NAMES = re.compile(
    r"response\.json|jwks\.json|query\.graphql|variables\.json|tlog-proof\.txt|checkpoint\.tsr"
    r"|settings\.json|manifest-[a-z0-9-]{1,32}\.toml"
    r"|upstream-(?:0|[1-9][0-9]{0,5})\.bin|mapping-[0-9a-f]{64}\.json"
)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# Zip's own beginning of time: the same content is the same file.
_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(slots=True)
class Bundle:
    """A bundle's parts. `bodies` are upstream bodies by source, `mappings` recipes by hash,
    `settings` and `manifests` (by registry) what a replay must know of the gateway."""

    response: bytes
    jwks: bytes | None = None
    query: str | None = None
    variables: bytes | None = None
    bodies: dict[int, bytes] = field(default_factory=dict)
    mappings: dict[str, bytes] = field(default_factory=dict)
    proof: str | None = None
    stamp: bytes | None = None
    settings: bytes | None = None
    manifests: dict[str, bytes] = field(default_factory=dict)

    def files(self) -> dict[str, bytes]:
        """The files by name."""
        found: dict[str, bytes] = {"response.json": self.response}
        optional = {
            "jwks.json": self.jwks,
            "query.graphql": None if self.query is None else self.query.encode(),
            "variables.json": self.variables,
            "tlog-proof.txt": None if self.proof is None else self.proof.encode(),
            "checkpoint.tsr": self.stamp,
            "settings.json": self.settings,
        }
        found.update({name: data for name, data in optional.items() if data is not None})
        found.update({f"upstream-{index}.bin": body for index, body in self.bodies.items()})
        found.update({f"mapping-{name}.json": body for name, body in self.mappings.items()})
        found.update({f"manifest-{key}.toml": text for key, text in self.manifests.items()})
        return found


def make_bundle(
    response: bytes,
    jwks: Mapping[str, Any],
    *,
    query: str | None = None,
    variables: Mapping[str, Any] | None = None,
    mappings: Mapping[str, bytes] | None = None,
    proof: str | None = None,
    stamp: bytes | None = None,
    settings: Mapping[str, Any] | None = None,
) -> bytes:
    """The zip for a response that was asked with `evidence: true`; its bodies are taken out.

    `response` is the HTTP body as it came. `mappings` are recipes by their digest, `proof` the
    tlog-proof and `stamp` the RFC 3161 response over the checkpoint in it. `settings` is what the
    gateway publishes for replays; the manifests in it become files of their own.

    Raises:
        ProvenanceError: the response carries no proof.
    """
    extensions = shape.mapping(shape.mapping(load_json(response), "the response").get("extensions"),
                               "extensions")  # fmt: skip
    value = shape.mapping(extensions.get("provenance"), "the proof")
    bodies: dict[int, bytes] = {}
    for item in shape.listed(value.get("evidence", []), "the evidence"):
        kept = shape.members(item, "a piece of evidence", "source body")
        bodies[shape.whole(kept["source"], "a source")] = decode64(kept["body"])
    manifests = (
        {} if settings is None else shape.mapping(settings.get("manifests", {}), "manifests")
    )
    others = {} if settings is None else {k: v for k, v in settings.items() if k != "manifests"}
    found = Bundle(
        response,
        canonical(jwks),
        query,
        None if not variables else canonical(variables),
        bodies,
        dict(mappings or {}),
        proof,
        stamp,
        canonical(others) if others else None,
        {key: shape.text(text, "a manifest").encode() for key, text in manifests.items()},
    )
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in found.files().items():
            archive.writestr(zipfile.ZipInfo(name, _DATE), content, zipfile.ZIP_DEFLATED)
    return data.getvalue()


def read_bundle(path: Path) -> Bundle:
    """The bundle in a zip file or in a directory with the same files.

    Raises:
        ProvenanceError: not a bundle, an unknown file, a file twice, or too much of it.
    """
    try:
        files = _folder(path) if path.is_dir() else _archive(path)
    except _BROKEN as problem:
        raise ProvenanceError(f"the bundle cannot be read: {one_line(problem)}") from None
    for name in files:
        if not _NAMES.fullmatch(name):
            raise ProvenanceError(f"the bundle has an unknown file: {one_line(name)}")
    if "response.json" not in files:
        raise ProvenanceError("the bundle has no response.json")
    return Bundle(
        files["response.json"],
        files.get("jwks.json"),
        _text(files.get("query.graphql")),
        files.get("variables.json"),
        {int(n[9:-4]): data for n, data in files.items() if n.startswith("upstream-")},
        {n[8:-5]: data for n, data in files.items() if n.startswith("mapping-")},
        _text(files.get("tlog-proof.txt")),
        files.get("checkpoint.tsr"),
        files.get("settings.json"),
        {n[9:-5]: data for n, data in files.items() if n.startswith("manifest-")},
    )


def right_mapping(name: str, body: bytes) -> bool:
    """Whether a recipe is the one that its name says."""
    return sha256(body).hexdigest() == name


def _archive(path: Path) -> dict[str, bytes]:
    if path.stat().st_size > MOST_BYTES:
        raise ProvenanceError("the bundle is too large")
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        if len(parts) > MOST_FILES:
            raise ProvenanceError("the bundle has too many files")
        if any(part.compress_type not in _METHODS for part in parts):
            raise ProvenanceError("the bundle is compressed otherwise than zip files usually are")
        if len({part.filename for part in parts}) != len(parts):
            raise ProvenanceError("the bundle has a file twice")
        if sum(part.file_size for part in parts) > MOST_BYTES:
            raise ProvenanceError("the bundle is too large")
        found: dict[str, bytes] = {}
        for part in parts:
            # The directory's sizes are claims; reading stops at what was claimed.
            with archive.open(part) as file:
                found[part.filename] = file.read(part.file_size + 1)
        return found


def _folder(path: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    room = MOST_BYTES
    for file in sorted(path.iterdir()):
        if len(found) == MOST_FILES:
            raise ProvenanceError("the bundle has too many files")
        found[file.name] = read_bounded(file, room, plain=True)
        room -= len(found[file.name])
    return found


def _text(data: bytes | None) -> str | None:
    try:
        return None if data is None else data.decode()
    except UnicodeDecodeError:
        raise ProvenanceError("a text in the bundle is not UTF-8") from None
