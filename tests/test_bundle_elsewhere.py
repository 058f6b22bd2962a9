"""A bundle is whole: an auditor in another place, without server and settings, checks all of it."""

from __future__ import annotations

import asyncio
import json
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner, Result

from gateway.app import Readiness, create_app
from gateway.asking import ask_and_verify
from gateway.assemble import Gateway, assemble
from gateway.cli import app
from gateway.clock import SystemClock
from gateway.config import LogSettings, RegistrySettings, ServerSettings, Settings
from gateway.demo import settings as sandbox_settings
from gateway.provenance.keys import signer_from_pem, throw_away_signer
from gateway.sandbox.runner import Sandbox
from gateway.serve import Server, listen
from tests.market import make
from tests.provenance.authority import make_authority, served

SECRET = "planted-5ecret-0c7d41"
QUERY = """
query Held($first: Int!) {
  projects(first: $first) {
    nodes { id registry projectName projectStatus units(first: 3) { nodes { id unitCount } } }
    coverage { registry outcome returned }
  }
}
"""
MANIFEST = f"""
# Nobody else's business: {SECRET}
[registry]
key = "my-country"
name = "National Carbon Registry of My Country"
operator = "Ministry of Environment"
url = "https://carbon.example"
terms = "Open data."
attribution = "Data: Ministry of \\"Environment\\""
countries = ["KE"]

[client]
type = "file"
headers = {{ x-planted = "{SECRET}" }}

[lookups.status]
"On the register" = "Registered"
"Struck off" = "Withdrawn"

[resources.project]
endpoint = {{ path = "projects.csv" }}
expect = {{ min = 1, max = 2_000 }}

[resources.project.fields]
key = "Registration no."
project_id = "Registration no."
project_name = "Title"
project_status = {{ from = "Status", lookup = "status" }}
"""
ROWS = "Registration no.,Title,Status\nMC-1,Wind at Lake Example,On the register\n"


def configured(home: Path, sandbox: Sandbox, port: int, tsa: str) -> Settings:
    """The sandbox's registries, a second instance, a manifest over files, a log and stamps."""
    (home / "manifests").mkdir()
    (home / "manifests" / "my-country.toml").write_text(MANIFEST)
    (home / "uploads").mkdir()
    (home / "uploads" / "projects.csv").write_text(ROWS)
    (home / "log.pem").write_bytes(throw_away_signer().pem())
    (home / "log.pem").chmod(0o600)
    base = sandbox_settings(sandbox, "127.0.0.1", port)
    second = base.registries["cad-trust"].model_copy(
        update={"adapter": "cad-trust", "name": "Here", "public_uri": None}
    )
    planted = {"headers": {"x-planted": SecretStr(SECRET)}}
    registries = {key: one.model_copy(update=planted) for key, one in base.registries.items()}
    registries["verra"] = registries["verra"].model_copy(update={"public_uri": None})
    registries["my-country"] = RegistrySettings(
        base_url=f"file://{home / 'uploads'}", credential=SecretStr(SECRET)
    )
    registries["cad-trust-here"] = second
    return Settings(
        server=ServerSettings(host="127.0.0.1", port=port),
        registries=registries,
        manifests=str(home / "manifests"),
        cursor_secret=SecretStr(f"{SECRET}-and-some-more-letters"),
        log=LogSettings(
            directory=str(home / "log"),
            key_file=str(home / "log.pem"),
            origin="gw.example/log",
            tsa_url=tsa,
            tsa_roots=str(home / "ca.pem"),
            tsa_every=1,
        ),
    )


