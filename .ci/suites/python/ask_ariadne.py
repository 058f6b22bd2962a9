"""Asks with the client that ariadne-codegen generated: `python ask_ariadne.py URL`."""

import asyncio
import sys
from decimal import Decimal

from generated import Client
from generated.enums import RegistryOutcome
from generated.input_types import ProjectWhere, RegistryFilter, StringFilter


async def main(url: str) -> None:
    where = ProjectWhere(
        registry=RegistryFilter(in_=["verra", "gold-standard"]),
        project_name=StringFilter(starts_with="Hazelmere"),
    )
    async with Client(url=f"{url}/graphql") as client:
        found = (await client.projects(where=where)).projects
    units = [unit for project in found.nodes for unit in project.units.nodes]
    assert {row.registry for row in found.coverage} == {"verra", "gold-standard"}
    assert all(row.outcome is RegistryOutcome.OK for row in found.coverage), found.coverage
    assert units
    assert all(isinstance(unit.unit_count, Decimal) for unit in units)
    print(f"ariadne-codegen: {len(found.nodes)} projects with {len(units)} blocks, typed")


asyncio.run(main(sys.argv[1]))
