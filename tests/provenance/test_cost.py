"""What proof may cost, in the same run as what it is measured by."""

from __future__ import annotations

import pytest

from benchmarks.provenance import LIMIT, main, report


def test_the_default_level_costs_at_most_three_plain_hashes_and_a_signature(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # Best of many rounds, and once more: a busy machine may spoil a whole second.
    ratio = min(report(300, 60) for _ in range(2))
    assert ratio <= LIMIT, capsys.readouterr().out


def test_the_price_of_the_other_levels_is_stated(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--records", "30", "--rounds", "3"])
    out = capsys.readouterr().out
    assert "RECORDS costs" in out
    assert "STATEMENT + evidence costs" in out
