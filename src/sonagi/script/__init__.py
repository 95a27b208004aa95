"""What the author of a test imports. Names are re-exported by `sonagi` itself."""

from sonagi._core import check, sleep
from sonagi.script import http
from sonagi.script.group import group
from sonagi.script.metrics import Counter, Gauge, Rate, Trend
from sonagi.script.vu import Vu

__all__ = ["Counter", "Gauge", "Rate", "Trend", "Vu", "check", "group", "http", "sleep"]
