"""Names of the model as the schema spells them."""

from __future__ import annotations


def camel(name: str) -> str:
    """A model name as the schema spells it: `project_status` is `projectStatus`."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
