"""Too few samples for what is read from them: a percentile that the greatest value decides, a rate of
failures that could be larger than its limit though none was seen."""

import re
from dataclasses import dataclass

from sonagi.diagnose.intervals import most_when_none, samples_for
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Role, Said, Verdict
from sonagi.model.quantity import Quantity
from sonagi.model.traffic import Goal

CAUSE = "C15"
PERCENTILE = re.compile(r"p\((\d+(?:\.\d+)?)\)")
RATE = re.compile(r"rate\s*<=?\s*(\d*\.?\d+)")
HIGHEST = 99.0
"""What summaries show; beyond it, people ask on purpose."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A percentile that so many samples don't bound."""

    percent: float
    samples: int

    @property
    def needed(self) -> int:
        """Samples that would bound it."""
        return samples_for(self.percent)


def look(evidence: Evidence) -> Finding | None:
    """A goal that can't be decided, else a percentile that is shown. Without a success there is no sample."""
    if not evidence.requests or evidence.failed == evidence.requests:
        return None
    goals = [
        (goal, unknown) for goal in evidence.goals if (unknown := _undecided(goal, evidence)) is not None
    ]
    if goals:
        goal, unknown = max(goals, key=lambda one: one[1].needed)
        return _of_percentile(unknown, Verdict.SUSPECT, goal)
    shown = _shown(evidence)
    if shown is not None:
        return _of_percentile(shown, Verdict.VALID)
    return next((found for goal in evidence.goals if (found := _of_rate(goal, evidence))), None)


def _undecided(goal: Goal, evidence: Evidence) -> Unknown | None:
    match = PERCENTILE.search(goal.source)
    samples = goal.samples if goal.samples is not None else _samples(evidence)
    if match is None or samples is None or not 0 < float(match[1]) < 100:
        return None
    unknown = Unknown(float(match[1]), samples)
    return unknown if samples < unknown.needed else None


def _samples(evidence: Evidence) -> int | None:
    count = evidence.trend("http_req_duration").count
    return evidence.requests if count is None else count


def _shown(evidence: Evidence) -> Unknown | None:
    """The lowest percentile of those shown that isn't known; None when all are."""
    samples = _samples(evidence)
    percents = [
        percent for percent in evidence.trend("http_req_duration").percentiles if 50 < percent <= HIGHEST
    ]
    unknown = [one for one in percents if samples is not None and samples < samples_for(one)]
    return Unknown(min(unknown), samples) if unknown and samples is not None else None


def _of_percentile(unknown: Unknown, verdict: Verdict, goal: Goal | None = None) -> Finding:
    name = f"p{unknown.percent:g}"
    beyond = unknown.samples * (1 - unknown.percent / 100)
    share = f"{unknown.percent / 100:g}"
    values = {
        "percentile": name,
        "samples": Quantity(unknown.samples, "count", "samples"),
        "needed": Quantity(unknown.needed, "count", f"floor(log(0.025) / log({share})) + 1"),
        "beyond": Quantity(beyond, "plain", f"samples * (1 - {share})"),
        "goal": goal.source if goal else "",
    }
    return Finding(
        CAUSE,
        Role.VALIDITY,
        0.97,
        Said("validity.c15_title_goal" if goal else "validity.c15_title", values),
        (Proof(Said("validity.c15_beyond", values), "arithmetic"),),
        Said("validity.c15_action", values),
        weight=0.3 if goal else 0.1,
        voids=(f"http_req_duration p({unknown.percent:g})",),
        verdict=verdict,
    )


def _of_rate(goal: Goal, evidence: Evidence) -> Finding | None:
    """A limit of failures that was met with none, by too few to tell."""
    match, requests = RATE.search(goal.source), evidence.requests
    if match is None or not goal.metric.startswith("http_req_failed") or not goal.ok:
        return None
    if evidence.failed or not requests:
        return None
    limit, most = float(match[1]), most_when_none(requests)
    if limit <= 0 or most <= limit:
        return None
    values = {
        "requests": Quantity(requests, "count", "requests"),
        "most": Quantity(most, "share", "1 - 0.05 ** (1 / requests)"),
        "goal": goal.source,
        "needed": Quantity(round(3 / limit), "count", f"round(3 / {limit:g})"),
    }
    return Finding(
        CAUSE,
        Role.VALIDITY,
        0.95,
        Said("validity.c15_title_rate", values),
        (Proof(Said("validity.c15_rate", values), "arithmetic"),),
        Said("validity.c15_action", values),
        weight=0.1,
        voids=("http_req_failed",),
    )
