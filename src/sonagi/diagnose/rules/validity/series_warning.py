"""What k6 says of its own time series, and what their growth proves.

It warns at 100,000 series, and whenever they have doubled since. It keeps nine `http_*` metrics a URL, so
that a new URL with each request makes 9.0 series a request: an exact proof, from two numbers.
"""

import re

from sonagi.model.evidence import Evidence
from sonagi.model.quantity import Quantity

WARNING = re.compile(r"generated metrics with (\d+) unique time series")
"""k6's, internal/metrics/engine/ingester.go."""
EACH = 9.0
"""http_reqs and http_req_duration, _blocked, _connecting, _tls_handshaking, _sending, _waiting, _receiving
and _failed."""
AGREES = 0.05
"""By how much seconds that are told in whole ones may blur that."""


def warned(evidence: Evidence) -> list[tuple[float, int]]:
    """(second, series) of each warning."""
    return [(at, int(match[1])) for at, text in evidence.warnings if (match := WARNING.search(text))]


def series_each(evidence: Evidence) -> Quantity | None:
    """Series a request, where they tell that each request had a URL of its own; else None."""
    told = warned(evidence)
    if not told or not evidence.rate:
        return None
    # k6 cuts its seconds: half a second later on average.
    last, most = told[-1][0] + 0.5, told[-1][1]
    each = most / last / evidence.rate
    how = f"{most} / {last:g} / (requests / seconds)"
    return Quantity(each, "plain", how) if abs(each / EACH - 1) <= AGREES else None
