"""What proof costs is measured by `python -m benchmarks.provenance`, which says all of it.

How much that is depends on what else the machine does, so no test holds the ratio.
"""

from __future__ import annotations

import pytest

from benchmarks.provenance import LIMIT, main


def test_the_price_of_every_level_is_stated_beside_the_limit(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["--records", "30", "--rounds", "3"])
    out = capsys.readouterr().out
    assert "RECORDS costs" in out
    assert "STATEMENT + evidence costs" in out
    assert f"(limit {LIMIT:.0f})" in out
