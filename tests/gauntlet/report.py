"""docs/gauntlet.md: how often the diagnosis is right, with intervals."""

from __future__ import annotations

import platform
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

import scoring
from conduct import TIERS, Outcome
from scipy.stats import beta
from scoring import Score

if TYPE_CHECKING:
    from collections.abc import Sequence

PAGE = Path(__file__).resolve().parents[2] / "docs/gauntlet.md"
BARS = {"A": 0.55, "C": 0.85}
MEANS = {
    "A": "client only",
    "B": "client, host, process",
    "C": "client, host, process, logs, metrics",
}


def summary(outcomes: Sequence[Outcome]) -> list[str]:
    """The lines of the tables: how often the fault was found, and how often one was found that is not there."""
    scores = [score for outcome in outcomes for score in outcome.scores]
    lines = [
        "| telemetry | faults | Top-1 (95 %) | bar | Top-3 | F1 | numbers right | ECE |",
        "| --- |" + " ---: |" * 7,
    ]
    for tier in TIERS:
        of_tier = [score for score in scores if score.tier == tier and not score.healthy]
        if not of_tier:
            continue
        mean, low, high = scoring.top1(of_tier)
        bar = f"{BARS[tier]:.2f}" if tier in BARS else ""
        cells = [
            f"{tier}: {MEANS[tier]}",
            str(len(of_tier)),
            f"{mean:.2f} ({low:.2f}–{high:.2f})",
            bar,
            f"{fmean(score.top3 for score in of_tier):.2f}",
            f"{scoring.f1(of_tier):.2f}",
            f"{scoring.evidence_right(of_tier):.3f}",
            f"{scoring.calibration(of_tier)[1]:.2f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    slowest = max((outcome.seconds for outcome in outcomes), default=0.0)
    dropped = [f"{outcome.scenario}/{outcome.seed}" for outcome in outcomes if not outcome.scores]
    lines += ["", *(alarms(scores, tier) for tier in TIERS), "", f"Slowest diagnosis: {slowest:.2f} s."]
    if dropped:
        lines.append(f"Dropped, for the fault had no effect: {', '.join(dropped)}.")
    return lines + ["", *by_scenario(scores)]


def alarms(scores: Sequence[Score], tier: str) -> str:
    """Of the healthy runs, those with a cause, and the share that may be behind it (one-sided, 95 %)."""
    false, healthy = scoring.false_alarms(score for score in scores if score.tier == tier)
    most = beta.ppf(0.95, false + 1, healthy - false) if healthy > false else 1.0
    return f"- False alarms, {MEANS[tier]}: {false} of {healthy} healthy runs, so {most:.1%} at most."


def by_scenario(scores: Sequence[Score]) -> list[str]:
    """Each scenario: Top-1 of each tier, and what was named first."""
    lines = [
        "| scenario | A | B | C | named first with all telemetry |",
        "| --- | ---: | ---: | ---: | --- |",
    ]
    for scenario in sorted({score.scenario for score in scores}):
        mine = [score for score in scores if score.scenario == scenario]
        means = []
        for tier in TIERS:
            values = [score.top1 for score in mine if score.tier == tier]
            means.append(f"{fmean(values):.2f}" if values else "–")
        first = Counter(score.leading or "nothing" for score in mine if score.tier == "C")
        named = ", ".join(f"{count} × {cause}" for cause, count in first.most_common())
        lines.append(f"| {scenario} | {' | '.join(means)} | {named} |")
    return lines


def record(outcomes: Sequence[Outcome], command: str) -> None:
    """Replace the figures of the page; what stands above them stays."""
    head, _, _ = PAGE.read_text(encoding="utf-8").partition("## Figures")
    seeds = sorted({outcome.seed for outcome in outcomes})
    figures = [
        f"## Figures, {datetime.now(UTC):%Y-%m-%d}",
        "",
        f"2 cores, Linux {platform.release()}, Python {platform.python_version()}; `{command}`; seeds {seeds}",
        "",
        *summary(outcomes),
    ]
    PAGE.write_text(head + "\n".join(figures) + "\n", encoding="utf-8")
