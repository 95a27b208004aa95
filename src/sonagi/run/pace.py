"""Each second of a run, as it is shown while the run goes on."""

from collections.abc import Mapping

from sonagi.model.watcher import LiveSample
from sonagi.plan.plan import Plan
from sonagi.store.ledger import Ledger

SHORTEST = 0.5
"""Seconds over which a rate says something: where a worker was late, two seconds are shown close together."""


class Pace:
    """Turns totals into what is shown each second."""

    def __init__(self, ledger: Ledger, plan: Plan) -> None:
        self.ledger = ledger
        self.total = plan.total
        self.scenarios = [scenario.name for scenario in plan.scenarios]
        asked = [info.iterations_asked for info in plan.infos]
        self.iterations_total = None if None in asked else sum(filter(None, asked))
        self.before = (0.0, 0.0)
        self.rate = 0.0

    def sample(
        self, elapsed: float, *, held: bool = False, server: Mapping[str, float] | None = None
    ) -> LiveSample:
        """Now, `elapsed` seconds after the start of load; `held` while no iterations begin, `server` are the
        latest signals of its side."""
        totals = self.ledger.totals
        requests = totals.counter("http_reqs") or 0.0
        then, counted = self.before
        span = elapsed - then
        if span >= SHORTEST:
            self.rate = (requests - counted) / span
            self.before = (elapsed, requests)
        duration = totals.trend("http_req_duration")
        failed = totals.rate("http_req_failed")
        return LiveSample(
            elapsed=elapsed,
            total=self.total,
            vus=sum(self.ledger.active.values()),
            iterations=int(totals.counter("iterations") or 0),
            iterations_total=self.iterations_total,
            requests_per_second=self.rate,
            p95_ms=duration.percentile(95) if duration else None,
            iterations_by_scenario={
                name: int(totals.counter("iterations", {"scenario": name}) or 0) for name in self.scenarios
            },
            failed_share=failed[0] / failed[1] if failed and failed[1] else 0.0,
            server=dict(server or {}),
            held=held,
        )
