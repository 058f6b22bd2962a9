"""Registry names to gateway keys."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.harmonise.registries import TABLE, registry_key, registry_name
from gateway.model.globalid import is_registry_key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Verra", "verra"),
        ("Verified Carbon Standard", "verra"),
        ("Gold Standard", "gold-standard"),
        ("American Carbon Registry (ACR)", "acr"),
        ("Climate Action Reserve (CAR)", "car"),
        ("CDM Registry", "cdm"),
        ("EcoRegistry", "ecoregistry"),
        ("Cercarbono", "cercarbono"),
        ("BioCarbon Standard", "biocarbon"),
        ("Biocarbon Registry (BCR)", "biocarbon"),
        ("Global Carbon Council", "gcc"),
        ("Carbon Assets Trading System (CATS)", "cats"),
        ("Carbon Assets Tracking System", "cats"),
        ("Puro.earth", "puro"),
        ("Isometric", "isometric"),
        ("Social Carbon", "social-carbon"),
        ("SOCIALCARBON", "social-carbon"),
        ("Plan Vivo", "plan-vivo"),
        ("UK Land Carbon Registry", "uk-land-carbon"),
        ("ART TREES", "art"),
        ("International Carbon Registry", "icr"),
        ("  gold   STANDARD ", "gold-standard"),
        ("Verra (VCS)", "verra"),
        ("cad-trust", "cad-trust"),
        ("Article 6.4 Mechanism Registry", "pacm"),
        ("Ministry of Silly Walks (Verra)", None),
        ("", None),
        (None, None),
        (7, None),
    ],
)
def test_any_name_of_a_registry_gives_its_key(name: Any, key: str | None) -> None:
    assert registry_key(name) == key


@pytest.mark.parametrize("key", sorted(set(TABLE.entries.values())))
def test_every_key_is_a_registry_key_and_its_name_leads_back_to_it(key: str) -> None:
    assert is_registry_key(key)
    assert registry_key(key) == key
    name = registry_name(key)
    assert name is not None
    assert registry_key(name) == key


def test_an_unknown_key_has_no_name() -> None:
    assert registry_name("atlantis") is None
