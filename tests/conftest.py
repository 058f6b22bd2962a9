"""What all tests share: patience, and in CI no test that is skipped for want of a tool."""

from __future__ import annotations

import re
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is slow at everything: how long an example takes says nothing of the code.
settings.register_profile(
    "steady", settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
)
settings.load_profile("steady")

# What a machine lacks, as skips say it. That captured payloads are not beside the repository, or
# that a registry does not publish something, says nothing of the machine.
LACKING = re.compile(r"not installed|\bneeds\b|cannot be built here|NODE_PACKAGES")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--no-skips", action="store_true", help="fail where a needed tool is missing (CI)"
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if item.config.getoption("--no-skips") and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if LACKING.search(reason):
            report.outcome = "failed"
            report.longrepr = f"skipped where nothing may be: {reason}"
    return report
