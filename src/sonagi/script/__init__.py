"""What the author of a test imports. Names are re-exported by `sonagi` itself."""

from sonagi._core import check, sleep
from sonagi.script import feed, http, secrets, think, websocket
from sonagi.script.group import group
from sonagi.script.measure import measure
from sonagi.script.metrics import Counter, Gauge, Rate, Trend
from sonagi.script.vu import StopUser, Vu

__all__ = [
    "Counter",
    "Gauge",
    "Rate",
    "StopUser",
    "Trend",
    "Vu",
    "check",
    "feed",
    "group",
    "http",
    "measure",
    "secrets",
    "sleep",
    "think",
    "websocket",
]
