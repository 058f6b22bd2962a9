"""Images are pinned by digest, and each service asks only for what it needs itself."""

from __future__ import annotations

import re

import pytest

from gateway.configfile import load
from gateway.errors import ConfigError
from tests.paths import ROOT
from tests.test_deployment import COMPOSE, DOCKERFILE, service


def test_no_image_is_built_or_pulled_without_a_digest_and_none_is_made_up() -> None:
    images = re.findall(r"^FROM (.+?)(?: AS \w+)?$", DOCKERFILE, re.MULTILINE)
    assert len(images) == 2
    # Behind `@sha256:` nothing but 64 hex digits names an image.
    assert all(image.startswith("${PYTHON_IMAGE}@sha256:${PYTHON_SHA256") for image in images)
    assert re.search(r"^ARG PYTHON_SHA256$", DOCKERFILE, re.MULTILINE)
    # Left out, the build ends with a sentence that says where to read on.
    missing = re.search(r"\$\{PYTHON_SHA256:\?([^}]+)\}", images[0])
    assert missing is not None
    assert " " not in images[0]
    assert "docs/deployment.md" in missing[1]
    page = (ROOT / "docs/deployment.md").read_text()
    for image in re.findall(r"^    image: (.+)$", COMPOSE, re.MULTILINE):
        default = re.search(r"@sha256:\$\{\w+_SHA256:-(\w+)\}$", image)
        # No digest: what was left out is no image.
        assert default is not None
        assert not re.fullmatch(r"[0-9a-f]{64}", default[1])
    for name in ("PYTHON_SHA256", "VALKEY_SHA256"):
        assert f"{name}" in COMPOSE
        assert f"export {name}=" in page
    assert not re.search(r"sha256:[0-9a-f]{8}", DOCKERFILE + COMPOSE)


def test_the_demo_needs_nothing_that_only_another_service_needs() -> None:
    # Compose fills in all services first, and refuses what is marked so, whoever is started.
    demanded = set(re.findall(r"(?<!\$)\$\{(\w+):?\?", COMPOSE))
    assert demanded == {"PYTHON_SHA256"}
    assert "PYTHON_SHA256" in service("demo")
    assert "$${VALKEY_PASSWORD:?" in service("valkey")
    with pytest.raises(ConfigError, match="at least 32 characters"):
        load(None, {"CGW_CURSOR_SECRET": ""})
