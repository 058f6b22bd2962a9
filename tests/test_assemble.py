"""Settings become a running gateway, or say what is missing."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from adapters import catalogue
from adapters.contract import Adapter
from gateway import __version__
from gateway.assemble import assemble, registries, upstream, user_agent
from gateway.clock import SystemClock
from gateway.config import Settings
from gateway.errors import ConfigError
from gateway.provenance.keyring import Keyring
from gateway.provenance.keys import throw_away_signer
from gateway.upstream.upstream import Upstream


def known() -> Mapping[str, Adapter]:
    return catalogue.adapters()


def settings(**given: object) -> Settings:
    return Settings.model_validate(given)


def resolved(key: str, **given: object) -> Upstream:
    registry = settings(registries={key: given}).registries[key]
    return upstream(key, known()[key], registry)


def test_without_settings_a_registry_has_its_public_host_and_rate() -> None:
    found = upstream("gold-standard", known()["gold-standard"], None)
    adapter = known()["gold-standard"]
    assert found.base_url == found.public_uri == adapter.info.base_url.rstrip("/")
    assert found.politeness == adapter.politeness
    assert found.configured
    assert not found.allow_private


def test_the_operators_settings_go_over_the_adapters() -> None:
    found = resolved(
        "gold-standard",
        base_url="https://proxy.example/gs/",
        rate=9,
        concurrency=2,
        timeout=3,
        options={"x": "y"},
    )
    politeness = known()["gold-standard"].politeness
    assert found.base_url == found.public_uri == "https://proxy.example/gs"
    assert found.politeness == replace(politeness, rate=9.0, concurrency=2, timeout=3.0)
    assert found.options["x"] == "y"


def test_a_private_host_is_not_named_to_clients_unless_the_operator_names_one() -> None:
    private = {"base_url": "http://10.0.0.7:8080", "allow_private": True}
    assert resolved("cad-trust", **private).public_uri == "https://cad-trust.invalid"
    named = resolved("cad-trust", **private, public_uri="https://node.example")
    assert named.public_uri == "https://node.example"
    assert named.allow_private


def test_headers_are_sent_once_whatever_their_case() -> None:
    found = resolved("verra", headers={"Registry": "TEST"}, credential="c")
    assert found.headers["registry"] == "TEST"
    assert "Registry" not in found.headers
    assert found.headers["appkey"] == "c"


def test_a_registry_without_host_or_credential_is_not_configured_and_says_why() -> None:
    node = upstream("cad-trust", known()["cad-trust"], None)
    verra = upstream("verra", known()["verra"], None)
    assert not node.configured
    assert node.why_not == "not configured: set registries.cad-trust.base_url"
    assert not verra.configured
    assert verra.why_not == "not configured: set registries.verra.credential"


def test_the_demanded_credential_may_also_come_as_its_header() -> None:
    assert resolved("verra", headers={"appKey": "c"}).configured


def test_only_the_wanted_registries_are_served() -> None:
    assert list(registries(settings(only=["verra"]), known())) == ["verra"]
    rest = registries(settings(registries={"verra": {"enabled": False}}), known())
    assert "verra" not in rest
    assert "gold-standard" in rest


def test_a_second_instance_has_its_own_key_and_name() -> None:
    asked = settings(
        registries={"node-b": {"adapter": "cad-trust", "name": "Node B"}}, only=["node-b"]
    )
    found = registries(asked, known())
    assert (found["node-b"].info.key, found["node-b"].info.name) == ("node-b", "Node B")
    assert known()["cad-trust"].info.name == "CAD Trust"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"only": ["nowhere"]}, "only: there is no registry nowhere. There are: "),
        ({"only": ["veera"]}, "only: there is no registry veera. Did you mean 'verra'"),
        ({"registries": {"gold-standart": {}}}, "Did you mean 'gold-standard'"),
        ({"registries": {"x": {"adapter": "unpd"}}}, "Did you mean 'undp'"),
        (
            {"registries": {"x": {}}},
            "registries.x: there is no adapter for it. A second instance names",
        ),
        (
            {"registries": {"x": {"adapter": "y"}}},
            "registries.x.adapter: there is no adapter y. There are: ",
        ),
    ],
)
def test_registries_that_no_adapter_is_for_are_refused(
    given: dict[str, object], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        registries(settings(**given), known())


def test_without_a_signing_key_there_is_no_gateway() -> None:
    with pytest.raises(ConfigError, match="cgw keys new"):
        assemble(settings(), adapters={})


def test_the_key_comes_from_a_file_a_secret_or_a_directory(tmp_path: Path) -> None:
    signer = throw_away_signer()
    file = tmp_path / "key.pem"
    file.write_bytes(signer.pem())
    file.chmod(0o600)
    made = Keyring(tmp_path / "keys", SystemClock()).new()
    for signing, kid in (
        ({"key_file": str(file)}, signer.kid),
        ({"key_pem": signer.pem().decode()}, signer.kid),
        ({"keys_dir": str(tmp_path / "keys")}, made.kid),
    ):
        gateway = assemble(settings(signing=signing), adapters={})
        assert [s.kid for s in gateway.notary.signers] == [kid]
        assert [key["kid"] for key in gateway.jwks()["keys"]] == [kid]


def test_an_empty_key_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        assemble(settings(signing={"keys_dir": str(tmp_path)}), adapters={})


async def test_a_rotated_key_is_followed_while_serving(tmp_path: Path) -> None:
    ring = Keyring(tmp_path / "keys", SystemClock())
    first = ring.new()
    gateway = assemble(settings(signing={"keys_dir": str(tmp_path / "keys")}), adapters={})
    second = ring.rotate(overlap_days=0)
    await gateway.start()
    async with asyncio.timeout(60):
        while gateway.notary.signers[0].kid == first.kid:
            await gateway.clock.sleep(0.01)
    await gateway.close()
    assert gateway.notary.signers[0].kid == second.kid
    assert {key["kid"] for key in gateway.jwks()["keys"]} == {first.kid, second.kid}


async def test_the_cache_may_be_off() -> None:
    for cache in ({"backend": "off"}, {"max_bytes": 0}, {}):
        gateway = assemble(settings(cache=cache), adapters={}, signer=throw_away_signer())
        await gateway.start()
        await gateway.close()


def test_a_shared_cache_needs_its_address() -> None:
    with pytest.raises(ConfigError, match=r"needs cache\.redis_url"):
        assemble(settings(cache={"backend": "redis"}), adapters={}, signer=throw_away_signer())


def test_a_shared_cache_needs_a_shared_secret() -> None:
    shared = settings(cache={"backend": "redis", "redis_url": "redis://x"})
    with pytest.raises(ConfigError, match=r"needs cursor_secret \(CGW_CURSOR_SECRET\)"):
        assemble(shared, adapters={}, signer=throw_away_signer())


def test_registries_see_whom_to_write_to() -> None:
    assert user_agent("ops@gw.example") == f"carbon-gateway/{__version__} (+ops@gw.example)"
    assert user_agent("") == f"carbon-gateway/{__version__}"


def test_cursors_of_one_secret_are_read_by_every_replica() -> None:
    secret = {"cursor_secret": "0123456789" * 4}
    one, other = (
        assemble(settings(**secret), adapters={}, signer=throw_away_signer()) for _ in range(2)
    )
    cursor = one.federation.cursors.mint("q", {})
    assert other.federation.cursors.open("q", cursor) == {}
