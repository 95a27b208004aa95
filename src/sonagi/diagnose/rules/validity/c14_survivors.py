"""Times of successes and failures in one figure: fast failures make a server look faster, and where nothing
succeeded there is no response time at all."""

from sonagi.diagnose.arithmetic import mean_of_failures
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Role, Said, Verdict
from sonagi.model.quantity import Quantity, Reading
from sonagi.model.traffic import FailureKind

CAUSE = "C14"
SHARE = 0.01
"""Of failures, from which on a percentile that people read may be one of them."""
PULLS = 0.1
"""By so much of itself must the mean be off."""
OK = "http_req_duration{expected_response:true}"


def look(evidence: Evidence) -> Finding | None:
    """Compares all with successes. Failures that are timeouts are C13's."""
    if not evidence.requests or evidence.failed is None or evidence.failed_share is None:
        return None
    if evidence.failed == evidence.requests:
        return _nothing_valid(evidence)
    every, ok = evidence.trend("http_req_duration").avg, evidence.trend(OK).avg
    if every is None or ok is None or evidence.failed_share < SHARE or not _pulls(every, ok):
        return None
    bad = mean_of_failures(evidence.requests, evidence.failed, every, ok)
    if bad is None or (bad.value > ok.value and evidence.failures_of(FailureKind.TIMEOUT)):
        return None
    if bad.value >= 0.9 * evidence.timeout * 1000:
        return None
    how = f"(requests * http_req_duration.avg - (requests - failed) * {OK}.avg) / failed"
    values = {
        "failed": Quantity(evidence.failed, "count", "failed"),
        "share": Quantity(evidence.failed_share, "share", "failed / requests"),
        "all": Quantity(every.value, "ms", "http_req_duration.avg"),
        "ok": Quantity(ok.value, "ms", f"{OK}.avg"),
        "bad": Quantity(bad.value, "ms", how),
    }
    fast = bad.value < ok.value
    return Finding(
        CAUSE,
        Role.VALIDITY,
        0.97,
        Said("validity.c14_title_fast" if fast else "validity.c14_title_slow", values),
        (Proof(Said("validity.c14_means", values), "arithmetic"),),
        Said("validity.c14_action"),
        weight=min(abs(every.value / ok.value - 1), 1.0),
        voids=("http_req_duration",),
        verdict=Verdict.SUSPECT,
    )


def _pulls(every: Reading, ok: Reading) -> bool:
    """Whether the means differ by more than their digits leave open."""
    return every.high < (1 - PULLS) * ok.low or every.low > (1 + PULLS) * ok.high


def _nothing_valid(evidence: Evidence) -> Finding:
    values = {"failed": Quantity(evidence.failed or 0, "count", "failed")}
    met = [goal.source or goal.metric for goal in evidence.goals if _is_of_time(goal.metric) and goal.ok]
    empty = [Proof(Said("validity.c14_vacuous", {"goal": met[0]}), "client")] if met else []
    return Finding(
        CAUSE,
        Role.VALIDITY,
        0.99,
        Said("validity.c14_title_none", values),
        (Proof(Said("validity.c14_none", values), "client"), *empty),
        Said("validity.c14_action_none"),
        weight=0.3,
        voids=("http_req_duration",),
        verdict=Verdict.SUSPECT,
    )


def _is_of_time(metric: str) -> bool:
    return metric.startswith(("http_req_duration", "http_req_waiting", "http_req_receiving"))
