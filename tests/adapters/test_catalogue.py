"""Adapters are found by name: built-in ones, third parties', and second instances."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from adapters import catalogue
from adapters.catalogue import GROUP, adapters, built_in, instance, renamed, third_party
from adapters.contract import Adapter
from gateway.errors import ConfigError

HERE = "tests.adapters.invented"


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, GROUP)


def test_every_built_in_adapter_is_listed_under_its_own_key() -> None:
    assert set(built_in()) == set(catalogue.BUILT_IN)
    assert all(adapter.info.key == key for key, adapter in adapters().items())


def test_a_third_party_registers_an_adapter_by_entry_point() -> None:
    found = third_party([point("invented", f"{HERE}:Invented")])
    assert found["invented"].info.name == "Invented Registry"


def test_an_instance_may_stand_in_place_of_a_class() -> None:
    found = third_party([point("invented", f"{HERE}:INVENTED")])
    assert found["invented"].info.key == "invented"


@pytest.mark.parametrize("value", ["tests.adapters.nothing:There", f"{HERE}:Missing"])
def test_what_cannot_be_loaded_is_a_configuration_error_that_names_it(value: str) -> None:
    with pytest.raises(ConfigError, match=value):
        third_party([point("invented", value)])


def test_an_adapter_may_not_say_another_key_than_it_is_listed_under() -> None:
    with pytest.raises(ConfigError, match="says invented"):
        third_party([point("other", f"{HERE}:Invented")])


def test_a_key_is_given_once() -> None:
    twice = [point("invented", f"{HERE}:Invented"), point("invented", f"{HERE}:INVENTED")]
    with pytest.raises(ConfigError, match="taken"):
        third_party(twice)


def test_a_second_instance_has_its_own_key_and_leaves_the_first_alone() -> None:
    first: Adapter = third_party([point("invented", f"{HERE}:Invented")])["invented"]
    second = renamed(first, "invented-two")
    assert (first.info.key, second.info.key) == ("invented", "invented-two")
    assert second.info.name == first.info.name
    assert second.collections is first.collections


def test_an_instance_of_an_unknown_adapter_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError, match="no adapter nobody"):
        instance("mine", "nobody")
