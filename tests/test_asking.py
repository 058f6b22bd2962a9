"""`cgw query`: what it prints where, and how it exits."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway import client
from gateway.app import Readiness, create_app
from gateway.asking import ask_and_verify
from gateway.assemble import assemble
from gateway.config import Settings
from gateway.errors import AskFailed
from gateway.provenance.jwks import jwks_of_signers
from gateway.provenance.keys import signer_from_pem, throw_away_signer
from gateway.serve import Server, listen

QUERY = "query Q($k: RegistryKey!) { registry(key: $k) { key } }"
VARIABLES = {"k": "cad-trust"}


@pytest.fixture
async def url() -> AsyncIterator[str]:
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    settings = Settings.model_validate({"server": {"port": port}, "only": ["cad-trust"]})
    # A key that outlives the process, as far as anybody can tell from the answer.
    signer = signer_from_pem(throw_away_signer().pem())
    app = create_app(assemble(settings, signer=signer))
    server = Server(app, settings.server, Readiness())
    task = asyncio.create_task(server.serve(sockets=[listener]))
    await server.listening.wait()
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await task


async def test_data_goes_to_output_and_the_verdict_beside_it(
    url: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    keys = tmp_path / "jwks.json"
    keys.write_bytes(await asyncio.to_thread(client.get, f"{url}/.well-known/jwks.json"))
    save = tmp_path / "answer.json"
    code = await asyncio.to_thread(ask_and_verify, url, QUERY, VARIABLES, jwks=keys, save=save)
    out, err = capsys.readouterr()
    assert code == 0
    assert json.loads(out) == {"data": {"registry": {"key": "cad-trust"}}}
    assert err.endswith("VALID: it is what the gateway received and said.\n")
    assert json.loads(save.read_bytes())["extensions"]["provenance"]


async def test_the_gateways_own_keys_are_named_as_such(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await asyncio.to_thread(ask_and_verify, url, "{ nothing }", {}) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert "--jwks names ones you trust" in err


async def test_keys_of_somebody_else_do_not_verify(url: str, tmp_path: Path) -> None:
    keys = tmp_path / "jwks.json"
    keys.write_text(json.dumps(jwks_of_signers([throw_away_signer()])))
    assert await asyncio.to_thread(ask_and_verify, url, QUERY, VARIABLES, jwks=keys) == 1


async def test_a_key_set_that_shrank_is_told(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = tmp_path / "jwks.json"
    own = json.loads(await asyncio.to_thread(client.get, f"{url}/.well-known/jwks.json"))
    gone = jwks_of_signers([throw_away_signer()])["keys"][0]
    keys.write_text(json.dumps({"keys": [*own["keys"], gone]}))
    assert await asyncio.to_thread(ask_and_verify, url, QUERY, VARIABLES, jwks=keys) == 0
    told = capsys.readouterr().err.splitlines()[-1]
    assert told.startswith("The gateway's own key set is older than the one that you named")
    assert f"the key {gone['kid']} is not in it" in told


async def test_a_key_set_that_cannot_be_used_is_told(url: str, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text('{"keys": [], "keys": []}')
    for name, message in (("gone.json", "cannot be read"), ("bad.json", "twice")):
        with pytest.raises(AskFailed, match=message):
            await asyncio.to_thread(ask_and_verify, url, QUERY, VARIABLES, jwks=tmp_path / name)


async def test_a_file_that_cannot_be_written_is_told(url: str, tmp_path: Path) -> None:
    nowhere = tmp_path / "missing" / "answer.json"
    with pytest.raises(AskFailed, match=r"answer\.json cannot be written: No such file"):
        await asyncio.to_thread(ask_and_verify, url, QUERY, VARIABLES, save=nowhere)
