"""A client that reads whole lists, page by page, and verifies every answer that it gets."""

from __future__ import annotations

import asyncio
import http.client
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import inf
from typing import Any

from benchmarks.place import BenchError
from benchmarks.reliability.verifying import KeySet, signed
from gateway.provenance.strict import load_json
from gateway.provenance.verify import verify_response

FIRST = 500
# Pages that are asked for again where a registry could not give what it has.
PATIENCE = 20

PROJECTS = """
query Walk($first: Int!, $after: String) {
  projects(first: $first, after: $after) {
    nodes {
      id registry projectId projectName projectDescription projectDeveloper sector projectType
      projectStatus projectStatusRaw methodology registrationDate
      projectLocations { country inCountryRegion latitude longitude }
      coBenefits { coBenefit }
      estimations { unitCount creditingPeriodStart creditingPeriodEnd }
    }
    pageInfo { hasNextPage endCursor }
    coverage { registry outcome complete }
  }
}"""
UNITS = """
query Walk($first: Int!, $after: String) {
  units(first: $first, after: $after) {
    nodes {
      id registry unitSerialId unitBlockStart unitBlockEnd unitCount vintageYear unitType
      unitStatus unitStatusRaw unitStatusDate unitRetirementBeneficiary unitOwner
      labels { label labelType }
    }
    pageInfo { hasNextPage endCursor }
    coverage { registry outcome complete }
  }
}"""
# What some projects of every page are asked for beside.
ISSUANCES = """
query Some($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on Project { id issuances(first: 5) { nodes { id unitCount vintageYear issuanceDate } } }
  }
}"""


@dataclass
class Walked:
    """What one walk brought."""

    name: str
    records: int = 0
    pages: int = 0
    sent: int = 0
    seconds: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    registries: Counter[str] = field(default_factory=Counter)


class Client:
    """Asks one gateway over one connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._keys = KeySet(port)
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, query: str, variables: dict[str, Any], seen: Walked) -> dict[str, Any]:
        """The data of a valid answer.

        Raises:
            BenchError: it was refused, ten times.
        """
        body = json.dumps({"query": query, "variables": variables})
        headers = {"content-type": "application/json"}
        said, status = b"", 0
        for _ in range(10):
            self._connection.request("POST", "/graphql", body, headers)
            reply = self._connection.getresponse()
            said, status = reply.read(), reply.status
            if status == 200:
                break
            # The gateway lets those who use much wait.
            time.sleep(float(reply.getheader("retry-after") or 1))
        else:
            raise BenchError(f"status {status}: {said[:300]!r}")
        seen.sent += len(said)
        if wrong := asyncio.run(self._fault(said, query, variables)):
            seen.faults[wrong] += 1
        answer = json.loads(said)
        for error in answer.get("errors", ()):
            seen.faults[f"error {error['extensions'].get('code')}"] += 1
        data: dict[str, Any] = answer["data"]
        return data

    async def _fault(self, said: bytes, query: str, variables: dict[str, Any]) -> str:
        keys = await self._keys.holding(signed(said, query).kid)
        response: Any = load_json(said)
        verdict = verify_response(
            response, keys, query=query, variables=variables, now=datetime.now(UTC)
        )
        return "" if verdict.valid else verdict.as_text()

    def walk(self, name: str, query: str, *, issuances: int = 0, most: float = inf) -> Walked:
        """Reads the list of this root field to its end, or the first `most` records of it, and the
        issuances of so many projects of every page.

        Raises:
            BenchError: the list does not end.
        """
        seen, began = Walked(name), time.monotonic()
        # The gateway closes connections that are idle for long.
        self._connection.close()
        after, again = None, 0
        while True:
            page = self.ask(query, {"first": FIRST, "after": after}, seen)[name]
            nodes, info = page["nodes"], page["pageInfo"]
            seen.pages += 1
            seen.records += len(nodes)
            seen.registries.update(node["registry"] for node in nodes)
            if issuances and nodes:
                some = [node["id"] for node in nodes[:: max(1, len(nodes) // issuances)]]
                self.ask(ISSUANCES, {"ids": some[:issuances]}, seen)
            after = info["endCursor"] or after
            if seen.records >= most:
                break
            if info["hasNextPage"]:
                continue
            paused = [
                row["registry"]
                for row in page["coverage"]
                # What a registry does not publish, it is not asked for.
                if not row["complete"] and row["outcome"] != "SKIPPED"
            ]
            if not paused:
                break
            again += 1
            if again > PATIENCE:
                seen.faults[f"not whole: {', '.join(sorted(paused))}"] += 1
                break
            time.sleep(1)
        seen.seconds = time.monotonic() - began
        return seen
