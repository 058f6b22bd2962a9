"""Which registry a name means: the served ones first, and never two of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapters.catalogue import adapters, renamed
from gateway.assemble import registries
from gateway.config import RegistrySettings, Settings
from gateway.errors import ConfigError
from gateway.harmonise.table import words
from gateway.model.entity import Entity
from gateway.stitch.federation import served_names
from gateway.stitch.sameas import same_as
from tests.stitch.fake import FakeRegistry, Row, ask, federation

GHANA = "Ghana National Carbon Registry"


def settings(**registries: RegistrySettings) -> Settings:
    return Settings(registries=registries)


def test_no_two_adapters_are_known_by_one_name() -> None:
    names = served_names(adapters())
    for key, adapter in adapters().items():
        assert {names[words(name)] for name in adapter.info.known_as} <= {key}


def test_a_served_instance_goes_by_the_names_that_are_set_for_it() -> None:
    asked = settings(ghana=RegistrySettings(adapter="undp", known_as=(GHANA, "GCR")))
    served = registries(asked, adapters())
    assert served["ghana"].info.known_as == (GHANA, "GCR")
    names = served_names(served)
    assert names["ghana national carbon registry"] == "ghana"
    assert names["undp national carbon registry"] == "undp"


def test_an_instance_has_none_of_the_first_ones_names() -> None:
    served = registries(settings(ghana=RegistrySettings(adapter="undp")), adapters())
    assert served["ghana"].info.known_as == ()
    assert served_names(served)["undp national carbon registry"] == "undp"


def test_names_that_are_set_take_the_place_of_an_adapters_own() -> None:
    asked = settings(
        undp=RegistrySettings(known_as=("Somewhere Else",)),
        ghana=RegistrySettings(adapter="undp", known_as=("UNDP National Carbon Registry",)),
    )
    assert served_names(registries(asked, adapters()))["undp national carbon registry"] == "ghana"


def test_two_registries_of_one_name_are_an_error_that_names_both() -> None:
    asked = settings(ghana=RegistrySettings(adapter="undp", known_as=("undp national registry",)))
    taken = settings(
        ghana=RegistrySettings(adapter="undp", known_as=("UNDP-National Carbon Registry",))
    )
    assert served_names(registries(asked, adapters()))
    with pytest.raises(ConfigError, match=r"registries\.undp and registries\.ghana|ghana.*undp"):
        served_names(registries(taken, adapters()))
    verra = adapters()["verra"]
    with pytest.raises(ConfigError, match="both known as 'VCS'"):
        served_names({"verra": verra, "mine": renamed(verra, "mine", known_as=("VCS",))})


class Called(FakeRegistry):
    """A registry that records speak of by a name of its own."""

    @property
    def info(self) -> Any:
        return replace(super().info, known_as=(GHANA,))


async def test_records_that_speak_of_an_instance_by_its_name_are_linked_with_it() -> None:
    ghana = Called("ghana", {Entity.PROJECT: [Row(key="17")]})
    copy = Row(key="a", origin="17", origin_registry=GHANA)
    node = FakeRegistry("node", {Entity.PROJECT: [copy]})
    fed = federation(ghana, node)
    (link,) = (await same_as(ask(fed), node.records(Entity.PROJECT, 0)[0])).links
    assert link.project.id == "cgw:ghana:project:17"
    (back,) = (await same_as(ask(fed), ghana.records(Entity.PROJECT, 0)[0])).links
    assert back.project.id == "cgw:node:project:a"


def test_a_name_of_nobody_served_is_still_known() -> None:
    fed = federation(FakeRegistry("node", {Entity.PROJECT: []}))
    assert fed.registry_named("Gold Standard") == "gold-standard"
    assert fed.registry_named("No Such Registry") is None
    assert fed.registry_named(None) is None
