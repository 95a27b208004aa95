"""What is known of a run besides what was heard while it went on: its plan, where and when, and how it
ended."""

import hashlib
import json
import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from sonagi.model.evidence import ScriptFacts
from sonagi.model.result import ThresholdResult
from sonagi.plan.plan import Plan, ScenarioPlan
from sonagi.store.clean import clean

HIDDEN = "***"
HARMLESS = frozenset(["accept", "accept-encoding", "accept-language", "content-type", "user-agent", "host"])
"""Headers whose values may be kept."""


@dataclass(frozen=True, slots=True)
class About:
    """Where and when a run began."""

    started: datetime
    """With its time zone."""
    version: str = ""
    """Sonagi's."""
    script_hash: str = ""
    """SHA-256 of the script's text, in hexadecimal; "" where there was none."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """The machine that made the load: system, processors, Python."""
    script: ScriptFacts = field(default_factory=ScriptFacts)

    @classmethod
    def now(cls, script: str, facts: ScriptFacts | None = None) -> Self:
        """A run of the file `script` that begins now, on this machine."""
        from sonagi import __version__

        environment = {
            "system": platform.platform(),
            "machine": platform.machine(),
            "python": platform.python_version(),
            "processors": str(_processors()),
        }
        return cls(
            datetime.now().astimezone(), __version__, _hash(script), environment, facts or ScriptFacts()
        )

    def to_json(self) -> dict[str, Any]:
        """JSON types only."""
        return {**asdict(self), "started": self.started.isoformat()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """What `to_json` gave."""
        started = datetime.fromisoformat(data["started"])
        return cls(**{**data, "started": started, "script": ScriptFacts(**data["script"])})


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended. `seconds` reaches from before setup to after teardown."""

    seconds: float
    load_seconds: float
    stopped_by: str
    exit_code: int
    stamps: str
    thresholds: tuple[ThresholdResult, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """JSON types only."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """What `to_json` gave."""
        thresholds = tuple(ThresholdResult(**threshold) for threshold in data["thresholds"])
        return cls(**{**data, "thresholds": thresholds})


def kept_plan(plan: Plan) -> Plan:
    """A plan without what may be secret: of variables and headers the names, of bodies and credentials
    nothing."""
    bare = replace(
        plan,
        env=dict.fromkeys(plan.env, HIDDEN),
        options={},
        scenarios=tuple(_kept_scenario(scenario) for scenario in plan.scenarios),
    )
    return Plan.from_json(json.loads(json.dumps(clean(bare.to_json()))))


def _kept_scenario(scenario: ScenarioPlan) -> ScenarioPlan:
    request = scenario.request
    if request is not None:
        headers = {
            name: value if name.lower() in HARMLESS else HIDDEN
            for name, value in dict(request.get("headers") or {}).items()
        }
        url = str(request.get("url", "")).partition("?")[0]
        request = {"method": request.get("method", "GET"), "url": url, "headers": headers}
    return replace(scenario, env=dict.fromkeys(scenario.env, HIDDEN), request=request)


def _hash(script: str) -> str:
    try:
        return hashlib.sha256(Path(script).read_bytes()).hexdigest()
    except OSError:
        return ""


def _processors() -> int:
    """Those that this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
