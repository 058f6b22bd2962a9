"""What a record shows finds it again: held for every adapter."""

from __future__ import annotations

import pytest

from gateway.model.entity import Entity
from tests.conformance.desk import REGISTRIES, desk

pytestmark = pytest.mark.parametrize("registry", REGISTRIES)


async def test_every_scheme_is_told_with_what_its_codes_are(registry: str) -> None:
    async with desk(registry) as at:
        info = at.adapter.info
        assert set(info.codes) == set(info.schemes)
        for scheme, code in info.codes.items():
            assert code.example or code.pattern
            if code.example and code.search is None and code.entity in at.adapter.collections:
                told = at.adapter.lookup_key(scheme, code.example)
                assert told is None or told[0] is code.entity
        assert set(info.by_code) <= set(at.adapter.collections)


async def test_every_identifier_on_a_record_finds_it_again(registry: str) -> None:
    async with desk(registry) as at:
        codes = at.adapter.info.codes
        for entity in at.adapter.collections:
            for record in await at.everything(entity):
                for shown in record.identifiers:
                    code = codes[shown.scheme]
                    assert code.entity is entity
                    if code.search is None:
                        found = at.adapter.lookup_key(shown.scheme, shown.value)
                        # What ids had before leads to the row still, or to both that share it.
                        assert found in [(entity, key) for key in (record.key, *record.former_keys)]
                    elif code.search:
                        assert getattr(record, code.search) == shown.value


async def test_what_a_record_shows_as_its_code_finds_it_again(registry: str) -> None:
    """`project(registry, projectId)` takes what `projectId` shows, `unit` what is its serial."""
    async with desk(registry) as at:
        info = at.adapter.info
        for entity in at.adapter.collections:
            for record in await at.everything(entity):
                if entity is Entity.PROJECT:
                    shown = getattr(record, "project_id", None)
                    found = at.adapter.project_key(shown) if shown else record.key
                    known = at.adapter.project_key(record.key)
                    assert known == record.key or (known is None and entity in info.by_code)
                elif entity is Entity.UNIT:
                    shown = getattr(record, "unit_serial_id", None)
                    found = shown or record.key
                else:
                    continue
                if found != record.key:
                    assert getattr(record, info.by_code[entity]) == shown
