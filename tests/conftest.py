"""What all tests share: in CI, a test that is skipped for want of a tool is a failure."""

from __future__ import annotations

import re
from collections.abc import Generator

import pytest

# Skips that say something of the data, not of the machine. The captured payloads lie beside the
# repository on some machines only.
ALLOWED = re.compile(r"\.\./shared|does not publish|no captured payloads|no IPv6|not a git checkout")


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
        if not ALLOWED.search(reason):
            report.outcome = "failed"
            report.longrepr = f"skipped where nothing may be: {reason}"
    return report
