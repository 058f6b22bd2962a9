"""What a gateway publishes for replays elsewhere, and what never leaves it."""

from __future__ import annotations

import json
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters import catalogue
from adapters.manifest_text import shown, toml
from gateway.assemble import registries, upstream
from gateway.config import Settings
from gateway.errors import ConfigError
from gateway.replay_setup import published, read_setup
from tests.test_bundle_elsewhere import MANIFEST, SECRET


def told(tmp_path: Path, manifest: str = "", **tree: Any) -> dict[str, Any]:
    if manifest:
        (tmp_path / "m.toml").write_text(manifest)
        tree["manifests"] = str(tmp_path)
    settings = Settings.model_validate(tree)
    served = registries(
        settings, catalogue.with_manifests(catalogue.adapters(), settings.manifests)
    )
    found = {key: upstream(key, a, settings.registries.get(key)) for key, a in served.items()}
    return published(settings, served, found)


def test_settings_come_back_as_they_were_but_for_addresses_and_secrets(tmp_path: Path) -> None:
    given = {
        "here": {"adapter": "cad-trust", "name": "Here", "base_url": "https://node.example"},
        "verra": {"options": {"a": "b"}, "credential": SECRET},
        "my-country": {"base_url": "file:///srv/files"},
        "their-country": {"adapter": "my-country", "base_url": "file:///srv/others"},
    }
    found = told(tmp_path, MANIFEST, registries=given, limits={"depth": 7})
    text = json.dumps(found)
    assert SECRET not in text
    assert "/srv/" not in text
    assert found["registries"]["here"]["hidden"] == []
    assert found["registries"]["their-country"]["hidden"] == ["base_url", "client.headers"]
    settings, adapters = read_setup(
        json.dumps(found).encode(), {k: v.encode() for k, v in found["manifests"].items()}
    )
    assert settings.limits.depth == 7
    assert settings.registries["verra"].options["a"] == "b"
    assert (settings.registries["here"].adapter, settings.registries["here"].name) == (
        "cad-trust",
        "Here",
    )
    assert adapters["my-country"].info.name == "National Carbon Registry of My Country"


def test_what_holds_a_secret_is_withheld_and_said_to_be(tmp_path: Path) -> None:
    manifest = MANIFEST.replace("Open data.", f"Open data, with {SECRET}.")
    given = {
        "my-country": {"base_url": "file:///x", "credential": f"me:{SECRET}"},
        "verra": {"options": {"key": SECRET}},
        "here": {"adapter": "cad-trust", "name": f"Here {SECRET}", "base_url": "https://n.example"},
    }
    found = told(tmp_path, manifest, registries=given)
    assert SECRET not in json.dumps(found)
    assert "manifest" in found["registries"]["my-country"]["hidden"]
    assert "options" in found["registries"]["verra"]["hidden"]
    assert found["registries"]["here"]["adapter"] == "cad-trust"
    assert found["manifests"] == {}


def test_a_secret_of_a_letter_or_two_is_none() -> None:
    found = told(Path(), registries={"verra": {"options": {"a": "b"}, "credential": "b"}})
    assert found["registries"]["verra"]["options"] == {"a": "b"}


@pytest.mark.parametrize(
    ("document", "why"),
    [(b"{", "JSON"), (b"[]", "bundle's settings"), (b'{"limits": 1, "registries": {}}', "limits")],
)
def test_what_is_no_such_document_is_refused(document: bytes, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        read_setup(document, {})


def test_a_manifest_is_written_out_as_it_was_read() -> None:
    tree = {
        "client": {"type": "rest", "base_url": "https://a.example", "on": True, "off": False},
        "a b": [1, Decimal("2.50"), 'x "y" \\ \n \x7f é', [], {}],
        "day": date(2024, 1, 31),
    }
    assert tomllib.loads(toml(tree), parse_float=Decimal) == tree


def test_addresses_that_are_not_public_and_headers_are_left_out_of_a_manifest() -> None:
    auth = {"type": "oauth2_client_credentials", "access_token_url": "https://inside.example/t"}
    client = {"type": "rest", "base_url": "sqlite:x", "headers": {"a": "b"}, "auth": auth}
    tree, hidden = shown({"client": client})
    assert tree == {"client": {"type": "rest", "auth": {**auth, "access_token_url":
                                                       "https://hidden.invalid/"}}}  # fmt: skip
    assert hidden == ["client.base_url", "client.headers", "client.auth.access_token_url"]
    plain = {"client": {"type": "rest", "auth": {"type": "bearer"}}}
    assert shown(plain) == (plain, [])
