"""What a manifest's list leaves out and a record asked for by its key has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gateway.model.entity import Entity
from gateway.model.question import Op, Predicate
from gateway.stitch.filters import holds
from tests.adapters.manifests import manifest, problem
from tests.adapters.test_manifest_rest import ROWS, Interface, facing, text

BY_KEY = 'by_key = { path = "units/{key}", data_selector = "unit", adds = ["unit_owner"] }'


async def test_a_field_that_the_list_leaves_out_is_not_read_there_and_read_by_key(
    tmp_path: Path,
) -> None:
    def answer(request: Any, _: Any) -> Any:
        if request.path.endswith("/units"):
            return {"data": {"rows": ROWS, "total": len(ROWS)}}
        return {"unit": ROWS[0] | {"owner": "Somebody"}}

    async with facing(manifest(tmp_path, text(BY_KEY)), Interface(answer)) as at:
        listed: Any = (await at.ask(Entity.UNIT))[0]
        read: Any
        (read,) = await at.by_keys("U-1", entity=Entity.UNIT)
        assert (listed.unit_owner, listed.not_read) == (None, {"unit_owner"})
        assert (read.unit_owner, read.not_read) == ("Somebody", frozenset())
        owned = Predicate("unit_owner", Op.EQ, "Somebody")
        assert holds(listed, owned) is None
        assert holds(read, owned) is True
        view, _ = at.adapter.views[Entity.UNIT]
        assert view.late == {"unit_owner"}


def test_what_by_key_adds_must_be_a_field(tmp_path: Path) -> None:
    by_key = BY_KEY.replace("unit_owner", "marketplace")
    assert "marketplace is no field of these records" in problem(tmp_path, text(by_key))
