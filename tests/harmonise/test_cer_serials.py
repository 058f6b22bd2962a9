"""CDM references in serials of CERs: both ends agree, and what is not sure is not said."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gateway.harmonise.cer_serials import cdm_reference


@pytest.mark.parametrize(
    "serial",
    [
        "RW-5-1463953-2-2-0-7014 - RW-5-1467609-2-2-0-7014",
        "RW-5-1463953-2-2-0-7014 to RW-5-1467609-2-2-0-7014",
        "RW-5-1463953-2-2-0-7014-RW-5-1467609-2-2-0-7014",
        "RW-5-1463953-2-2-0-7014 RW-5-1467609-2-2-0-7014",
        "RW-5-\u00a01463953-2-2-0-7014 -\u00a0RW-5-1467609 -2-2-0-7014 ",
        "RW-5-1463953-2-2-0-7014 \u2013 RW-5-1467609-2-2-0-7014",
        "RW-05-00-1463953-01-01-000-7014-RW-05-00-1467609-01-01-000-7014",
        "R-5-1463953-2-2-0-7014 - RW5-1467609-2-2-0-7014",
        "RW-5-1463953-2-2-07014 - RW-5-1467609-2-2-07014",
    ],
)
def test_the_last_number_is_the_reference(serial: str) -> None:
    assert cdm_reference(serial, Decimal(3657)) == "7014"


@pytest.mark.parametrize(
    "serial",
    [
        None,
        "",
        "GS1-1-KE-GS7495-16-2025-30645-608-30350",
        "608 - 30350",
        "RW-5-1463953-2-2-0-7014",
        "RW-5-1463953-2-2-0-7014 - RW-5-1467609-2-2-0-7015",
        "RW-5-1467609-2-2-0-7014 - RW-5-1463953-2-2-0-7014",
        "RW-5-1463953-2-2-0-7014 - RW-5-1467609-2-2-07014",
        "RW-1-1463953-2-2-0-7014 - RW-1-1467609-2-2-0-7014",
        "RW-5-1463953-2-2-0-0 - RW-5-1467609-2-2-0-0",
        "RW-5-1463953-2-2-9-7014 - RW-5-1467609-2-2-9-7014",
        "RW-5-1463953-2-2-0-7014 - RW-5-1467609-2-2-0-7014" + " " * 200,
    ],
)
def test_what_is_no_range_of_one_project_names_none(serial: str | None) -> None:
    assert cdm_reference(serial, 3657) is None


@pytest.mark.parametrize("count", [None, 3656, Decimal("3657.5")])
def test_digits_in_one_number_need_the_rest_to_fit(count: int | Decimal | None) -> None:
    glued = "RW-5-1463953-2-2-07014 - RW-5-1467609-2-2-07014"
    assert cdm_reference(glued, count) is None
    assert cdm_reference(glued.replace("2-07014", "2-0-7014"), count) == "7014"
