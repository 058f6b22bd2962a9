"""The transparency log, metrics and signed bytes, as an operator turns them on."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateway.app import create_app
from gateway.assemble import Gateway, assemble
from gateway.clock import SystemClock
from gateway.config import LogSettings, Settings
from gateway.errors import ConfigError
from gateway.provenance.canonical import canonical
from gateway.provenance.httpsig import content_digest
from gateway.provenance.keys import throw_away_signer
from gateway.transparency import configured_log


def key(folder: Path) -> str:
    """A key of the log's own, as openssl would make it."""
    made = Ed25519PrivateKey.generate()
    path = folder / "log.pem"
    path.touch(0o600)
    path.write_bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return str(path)


@asynccontextmanager
async def served(**settings: Any) -> AsyncIterator[tuple[httpx.AsyncClient, Gateway]]:
    server = {"issuer": "http://gw.example", **settings.pop("server", {})}
    given = Settings.model_validate({"server": server, "only": ["cad-trust"], **settings})
    made = assemble(given, signer=throw_away_signer())
    app = create_app(made)
    await made.start()
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gw.example") as client:
        try:
            yield client, made
        finally:
            await made.close()


def entry(answer: dict[str, Any]) -> str:
    """The log entry of an answer: SHA-256 of its compact JWS."""
    proof = answer["extensions"]["provenance"]
    payload = base64.urlsafe_b64encode(canonical(proof["statement"])).rstrip(b"=").decode()
    first = proof["signatures"][0]
    return hashlib.sha256(
        f"{first['protected']}.{payload}.{first['signature']}".encode()
    ).hexdigest()


async def test_metrics_tell_what_waits_and_whether_the_log_goes_on(tmp_path: Path) -> None:
    log = {"directory": str(tmp_path / "log"), "key_file": key(tmp_path)}
    async with served(log=log, server={"metrics": True}) as (http, made):
        assert made.log is not None
        for query in ("{ registries { key } }", "{ nothing }", "{ nothing }"):
            await http.post("/graphql", json={"query": query})
        before = (await http.get("/metrics")).text
        held = made.log.held
        assert held >= 1
        await made.log.flush()
        made.log.stalled = "no room"
        after = (await http.get("/metrics")).text
    for line in (f"cgw_log_held {held}.0", "cgw_log_entries 0.0", "cgw_log_stopped 0.0"):
        assert f"\n{line}\n" in before
    for line in ("cgw_log_held 0.0", f"cgw_log_entries {held}.0", "cgw_log_stopped 1.0"):
        assert f"\n{line}\n" in after
    assert "\ncgw_engine_refused_documents 1.0\n" in after


def begun(folder: Path) -> dict[str, Any]:
    """Settings of a log, with keys and recipes beside it."""
    return {
        "log": {"directory": str(folder / "log"), "key_file": key(folder)},
        "signing": {"recipes_dir": str(folder / "recipes")},
    }


async def grown(settings: dict[str, Any]) -> None:
    async with served(**settings) as (http, made):
        await http.post("/graphql", json={"query": "{ registries { key } }"})
        assert made.log is not None
        await made.log.flush()
        assert made.log.store.head.size > 0


@pytest.mark.parametrize("left", ["recipes", "the key's folder"])
async def test_an_emptied_directory_is_not_taken_for_a_first_start(
    tmp_path: Path, left: str
) -> None:
    settings = begun(tmp_path)
    await grown(settings)
    shutil.rmtree(tmp_path / "log")
    (tmp_path / "log").mkdir()
    for note in (tmp_path if left == "recipes" else tmp_path / "recipes").glob("*.begun"):
        note.unlink()
    with pytest.raises(ConfigError, match=r"log\.directory: .*put its directory back") as caught:
        await grown(settings)
    assert "another log.origin" in caught.value.message
    assert [*(tmp_path / "log").iterdir()] == []
    settings["log"]["origin"] = "gw.example/log-2"
    await grown(settings)


async def test_a_log_goes_on_at_every_start_and_one_that_was_put_back_too(tmp_path: Path) -> None:
    settings = begun(tmp_path)
    for _ in range(2):
        await grown(settings)
    (tmp_path / "log").rename(tmp_path / "backup")
    shutil.copytree(tmp_path / "backup", tmp_path / "log")
    await grown(settings)


async def test_a_log_in_which_nothing_ever_was_may_begin_again(tmp_path: Path) -> None:
    settings = begun(tmp_path)
    async with served(**settings):
        pass
    shutil.rmtree(tmp_path / "log")
    await grown(settings)


