"""Which history may follow a published one, and the copy by which an older one is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import ConfigError
from gateway.provenance.jwks import PublishedKey
from gateway.provenance.published import PublishedCopy, step_back, strictest
from tests.provenance.answers import signer

KEY = PublishedKey(signer().public, 1, 100, 200)
OTHER = PublishedKey(bytes(32), 1, 150, 250)
REVOKED: dict[str, Any] = {"revoked_at": 160, "reason": "keyCompromise"}
HARMLESS: dict[str, Any] = {"revoked_at": 160, "reason": "superseded"}


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({}, {}),
        ({}, {"not_before": 101}),
        ({}, {"expires": 199}),
        ({"expires": None}, {}),
        ({"not_before": None}, {}),
        ({}, REVOKED),
        (HARMLESS, REVOKED),
        (HARMLESS, {**HARMLESS, "revoked_at": 159}),
        (HARMLESS, {**HARMLESS, "reason": "cessationOfOperation"}),
        ({**REVOKED, "reason": None}, {**REVOKED, "reason": "unspecified"}),
        ({}, {"issued_at": 5}),
    ],
)
def test_a_history_may_become_stricter(before: dict[str, Any], now: dict[str, Any]) -> None:
    assert step_back([replace(KEY, **before)], [OTHER, replace(KEY, **now)]) == ""


@pytest.mark.parametrize(
    ("before", "now", "why"),
    [
        (REVOKED, {}, "no longer revoked"),
        (HARMLESS, {}, "no longer revoked"),
        (REVOKED, HARMLESS, "revoked for less"),
        (REVOKED, {**REVOKED, "revoked_at": 161}, "from later on"),
        (HARMLESS, {**REVOKED, "revoked_at": 161}, "from later on"),
        ({}, {"expires": 201}, "longer"),
        ({}, {"expires": None}, "longer"),
        ({}, {"not_before": 99}, "longer"),
        ({}, {"not_before": None}, "longer"),
    ],
)
def test_a_history_takes_nothing_back(
    before: dict[str, Any], now: dict[str, Any], why: str
) -> None:
    old, new = replace(KEY, **before), replace(KEY, **now)
    assert why in step_back([OTHER, old], [OTHER, new])
    (mended,) = strictest([old], [new])
    assert step_back([old], [mended]) == step_back([new], [mended]) == ""


def test_a_key_that_was_published_stays_published() -> None:
    assert step_back([KEY, OTHER], [KEY]) == f"the key {OTHER.kid} is not in it"
    assert strictest([KEY], [OTHER]) == [KEY, OTHER]


def test_a_copy_says_what_was_kept_in_it(tmp_path: Path) -> None:
    copy = PublishedCopy(tmp_path / "copy.json")
    assert copy.read() == []
    copy.keep([KEY, OTHER])
    assert copy.read() == PublishedCopy(copy.path).read() == [KEY, OTHER]


def test_a_copy_that_cannot_be_read_refuses_everything(tmp_path: Path) -> None:
    copy = PublishedCopy(tmp_path / "copy.json")
    copy.path.write_bytes(b"{")
    with pytest.raises(ConfigError, match="damaged"):
        copy.read()
    copy.path.unlink()
    copy.path.mkdir()
    with pytest.raises(ConfigError, match="cannot be read"):
        copy.read()
