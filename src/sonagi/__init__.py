"""Sonagi: load testing in plain async Python, with numbers that are true.

from sonagi import Options, check, http, sleep
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sonagi.model.result import Result
    from sonagi.plan.executors import (
        ConstantArrivalRate,
        ConstantVUs,
        PerVUIterations,
        RampingArrivalRate,
        RampingVUs,
        ReplayedArrivals,
        SharedIterations,
    )
    from sonagi.plan.mix import Mix
    from sonagi.plan.options import Options
    from sonagi.run.api import run
    from sonagi.script import (
        Counter,
        Gauge,
        Rate,
        StopUser,
        Trend,
        Vu,
        check,
        feed,
        group,
        http,
        measure,
        secrets,
        sleep,
        think,
        websocket,
    )

__version__ = "0.1.0"

_HOMES = {
    "Result": "sonagi.model.result",
    "ConstantArrivalRate": "sonagi.plan.executors",
    "ConstantVUs": "sonagi.plan.executors",
    "Mix": "sonagi.plan.mix",
    "Options": "sonagi.plan.options",
    "PerVUIterations": "sonagi.plan.executors",
    "RampingArrivalRate": "sonagi.plan.executors",
    "RampingVUs": "sonagi.plan.executors",
    "ReplayedArrivals": "sonagi.plan.executors",
    "SharedIterations": "sonagi.plan.executors",
    "run": "sonagi.run.api",
    "Counter": "sonagi.script.metrics",
    "Gauge": "sonagi.script.metrics",
    "Rate": "sonagi.script.metrics",
    "Trend": "sonagi.script.metrics",
    "StopUser": "sonagi.script.vu",
    "Vu": "sonagi.script.vu",
    "check": "sonagi.script",
    "feed": "sonagi.script",
    "group": "sonagi.script.group",
    "http": "sonagi.script",
    "measure": "sonagi.script.measure",
    "secrets": "sonagi.script",
    "sleep": "sonagi.script",
    "think": "sonagi.script",
    "websocket": "sonagi.script",
}

__all__ = [
    "ConstantArrivalRate",
    "ConstantVUs",
    "Counter",
    "Gauge",
    "Mix",
    "Options",
    "PerVUIterations",
    "RampingArrivalRate",
    "RampingVUs",
    "Rate",
    "ReplayedArrivals",
    "Result",
    "SharedIterations",
    "StopUser",
    "Trend",
    "Vu",
    "check",
    "feed",
    "group",
    "http",
    "measure",
    "run",
    "secrets",
    "sleep",
    "think",
    "websocket",
]


class _Sonagi(ModuleType):
    """This module. `sonagi.run` is the function, although a package of that name is imported: the
    import system would bind the package here, and this keeps it from doing so."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name == "run" and isinstance(value, ModuleType)):
            super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        """Load a name when it is first asked for (PEP 562): `sonagi --help` needs none of them."""
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        value = getattr(import_module(home), name)
        self.__dict__[name] = value
        return value


sys.modules[__name__].__class__ = _Sonagi
