"""Asks a gateway and looks at the data only after its signature was checked.

python examples/ask.py http://127.0.0.1:8000 [jwks.json]

Needs Python's standard library and `gateway.provenance.verify`, which needs `cryptography`.
"""

import json
import sys
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from gateway.provenance.strict import load_json
from gateway.provenance.verify import verify_response

QUERY = """
query Held($where: ProjectWhere) {
  projects(where: $where, first: 5) {
    nodes { registry projectId projectName projectStatus }
    coverage { registry outcome message }
  }
}
"""
VARIABLES = {"where": {"projectName": {"startsWith": "Hazelmere"}}}


def ask(url: str, query: str, variables: dict[str, Any], keys: dict[str, Any]) -> dict[str, Any]:
    """The data of a valid answer to exactly this question; `url` is the gateway's origin."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    headers = {"content-type": "application/json", "accept": "application/json"}
    with urlopen(Request(f"{url}/graphql", body, headers)) as reply:  # noqa: S310
        answer = load_json(reply.read())
    verdict = verify_response(answer, keys, query=query, variables=variables)
    if not verdict.valid:
        raise ValueError(verdict.as_text())
    if "errors" in answer:
        raise ValueError(answer["errors"])
    data: dict[str, Any] = answer["data"]
    return data


def published(url: str) -> dict[str, Any]:
    """The key set that the gateway itself shows: enough to see that nobody changed the answer on
    its way. To know whom you hear, keep a key set that you got from the operator."""
    with urlopen(f"{url}/.well-known/jwks.json") as reply:  # noqa: S310
        keys: dict[str, Any] = load_json(reply.read())
    return keys


def main(url: str, key_set: str | None = None) -> None:
    """Prints projects, and every registry that is missing."""
    keys = load_json(Path(key_set).read_bytes()) if key_set else published(url)
    projects = ask(url, QUERY, VARIABLES, keys)["projects"]
    for project in projects["nodes"]:
        print(project["registry"], project["projectId"], project["projectName"], sep="\t")
    for row in projects["coverage"]:
        if row["outcome"] != "OK":
            print(f"missing: {row['registry']} ({row['outcome']}): {row['message']}")


if __name__ == "__main__":
    main(*sys.argv[1:])
