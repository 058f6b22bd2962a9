"""OpenAPI descriptions of the upstreams for Hive Gateway, made from the recorded bodies."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.bodies import Bodies

_PATH = "/verra/raas-report-api/es/public/{}/publicReportPageSearch"


def descriptions(bodies: Bodies, origin: str) -> dict[str, dict[str, Any]]:
    """One description per registry, by the name of its subgraph."""
    projects, retirements = _PATH.format("project"), _PATH.format("retirements")
    ids = _parameter("projectIds", {"type": "array", "items": {"type": "number"}})
    ids["style"], ids["explode"] = "form", False
    one = _parameter("warehouseProjectId", {"type": "string"})
    return {
        "Verra": _document(
            origin,
            {
                projects: _get("verraProjects", "VerraProjects", []),
                retirements: _get("verraRetirements", "VerraRetirements", [ids]),
            },
            {
                **_schemas("VerraProjects", _read(bodies, "verra-projects")),
                **_schemas("VerraRetirements", _read(bodies, "verra-retirements")),
            },
        ),
        "GoldStandard": _document(
            origin,
            {"/gold-standard/projects": _get("goldStandardProjects", "GoldList", [])},
            _schemas("GoldList", _read(bodies, "gold-standard-projects")),
        ),
        "CadTrust": _document(
            origin,
            {"/cad-trust/v1/projects": _get("cadTrustProjects", "CadTrustPage", [])},
            _schemas("CadTrustPage", _read(bodies, "cad-trust-projects")),
        ),
        "CadTrustOne": _document(
            origin,
            {"/cad-trust/v1/projects": _get("project", "CadTrustProject", [one])},
            _schemas("CadTrustProject", _read(bodies, "cad-trust-project")),
        ),
    }


def _read(bodies: Bodies, name: str) -> Any:
    return json.loads((bodies.same / f"{name}.json").read_bytes())


def _document(origin: str, paths: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    return {
        "openapi": "3.0.3",
        "info": {"title": "registry", "version": "1"},
        "servers": [{"url": origin}],
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema}


def _get(name: str, schema: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    answer = {"description": "rows", "content": content}
    return {"get": {"operationId": name, "parameters": parameters, "responses": {"200": answer}}}


def _schemas(name: str, value: Any) -> dict[str, Any]:
    """Named schemas of a JSON value; objects become components of their own."""
    found: dict[str, Any] = {}
    found[name] = _schema(name, [value], found)
    return found


def _schema(name: str, values: list[Any], found: dict[str, Any]) -> dict[str, Any]:
    values = [value for value in values if value is not None]
    first = values[0] if values else ""
    if isinstance(first, bool):
        return {"type": "boolean"}
    if isinstance(first, (int, float)):
        return {"type": "number"}
    if isinstance(first, list):
        items = [item for value in values for item in value]
        return {"type": "array", "items": _schema(f"{name}Item", items, found)}
    if not isinstance(first, dict):
        return {"type": "string"}
    keys = dict.fromkeys(key for value in values for key in value)
    inner = {
        key: _schema(f"{name}_{key}", [value.get(key) for value in values], found) for key in keys
    }
    found[f"{name}Row"] = {"type": "object", "properties": inner}
    return {"$ref": f"#/components/schemas/{name}Row"}
