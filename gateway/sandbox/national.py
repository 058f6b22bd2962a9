"""What the sandbox's three invented national registries share: codes, words and dates of their own.

They are the worked examples of manifests (`adapters/manifests`), one for each mode.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from gateway.harmonise.methodologies import methodologies
from gateway.model.picklists import ProjectStatus, UnitStatus
from gateway.sandbox import kinds, serials
from gateway.sandbox.codes import Scheme
from gateway.sandbox.kinds import Kind
from gateway.sandbox.serials import Text
from gateway.sandbox.world import Label, Methodology, Project

KINDS: tuple[Kind, ...] = (kinds.COOKSTOVES, kinds.WIND, kinds.LANDFILL, kinds.SOLAR, kinds.HYDRO)


def scheme(
    registry: str,
    name: str,
    prefix: str,
    country: str,
    statuses: tuple[ProjectStatus, ...],
    issuance_key: Text,
    *,
    planned: bool = False,
) -> Scheme:
    """The codes of one national registry, and its market in one country."""
    return Scheme(
        registry=registry,
        name=name,
        first=9_001,
        project_key=lambda number, row: f"{prefix}{number}",
        link=f"https://{registry.rpartition('-')[2]}-registry.example/projects/{{key}}",
        serial=serials.plain_serial(prefix.rstrip("-")),
        issuance_key=issuance_key,
        kinds=KINDS,
        countries=(country,),
        statuses=statuses,
        states=(UnitStatus.HELD, UnitStatus.RETIRED, UnitStatus.CANCELLED),
        labels=("ccp", "article6"),
        planned=planned,
    )


def named(method: Methodology) -> str:
    """A methodology as these registries write it: its code and version."""
    return f"{method.methodology_code} v{method.methodology_version}"


def method_name(method: Methodology) -> str | None:
    """The title that the gateway's own list has for the code."""
    return methodologies(named(method))[0].name


def marks(labels: Iterable[Label]) -> str:
    """Labels in one text."""
    return "; ".join(label.label for label in labels)


def day_first(day: str | None) -> str:
    """`2024-01-31` as `31/01/2024`."""
    return "" if not day else f"{day[8:10]}/{day[5:7]}/{day[:4]}"


def kept(fields: str) -> frozenset[str]:
    """Names out of a text."""
    return frozenset(fields.split())


def linked(prefix: str) -> Callable[[Project], Any]:
    """The link that a manifest's template makes of a project's code."""
    return lambda project: f"{prefix}{project.project_id}"
