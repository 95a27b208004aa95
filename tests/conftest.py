"""What every test shares: the language of messages, and one honest line about what was not tested.

A test that needs more than the project's own set-up says so with a marker (`@pytest.mark.needs_nginx`).
Where the need isn't met it skips, and the end of the run says in one line how many did and why. With
SONAGI_CI=1 a skip fails the run: what CI doesn't run stops working.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

# Marker: what it needs, and whether that is here.
NEEDS: dict[str, tuple[str, Callable[[], bool]]] = {
    "needs_root": ("root", lambda: hasattr(os, "geteuid") and os.geteuid() == 0),
    "needs_linux": ("Linux", lambda: sys.platform == "linux"),
    "needs_namespaces": (
        "root, ip and tc",
        lambda: (
            hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("tc", path=_wide_path()) is not None
        ),
    ),
    "needs_nginx": ("nginx", lambda: shutil.which("nginx", path=_wide_path()) is not None),
    "needs_redis": ("Redis", lambda: shutil.which("redis-server") is not None),
    "needs_chromium": ("Chromium", lambda: shutil.which("chromium") is not None),
    "needs_postgresql": ("PostgreSQL", lambda: shutil.which("pg_ctl", path=_wide_path()) is not None),
}


def _wide_path() -> str:
    """PATH and the folders of system services, which a normal user's PATH leaves out."""
    postgresql = map(str, Path("/usr/lib/postgresql").glob("*/bin"))  # where Debian keeps it
    return os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", *postgresql])


def pytest_configure(config: pytest.Config) -> None:
    # Tests read English sentences, whatever the machine speaks; those about Korean ask for it themselves.
    os.environ["SONAGI_LANG"] = "en"
    # Runs of tests are kept with the tests' own files, and not with those of whoever runs them.
    os.environ.setdefault("SONAGI_STORE", tempfile.mkdtemp(prefix="sonagi-tests-"))
    for marker, (need, _) in NEEDS.items():
        config.addinivalue_line("markers", f"{marker}: skipped where {need} is not there")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = {marker: need for marker, (need, there) in NEEDS.items() if not there()}
    for item in items:
        for marker, need in missing.items():
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=f"needs {need}"))


def _skip_reasons(reporter: pytest.TerminalReporter) -> Counter[str]:
    reasons: Counter[str] = Counter()
    for report in reporter.stats.get("skipped", []):
        text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reasons[text.removeprefix("Skipped: ")] += 1
    return reasons


def _skips_fail() -> bool:
    return os.environ.get("SONAGI_CI") == "1"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons = _skip_reasons(terminalreporter)
    if not reasons:
        return
    listed = ", ".join(f"{reason} ({count})" for reason, count in sorted(reasons.items()))
    end = "; in CI a skip is a failure" if _skips_fail() else ""
    terminalreporter.write_line(f"skipped {reasons.total()}: {listed}{end}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if _skips_fail() and reporter is not None and _skip_reasons(reporter) and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
