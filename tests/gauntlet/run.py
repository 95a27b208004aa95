"""`make gauntlet`: every scenario with every seed, scored. `python tests/gauntlet/run.py --only G06 --seeds 1`.

With `--keep DIR` the runs stay there, and are judged again and not run again by the next call.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import report
from around import AROUND
from conduct import Outcome, conduct
from scenarios import IN_ONE_SERVICE

ALL = {scenario.id: scenario for scenario in sorted((*IN_ONE_SERVICE, *AROUND), key=lambda one: one.id)}


def told(outcome: Outcome) -> str:
    """A line for whoever waits."""
    if not outcome.scores:
        return f"{outcome.scenario} seed {outcome.seed}: no effect, dropped"
    tiers = "  ".join(f"{score.tier} {score.top1:.1f} {score.leading or '-':4}" for score in outcome.scores)
    findings = [
        f"{finding.cause} {finding.role} {finding.confidence:.2f}"
        for finding in outcome.diagnoses["C"].findings
    ]
    return f"{outcome.scenario} seed {outcome.seed}: {tiers}  | {', '.join(findings)}"


def main() -> int:
    """Run, print, and record when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="scenarios, separated by commas")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--healthy", type=int, default=0, help="so many seeds more for those without a fault")
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, metavar="DIR")
    parser.add_argument("--record", action="store_true", help="write docs/gauntlet.md")
    asked = parser.parse_args()
    chosen = asked.only.split(",") if asked.only else list(ALL)
    if asked.keep:
        asked.keep.mkdir(parents=True, exist_ok=True)
    outcomes = []
    end = asked.first_seed + asked.seeds
    for seed in range(asked.first_seed, end + asked.healthy):
        for name in chosen if seed < end else [name for name in chosen if not ALL[name].label.primary]:
            outcomes.append(conduct(ALL[name], seed, asked.keep))
            print(told(outcomes[-1]), flush=True)
    print("\n".join(report.summary(outcomes)))
    if asked.record:
        report.record(outcomes, "make gauntlet")
    return 0


if __name__ == "__main__":
    sys.exit(main())
