"""What all tests share: patience, what each costs, and in CI no test skipped for want of a tool."""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is slow at everything: how long an example takes says nothing of the code.
settings.register_profile(
    "steady", settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
)
# CI tries as many random examples as the library does by itself, a developer's run a quarter.
settings.register_profile("brief", settings.get_profile("steady"), max_examples=25)
settings.load_profile("steady" if os.environ.get("CI") else "brief")


# What a machine lacks, as skips say it. That captured payloads are not beside the repository, or
# that a registry does not publish something, says nothing of the machine.
LACKING = re.compile(r"not installed|\bneeds\b|cannot be built here|NODE_PACKAGES")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--no-skips", action="store_true", help="fail where a needed tool is missing (CI)"
    )


# What the summary says of the tests that `make test` runs: how many, of those that cost most.
DEAREST = 10
COST = "processor seconds"
# The files of all collected tests, by whether one of the file is slow and one is not.
KINDS = pytest.StashKey[dict[str, set[bool]]]()
BEGAN = pytest.StashKey[float]()


def spent() -> float:
    """Processor seconds of this process and of the programs it started and waited for."""
    return sum(os.times()[:4])


def is_slow(item: pytest.Item) -> bool:
    return item.get_closest_marker("slow") is not None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    # Before -m and -k take any away.
    kinds = config.stash.setdefault(KINDS, {})
    for item in items:
        values = getattr(getattr(item, "callspec", None), "params", {}).values()
        if any(value in mark.args for mark in item.iter_markers("slow_for") for value in values):
            item.add_marker(pytest.mark.slow)
        kinds.setdefault(item.nodeid.partition("::")[0], set()).add(is_slow(item))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collecting makes hundreds of thousands of objects that stay until the end: nobody looks for
    garbage among them, neither while they are made nor each time that it is looked for later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    item.stash[BEGAN] = spent()
    return (yield)


@pytest.fixture
def kinds(request: pytest.FixtureRequest) -> dict[str, set[bool]]:
    """For each file with tests: whether it has slow ones (True) and others (False)."""
    return request.config.stash[KINDS]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The dearest tests that are not marked slow; no test fails for it, since machines differ."""
    costs = {
        report.nodeid: dict(report.user_properties)[COST]
        for reports in terminalreporter.stats.values()
        for report in reports
        if COST in dict(getattr(report, "user_properties", ())) and "slow" not in report.keywords
    }
    if len(costs) > DEAREST:
        terminalreporter.section(f"{COST} of the {DEAREST} dearest tests not marked slow")
        for name in sorted(costs, key=lambda name: -costs[name])[:DEAREST]:
            terminalreporter.write_line(f"{costs[name]:6.2f}  {name}")
        total = sum(costs.values())
        terminalreporter.write_line(f"{total:6.0f}  all {len(costs)} of them together")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "teardown":
        # All that was done for the test until now: to its fixtures, by it, and after it.
        report.user_properties.append((COST, spent() - item.stash[BEGAN]))
    if item.config.getoption("--no-skips") and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if LACKING.search(reason):
            report.outcome = "failed"
            report.longrepr = f"skipped where nothing may be: {reason}"
    return report
