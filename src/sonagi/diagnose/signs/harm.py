"""How much of a run went wrong in a way that a server's limits can explain, where, and since when."""

from dataclasses import dataclass

from sonagi.diagnose.anatomy import counted
from sonagi.diagnose.signs.queueing import Queue, queue, slow_share
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Proof, Said
from sonagi.model.quantity import Quantity
from sonagi.model.traffic import Endpoint, FailureKind

LIMITS = (
    FailureKind.TIMEOUT,
    FailureKind.CUT_OFF,
    FailureKind.RESET,
    FailureKind.REFUSED,
    FailureKind.CONNECT_TIMEOUT,
    FailureKind.OTHER,
)
"""Ways to fail of a server that has too much to do. Statuses 500 to 599 are too; 4xx are answers."""
SERVER_ERRORS = range(500, 600)
NOTABLE = 0.05
"""Share of requests that must have failed or been slow before anything has to be explained."""
HEAVY = 0.2
"""Share from which on chance failures, a few slow seconds or one bad kind of request are no explanation."""
CONCENTRATED = 0.6
"""Share of it that one kind of request must have for the finding to be about that kind."""


@dataclass(frozen=True, slots=True)
class Harm:
    """`failed` of `requests` failed; of the rest the share `slow` took much longer than it can."""

    failed: int
    requests: int
    slow: float
    onset: float | None
    scope: str
    how: str
    queue: Queue | None

    @property
    def share(self) -> float:
        """Of all requests, those that failed or were slow."""
        failed = self.failed / self.requests if self.requests else 0.0
        return failed + (1 - failed) * self.slow

    @property
    def ratio(self) -> float:
        """How much more likely such harm is where something of the server's is used up than where not."""
        return 3.0 if self.share >= HEAVY else 1.5

    @property
    def notable(self) -> bool:
        """Whether there is anything to explain."""
        return self.share >= NOTABLE

    def proof(self) -> Proof:
        """What went wrong, as a sentence: failures, else how long requests waited."""
        if self.queue is not None and self.failed < self.requests * NOTABLE:
            return self.queue.proof()
        values = {
            "failed": Quantity(self.failed, "count", self.how),
            "requests": Quantity(self.requests, "count", "requests"),
        }
        return Proof(Said("server.failed", values), "client", self.onset)


def harm(evidence: Evidence) -> Harm:
    """What the run's requests suffered."""
    requests = evidence.requests or 0
    if evidence.failures:
        limits = counted(evidence, *LIMITS)
        errors = counted(evidence, FailureKind.STATUS, status=SERVER_ERRORS)
        failed, how = int(limits.value + errors.value), f"{limits.how} + {errors.how}"
    else:
        failed, how = evidence.failed or 0, "failed"
    waiting = queue(evidence)
    slow = slow_share(evidence, waiting) if waiting is not None else 0.0
    onset = _onset(evidence)
    return Harm(failed, requests, slow, onset, _scope(evidence, failed), how, waiting)


def _onset(evidence: Evidence) -> float | None:
    """The first second of which a notable share failed, or from which on answers were slow."""
    requests = dict(evidence.signal("load.requests"))
    failing = next(
        (
            at
            for at, failed in evidence.signal("load.failed")
            if at >= 0 and failed and failed >= NOTABLE * requests.get(at, 0.0)
        ),
        None,
    )
    waiting = queue(evidence)
    firsts = [at for at in (failing, waiting.onset if waiting else None) if at is not None]
    return min(firsts, default=None)


def _scope(evidence: Evidence, failed: int) -> str:
    """The kind of request that has most of the failures, or of the time when there are few."""
    if not evidence.endpoints:
        return ""

    def burden(endpoint: Endpoint) -> float:
        if failed >= NOTABLE * (evidence.requests or 1):
            return float(endpoint.failed)
        return endpoint.requests * (endpoint.ok.avg.value if endpoint.ok.avg else 0.0)

    worst = max(evidence.endpoints, key=burden)
    total = sum(map(burden, evidence.endpoints))
    return worst.title if total and burden(worst) >= CONCENTRATED * total else ""