@asynccontextmanager
async def running(home: Path, tsa: str) -> AsyncIterator[tuple[str, Gateway]]:
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    async with Sandbox(make(scale=1)) as sandbox:
        settings = configured(home, sandbox, port, tsa)
        gateway = assemble(settings, signer=signer_from_pem(throw_away_signer().pem()))
        server = Server(create_app(gateway), settings.server, Readiness())
        task = asyncio.create_task(server.serve(sockets=[listener]))
        await server.listening.wait()
        yield f"http://127.0.0.1:{port}", gateway
        server.should_exit = True
        await task


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the auditor is given; the gateway is gone, and its folder is another."""
    pytest.importorskip("rfc3161_client", reason="needs the tsa extra")
    there, here = tmp_path_factory.mktemp("gateway"), tmp_path_factory.mktemp("auditor")
    make_authority(there)

    async def bundled() -> None:
        with served(there) as tsa:
            async with running(there, tsa) as (url, gateway):
                code = await asyncio.to_thread(
                    ask_and_verify,
                    url,
                    QUERY,
                    {"first": 40},
                    bundle=here / "bundle.zip",
                    stamp_wait=30.0,
                    clock=SystemClock(),
                )
                assert code == 0
                assert gateway.log is not None
                (here / "policy").write_text(f"log {gateway.log.vkey}\nquorum none\n")
                (here / "jwks.json").write_text(json.dumps(gateway.jwks()))

    asyncio.run(bundled())
    (here / "ca.pem").write_bytes((there / "ca.pem").read_bytes())
    return here


@pytest.fixture
def elsewhere(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(home)
    monkeypatch.delenv("CGW_CONFIG", raising=False)
    return home


def verify(file: str, *more: str) -> Result:
    argv = ["verify", file, "--jwks", "jwks.json", "--policy", "policy", "--tsa-roots", "ca.pem"]
    return CliRunner().invoke(app, [*argv, "--replay", *more])


@pytest.mark.slow
def test_everything_can_be_checked_in_another_place(elsewhere: Path) -> None:
    found = verify("bundle.zip")
    assert found.exit_code == 0, found.output
    for told in (
        "It answers this query.",
        "It was asked with these variables.",
        "mapping recipes are the signed ones",
        "of the log gw.example/log",
        "The checkpoint was time-stamped at",
        "Mapping the upstream bytes again gives the same answer.",
        "Of verra the gateway hides: base_url.",
        "Of my-country the gateway hides: base_url, client.headers.",
        "Of cad-trust-here the gateway hides: base_url.",
    ):
        assert told in found.output, found.output


def test_no_byte_of_a_secret_and_no_hidden_address_is_in_a_bundle(elsewhere: Path) -> None:
    with zipfile.ZipFile("bundle.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert {"settings.json", "manifest-my-country.toml", "checkpoint.tsr"} <= set(files)
    for name, body in files.items():
        assert SECRET.encode() not in body, name
        assert b"/uploads" not in body, name
    registries = json.loads(files["settings.json"])["registries"]
    told: Any = registries["verra"]
    assert told["public_uri"] == "https://verra.invalid"
    assert "base_url" not in told


def without(name: str, **others: bytes) -> str:
    """The bundle without the file, or with others in its place."""
    with zipfile.ZipFile("bundle.zip") as archive:
        files = {n: archive.read(n) for n in archive.namelist() if n != name}
    with zipfile.ZipFile("other.zip", "w") as archive:
        for n, body in {**files, **({name: others["by"]} if others else {})}.items():
            archive.writestr(n, body)
    return "other.zip"


@pytest.mark.parametrize(
    ("name", "by", "code", "told"),
    [
        ("settings.json", None, 2, "could not be replayed"),
        ("manifest-my-country.toml", None, 2, "could not be replayed"),
        ("settings.json", b"{}", 1, "not what a gateway publishes"),
        ("settings.json", b'{"a":1,"a":1}', 1, "not what a gateway publishes"),
        ("settings.json", b'{"registries":{}}', 2, "the bundle's settings"),
        ("manifest-my-country.toml", b"\xff", 2, "not UTF-8"),
        ("manifest-my-country.toml", b"x", 2, "not TOML"),
        ("manifest-other.toml", MANIFEST.encode(), 2, "of another registry"),
    ],
)
def test_a_bundle_without_its_settings_or_with_others_is_told(
    elsewhere: Path, name: str, by: bytes | None, code: int, told: str
) -> None:
    found = verify(without(name) if by is None else without(name, by=by))
    assert found.exit_code == code, found.output
    assert told in found.output
