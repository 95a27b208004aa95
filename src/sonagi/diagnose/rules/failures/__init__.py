"""What failures and the shape of a run over time tell: refused, reset, limited, by status, at first, ever
more."""

from collections.abc import Callable

from sonagi.diagnose.rules.failures import (
    n03_bandwidth,
    n06_keep_alive,
    s17_accept_queue,
    s19_rate_limit,
    s20_gateway,
    s22_cold_start,
    s25_leak,
    s28_not_listening,
    s29_application_bug,
    s30_serialised,
)
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding

RULES: tuple[Callable[[Evidence], Finding | None], ...] = (
    s28_not_listening.look,
    s17_accept_queue.look,
    s19_rate_limit.look,
    s20_gateway.look,
    s29_application_bug.look,
    s22_cold_start.look,
    s25_leak.look,
    s30_serialised.look,
    n03_bandwidth.look,
    n06_keep_alive.look,
)
