"""Requests that were sent and had no answer when the client's patience ended."""

from sonagi.model.evidence import Evidence
from sonagi.model.quantity import Quantity
from sonagi.model.traffic import FailureKind

AT = 0.99
"""Part of the timeout that counts as the timeout: a summary rounds."""


def unanswered(evidence: Evidence) -> Quantity | None:
    """The share of requests that ended at the timeout: counted, or at least so many by the percentiles that
    a summary shows. None where that cannot be told."""
    if not evidence.requests:
        return None
    if evidence.failures:
        late = evidence.failures_of(FailureKind.TIMEOUT, FailureKind.CUT_OFF)
        return Quantity(late / evidence.requests, "share", "failures(timeout, cut_off) / requests")
    times = evidence.trend("http_req_duration")
    shown = {50.0: times.med, **times.percentiles}
    censored = [
        percent
        for percent, reading in shown.items()
        if reading is not None and reading.value >= AT * evidence.timeout * 1000
    ]
    if not censored:
        return None
    lowest = min(censored)
    return Quantity(
        1 - lowest / 100, "share", f"1 - {lowest:g} / 100: http_req_duration.p({lowest:g}) >= timeout"
    )
