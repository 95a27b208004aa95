"""The pytest fixture `load`: a load test as an assertion.

    def test_browsing_is_quick(load):
        assert load(browse, vus=20, duration="5s").p(95) < 0.2

When the test fails, pytest's report shows the summary of each load that it made.
"""

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sonagi.model.result import Result

_MADE = pytest.StashKey["list[Result]"]()


@pytest.fixture
def load(request: pytest.FixtureRequest) -> "Callable[..., Result]":
    """`sonagi.run`, whose summary is shown when the test fails."""
    made = request.node.stash.setdefault(_MADE, [])

    def make_load(script: Any, **keywords: Any) -> "Result":
        # Imported when it is wanted: pytest loads this plugin for every project that has Sonagi installed.
        from sonagi.run.api import run

        result = run(script, **keywords)
        made.append(result)
        return result

    return make_load


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the summaries to the report of a test that failed."""
    report = yield
    if report.when == "call" and report.failed:
        for result in item.stash.get(_MADE, []):
            from sonagi.report.summary import render

            report.sections.append(("load test", render(result, width=100)))
    return report
