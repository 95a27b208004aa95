"""The first answers are slow and the rest is not: caches are empty, code is not compiled yet, pools are not
filled. Such seconds are no sign of too little capacity; they belong in a row of their own."""

from statistics import median

from sonagi.diagnose.confidence import cap, weigh
from sonagi.diagnose.not_observed import not_observed
from sonagi.diagnose.shape import warm_up
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Rival, Role, Said
from sonagi.model.quantity import Quantity
from sonagi.model.series import Series

CAUSE = "S22"
SLOWER = 2.0
"""The first answers take at least this times what later ones take, and `NOTICED` ms more."""
NOTICED = 5.0
DOMINATES = 0.05
"""Share of requests from which on the slow start decides the run's p95."""
MUCH_SLOWER, FELT = 10.0, 100.0
"""From both on (times, ms) a slow start is what is wrong with a run; less is how every server begins."""
FIRST_OF_ALL = 0.65
"""Most that a bare summary can make of it."""


def look(evidence: Evidence) -> Finding | None:
    """By the second where seconds were kept; else by the first answer that every user got."""
    return _by_second(evidence) if evidence.signal("load.p50") else _first_answers(evidence)


def _by_second(evidence: Evidence) -> Finding | None:
    times, requests = evidence.signal("load.p50"), evidence.signal("load.requests")
    cut = warm_up(times.values)
    if not cut:
        return None
    early, late = times.values[:cut], times.values[cut:]
    decayed = median(early[: cut // 2]) >= median(early[cut // 2 :])
    first, steady = max(early[: max(cut // 5, 1)]), median(late)
    if not decayed or first < SLOWER * steady or first - steady < NOTICED:
        return None
    start, until = times.at[0], times.at[cut - 1]
    asked = requests.between(start, until)
    if _more_at_first(asked, requests.between(times.at[cut], times.at[-1])):
        return None
    share = (asked.stat("sum") or 0) / max(requests.stat("sum") or 0, 1)
    longest = f"max(load.p50)[{start:g}..{times.at[max(cut // 5, 1) - 1]:g}]"
    values = {
        "until": Quantity(until, "s", f"mser5(load.p50)[{start:g}..{times.at[-1]:g}]"),
        "first": Quantity(first, "ms", longest),
        "steady": Quantity(steady, "ms", f"median(load.p50)[{times.at[cut]:g}..{times.at[-1]:g}]"),
        "share": Quantity(share, "share", f"sum(load.requests)[{start:g}..{until:g}] / requests"),
    }
    # One slow second among the first may be anything.
    second = sorted(early)[-2] if len(early) > 1 else 0.0
    matters = share >= DOMINATES and second >= max(MUCH_SLOWER * steady, FELT)
    return Finding(
        CAUSE,
        Role.ROOT if matters else Role.CONTRIBUTING,
        weigh(0.35, 4.0, 2.0 if cut > 5 else 1.0, cap=cap(evidence)),
        Said("shape.s22_title", values),
        (
            Proof(Said("shape.s22_decay", values), "client", start),
            Proof(Said("shape.s22_share", values), "arithmetic"),
        ),
        Said("shape.s22_action", values),
        weight=share,
        onset=start,
        rivals=(Rival("C16", Said("shape.s22_or_burst")),),
        against=not_observed(evidence, "metrics"),
    )


def _more_at_first(early: Series, late: Series) -> bool:
    """Whether the first seconds had more to do: slower answers need no warm-up then."""
    return (early.stat("mean") or 0) > 1.3 * (late.stat("median") or 0)


def _first_answers(evidence: Evidence) -> Finding | None:
    """A script that adds requests / elapsed seconds after each answer, as many do to see a rate, tells with
    its largest value how long the quickest first answer took: 1 / value. Each user counts alone there, so
    the metric's median is the rate of one user, which is how it is recognised."""
    users, rate, tail = evidence.users, evidence.rate, evidence.trend("http_req_duration").percentiles
    longest = evidence.trend("http_req_duration{expected_response:true}").max
    usual = tail[max(tail)] if tail else None
    if not (users and rate and usual and longest) or longest.value < 5 * usual.value:
        return None
    for name in evidence.custom:
        shown = evidence.trend(name)
        if shown.med is None or shown.max is None or abs(shown.med.value / (rate / users) - 1) > 0.1:
            continue
        quickest = 1000 / shown.max.value
        if quickest > 3 * usual.value:
            return _slow_first(evidence, name, quickest)
    return None


def _slow_first(evidence: Evidence, metric: str, quickest: float) -> Finding:
    duration = evidence.trend("http_req_duration")
    percent = max(duration.percentiles)
    values = {
        "users": Quantity(evidence.users, "count", "users"),
        "quickest": Quantity(quickest, "ms", f"1 s / max({metric})"),
        "usual": Quantity(duration.percentiles[percent].value, "ms", f"p{percent:g}(http_req_duration)"),
        "longest": Quantity(duration.max.value if duration.max else 0, "ms", "http_req_duration.max"),
    }
    return Finding(
        CAUSE,
        Role.CONTRIBUTING,
        FIRST_OF_ALL,
        Said("shape.s22_first_title", values),
        (
            Proof(Said("shape.s22_first", {"metric": metric, **values}), "arithmetic"),
            Proof(Said("shape.s22_longest", values), "client"),
        ),
        Said("shape.s22_first_action", values),
        weight=min(evidence.users / (evidence.requests or 1), 1.0),
        onset=0.0,
        against=not_observed(evidence, "seconds"),
        rivals=(Rival("C16", Said("shape.s22_or_burst")), Rival("S12", Said("shape.s22_or_rare"))),
    )
