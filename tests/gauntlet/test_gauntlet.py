"""Four scenarios with one seed, whole: a server with a fault, a load, and the right cause in front."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from run import ALL, conduct


@pytest.mark.parametrize("name", ["G03", "G05", "G17"])
def test_the_cause_is_named_first(name: str) -> None:
    outcome = conduct(ALL[name], seed=1)
    assert outcome.scores, "the fault had no effect"
    with_all = outcome.scores[-1]
    assert with_all.top1 == 1.0, with_all.leading
    assert with_all.evidence_wrong == 0
    assert outcome.seconds < 1.0


@pytest.mark.needs_namespaces
@pytest.mark.needs_nginx
def test_a_rate_limit_is_told_from_a_server_that_fails() -> None:
    outcome = conduct(ALL["G12"], seed=1)
    assert outcome.scores, "the fault had no effect"
    assert outcome.scores[-1].leading == "S19"


def test_a_healthy_run_is_left_in_peace() -> None:
    outcome = conduct(ALL["G01"], seed=1)
    assert outcome.scores, "the healthy server was not healthy"
    assert not any(score.false_alarm for score in outcome.scores)
