"""Options and flags become a plan, or a list of everything that is wrong with them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from sonagi.plan import threshold
from sonagi.plan.executors import (
    EXECUTORS,
    ConstantVUs,
    PerVUIterations,
    RampingVUs,
    Scenario,
    SharedIterations,
)
from sonagi.plan.functions import Offered, chosen_functions
from sonagi.plan.layers import Layer, merge
from sonagi.plan.limits import limits, room_for_each
from sonagi.plan.network import without_user
from sonagi.plan.options import Options
from sonagi.plan.plan import DEFAULT_TREND_STATS, HttpOptions, Plan, ScenarioPlan
from sonagi.plan.problems import PlanError, Problem
from sonagi.plan.profiles import BREAKS, parse_profile, profiled
from sonagi.plan.segment import Segment, machine_share
from sonagi.plan.sequence import order_problems
from sonagi.plan.threshold import Threshold, is_trend_stat

SHORTCUTS = ("vus", "duration", "iterations", "stages")
TIMEOUTS = ("timeout", "connect_timeout", "setup_timeout", "teardown_timeout")
# What has to stand in a file (RFC 7468); a key may be called "RSA PRIVATE KEY".
PEM_FILES = {"extra_ca": "CERTIFICATE", "client_cert": "CERTIFICATE", "client_key": "PRIVATE KEY"}
# k6, lib/executor/base_config.go.
NAME = re.compile("[0-9a-zA-Z_-]+")


def build_plan(
    offered: Offered, layers: Sequence[Layer | Options] = (), env: Mapping[str, str] | None = None
) -> Plan:
    """The plan of a run. A later layer of options wins over those before it. Raises PlanError with
    all problems."""
    merged = merge(layers)
    chosen, found = merged.options, list(merged.problems)
    scenarios: list[ScenarioPlan] = []
    workload = _shaped(_workload(chosen, found), chosen.profile, found)
    room = room_for_each(workload.values(), offered.most_vus)
    for name, scenario in workload.items():
        first_vu = sum(other.vus for other in scenarios) + 1
        planned = _scenario(name, scenario, offered, room, first_vu, chosen.min_iteration_duration, found)
        if planned is not None:
            scenarios.append(planned)
    found += order_problems(scenarios)
    names = [scenario.name for scenario in scenarios] if not found else None
    found += [Problem("no_timeout", name) for name in TIMEOUTS if getattr(chosen, name) == 0]
    if (chosen.client_cert is None) != (chosen.client_key is None):
        found.append(Problem("client_pair", "client_key" if chosen.client_cert else "client_cert"))
    found += _unread_files(chosen, offered)
    segment = _segment(chosen, scenarios, found)
    breaks = BREAKS if (chosen.profile or "").startswith("breakpoint") else {}
    goals = {} if chosen.no_thresholds else {**breaks, **chosen.thresholds}
    found += _goals_without_arrivals(goals, scenarios)
    thresholds = list(_thresholds(goals, offered.metrics or {}, names, found))
    stats = tuple(chosen.summary_trend_stats or DEFAULT_TREND_STATS)
    found += [
        Problem("trend_stat", "summary_trend_stats", {"name": stat})
        for stat in stats
        if not is_trend_stat(stat)
    ]
    if found:
        raise PlanError(found)
    return Plan(
        script=offered.path,
        scenarios=tuple(scenarios),
        thresholds=tuple(thresholds),
        http=HttpOptions.from_json(
            {entry.name: getattr(chosen, entry.name) for entry in fields(HttpOptions)}
        ),
        tags=dict(chosen.tags),
        seed=chosen.seed,
        setup_timeout=float(chosen.setup_timeout),  # type: ignore[arg-type]  # validated to seconds
        teardown_timeout=float(chosen.teardown_timeout),  # type: ignore[arg-type]
        no_setup=chosen.no_setup,
        no_teardown=chosen.no_teardown,
        summary_trend_stats=stats,
        env=dict(env or {}),
        replaced=tuple(merged.replaced),
        origins=dict(merged.origins),
        options={name: without_user(repr(getattr(chosen, name))) for name in Options.model_fields},
        segment=segment,
    )


def _segment(options: Options, scenarios: Sequence[ScenarioPlan], found: list[Problem]) -> Segment:
    """This machine's share of `scenarios`."""
    share, problems = machine_share(options.execution_segment, options.execution_segment_sequence)
    found += problems
    if not found and not any(share.count(scenario.vus) for scenario in scenarios):
        vus = sum(scenario.vus for scenario in scenarios)
        found.append(Problem("segment_idle", "execution_segment", {"vus": vus}))
    return share


def _unread_files(options: Options, offered: Offered) -> Iterable[Problem]:
    for name, marker in PEM_FILES.items():
        path = getattr(options, name)
        reason = offered.unread(path, marker) if path else None
        if reason is not None:
            yield Problem("pem", name, {"path": path, "reason": reason})