async def test_a_log_that_nothing_remembers_is_told_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes, *, mode: int) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("gateway.provenance.begun.write_atomically", full)
    await grown(begun(tmp_path))
    assert caplog.text.count("remembers that the log was begun") == 1


async def test_an_answer_is_logged_and_its_proof_can_be_fetched(tmp_path: Path) -> None:
    log = {"directory": str(tmp_path / "log"), "key_file": key(tmp_path)}
    async with served(log=log) as (http, made):
        response = await http.post("/graphql", json={"query": "{ registries { key } }"})
        answer = response.json()
        statement = answer["extensions"]["provenance"]["statement"]
        assert statement["predicate"]["log"] == {"origin": "gw.example/log"}
        waiting = await http.get(f"/log/proof/{entry(answer)}")
        assert (waiting.status_code, waiting.headers["retry-after"]) == (404, "2")
        assert made.log is not None
        await made.log.flush()
        proof = await http.get(f"/log/proof/{entry(answer)}")
        assert proof.text.startswith("c2sp.org/tlog-proof@v1")
        head = await http.get("/log/checkpoint")
        assert head.text.splitlines()[:2] == ["gw.example/log", "1"]
        tile = await http.get("/log/tile/0/000.p/1")
        assert tile.headers["content-type"] == "application/octet-stream"
        about = (await http.get("/.well-known/carbon-gateway.json")).json()
        assert about["log"]["vkey"] == made.log.vkey


@pytest.mark.parametrize(
    "path", ["proof/xyz", f"proof/{'0' * 64}", "tile/9/../../x", "entries.sqlite", "tile/0/999"]
)
async def test_what_is_not_in_the_log_is_not_found(tmp_path: Path, path: str) -> None:
    log = {"directory": str(tmp_path / "log"), "key_file": key(tmp_path)}
    async with served(log=log) as (http, _):
        assert (await http.get(f"/log/{path}")).status_code == 404


async def test_without_settings_there_is_no_log_and_no_metrics() -> None:
    async with served() as (http, _):
        assert (await http.get("/log/checkpoint")).status_code == 404
        assert (await http.get("/metrics")).status_code == 404
        assert (await http.get("/.well-known/carbon-gateway.json")).json()["log"] is None


async def test_metrics_are_served_where_they_are_wanted() -> None:
    async with served(server={"metrics": True}) as (http, _):
        found = await http.get("/metrics")
        assert found.headers["content-type"].startswith("text/plain")
        assert "cgw_requests_in_flight" in found.text


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"directory": "x"}, "log.key_file is missing"),
        ({"directory": "x", "key_file": "KEY", "tsa_url": "https://tsa.example"}, "tsa_roots"),
        (
            {
                "directory": "x",
                "key_file": "KEY",
                "tsa_url": "https://t.example",
                "tsa_roots": "no",
            },
            "cannot be read",
        ),
    ],
)
def test_a_log_that_cannot_be_kept_is_refused_at_the_start(
    tmp_path: Path, settings: dict[str, str], message: str
) -> None:
    made = {k: key(tmp_path) if v == "KEY" else v for k, v in settings.items()}
    with pytest.raises(ConfigError, match=message):
        configured_log(LogSettings.model_validate(made), "http://gw.example", SystemClock())


async def test_every_response_is_signed_as_sent_where_that_is_wanted() -> None:
    async with served(signing={"http_signatures": True}) as (http, _):
        for path in ("/healthz", "/.well-known/jwks.json", "/nothing?x=1"):
            found = await http.get(path)
            assert found.headers["content-digest"] == content_digest(found.content)
            assert found.headers["signature-input"].startswith('cgw=("@status"')
            assert found.headers["signature"].startswith("cgw=:")


async def test_recipes_are_kept_and_served_for_ever(tmp_path: Path) -> None:
    folder = str(tmp_path / "recipes")
    async with served(signing={"recipes_dir": folder}) as (http, made):
        digest = made.recipes.digest("cad-trust")
        await asyncio.sleep(0)
    body = (tmp_path / "recipes" / f"{digest}.json").read_bytes()
    assert hashlib.sha256(body).hexdigest() == digest
    old = b'{"an":"earlier recipe"}'
    name = hashlib.sha256(old).hexdigest()
    (tmp_path / "recipes" / f"{name}.json").write_bytes(old)
    async with served(signing={"recipes_dir": folder}) as (http, _):
        found = await http.get(f"/.well-known/carbon-gateway/mappings/{name}")
        assert found.content == old
