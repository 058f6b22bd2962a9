"""Random operations over the schema, and registries with faulty rows, from one seed."""

from __future__ import annotations

import random
from typing import Any

from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_composite_type,
    is_required_argument,
)

from gateway.errors import RegistryTimeout
from gateway.model.entity import Entity
from gateway.model.field import computed, constant, mapped, raw, wire
from gateway.model.picklists import UnitMetric
from gateway.model.project import CoBenefitView, LocationView
from tests.stitch.fake import (
    STATUS,
    VIEWS,
    FakeIssuance,
    FakeProject,
    FakeRegistry,
    FakeUnit,
    Row,
)

TYPES = ("Project", "Issuance", "Unit")
# What depends on the order in which concurrent reads end, or on the machine.
UNORDERED = ("source", "sources", "latencyMs", "attempts", "health", "capabilities")


def _maybe_broken(row: Row) -> Any:
    """What a view with a bug may give: any type, or an exception."""
    if row.name == "raises":
        raise ValueError("bug")
    return {"int": 12, "list": [1], "true": True, "big": 2**40}.get(row.name or "", row.name)


class OddPlace(LocationView[Row]):
    country = computed(_maybe_broken, "name")
    country_raw = wire("country")
    in_country_region = wire("name")


class OddBenefit(CoBenefitView[Row]):
    co_benefit = wire("name")
    sdg = computed(_maybe_broken, "name")


class OddProject(FakeProject):
    project_id = computed(_maybe_broken, "name")
    project_name = wire("name")
    project_status = mapped("status", STATUS)
    unit_metric = constant(UnitMetric.TCO2E)
    covered_by_ndc = computed(_maybe_broken, "name")
    org_uid = raw("status", "country")
    sectors = computed(lambda row: (row.name, "x") if row.name != "none" else None, "name")
    project_locations = computed(lambda row: (OddPlace(row), OddPlace(row)), "country")
    co_benefits = computed(lambda row: (None,) if row.name == "hole" else [OddBenefit(row)], "name")
    identifiers = computed(lambda row: None if row.name == "lost" else (), "name")
    project_tags = constant("same")


class OddUnit(FakeUnit):
    unit_count = computed(lambda row: row.year if row.year != 1 else "many", "year")
    vintage_year = computed(lambda row: 2**33 if row.year == 2 else row.year, "year")
    is_ex_ante = computed(lambda row: {3: "yes", 4: False}.get(row.year or 0, True), "year")


NAMES = [
    "plain",
    "raises",
    "int",
    "list",
    "true",
    "big",
    "hole",
    "lost",
    "none",
    "",
    None,
    "Ü\u202e\n",
]


class OddRegistry(FakeRegistry):
    """Rows of every kind of trouble."""

    def records(self, entity: Entity, source: int) -> list[Any]:
        views = {Entity.PROJECT: OddProject, Entity.ISSUANCE: FakeIssuance, Entity.UNIT: OddUnit}
        plain = super().records(entity, source)
        return [views[entity](r.row, r.origin, r.place) for r in plain]


def registry(key: str, chance: random.Random) -> FakeRegistry:
    """A registry with a few rows, odd ones at times, and failing calls at times."""
    odd = chance.random() < 0.5
    names = NAMES if odd else ["plain", "other", None]

    def row(number: int, kind: str, **links: Any) -> Row:
        return Row(
            key=f"{kind}{number}",
            name=chance.choice(names),
            status=chance.choice(["up", "down", "held", "gone", "odd", None]),
            country=chance.choice(["KE", "", None]),
            date=chance.choice(["2024-01-01", None]),
            year=chance.randrange(6),
            **links,
        )

    projects = [row(n, "p") for n in range(chance.randrange(4))]
    issuances = [row(n, "i", project=f"p{n % 3}") for n in range(chance.randrange(4))]
    units = [
        row(n, "u", project=f"p{n % 3}", issuance=f"i{n % 4}") for n in range(chance.randrange(5))
    ]
    rows = {Entity.PROJECT: projects, Entity.ISSUANCE: issuances, Entity.UNIT: units}
    made = (OddRegistry if odd else FakeRegistry)(key, rows, page_size=2)
    if chance.random() < 0.2:
        # By path, not by number: two executors may ask in different orders.
        failing = chance.choice(["/keys", "/project/0", "/project/2", "/unit/0", "/issuance/2"])
        made.fail_paths = {failing: RegistryTimeout("late", registry=key)}
    return made


