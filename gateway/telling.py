"""What the demo prints: its question, the answer in plain words, the verdict, what to do next."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from gateway.provenance.verdict import Verdict

# Short enough to be read in a shell.
_SHORT = (
    '{ projects(where: { projectName: { startsWith: "Hazelmere" } }) { nodes { registry '
    "projectId projectStatus sameAs { links { project { registry projectId } } } } "
    "coverage { registry outcome } } }"
)


def by_hand(url: str) -> str:
    """The commands that ask and verify without this program's help."""
    body = shlex.quote(json.dumps({"query": _SHORT}))
    return (
        f"curl -s {url}/graphql -H 'content-type: application/json' \\\n"
        f"  -d {body} > answer.json\n"
        f"curl -s {url}/.well-known/jwks.json > jwks.json\n"
        f"{_program()} verify answer.json --jwks jwks.json\n"
    )


def _program() -> str:
    """How this program is called from here: by name where the shell would find it."""
    own = Path(sys.argv[0])
    found = shutil.which("cgw")
    if found is not None and Path(found).resolve() == own.resolve():
        return "cgw"
    return str(own.relative_to(Path.cwd())) if own.is_relative_to(Path.cwd()) else str(own)


def tell(
    console: Console, url: str, query: str, response: Mapping[str, Any], verdict: Verdict
) -> None:
    """The whole story of one question."""
    console.print(
        Panel(
            "The registries here are emulated, their market is invented, and the signing key is "
            "thrown away at the end.\nNothing that this gateway says is evidence of anything.",
            title="THIS IS A SANDBOX",
            border_style="yellow",
        )
    )
    console.print("The question, asked of every registry at once:\n")
    console.print(Syntax(query.strip(), "graphql", background_color="default"))
    projects = (response.get("data") or {}).get("projects") or {}
    for error in response.get("errors") or ():
        console.print(f"[red]error:[/red] {escape(str(error.get('message')))}")
    if projects:
        console.print(_records(projects))
        console.print(_coverage(projects))
    console.print(_verdict(verdict))
    console.print("The same by hand, in another shell:\n")
    # Plain, so that it can be copied whatever the width of the terminal.
    console.file.write(by_hand(url) + "\n")
    console.file.write(f"Serving on {url} - GraphiQL at {url}/graphiql - stop with Ctrl-C\n")
    console.file.flush()


def _records(projects: Mapping[str, Any]) -> Table:
    table = Table(title="The answer", title_justify="left")
    for column in ("registry", "project", "status", "the same project elsewhere", "units (tCO2e)"):
        table.add_column(column)
    for node in projects["nodes"]:
        links = [link["project"] for link in node["sameAs"]["links"]]
        units = [
            f"{unit['unitCount']} {(unit['unitStatus'] or '?').lower()}, {unit['vintageYear']}"
            for unit in node["units"]["nodes"]
        ]
        table.add_row(
            node["registry"],
            Text(f"{node['projectId']} {node['projectName']}"),
            Text((node["projectStatus"] or node["projectStatusRaw"] or "?").lower()),
            Text("\n".join(_elsewhere(node, other) for other in links) or "-"),
            Text("\n".join(units) or "none"),
        )
    return table


def _elsewhere(node: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    agrees = node["projectStatus"] == other["projectStatus"]
    status = (other["projectStatus"] or "?").lower()
    return f"{other['registry']} {other['projectId']}" + ("" if agrees else f" - BUT {status}")


def _coverage(projects: Mapping[str, Any]) -> Table:
    table = Table(title="Who was asked, and how it ended", title_justify="left")
    for column in ("registry", "outcome", "records", "complete", "took"):
        table.add_column(column)
    for row in projects["coverage"]:
        table.add_row(
            row["registry"],
            row["outcome"],
            str(row["returned"]),
            "yes" if row["complete"] else "NO",
            f"{row['latencyMs']} ms",
        )
    return table


def _verdict(verdict: Verdict) -> Panel:
    colour = ("yellow", "green")[verdict.complete] if verdict.valid else "red"
    return Panel(
        Text(verdict.as_text().strip()),
        title="The signature, verified offline",
        border_style=colour,
    )
