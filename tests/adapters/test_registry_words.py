"""What a registry says of its own trouble goes to the operator; a client gets our own sentence."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from typing import Any

import pytest

from adapters import biocarbon_rows, cad_trust_synced, ecoregistry_rows, trouble
from adapters.contract import Reply
from adapters.manifest_success import Success
from gateway.errors import InvalidPayload, RegistryError, RegistryHttpError, RegistryTimeout
from gateway.stitch.coverage import Coverage
from tests.paths import ROOT

ADAPTERS = ROOT / "adapters"
PLANTED = "ask Jane Roe <jane@roe.example>"
SAID = f"{PLANTED} \x1b[2J\n\u202eabout it"


def reply(body: Any, status: int = 200) -> Reply:
    return Reply(status, {}, json.dumps(body).encode())


def raised(read: Callable[[], Any]) -> RegistryError:
    try:
        found = read()
    except RegistryError as error:
        return error
    assert isinstance(found, RegistryError), found
    return found


def manifest(body: dict[str, Any], error: str | None = None) -> RegistryError:
    return raised(lambda: Success(error=error).check(body))


def node(body: dict[str, Any]) -> RegistryError:
    return raised(lambda: cad_trust_synced.trouble(reply(body, 500)))


SAYINGS: dict[str, Callable[[], RegistryError]] = {
    "a node cut off": lambda: node({"message": "Chia Exception", "error": SAID}),
    "a node that refuses": lambda: node({"message": SAID}),
    "a node that lists": lambda: node({"message": "no", "errors": [SAID]}),
    "BioCarbon": lambda: raised(lambda: biocarbon_rows._refuse(403, SAID)),
    "EcoRegistry": lambda: raised(
        lambda: ecoregistry_rows.read_projects(reply({"codeMessages": [{"codeMessage": SAID}]}))
    ),
    "GraphQL": lambda: trouble.of_graphql([{"message": SAID}]),
    "a manifest's mark": lambda: manifest({"success": False, "error": SAID}),
    "a manifest's error": lambda: manifest({"error": SAID}),
    "a manifest's list": lambda: manifest({"errors": [{"message": SAID}]}),
    "a manifest's number": lambda: manifest({"code": 401, "message": SAID}),
    "a manifest's selector": lambda: manifest({"why": SAID}, "why"),
}


@pytest.mark.parametrize("saying", SAYINGS)
def test_the_registrys_own_words_are_for_the_operator_alone(saying: str) -> None:
    error = SAYINGS[saying]()
    assert error.message
    assert PLANTED not in error.message
    assert PLANTED in error.told
    assert error.told.isprintable()
    assert len(error.told) < 600


def test_a_known_code_of_a_platform_may_be_shown() -> None:
    body = {"codeMessages": [{"codeMessage": "ERROR_401"}]}
    error = raised(lambda: ecoregistry_rows.read_projects(reply(body)))
    assert error.message.endswith(": ERROR_401")


@pytest.mark.parametrize("kind", [InvalidPayload, RegistryHttpError, RegistryTimeout])
def test_a_message_that_names_what_a_registry_has_is_one_clean_line(
    kind: type[RegistryError],
) -> None:
    error = kind(f"there is no column {SAID}{'x' * 5000}")
    assert error.message.isprintable()
    assert len(error.message) < 650
    assert error.message.startswith("there is no column ask")


def test_what_coverage_says_is_clean_whoever_said_it() -> None:
    row = Coverage("r")
    row.undecide(f"a row says {SAID}{'x' * 5000}")
    row.notes.append(f"the column {SAID} is new")
    for text in (*row.warnings, row.message):
        assert text is not None
        assert text.isprintable()
        assert len(text) < 650


def test_no_adapter_puts_a_message_of_a_registry_into_its_own() -> None:
    """By name: what an interface calls a message, a reason or a detail is no part of ours."""
    theirs = {"message", "reason", "detail", "codeMessage", "error_description"}
    for file in ADAPTERS.rglob("*.py"):
        for node_ in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not (isinstance(node_, ast.Raise) and isinstance(node_.exc, ast.Call)):
                continue
            parts = [one for given in node_.exc.args for one in ast.walk(given)]
            attributes = [one for one in parts if isinstance(one, ast.Attribute)]
            owners = {id(one.value) for one in attributes}
            names = {one.id for one in parts if isinstance(one, ast.Name) and id(one) not in owners}
            names |= {
                one.attr
                for one in attributes
                if not (isinstance(one.value, ast.Name) and one.value.id in ("error", "refused"))
            }
            called = node_.exc.func
            if isinstance(called, ast.Name) and called.id in ("Problem", "ConfigError"):
                continue
            own = {"message"} if file.name in OWN else set()
            assert not names & (theirs - own), (file.name, node_.lineno)


# Where `message` is a sentence of ours that was put together before.
OWN = frozenset({"manifest_success.py"})
