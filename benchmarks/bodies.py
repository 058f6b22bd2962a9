"""The bodies that every competitor is fed: made once by the sandbox's emulators.

Each registry tells a hundred projects with at most three retired blocks each. What the gateway
asks for the questions is recorded as files, once as it is and once with marks that nginx replaces
at every request, so that no two bodies are alike.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import questions
from gateway.assemble import assemble
from gateway.demo import settings
from gateway.engine.fragment import plain
from gateway.engine.operation import GraphQLRequest
from gateway.model.picklists import UnitStatus
from gateway.provenance.evidence import Evidence, Exchange
from gateway.provenance.keys import throw_away_signer
from gateway.sandbox.market import make
from gateway.sandbox.runner import Sandbox
from gateway.sandbox.world import Telling, Unit, World
from gateway.stitch.ask import Ask
from gateway.upstream.terms import Terms

REGISTRIES = ("verra", "gold-standard", "cad-trust")
PROJECTS = 100
BLOCKS = 3
SCALE = 14

# Marks in the changing bodies: a text that is new at every request, and three digits of time.
TEXT_MARK = "@TEXT@"
TIME_MARK = "@MS@"
_NAMES = re.compile(rb'("(?:projectName|name|beneficialOwner)":\s?"(?!Goal |Ver|Pla)[^"\\]+)')
_TIMES = re.compile(
    rb'("(?:modifiedDate|updated_at|updatedAt)":\s?"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?'
)


@dataclass(frozen=True, slots=True)
class Bodies:
    """Where the recorded bodies are: `<name>.json` in both folders."""

    same: Path
    changing: Path
    sizes: dict[str, int]


def record(folder: Path) -> Bodies:
    """Runs the emulators once and keeps what the gateway asked of them."""
    found = asyncio.run(_recorded())
    bodies = Bodies(folder / "same", folder / "changing", {n: len(b) for n, b in found.items()})
    for where in (bodies.same, bodies.changing):
        where.mkdir(parents=True, exist_ok=True)
    for name, body in found.items():
        (bodies.same / f"{name}.json").write_bytes(body)
        (bodies.changing / f"{name}.json").write_bytes(marked(body))
    return bodies


def marked(body: bytes) -> bytes:
    """The body with the marks in every row's name and time of change."""
    named = _NAMES.sub(rb"\1 " + TEXT_MARK.encode(), body)
    return _TIMES.sub(rb"\1." + TIME_MARK.encode(), named)


async def _recorded() -> dict[str, bytes]:
    world = small(make(scale=SCALE))
    async with Sandbox(world, only=REGISTRIES) as sandbox:
        gateway = assemble(settings(sandbox, "127.0.0.1", 0), signer=throw_away_signer())
        await gateway.start()
        try:
            found: dict[str, bytes] = {}
            for text in (questions.Q1, questions.Q2, questions.Q3):
                terms = Terms(gateway.clock.monotonic() + 60, evidence=Evidence(keep_bodies=True))
                question = GraphQLRequest(text.replace(questions.ID_MARK, one_id(world)))
                result = await gateway.endpoint.executor.execute(
                    question, Ask(gateway.federation, terms)
                )
                if result.errors or plain(result.data) is None:
                    raise AssertionError(f"the recording failed: {result.errors}")
                for exchange in terms.evidence.exchanges:
                    found[_name(exchange)] = exchange.body or b""
            return found
        finally:
            await gateway.close()


def _name(exchange: Exchange) -> str:
    if exchange.registry == "verra":
        return "verra-retirements" if "/retirements/" in exchange.uri else "verra-projects"
    if "warehouseProjectId=" in exchange.uri:
        return "cad-trust-project"
    return f"{exchange.registry}-projects"


def one_id(world: World) -> str:
    """The global id of the project that Q1 asks for."""
    return f"cgw:cad-trust:project:{world.tellings['cad-trust'].projects[0].key}"


def small(world: World) -> World:
    """The world cut to the benchmark's size: projects with retired blocks first."""
    return replace(world, tellings={key: _cut(world.tellings[key]) for key in REGISTRIES})


def _cut(telling: Telling) -> Telling:
    blocks: dict[str, list[Unit]] = {}
    for unit in telling.units:
        if unit.unit_status is UnitStatus.RETIRED:
            blocks.setdefault(unit.project_key, []).append(unit)
    # Q3 asks Verra for blocks, so its projects are those that have some.
    first = [p.key for p in telling.projects if p.key in blocks or telling.registry != "verra"]
    kept = set(first[:PROJECTS])
    units = {u.key for found in blocks.values() for u in found[:BLOCKS]}
    return replace(
        telling,
        projects=tuple(p for p in telling.projects if p.key in kept),
        issuances=tuple(i for i in telling.issuances if i.project_key in kept),
        units=tuple(u for u in telling.units if u.project_key in kept and u.key in units),
    )
