"""What a bundle needs beside the answer: taken where it is right, and named where it is missing."""

from __future__ import annotations

import json
from typing import Any

from gateway.errors import AskFailed
from gateway.gathering import Gathered, gather
from gateway.provenance.envelope import open_statement
from gateway.provenance.statement import Level
from gateway.provenance.strict import encode64
from tests.provenance.answers import FixedClock, finished, matter, notary, signed
from tests.provenance.test_bundle import RECIPE, RECIPES, Ledger

SETTINGS = b'{"registries":{},"manifests":{}}'


def answer(*, logged: bool = True) -> dict[str, Any]:
    by = notary(mappings=RECIPES, log=Ledger()) if logged else notary(mappings=RECIPES)
    return signed(matter(level=Level.STATEMENT, records=()), by)


class Gateway:
    """Serves these paths; what is not there is an error, some of it for a while only."""

    def __init__(self, response: Any, late: int = 0, **bodies: bytes) -> None:
        proof = response["extensions"]["provenance"]
        entry = open_statement(proof["statement"], proof["signatures"]).log_entry.hex()
        known = ".well-known/carbon-gateway"
        self.paths = {
            "mapping": f"{known}/mappings/{RECIPES['verra'].digest}",
            "settings": f"{known}/replay.json",
            "proof": f"log/proof/{entry}",
            "stamped": f"log/stamped/{entry}",
        }
        self.late = late
        self.bodies = {self.paths[name]: body for name, body in bodies.items()}

    def __call__(self, url: str) -> bytes:
        path = url.removeprefix("http://gw.example/")
        assert path in self.paths.values()
        if "/proof/" in path and self.late > 0:
            self.late -= 1
            raise AskFailed("not yet")
        if path not in self.bodies:
            raise AskFailed("nothing here")
        return self.bodies[path]


def gathered(response: Any, served: Any, **waits: float) -> Gathered:
    return finished(gather("http://gw.example/", response, FixedClock(), get=served, **waits))


def test_everything_is_taken_and_the_stamped_proof_before_the_other() -> None:
    response = answer()
    stamped = json.dumps({"proof": "the proof", "stamp": encode64(b"token")}).encode()
    served = Gateway(response, mapping=RECIPE, settings=SETTINGS, stamped=stamped, proof=b"other")
    found = gathered(response, served)
    assert found == Gathered(
        {RECIPES["verra"].digest: RECIPE}, "the proof", b"token", json.loads(SETTINGS), []
    )


def test_a_proof_is_waited_for_and_a_stamp_where_that_is_wanted() -> None:
    response = answer()
    parts: dict[str, Any] = {"mapping": RECIPE, "settings": SETTINGS, "proof": b"proof"}
    found = gathered(response, Gateway(response, late=3, **parts))
    assert (found.proof, found.stamp, found.missing) == ("proof", None, [])
    found = gathered(response, Gateway(response, **parts), stamp_wait=5.0)
    assert found.proof == "proof"
    assert found.missing == ["the time stamp: nothing here"]


def test_what_cannot_be_had_is_named() -> None:
    response = answer()
    digest = RECIPES["verra"].digest
    assert gathered(response, Gateway(response)).missing == [
        f"the mapping recipe {digest}: nothing here",
        "the settings for a replay: nothing here",
        "the log's proof: nothing here",
    ]
    wrong = Gateway(response, mapping=b"{}", settings=b"{", proof=b"\xff", stamped=b"[]")
    found = gathered(response, wrong, wait=0.0)
    assert [one.split(":")[0] for one in found.missing] == [
        f"the mapping recipe {digest}",
        "the settings for a replay",
        "the log's proof",
    ]


def test_without_a_log_none_is_asked_and_without_a_proof_nothing_is() -> None:
    response = answer(logged=False)
    parts: dict[str, Any] = {"mapping": RECIPE, "settings": b"[]"}
    found = gathered(response, Gateway(response, **parts))
    assert (found.proof, found.settings, found.missing) == (None, None, [])
    for nothing in ({}, {"extensions": {"provenance": {"statement": 1, "signatures": []}}}):
        assert gathered(nothing, Gateway(response)) == Gathered()