def _workload(options: Options, found: list[Problem]) -> dict[str, Scenario]:
    """The scenarios, given by name or by k6's shortcuts."""
    shortcuts = [name for name in SHORTCUTS if getattr(options, name) is not None]
    if options.scenarios is not None:
        if shortcuts:
            found.append(Problem("shortcut_and_scenarios", ", ".join(shortcuts)))
        if not options.scenarios and not _about_scenarios(found):
            found.append(Problem("no_scenarios", "scenarios"))
        return dict(options.scenarios)
    if _about_scenarios(found):
        # They were given, and could not be read: nothing else takes their place.
        return {}
    vus, duration, iterations = options.vus or 1, options.duration, options.iterations
    if options.stages is not None:
        others = [name for name in ("duration", "iterations") if getattr(options, name) is not None]
        if others:
            found.append(Problem("shortcuts_both", "stages", {"other": " and ".join(others)}))
        stages: Any = options.stages
        if sum(seconds for seconds, _ in stages) <= 0:
            found.append(Problem("no_time", "stages"))
            stages = [(1.0, 1)]
        return {"default": RampingVUs(start_vus=vus, stages=stages)}
    # After a mistake a stand-in goes on, so that what else is wrong comes to light too.
    if duration == 0:
        found.append(Problem("no_time", "duration"))
        duration = 1.0
    if iterations is not None:
        if iterations < vus:
            found.append(Problem("fewer_iterations", "iterations", {"iterations": iterations, "vus": vus}))
            iterations = vus
        if duration is None:
            return {"default": SharedIterations(vus=vus, iterations=iterations)}
        return {"default": SharedIterations(vus=vus, iterations=iterations, max_duration=duration)}
    if duration is not None:
        return {"default": ConstantVUs(vus=vus, duration=duration)}
    if options.vus is not None:
        return {"default": SharedIterations(vus=vus, iterations=vus)}
    return {"default": PerVUIterations(vus=vus, iterations=1)}


def _shaped(workload: dict[str, Scenario], profile: str | None, found: list[Problem]) -> dict[str, Scenario]:
    """The scenarios as a profile brings them on, if one is asked for."""
    if profile is None:
        return workload
    name, seconds = parse_profile(profile)
    shaped = {}
    for key, scenario in workload.items():
        try:
            shaped[key] = profiled(scenario, name, seconds)
            found += [] if scenario.mistakes() else shaped[key].mistakes(f"scenarios.{key}")
        except ValueError as error:
            found.append(Problem(str(error), f"scenarios.{key}", {"profile": profile}))
    return shaped


def _about_scenarios(found: Iterable[Problem]) -> bool:
    return any(problem.where.partition(".")[0] == "scenarios" for problem in found)


def _scenario(
    name: str,
    scenario: Scenario,
    offered: Offered,
    room: int,
    first_vu: int,
    min_iteration: Any,
    found: list[Problem],
) -> ScenarioPlan | None:
    where = f"scenarios.{name}"
    if not NAME.fullmatch(name):
        found.append(Problem("scenario_name", "scenarios", {"name": repr(name)}))
    functions = chosen_functions(name, scenario, offered, found)
    limited = limits(scenario, where, offered, room, found)
    if functions is None:
        return None
    return ScenarioPlan(
        name=name,
        executor=EXECUTORS[type(scenario)],
        functions=functions,
        first_vu=first_vu,
        graceful_stop=scenario.graceful_stop,  # type: ignore[arg-type]  # validated to seconds
        start_time=scenario.start_time,  # type: ignore[arg-type]
        start_after=scenario.start_after,
        tags=dict(scenario.tags),
        env=dict(scenario.env),
        pacing=scenario.pacing,  # type: ignore[arg-type]
        min_iteration=None if scenario.pacing else min_iteration,
        **limited,
    )


OPEN_METRICS = (
    "http_req_intended_duration",
    "iteration_lateness",
    "iterations_late",
    "dropped_iteration_wait",
)
"""What only arrivals measure."""


def _goals_without_arrivals(goals: Mapping[str, Any], scenarios: Sequence[ScenarioPlan]) -> Iterable[Problem]:
    if scenarios and not any(scenario.is_open for scenario in scenarios):
        for key in goals:
            if str(key).partition("{")[0] in OPEN_METRICS:
                yield Problem("goal_of_arrivals", f"thresholds.{key}")


def _thresholds(
    given: Mapping[str, Any],
    kinds: Mapping[str, str],
    scenarios: Sequence[str] | None,
    found: list[Problem],
) -> Iterable[Threshold]:
    for key, sources in given.items():
        # Anything but a list or a tuple is taken for a condition, which says that it is none.
        for source in sources if isinstance(sources, (list, tuple)) else [sources]:
            parsed = threshold.parse(key, source, kinds, scenarios)
            if isinstance(parsed, Problem):
                found.append(parsed)
            else:
                yield parsed
