"""The verifier in JavaScript, and npm's jose: both agree with ours, on good answers and bad."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gateway.provenance.disclosure import disclose
from gateway.provenance.jwks import PublishedKey, jwks
from gateway.provenance.keys import throw_away_signer
from gateway.provenance.statement import Level
from tests.paths import ROOT
from tests.provenance.answers import (
    ASKED,
    QUERY,
    VARIABLES,
    key_set,
    matter,
    notary,
    signed,
    signer,
)
from tests.provenance.mutations import mutate
from tests.provenance.test_canonical import INTEGERS, KEYS, TEXT
from tests.tools import which

MODULE = ROOT / "examples" / "verify.mjs"
VECTORS = ROOT / "tests" / "vectors"
NODE = which("node")

pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")

# Reads one case per line, writes one result per line.
RUNNER = """
import { createInterface } from "node:readline";
const { parse, canonical, decode64, verifyResponse, verifyRecord } = await import(process.argv[1]);
for await (const line of createInterface({ input: process.stdin })) {
  const { kind, text, jwks, options } = JSON.parse(line);
  let result;
  try {
    if (kind === "canonical") result = canonical(JSON.parse(text));
    else if (kind === "parse") result = canonical(parse(text));
    else if (kind === "base64") result = decode64(text).length;
    else {
      const check = kind === "record" ? verifyRecord : verifyResponse;
      const verdict = await check(parse(text), jwks, options);
      result = { exitCode: verdict.exitCode, findings: verdict.findings };
    }
  } catch (problem) {
    result = { error: String(problem.message) };
  }
  console.log(JSON.stringify({ result }));
}
"""


def told(cases: list[dict[str, Any]]) -> list[Any]:
    """What the module says to each case."""
    assert NODE is not None
    done = subprocess.run(
        [NODE, "--no-warnings", "--input-type=module", "-e", RUNNER, MODULE.as_uri()],
        input="".join(f"{json.dumps(case)}\n" for case in cases),
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=110,
    )
    return [json.loads(line)["result"] for line in done.stdout.split("\n") if line]


def case(value: Any, kind: str = "response", **options: Any) -> dict[str, Any]:
    keys = options.pop("jwks", None) or key_set()
    text = value if isinstance(value, str) else json.dumps(value)
    return {"kind": kind, "text": text, "jwks": keys, "options": options}


def codes(cases: list[dict[str, Any]]) -> list[int | None]:
    return [found.get("exitCode") for found in told(cases)]


def test_the_module_has_no_dependencies() -> None:
    text = MODULE.read_text()
    imports = [
        line for line in text.splitlines() if "import(" in line or line.startswith("import ")
    ]
    assert all('"node:' in line for line in imports)
    # Only the command line at its end needs Node; a browser never gets there.
    assert text.index('"node:') > text.index("async function main")


def test_answers_and_records_signed_here_are_valid_there() -> None:
    whole = signed(matter(seed=3))
    cases = [case(signed(matter(seed)), **ASKED) for seed in range(8)]
    cases += [case(signed(matter(level=Level.STATEMENT)), **ASKED, pin=signer().kid)]
    cases += [case(disclose(whole, index), "record", **ASKED) for index in range(6)]
    assert codes(cases) == [0] * len(cases)


def test_what_the_caller_demands_is_checked_there_too() -> None:
    whole = signed(matter())
    key = throw_away_signer()
    demo = signed(matter(), notary(signer=key))
    revoked = jwks([PublishedKey(signer().public, revoked_at=1, reason="keyCompromise")])
    expired = jwks([PublishedKey(signer().public, expires=1)])
    assert codes(
        [
            case(whole, query="{ other }", variables=VARIABLES),
            case(whole, query=QUERY),
            case(whole, query=f"{QUERY}\n", variables=VARIABLES),
            case(whole, pin="other"),
            case(whole, maxAgeSeconds=1),
            case(whole, now=0),
            case(demo, jwks=jwks([PublishedKey(key.public)])),
            case(demo),
            case(whole, jwks=revoked),
            case(whole, jwks=expired),
            case(whole, jwks={"keys": None}),
        ]
    ) == [1, 1, 0, 1, 1, 1, 2, 1, 1, 1, 1]


@pytest.mark.slow
def test_mutations_are_refused_there_too() -> None:
    rng = random.Random("javascript")
    cases: list[dict[str, Any]] = []
    for seed in range(12):
        level = Level.RECORDS if seed % 3 else Level.STATEMENT
        whole = signed(matter(seed, level))
        proof = ("extensions", "provenance")
        parts = ("statement", "signatures", "records", "version")
        roots: list[tuple[Any, ...]] = [("data",), *((*proof, part) for part in parts)]
        cases += [case(mutate(whole, rng, roots)[0]) for _ in range(60)]
        if level is Level.RECORDS:
            shown = disclose(whole, 0)
            cases += [case(mutate(shown, rng, [()])[0], "record") for _ in range(40)]
    found = told(cases)
    assert len(found) > 1000
    for one, result in zip(cases, found, strict=True):
        assert result.get("exitCode") == 1 or "error" in result, one["text"]


def test_the_vectors_are_judged_there_as_here() -> None:
    good = ["response.json", "statement-level.json", "errors-only.json"]
    bad = sorted((VECTORS / "mutated").iterdir())
    cases = [case((VECTORS / name).read_text(), **ASKED) for name in good]
    cases += [case((VECTORS / "record.json").read_text(), "record", **ASKED)]
    cases += [case(path.read_text()) for path in bad]
    found = told(cases)
    assert [result["exitCode"] for result in found[:4]] == [0, 0, 0, 0]
    assert all(result.get("exitCode") == 1 or "error" in result for result in found[4:])


def test_a_keys_time_is_the_same_there() -> None:
    times = json.loads((VECTORS / "key-times.json").read_text())
    found = told([case(times["response"], jwks=one["jwks"]) for one in times["cases"]])
    # Without the question a valid answer ends with 2.
    assert [result["exitCode"] == 2 for result in found] == [c["valid"] for c in times["cases"]]


FETCHING = """
const { verifyingFetch } = await import(process.argv[1]);
const { replies, sets, init } = JSON.parse(process.argv[2]);
const modes = [];
const keys = async ({ cache }) => sets[Math.min(modes.push(cache), sets.length) - 1];
const answer = async () => new Response(JSON.stringify(replies.shift()));
const send = verifyingFetch(keys, {}, answer);
const told = [];
while (replies.length) {
  const wrong = ({ message }) => (/older than what was/.test(message) ? "older" : "refused");
  told.push(await send("http://gw.example", init).then(() => "valid", wrong));
}
console.log(JSON.stringify({ modes, told }));
"""


def fetched(replies: list[Any], sets: list[Any]) -> Any:
    """What `verifyingFetch` makes of these replies, and how it fetched its keys."""
    assert NODE is not None
    body = json.dumps({"query": QUERY, "variables": VARIABLES})
    given = json.dumps({"replies": replies, "sets": sets, "init": {"body": body}})
    command = [NODE, "--no-warnings", "--input-type=module", "-e", FETCHING, MODULE.as_uri(), given]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, timeout=60)
    return json.loads(done.stdout)


def test_keys_are_fetched_again_past_caches_where_the_signing_key_is_unknown() -> None:
    key = throw_away_signer()
    old = jwks([PublishedKey(signer().public)])
    new = jwks([PublishedKey(signer().public), PublishedKey(key.public)])
    before, after = signed(matter()), signed(matter(), notary(signer=key))
    found = fetched([before, before, after, after, before], [old, new])
    assert found == {"modes": ["default", "reload"], "told": ["valid"] * 5}
    found = fetched([after, {"data": None}], [old, old])
    assert found == {"modes": ["default", "reload"], "told": ["refused"] * 2}


def test_a_key_set_that_takes_something_back_is_not_taken() -> None:
    key, other = throw_away_signer(), PublishedKey(throw_away_signer().public)
    first, after = PublishedKey(signer().public), PublishedKey(key.public)
    revoked = replace(other, revoked_at=1, reason="keyCompromise")
    replies = [signed(matter()), signed(matter(), notary(signer=key)), signed(matter())]
    for before, now in (
        ([first, other], [first, after]),
        ([first, revoked], [first, other, after]),
    ):
        found = fetched([*replies], [jwks(before), jwks(now)])
        assert found["told"] == ["valid", "older", "valid"]
    grown = fetched([*replies], [jwks([first, other]), jwks([first, revoked, after])])
    assert grown["told"] == ["valid"] * 3


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":1}',
        '{"\\u0061":1,"a":1}',
        "[1,]",
        "[01]",
        '["\n"]',
        '["\\ud800"]',
        "{} x",
        "",
        "[" * 1000,
        "nul",
        '{"a" 1}',
        "[9007199254740993]",
        "[1.5]",
        "[1e400]",
    ],
)
def test_ambiguous_json_is_refused(text: str) -> None:
    (found,) = told([case(text, "parse")])
    assert "error" in found


def test_json_is_read_as_it_is_written() -> None:
    texts = [
        '{"b":[1,-2,"\\u00e9\\n",null,true,false,{}],"a":{}}',
        " [ ] ",
        '{"__proto__":{"x":1}}',
    ]
    found = told([case(text, "parse") for text in texts])
    assert found == [rfc8785.dumps(json.loads(text)).decode() for text in texts]


def test_base64url_has_one_spelling() -> None:
    found = told([case(text, "base64") for text in ["QQ", "QR", "QQ==", "Q Q", "Q+", ""]])
    assert [isinstance(result, int) for result in found] == [True, False, False, False, False, True]


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | TEXT | NUMBERS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(VALUES, min_size=30, max_size=60))
def test_the_canonical_form_there_is_the_same(values: list[Any]) -> None:
    found = told([case(json.dumps(value), "canonical") for value in values])
    assert found == [rfc8785.dumps(value).decode() for value in values]


def test_the_command_line_there_has_the_same_exit_codes(tmp_path: Path) -> None:
    assert NODE is not None
    files = {
        "response.json": json.dumps(signed(matter())),
        "jwks.json": json.dumps(key_set()),
        "query.graphql": QUERY,
        "variables.json": json.dumps(VARIABLES),
        "record.json": json.dumps(disclose(signed(matter()), 0)),
        "broken.json": '{"a":1,"a":2}',
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)

    def verify(*argv: str) -> int:
        done = subprocess.run(
            [str(NODE), "--no-warnings", str(MODULE), *argv],
            cwd=tmp_path,
            capture_output=True,
            check=False,
            timeout=60,
        )
        return done.returncode

    assert verify("response.json", "jwks.json", "query.graphql", "variables.json") == 0
    assert verify("response.json", "jwks.json", "variables.json", "variables.json") == 1
    assert verify("record.json", "jwks.json", "query.graphql", "variables.json") == 0
    assert verify("record.json", "jwks.json") == 2
    assert verify("broken.json", "jwks.json") == 1
    assert verify("response.json") == 64


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A folder with the npm packages of .ci/jose-packages.txt."""
    given = os.environ.get("NODE_PACKAGES")
    if given:
        (tmp_path / "node_modules").symlink_to(Path(given) / "node_modules")
        return tmp_path
    if os.environ.get("CI") != "true" or shutil.which("npm") is None:
        pytest.skip("npm packages are installed in CI only; NODE_PACKAGES names a folder")
    wanted = (ROOT / ".ci" / "jose-packages.txt").read_text().split()
    quiet = ["--no-audit", "--no-fund", "--no-package-lock", "--silent"]
    (tmp_path / "package.json").write_text("{}")
    subprocess.run(["npm", "install", *quiet, *wanted], cwd=tmp_path, check=True, timeout=110)
    return tmp_path


def test_npm_jose_and_canonicalize_verify_what_is_signed_here(packages: Path) -> None:
    shutil.copy(ROOT / ".ci" / "jose-verify.mjs", packages)
    (packages / "jwks.json").write_text(json.dumps(key_set()))
    good = signed(matter())
    for response, code in ((good, 0), ({**good, "data": None}, 1)):
        (packages / "response.json").write_text(json.dumps(response))
        done = subprocess.run(
            [str(NODE), "--preserve-symlinks", "jose-verify.mjs", "response.json", "jwks.json"],
            cwd=packages,
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == code, done.stderr
