"""Asks with gql, which checks the question against the schema first: `python ask_gql.py URL`."""

import asyncio
import sys
from pathlib import Path

from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportQueryError


async def main(url: str, text: str) -> None:
    document = gql(text)
    document.variable_values = {"where": {"projectName": {"startsWith": "Hazelmere"}}}
    broken = gql("query ($first: Int! = 501) { projects(first: $first) { totalCount } }")
    transport = AIOHTTPTransport(url=f"{url}/graphql", ssl=False)
    client = Client(transport=transport, fetch_schema_from_transport=True)
    async with client as session:
        found = (await session.execute(document))["projects"]
        codes = []
        try:
            await session.execute(broken)
        except TransportQueryError as refusal:
            codes = [error["extensions"]["code"] for error in refusal.errors]
    assert codes == ["BAD_USER_INPUT"], codes
    assert found["nodes"]
    print(f"gql: {len(found['nodes'])} projects, and a refusal understood")


asyncio.run(main(sys.argv[1], Path("projects.graphql").read_text("utf-8")))
