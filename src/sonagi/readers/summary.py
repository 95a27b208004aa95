"""A summary's metrics, however they were written, as the fields of Evidence."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sonagi.model.metrics import BUILTIN
from sonagi.model.quantity import Reading
from sonagi.model.traffic import Check, Goal, Trend

if TYPE_CHECKING:
    from collections.abc import Mapping

_OTHER_BUILTIN = ("grpc_", "browser_", "ws_", "http_")
"""k6's own metrics that Sonagi has none of begin so."""


@dataclass(slots=True)
class Summary:
    """Metrics by name, sub-metrics with their tags behind: `http_req_duration{expected_response:true}`."""

    trends: dict[str, Trend] = field(default_factory=dict)
    times: set[str] = field(default_factory=set)
    """Trends that are shown as times."""
    rates: dict[str, tuple[int, int]] = field(default_factory=dict)
    """(trues, total)"""
    counters: dict[str, Reading] = field(default_factory=dict)
    per_second: dict[str, float] = field(default_factory=dict)
    """Of counters of things: their rate."""
    gauges: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    """(last, least, most)"""
    goals: list[Goal] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)

    def __contains__(self, metric: str) -> bool:
        kinds: tuple[Mapping[str, Any], ...] = (self.trends, self.rates, self.counters, self.gauges)
        return any(metric in kind for kind in kinds)

    def __bool__(self) -> bool:
        return bool(self.trends or self.rates or self.counters or self.gauges)

    def count(self, metric: str) -> int | None:
        """A counter's sum."""
        reading = self.counters.get(metric)
        return None if reading is None else round(reading.value)

    def samples(self, metric: str) -> int | None:
        """How many values a metric, or a sub-metric of successes, is made of."""
        if metric in self.rates:
            return self.rates[metric][1]
        requests = self.count("http_reqs")
        if metric in self.trends and self.trends[metric].count is not None:
            return self.trends[metric].count
        if requests is None or not metric.startswith("http_req"):
            return None
        if metric.endswith("{expected_response:true}") and "http_req_failed" in self.rates:
            return requests - self.rates["http_req_failed"][0]
        return None if "{" in metric else requests

    @property
    def seconds(self) -> float | None:
        """How long the run took, by the largest count and its rate: "59400 98.602663/s"."""
        known = [(self.counters[name].value, rate) for name, rate in self.per_second.items() if rate > 0]
        count, rate = max((one for one in known if one[0] > 0), default=(0.0, 1.0))
        return count / rate if count else None

    def facts(self) -> dict[str, Any]:
        """Fields of Evidence; those that the summary doesn't tell are None."""
        vus = self.gauges.get("vus")
        rates = dict(self.rates)
        if "checks_succeeded" in rates:  # the newer layout's name for `checks`, beside what follows from it
            rates["checks"] = rates.pop("checks_succeeded")
            rates.pop("checks_failed", None)
        failed = self.rates.get("http_req_failed")
        return {
            "requests": self.count("http_reqs"),
            "failed": failed[0] if failed else None,
            "iterations": self.count("iterations"),
            # Where none were dropped, no summary has a line for it.
            "dropped": self.count("dropped_iterations") or (0 if self else None),
            "vus": (round(vus[0]), round(vus[1]), round(vus[2])) if vus else None,
            "sent": self.counters.get("data_sent"),
            "received": self.counters.get("data_received"),
            "checks": tuple(self.checks),
            "trends": self.trends,
            "rates": rates,
            "counters": {
                name: reading.value for name, reading in self.counters.items() if name != "checks_total"
            },
            "custom": tuple(name for name in self.trends if name in self.times and is_custom(name)),
            "goals": tuple(self.goals),
        }


def is_custom(metric: str) -> bool:
    """Whether the script made it."""
    name = metric.partition("{")[0]
    return name not in BUILTIN and not name.startswith(_OTHER_BUILTIN)
