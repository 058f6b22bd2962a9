"""Ten thousand seeded mutations of signed answers and disclosures: every one is refused."""

from __future__ import annotations

import random
from typing import Any

import pytest

from gateway.provenance.disclosure import disclose, verify_record
from gateway.provenance.statement import Level
from gateway.provenance.verify import verify_response
from tests.provenance.answers import ASKED, NOW, key_set, matter, signed
from tests.provenance.mutations import mutate
from tests.tools import sweep

ROUNDS = 20


@pytest.mark.parametrize("seed", sweep(range(ROUNDS), 3))
def test_every_mutation_of_an_answer_is_refused(seed: int) -> None:
    rng = random.Random(f"answers {seed}")
    level = Level.RECORDS if seed % 3 else Level.STATEMENT
    changes: dict[str, Any] = {}
    if seed % 2:
        found = matter(seed, level).answer
        assert found is not None
        errors = [{"message": "too slow", "path": ["a", 0], "extensions": {"code": "TIMEOUT"}}]
        changes["answer"] = {**found, "errors": errors}
    response = signed(matter(seed, level, **changes))
    assert verify_response(response, key_set(), now=NOW, **ASKED).exit_code == 0
    proof = ("extensions", "provenance")
    roots: list[tuple[Any, ...]] = [
        ("data",),
        (*proof, "statement"),
        (*proof, "signatures"),
        (*proof, "records"),
        proof,
    ]
    if "errors" in response:
        roots.append(("errors",))
    for _ in range(360):
        changed, path = mutate(response, rng, roots)
        verdict = verify_response(changed, key_set(), now=NOW, **ASKED)
        # A body left out is no lie, but it is noticed; the evidence as a whole is optional.
        wanted = {1}
        if path[2:3] == ("evidence",):
            wanted = {1, 2} if "evidence" in changed["extensions"]["provenance"] else {0, 1}
        assert verdict.exit_code in wanted, path


@pytest.mark.parametrize("seed", sweep(range(ROUNDS), 3))
def test_every_mutation_of_a_disclosed_record_is_refused(seed: int) -> None:
    rng = random.Random(f"records {seed}")
    response = signed(matter(seed))
    records = response["extensions"]["provenance"]["records"]
    shown = disclose(response, rng.randrange(len(records)))
    assert verify_record(shown, key_set(), now=NOW, **ASKED).exit_code == 0
    for _ in range(150):
        changed, path = mutate(shown, rng, [()])
        assert verify_record(changed, key_set(), now=NOW, **ASKED).exit_code == 1, path
