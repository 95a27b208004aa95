"""What the system must allow for a run: open files, one per connection and some to spare; and certificates
that can be read."""

import re
import resource
from pathlib import Path

from sonagi.locale import text
from sonagi.plan.plan import Plan
from sonagi.plan.problems import PlanError, Problem

SPARE = 256


def most_vus() -> int:
    """Users that the system would allow descriptors for."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 2**31 if hard == resource.RLIM_INFINITY else max(hard - SPARE, 1)


def allow_descriptors(plan: Plan) -> None:
    """Raise the limit of open files to what the plan's users need; workers inherit it. Raises PlanError when
    the system allows less, with the number that is needed. Users who come as they are needed don't count."""
    certain = sum(scenario.vus for scenario in plan.scenarios if not scenario.grows)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = float("inf") if hard == resource.RLIM_INFINITY else hard
    if limit < certain + SPARE:
        values = {"need": certain + SPARE, "have": hard, "vus": certain}
        raise PlanError([Problem("descriptors", "ulimit -n", values)])
    need = int(min(plan.vus + SPARE, limit))
    if soft != resource.RLIM_INFINITY and soft < need:
        resource.setrlimit(resource.RLIMIT_NOFILE, (need, hard))


def unread_pem(path: str, marker: str) -> str | None:
    """Why the PEM file at `path` has no `marker`, such as a CERTIFICATE; None where it has."""
    try:
        content = Path(path).read_text(encoding="ascii", errors="replace")
    except OSError as error:
        return error.strerror or str(error)
    if re.search(rf"-----BEGIN ([A-Z0-9]+ )*{marker}-----", content) is None:
        return text("plan.pem_without", marker=marker)
    return None
