"""The metrics every run has: k6's names and meanings where k6 has them. Times are milliseconds."""

from dataclasses import dataclass
from enum import StrEnum


class MetricKind(StrEnum):
    """How samples of a metric are put together."""

    COUNTER = "counter"
    GAUGE = "gauge"
    RATE = "rate"
    TREND = "trend"


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric. `contains` says how values are shown: "time" (ms), "data" (bytes) or "default"."""

    name: str
    kind: MetricKind
    contains: str = "default"


def _all(kind: MetricKind, contains: str, *names: str) -> list[Metric]:
    return [Metric(name, kind, contains) for name in names]


BUILTIN: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        _all(MetricKind.COUNTER, "default", "http_reqs", "http_reqs_retried", "http_reqs_interrupted")
        + _all(MetricKind.COUNTER, "default", "iterations", "iterations_late", "dropped_iterations")
        + _all(MetricKind.COUNTER, "default", "ws_sessions", "ws_msgs_sent", "ws_msgs_received", "sse_events")
        + _all(MetricKind.COUNTER, "data", "data_sent", "data_received")
        + _all(MetricKind.RATE, "default", "http_req_failed", "measure_failed", "ws_session_failed", "checks")
        + _all(MetricKind.GAUGE, "default", "vus", "vus_max")
        + _all(
            MetricKind.TREND,
            "time",
            "http_req_blocked",
            "http_req_looking_up",
            "http_req_connecting",
            "http_req_tls_handshaking",
            "http_req_sending",
            "http_req_waiting",
            "http_req_receiving",
            "http_req_duration",
            "http_req_total",
            "http_req_intended_duration",
            "ws_connecting",
            "ws_session_duration",
            "ws_ping",
            "iteration_duration",
            "iteration_lateness",
            "dropped_iteration_wait",
            "group_duration",
            "measure_duration",
            "generator_lag",
        )
    )
}