class Writer:
    """Writes one operation; `variables` are what goes with it."""

    def __init__(self, schema: GraphQLSchema, chance: random.Random) -> None:
        self._schema = schema
        self._chance = chance
        self._fragments: list[str] = []
        self.variables: dict[str, Any] = {}
        self._declared: dict[str, str] = {}

    def operation(self) -> str:
        """The document."""
        query: Any = self._schema.query_type
        fields = [self._root(query) for _ in range(self._chance.randint(1, 3))]
        declared = ", ".join(f"${n}: {t}" for n, t in self._declared.items())
        head = f"query Q({declared})" if declared else "query Q"
        return "\n".join([f"{head} {{ {' '.join(fields)} }}", *self._fragments])

    def _root(self, query: GraphQLObjectType) -> str:
        name = self._chance.choice(
            [
                "projects",
                "units",
                "issuances",
                "node",
                "nodes",
                "project",
                "unit",
                "lookup",
                "registry",
                "__typename",
            ]
        )
        if name == "__typename":
            return f"a{self._number()}: __typename"
        return f"a{self._number()}: {self._field(query, name, 4)}"

    def _field(self, parent: Any, name: str, depth: int) -> str:
        definition = self._schema.get_field(parent, name)
        assert definition is not None
        arguments = self._arguments(name, definition)
        value = get_named_type(definition.type)
        text = f"{name}{arguments}{self._condition()}"
        if is_composite_type(value):
            text += f" {self._selection(value, depth - 1)}"
        return text

    def _arguments(self, name: str, definition: Any) -> str:
        chance = self._chance
        written: list[str] = []
        for argument, asked in definition.args.items():
            if argument == "first" and chance.random() < 0.6:
                value = chance.choice(["1", "2", "5", "0", ""])
                value = value or self._variable("Int", chance.randint(1, 4))
                written.append(f"first: {value}")
            elif argument in ("id", "ids"):
                ids = [self._id() for _ in range(chance.randint(0, 3))]
                written.append(
                    f"ids: [{', '.join(ids)}]" if argument == "ids" else f"id: {self._id()}"
                )
            elif argument == "where" and chance.random() < 0.3:
                written.append(
                    "where: { "
                    + {
                        "projects": "projectStatus: { in: [REGISTERED, LISTED] }",
                        "units": 'project: { projectName: { contains: "plain" } }',
                    }.get(name, "vintageYear: { gte: 2 }")
                    + " }"
                )
            elif argument == "orderBy" and name == "projects" and chance.random() < 0.3:
                written.append("orderBy: { field: PROJECT_NAME, direction: DESC }")
            elif argument == "stitched" and chance.random() < 0.2:
                written.append(f"stitched: {self._variable('Boolean', True)}")
            elif is_required_argument(asked):
                written.append(
                    {"scheme": 'scheme: "one.id"', "value": 'value: "p1"', "key": 'key: "one"'}.get(
                        argument, f'{argument}: "x"'
                    )
                )
        return f"({', '.join(written)})" if written else ""

    def _selection(self, kind: Any, depth: int) -> str:
        chance = self._chance
        parts: list[str] = []
        names = [
            n
            for n, f in kind.fields.items()
            if depth > 0 or not is_composite_type(get_named_type(f.type))
        ]
        names = [n for n in names if n not in UNORDERED]
        picked = chance.sample(names, min(len(names), chance.randint(1, 6)))
        if "nodes" in names and "nodes" not in picked:
            picked.append("nodes")
        for name in picked:
            # What may be merged must be alike: fields with arguments get names of their own.
            alone = bool(kind.fields[name].args) or chance.random() < 0.2
            alias = f"a{self._number()}: " if alone else ""
            parts.append(alias + self._field(kind, name, depth))
        if chance.random() < 0.3 or not parts:
            parts.append("__typename")
        if isinstance(kind, GraphQLInterfaceType):
            for name in chance.sample(TYPES, 2):
                inner = self._schema.get_type(name)
                parts.append(f"... on {name} {self._selection(inner, depth)}")
        elif chance.random() < 0.2:
            parts.append(self._spread(kind, depth))
        elif chance.random() < 0.1:
            parts.append(f"...{self._condition()} {self._selection(kind, depth)}")
        return "{ " + " ".join(parts) + " }"

    def _spread(self, kind: Any, depth: int) -> str:
        name = f"F{len(self._fragments)}"
        self._fragments.append("")
        at = len(self._fragments) - 1
        self._fragments[at] = f"fragment {name} on {kind.name} {self._selection(kind, depth)}"
        return f"...{name}{self._condition()}"

    def _condition(self) -> str:
        if self._chance.random() > 0.1:
            return ""
        directive = self._chance.choice(["skip", "include"])
        value = self._chance.choice(["true", "false", ""])
        value = value or self._variable("Boolean", self._chance.random() < 0.5)
        return f" @{directive}(if: {value})"

    def _variable(self, kind: str, value: Any) -> str:
        name = f"v{len(self._declared)}"
        self._declared[name] = f"{kind}!"
        self.variables[name] = value
        return f"${name}"

    def _id(self, field: str = "") -> str:
        kind = self._chance.choice(["project", "issuance", "unit"])
        if field in ("project", "unit") and self._chance.random() < 0.8:
            kind = field
        key = f"{kind[0]}{self._chance.randrange(4)}"
        registry = self._chance.choice(["one", "two", "none"])
        return self._chance.choice([f'"cgw:{registry}:{kind}:{key}"'] * 9 + ['"junk"'])

    def _number(self) -> int:
        self._count = getattr(self, "_count", 0) + 1
        return self._count


__all__ = ["VIEWS", "Writer", "registry"]
