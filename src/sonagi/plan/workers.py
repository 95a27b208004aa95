"""How many workers make the load."""

from math import floor

from sonagi.plan.plan import Plan
from sonagi.plan.problems import PlanError, Problem

AUTO = "auto"
MOST = 1000
"""Beyond that a number is a slip of the finger: no machine has so many cores."""
REDISTRIBUTE, STOP = "redistribute", "stop"
LOSS = (REDISTRIBUTE, STOP)
"""What may be done when a worker dies."""


def asked_workers(value: str | int | None) -> int | None:
    """The number that was asked for; None where it is left to us. Raises PlanError."""
    if value is None or value == AUTO:
        return None
    count = int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
    if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= MOST:
        raise PlanError([Problem("workers", "--workers", {"value": value, "most": MOST})])
    return count


def asked_on_loss(value: str) -> str:
    """What to do when a worker dies. Raises PlanError."""
    if value not in LOSS:
        raise PlanError([Problem("worker_loss", "--on-worker-loss", {"value": value})])
    return value


def how_many(asked: int | None, cores: float, plan: Plan) -> int:
    """Workers for `plan` on a machine that gives us `cores`, one of them for the coordinator. A worker
    without users would have nothing to do: there are no more workers than users."""
    users = sum(plan.segment.count(scenario.vus) for scenario in plan.scenarios)
    wanted = max(floor(cores) - 1, 1) if asked is None else asked
    return min(wanted, max(users, 1))
