"""A Core Registry over the sandbox's world: a CAD Trust node that also has `/v1/statistics`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.sandbox.cad_trust import EMULATOR as CAD_TRUST
from gateway.sandbox.cad_trust import answering, make_application
from gateway.sandbox.cad_trust_params import Invalid
from gateway.sandbox.cad_trust_rows import Row, project_rows, unit_rows
from gateway.sandbox.emulator import Emulator
from gateway.sandbox.world import Telling

Counted = Callable[[Row], Any]


class Statistics:
    """Counts over the node's own organisation, which here is its only one."""

    def __init__(self, telling: Telling) -> None:
        self.projects = project_rows(telling)
        self.units = unit_rows(telling)
        self.project_of = {row["warehouseProjectId"]: row for row in self.projects}

    def count_projects(self, request: web.Request) -> Any:
        """How many projects there are by status, or by whether another registry hosts them.

        Raises:
            Invalid: both or neither of the two questions is asked.
        """
        asked = _known(request, {"status", "hostRegistry"})
        if len(asked) != 1:
            raise Invalid(['"value" must contain at least one of [status, hostRegistry]'])
        if "hostRegistry" in asked:
            own = sum(row["currentRegistry"] == row["registryOfOrigin"] for row in self.projects)
            return _data(
                {
                    "selfHostedProjectCount": own,
                    "externallyHostedProjectCount": len(self.projects) - own,
                }
            )
        counts = Counter(row["projectStatus"] for row in self.projects)
        return _data([{"projectStatus": name, "count": n} for name, n in sorted(counts.items())])

    def tons(self, request: web.Request) -> Any:
        asked = _known(
            request,
            {"unitStatus", "unitStatusList", "unitType", "unitTypeList", *_VINTAGE},
        )
        units = _of_vintage(self.units, request)
        names = [n for n in ("unitStatus", "unitType") if n in asked or f"{n}List" in asked]
        for name in names:
            wanted = [*request.query.getall(name, ()), *request.query.getall(f"{name}List", ())]
            if "all" not in [text.lower() for text in wanted]:
                units = [unit for unit in units if unit[name] in wanted]
        if _VINTAGE & asked:
            names.append("vintageYear")
        return _data(_sums(units, names))

    def tons_by(self, column: str) -> Callable[[web.Request], Any]:
        """What was issued and not cancelled, by a column of the projects."""

        def answer(request: web.Request) -> Any:
            asked = _known(request, {column, f"{column}List", *_VINTAGE})
            sums = dict.fromkeys(sorted({row[column] for row in self.projects}), 0)
            for unit in _of_vintage(self.units, request):
                if unit["unitStatus"] != "Cancelled":
                    project = self.project_of[unit["issuance"]["warehouseProjectId"]]
                    sums[project[column]] += unit["unitCount"]
            if asked & {column, f"{column}List"}:
                wanted = request.query.getall(column, request.query.getall(f"{column}List", []))
                return _data({name: sums.get(name, 0) for name in wanted})
            return _data([{column: name, "tonsCo2": tons} for name, tons in sums.items()])

        return answer


def application(telling: Telling) -> web.Application:
    """The node with its statistics."""
    counted = Statistics(telling)
    served = make_application(telling)
    at = "/v1/statistics"
    served.router.add_get(f"{at}/projects", answering(counted.count_projects))
    served.router.add_get(f"{at}/tonsCo2", answering(counted.tons))
    for name, column in (("Methodology", "methodology"), ("ProjectType", "projectType")):
        served.router.add_get(f"{at}/issuedCarbonBy{name}", answering(counted.tons_by(column)))
    return served


_VINTAGE = {"vintageYear", "vintageYearRangeStart", "vintageYearRangeEnd"}


def _known(request: web.Request, names: set[str]) -> set[str]:
    strange = [f'"{name}" is not allowed' for name in request.query if name not in names]
    if strange:
        raise Invalid(strange)
    return set(request.query)


def _of_vintage(units: Iterable[Row], request: web.Request) -> list[Row]:
    one = request.query.get("vintageYear", "")
    first = request.query.get("vintageYearRangeStart", one) or "1900"
    last = request.query.get("vintageYearRangeEnd", one) or "5000"
    if not (first.isascii() and first.isdigit() and last.isascii() and last.isdigit()):
        raise Invalid(['"vintageYear" must be a number'])
    return [unit for unit in units if int(first) <= unit["vintageYear"] <= int(last)]


def _sums(units: Iterable[Row], names: Sequence[str]) -> list[Row]:
    sums: Counter[tuple[Any, ...]] = Counter()
    for unit in units:
        sums[tuple(unit[name] for name in names)] += unit["unitCount"]
    return [
        {**dict(zip(names, group, strict=True)), "tonsCo2": tons}
        for group, tons in sorted(sums.items())
    ]


def _data(value: Any) -> Row:
    return {"data": value, "success": True}


@web.middleware
async def wants_a_key(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The node's key was changed; this software says so in other words than cadt does."""
    return web.json_response({"message": "API key not found", "success": False}, status=403)


EMULATOR = Emulator(
    registry="core-registry",
    application=application,
    says=CAD_TRUST.says,
    told=CAD_TRUST.told,
    traps={**CAD_TRUST.traps, "the key is refused": wants_a_key},
    meant=CAD_TRUST.meant,
)
