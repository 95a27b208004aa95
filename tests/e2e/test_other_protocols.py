"""Examples that measure what is no HTTP, against the real thing."""

from pathlib import Path

import pytest
from servers import postgresql

import sonagi

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.needs_postgresql
def test_queries_of_postgresql_are_measured_by_name(tmp_path: Path) -> None:
    with postgresql(tmp_path) as url:
        script = EXAMPLES / "postgresql/load_test.py"
        result = sonagi.run(script, env={"DATABASE": url, "DURATION": "1s"})
    assert result.passed, (result.thresholds, result.errors)
    for name in ("free seats", "book a seat"):
        assert 0 < result.p(95, "measure_duration", name=name) < 1
    assert result.share("measure_failed") == 0
