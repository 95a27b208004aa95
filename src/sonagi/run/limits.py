"""What the system gives and allows for a run: cores, open files; and certificates that can be read."""

import os
import re
import resource
import sys
from pathlib import Path

from sonagi.load.descriptors import SPARE, allow_descriptors
from sonagi.locale import text
from sonagi.plan.plan import Plan
from sonagi.plan.problems import PlanError, Problem
from sonagi.probes.cgroup import Cgroup


def most_vus() -> int:
    """Users that the system would allow descriptors for."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 2**31 if hard == resource.RLIM_INFINITY else max(hard - SPARE, 1)


def cores() -> float:
    """Those that this process may use: of the machine, less by its affinity or by its control groups'
    quota."""
    if sys.platform != "linux":
        return float(os.cpu_count() or 1)
    quota = Cgroup(os.getpid()).look().get("cgroup.cpu_limit")
    allowed = float(len(os.sched_getaffinity(0)))
    return min(allowed, quota) if quota else allowed


def check_descriptors(plan: Plan, workers: int) -> None:
    """Raise the limit of open files for a plan's users, who are `workers` processes'. Raises PlanError when
    the system allows less than any of them needs, with that number. Users who come as they are needed don't
    count."""
    certain = sum(plan.segment.count(scenario.vus) for scenario in plan.scenarios if not scenario.grows)
    vus = -(-certain // max(workers, 1))
    need, (_, hard) = vus + SPARE, resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < need:
        raise PlanError([Problem("descriptors", "ulimit -n", {"need": need, "have": hard, "vus": vus})])
    allow_descriptors(plan.vus)


def unread_pem(path: str, marker: str) -> str | None:
    """Why the PEM file at `path` has no `marker`, such as a CERTIFICATE; None where it has."""
    try:
        content = Path(path).read_text(encoding="ascii", errors="replace")
    except OSError as error:
        return error.strerror or str(error)
    if re.search(rf"-----BEGIN ([A-Z0-9]+ )*{marker}-----", content) is None:
        return text("plan.pem_without", marker=marker)
    return None
