"""The vendored files are the ones that were reviewed."""

from __future__ import annotations

import hashlib

from gateway.web import assets
from tests.paths import ROOT

STATIC = ROOT / "gateway" / "web" / "static"
SOURCE = ROOT / "gateway" / "web" / "src"


def test_every_vendored_file_has_the_listed_sum() -> None:
    lines = (STATIC / "SHA256SUMS").read_text().splitlines()
    listed = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert sorted(listed) == ["graphiql.css", "graphiql.js", "graphiql.licences.txt"]
    for name, digest in listed.items():
        assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == digest


def test_every_file_is_served_and_nothing_else_lies_there() -> None:
    assert {path.name for path in STATIC.iterdir()} == {*assets.TYPES, "SHA256SUMS"}


def test_the_licences_name_every_package_that_the_build_asks_for() -> None:
    licences = (STATIC / "graphiql.licences.txt").read_text()
    for package in ("graphiql 4.1.2", "react 18.3.1", "react-dom 18.3.1", "graphql 16.15.0"):
        assert f"{package} (MIT)" in licences
        assert package.replace(" ", "@") in (SOURCE / "build.sh").read_text()
