"""What was heard of a run becomes evidence."""

from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING

from sonagi.model.evidence import Evidence, Sense
from sonagi.model.quantity import Reading
from sonagi.model.traffic import FailureKind, Failures
from sonagi.store import numbers
from sonagi.store.loads import loads

if TYPE_CHECKING:
    from sonagi.store.recording import Recording

TIMED_OUT = 1050
"""k6's error code for a request that ran out of time."""


def gathered(recording: "Recording") -> Evidence:
    """All that is known by now."""
    ledger, plan, traffic, watched = recording.ledger, recording.plan, recording.traffic, recording.watched
    totals = ledger.totals
    began = recording.began or 0.0
    shown = numbers.shown_in(plan.summary_trend_stats)
    kinds = numbers.kinds_of_requests(totals)
    counters, rates = numbers.counters(totals), numbers.rates(totals)
    users = totals.gauge("vus")
    ending = recording.ending
    seconds = _load_seconds(recording)
    # The last second of load is a shorter one.
    most = inf if recording.ended is None or seconds is None else seconds
    failures = traffic.failures(ledger.samples, most)
    return Evidence(
        source=recording.source,
        tool="sonagi",
        seen=_senses(recording),
        began=recording.began_wall,
        loads=loads(plan, totals, recording.about.script),
        seconds=seconds,
        requests=int(counters.get("http_reqs", 0)),
        failed=rates.get("http_req_failed", (0, 0))[0],
        iterations=int(counters.get("iterations", 0)),
        interrupted=ledger.interrupted,
        dropped=int(counters.get("dropped_iterations", 0)),
        vus=None if users is None else (int(users[0]), int(users[1]), int(users[2])),
        sent=Reading.exact(counters.get("data_sent", 0.0)),
        received=Reading.exact(counters.get("data_received", 0.0)),
        checks=numbers.checks(totals),
        trends=numbers.trends(totals, shown),
        rates=rates,
        counters=counters,
        custom=numbers.custom_times(totals),
        goals=numbers.goals(totals, ending.thresholds if ending else ()),
        warnings=tuple(recording.warnings),
        endpoints=numbers.endpoints(totals, kinds, shown),
        answers=traffic.answers(),
        failures=failures,
        connects=traffic.connects,
        reused=traffic.reused,
        exceptions=tuple(
            (f"{error.kind}: {error.message} ({error.place})", error.count)
            for error in ledger.errors.values()
        ),
        blocked=tuple((place, float(ms)) for place, ms in ledger.blocked.items()),
        names=len({tags["name"] for tags in kinds}),
        series_capped=any(key == "warning.series_cap" for _, key in recording.warnings),
        signals={name: track.series(most=most) for name, track in recording.seconds.all().items()}
        | watched.signals(began),
        log=watched.log(began),
        events=watched.events(began),
        script=recording.about.script,
        stamps=ending.stamps if ending else "",
        settings={"keep_alive": "off" if plan.http.no_connection_reuse else "on"},
        timeout=_timeout(failures, plan.http.timeout),
        connect_timeout=plan.http.connect_timeout,
        unseen=tuple(watched.unseen),
    )


def _timeout(failures: Sequence[Failures], planned: float) -> float:
    """Seconds that requests were given: a script may give each its own, which those that ran out of it
    show."""
    kinds = (FailureKind.TIMEOUT, FailureKind.CUT_OFF)
    late = [one for one in failures if one.kind in kinds and one.code == TIMED_OUT and one.duration.med]
    if not late:
        return planned
    most = max(late, key=lambda one: one.count)
    shown = most.duration.med
    return round(shown.value / 1000, 1) if shown is not None else planned


def _senses(recording: "Recording") -> frozenset[Sense]:
    seen: set[Sense] = {"client", *recording.watched.senses}
    if recording.seconds.all():
        seen.add("seconds")
    if recording.about.script.think is not None:
        seen.add("script")
    return frozenset(seen)


def _load_seconds(recording: "Recording") -> float | None:
    """How long load was made: until it ended, or until the last that was heard of it."""
    if recording.began is None:
        return None
    if recording.ended is not None:
        return recording.ended - recording.began
    return recording.last
