"""One scenario from start to end: the server with its fault, the load, and what three kinds of telemetry tell.

The same run is judged three times: with what the client saw, with the host and the process besides, and with logs and
the server's own metrics too.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import recompute
from scenario import GENERATOR_CPU, HERE, Scenario
from scoring import Score, score

from sonagi.diagnose.diagnosis import diagnose
from sonagi.store.replay import replay

if TYPE_CHECKING:
    from sonagi.model.evidence import Evidence, Sense
    from sonagi.model.finding import Diagnosis

TIERS: dict[str, frozenset[Sense]] = {
    "A": frozenset({"client", "seconds"}),
    "B": frozenset({"client", "seconds", "host", "process"}),
    "C": frozenset({"client", "seconds", "host", "process", "metrics", "log"}),
}
SIGNALS: dict[Sense, tuple[str, ...]] = {
    "host": ("host.", "cgroup."),
    "process": ("process.",),
    "metrics": ("pool.", "jvm.", "workers.", "server.", "loop.", "prom."),
}


@dataclass(frozen=True)
class Outcome:
    """A run and its scores; none where the fault had no effect."""

    scenario: str
    seed: int
    scores: tuple[Score, ...]
    diagnoses: dict[str, Diagnosis]
    seconds: float
    """How long the diagnosis took, with all telemetry."""


def conduct(scenario: Scenario, seed: int, kept: Path | None = None) -> Outcome:
    """Make the fault, put load on it, and score what is said of it. In the folder `kept` the run is kept, or,
    where it is there already, taken from."""
    file = kept / f"{scenario.id}-{seed}.db" if kept else None
    if file is not None and file.exists():
        return judge(scenario, seed, replay(file).evidence())
    return judge(scenario, seed, run(scenario, random.Random(f"{scenario.id} {seed}"), file))


def judge(scenario: Scenario, seed: int, evidence: Evidence) -> Outcome:
    """What each kind of telemetry tells of a run, scored."""
    if not scenario.had_effect(evidence):
        return Outcome(scenario.id, seed, (), {}, 0.0)
    scores, diagnoses, took = [], {}, 0.0
    for tier in TIERS:
        seen = limited(evidence, tier)
        began = time.perf_counter()
        diagnosis = diagnose(seen)
        took = time.perf_counter() - began
        diagnoses[tier] = diagnosis
        cited = recompute.check(diagnosis, seen)
        scores.append(score(scenario.id, seed, tier, scenario.label, diagnosis, cited))
    return Outcome(scenario.id, seed, tuple(scores), diagnoses, took)


def run(scenario: Scenario, rng: random.Random, kept: Path | None = None) -> Evidence:
    """The run, as the store kept it; copied to `kept`."""
    with tempfile.TemporaryDirectory(prefix="gauntlet-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with scenario.make(rng, folder) as ready:
            store = folder / "store"
            watch = [flag for watched in ready.watch for flag in ("--watch", watched)]
            command = [
                *("taskset", "-c", str(GENERATOR_CPU), *ready.prefix),
                *(str(Path(sys.executable).parent / "sonagi"), "run", str(HERE / "load.py")),
                *("--store", str(store), "--keep-going", "--quiet", *watch),
            ]
            asked = {"GAUNTLET": json.dumps(ready.asked), "SONAGI_LANG": "en"}
            done = subprocess.run(
                command, env={**os.environ, **asked}, capture_output=True, text=True, timeout=180, check=False
            )
            files = sorted(store.glob("2*.db"))
            assert files, done.stdout + done.stderr
            if kept is not None:
                shutil.copy(files[-1], kept)
            return replay(files[-1]).evidence()


def limited(evidence: Evidence, tier: str) -> Evidence:
    """What is left of a run when less of it was watched."""
    seen = evidence.seen & TIERS[tier]
    hidden = tuple(
        prefix for sense, prefixes in SIGNALS.items() if sense not in TIERS[tier] for prefix in prefixes
    )
    kept = {
        name: series for name, series in evidence.signals.items() if not name.startswith(hidden or ("\0",))
    }
    watched = "host" in TIERS[tier]
    return replace(
        evidence,
        seen=seen,
        signals=kept,
        log=evidence.log if "log" in TIERS[tier] else (),
        events=evidence.events if watched else (),
    )
