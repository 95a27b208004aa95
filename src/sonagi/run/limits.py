"""What the system must allow for a run: open files, one per connection and some to spare; and certificates
that can be read."""

import re
import resource
from pathlib import Path

from sonagi.locale import text
from sonagi.plan.problems import PlanError, Problem

SPARE = 256


def allow_descriptors(vus: int) -> None:
    """Raise the limit of open files to what `vus` users need; workers inherit it. Raises PlanError
    when the system allows less, with the number that is needed."""
    need = vus + SPARE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= need:
        return
    if hard != resource.RLIM_INFINITY and hard < need:
        raise PlanError([Problem("descriptors", "ulimit -n", {"need": need, "have": hard, "vus": vus})])
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
