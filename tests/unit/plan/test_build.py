"""Options and flags become a plan, or all that is wrong with them at once."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonagi import ConstantVUs, Mix, Options, PerVUIterations, RampingVUs, SharedIterations, locale
from sonagi.plan.build import build_plan
from sonagi.plan.functions import Offered
from sonagi.plan.layers import Layer
from sonagi.plan.plan import Plan, ScenarioPlan
from sonagi.plan.problems import PlanError
from sonagi.plan.segment import Segment


def plan(
    options: Options | None = None,
    functions: tuple[str, ...] = ("browse",),
    plain: tuple[str, ...] = (),
    **flags: Any,
) -> Plan:
    return build_plan(Offered("test.py", functions, plain, {}), [options or Options(), Layer("flag", flags)])


def codes(
    options: Options | None = None, functions: tuple[str, ...] = ("browse",), **flags: Any
) -> list[str]:
    with pytest.raises(PlanError) as caught:
        plan(options, functions, **flags)
    return [f"{problem.where}: {problem.code}" for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("options", "flags", "executor", "vus", "iterations", "duration"),
    [
        ({}, {}, "per-vu-iterations", 1, 1, None),
        ({"vus": 5, "duration": "10s"}, {}, "constant-vus", 5, None, 10),
        ({"vus": 5, "iterations": 20}, {}, "shared-iterations", 5, 20, None),
        ({"vus": 5}, {}, "shared-iterations", 5, 5, None),
        ({"vus": 5, "duration": "10s"}, {"vus": 7}, "constant-vus", 7, None, 10),
        ({"vus": 5, "duration": "10s"}, {"duration": 3}, "constant-vus", 5, None, 3),
        ({"vus": 5, "duration": "10s"}, {"iterations": 9}, "shared-iterations", 5, 9, None),
        ({"scenarios": {"a": ConstantVUs(vus=3, duration=5)}}, {"vus": 2}, "shared-iterations", 2, 2, None),
        (
            {"scenarios": {"a": ConstantVUs(vus=3, duration=5)}},
            {"duration": "1s"},
            "constant-vus",
            1,
            None,
            1,
        ),
    ],
)
def test_shortcuts_and_flags_mean_what_they_mean_in_k6(
    options: Mapping[str, Any],
    flags: Mapping[str, Any],
    executor: str,
    vus: int,
    iterations: Any,
    duration: Any,
) -> None:
    [scenario] = plan(Options(**options), **flags).scenarios
    assert (scenario.executor, scenario.vus) == (executor, vus)
    assert (scenario.iterations, scenario.duration) == (iterations, duration)


@pytest.mark.parametrize(
    ("name", "functions", "chosen"),
    [("a", ("a", "default", "b"), "a"), ("x", ("a", "default"), "default"), ("x", ("only",), "only")],
)
def test_the_function_is_the_scenarios_namesake_else_default_else_the_only_one(
    name: str, functions: tuple[str, ...], chosen: str
) -> None:
    options = Options(scenarios={name: PerVUIterations()})
    assert plan(options, functions).scenarios[0].functions == {chosen: 1}


def test_exec_takes_a_name_or_the_function() -> None:
    async def browse() -> None: ...

    for given_exec in ("browse", browse):
        options = Options(scenarios={"x": PerVUIterations(exec=given_exec)})
        assert plan(options, ("browse", "other")).scenarios[0].functions == {"browse": 1}


def test_all_mistakes_come_at_once_with_their_places() -> None:
    options = Options(
        vuss=3,  # type: ignore[call-arg]
        timeout="5 x",
        thresholds={"http_req_durations": ["p(95)<500"]},
        summary_trend_stats=["p95"],
        scenarios={"a": ConstantVUs(vus=0, duration="10"), "b": PerVUIterations(exec="brwse")},
    )
    assert codes(options) == [
        "timeout: duration",
        "vuss: option_near",
        "scenarios.a.vus: count",
        "scenarios.a.duration: duration_unit",
        "scenarios.b.exec: function_near",
        "thresholds.http_req_durations: threshold_metric_near",
        "summary_trend_stats: trend_stat",
    ]


@pytest.mark.parametrize(
    ("options", "functions", "expected"),
    [
        ({}, (), "test.py: no_function"),
        ({}, ("a", "b"), "scenarios.default.exec: many_functions"),
        ({"vus": 2, "scenarios": {"a": PerVUIterations()}}, ("a",), "vus: shortcut_and_scenarios"),
        ({"scenarios": {}}, ("a",), "scenarios: no_scenarios"),
        ({"vus": 5, "iterations": 3}, ("a",), "iterations: fewer_iterations"),
        ({"scenarios": {"a": ConstantVUs(duration=0)}}, ("a",), "scenarios.a.duration: no_time"),
        ({"scenarios": {"a b": PerVUIterations()}}, ("a",), "scenarios: scenario_name"),
        ({"scenarios": {"a\n": PerVUIterations()}}, ("a",), "scenarios: scenario_name"),
        ({"duration": 0}, ("a",), "duration: no_time"),
        ({"iterations": 3, "duration": 0}, ("a",), "duration: no_time"),
        ({"scenarios": {"a": ConstantVUs()}}, ("a",), "scenarios.a.duration: missing"),  # type: ignore[call-arg]
    ],
)
def test_a_mistake_is_found(options: Mapping[str, Any], functions: tuple[str, ...], expected: str) -> None:
    assert codes(Options(**options), functions) == [expected]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"tags": {"a": 1}}, "tags.a: text"),
        ({"user_agent": 5}, "user_agent: text"),
        ({"seed": 1.5}, "seed: whole"),
        ({"vus": "10"}, "vus: count"),
        ({"vus": True}, "vus: count"),
        ({"max_redirects": -1}, "max_redirects: count"),
        ({"discard_response_bodies": "maybe"}, "discard_response_bodies: switch"),
        ({"summary_trend_stats": "avg,p(95)"}, "summary_trend_stats: sequence"),
        ({"scenarios": [PerVUIterations()]}, "scenarios: mapping"),
        ({"scenarios": {"a": {"vus": 1}}}, "scenarios.a: scenario"),
        ({"scenarios": {"a": PerVUIterations}}, "scenarios.a: scenario"),
        ({"scenarios": {1: PerVUIterations()}}, "scenarios.1: text"),
        ({"scenarios": {"a": PerVUIterations(exec=5)}}, "scenarios.a.exec: exec"),
        ({"scenarios": {"a": PerVUIterations(start="togther")}}, "scenarios.a.start: choice_near"),
        ({"thresholds": {"http_reqs": 5}}, "thresholds.http_reqs: threshold"),
        ({"thresholds": {"http_reqs": [{"abort_on_fail": True}]}}, "thresholds.http_reqs: threshold"),
        (
            {"thresholds": {"http_reqs": [{"threshold": "count>1", "abort_on_fial": True}]}},
            "thresholds.http_reqs: option_near",
        ),
        (
            {"thresholds": {"http_reqs": [{"threshold": "count>1", "abort_on_fail": 1}]}},
            "thresholds.http_reqs.abort_on_fail: switch",
        ),
        (
            {"thresholds": {"http_reqs": [{"threshold": "count>1", "delayAbortEval": "soon"}]}},
            "thresholds.http_reqs.delay_abort_eval: duration",
        ),
        ({"thresholds": {"http_reqs": "rate>1 over 1"}}, "thresholds.http_reqs: threshold_window"),
        ({"thresholds": {"http_reqs": "rate>1 over 500ms"}}, "thresholds.http_reqs: threshold_window"),
        (
            {"thresholds": {"http_reqs{scenario:defualt}": "rate>1"}},
            "thresholds.http_reqs{scenario:defualt}: threshold_scenario_near",
        ),
        ({"stages": []}, "stages: no_time"),
        ({"stages": [("5s", 3), ("0s", -1)]}, "stages.1: stage"),
        ({"stages": [{"duration": "5s", "target": 3, "rate": 1}]}, "stages.0: stage"),
        ({"stages": [("5", 3)]}, "stages.0: duration_unit"),
        ({"scenarios": {"a": RampingVUs(stages=[(0, 5)])}}, "scenarios.a.stages: no_time"),
        ({"scenarios": {"a": RampingVUs(start_vus=0, stages=[(5, 0)])}}, "scenarios.a.stages: no_users"),
        ({"scenarios": {"a": RampingVUs()}}, "scenarios.a.stages: missing"),
        ({"scenarios": {"a": RampingVUs(vus=3, stages=[(5, 1)])}}, "scenarios.a.vus: option_vus"),
        ({"scenarios": {"a": PerVUIterations(exec=Mix({"defualt": 1}))}}, "scenarios.a.exec: function_near"),
        ({"scenarios": {"a": PerVUIterations(exec=Mix({"b": 0}))}}, "scenarios.a.exec.b: weight"),
        ({"scenarios": {"a": PerVUIterations(exec=Mix({}))}}, "scenarios.a.exec: empty_mix"),
        (
            {"scenarios": {"first": PerVUIterations(exec="b", start_after="frist")}},
            "scenarios.first.start_after: after_near",
        ),
        (
            {"scenarios": {"first": PerVUIterations(exec="b", start_after="first")}},
            "scenarios.first.start_after: after_ring",
        ),
        ({"hosts": {"a": "b"}}, "hosts: host"),
        ({"hosts": {"a": "10.0.0.1:99999"}}, "hosts: host"),
        ({"blacklist_ips": ["10.0.0.0/33"]}, "blacklist_ips: network"),
        ({"client_cert": "cert.pem"}, "client_key: client_pair"),
        ({"tls_version": "1.3"}, "tls_version: choice_near"),
        ({"http_version": "h2"}, "http_version: choice_near"),
        ({"http_version": 3}, "http_version: choice"),
        ({"timeout": 0}, "timeout: no_timeout"),
        ({"setupTimeout": 5}, "setupTimeout: option_near"),
        ({"duration": 10**400}, "duration: duration"),
    ],
)
def test_a_value_of_the_wrong_kind_is_one_problem_at_the_users_own_place(
    options: Mapping[str, Any], expected: str
) -> None:
    # Several functions: a scenario that could not be read must not add the question which one was meant.
    assert codes(Options(**options), ("default", "b")) == [expected]


@pytest.mark.parametrize("scenarios", [[PerVUIterations()], {"a": {"vus": 1}}])
def test_scenarios_that_cannot_be_read_bring_no_second_problem(scenarios: Any) -> None:
    assert len(codes(Options(scenarios=scenarios), ("a", "b"))) == 1


def test_one_wrong_entry_hides_no_mistake_of_its_neighbours() -> None:
    options = Options(
        scenarios={"a": None, "b": ConstantVUs(vus=0, duration=1)},
        tags={"x": 1},
        thresholds={"http_reqs": ["count>x"]},
        iterations=1,
        vus=2,
    )
    assert codes(options) == [
        "scenarios.a: scenario",
        "tags.x: text",
        "scenarios.b.vus: count",
        "vus, iterations: shortcut_and_scenarios",
        "thresholds.http_reqs: threshold",
    ]


def test_a_mistake_in_a_shortcut_hides_none_of_the_functions() -> None:
    assert codes(Options(vus=5, iterations=3, duration=0), ("a", "b")) == [
        "duration: no_time",
        "iterations: fewer_iterations",
        "scenarios.default.exec: many_functions",
    ]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_problem_is_one_line_of_the_users_language(language: str) -> None:
    options = Options(
        user_agent=["x"] * 100,
        scenarios={"a": 5},
        discard_response_bodies="maybe",
        seed=1.5,
    )
    with pytest.raises(PlanError) as caught:
        plan(options)
    locale.use(language)
    try:
        lines = str(caught.value).splitlines()
    finally:
        locale.use(None)
    assert len(lines) == 4
    for line in lines:
        assert len(line) < 200
        # Pydantic's own sentences are English and speak of its insides.
        assert "Input should" not in line
        assert any("가" <= character <= "힣" for character in line) is (language == "ko")


def test_each_value_says_where_it_came_from() -> None:
    made = plan(Options(vus=3, duration=2, tags={"a": "b"}), vus=5)
    asked = {name: made.origins[name] for name in ("vus", "duration", "tags", "timeout")}
    assert asked == {"vus": "flag", "duration": "script", "tags": "script", "timeout": "default"}


def test_what_a_flag_wiped_did_not_come_from_the_script() -> None:
    assert plan(Options(duration=2), iterations=3).origins["duration"] == "default"


TEXTS = st.text(max_size=8)
NAMES = st.text("abcXYZ019_-", min_size=1, max_size=8)
COUNTS = st.integers(1, 1000)
TIMES = st.floats(0.001, 1e6)
COMMON = {
    "graceful_stop": st.floats(0, 1e6),
    "start_time": st.floats(0, 1e6),
    "tags": st.dictionaries(TEXTS, TEXTS),
}
SCENARIOS = st.one_of(
    st.builds(
        ConstantVUs, vus=COUNTS, duration=TIMES, start=st.sampled_from(["spread", "together"]), **COMMON
    ),
    st.builds(PerVUIterations, vus=COUNTS, iterations=COUNTS, max_duration=TIMES, **COMMON),
    st.builds(SharedIterations, vus=COUNTS, iterations=COUNTS.map(lambda more: 1000 + more), **COMMON),
)
THRESHOLDS = st.dictionaries(
    st.sampled_from(["http_req_duration", "http_req_waiting{status:200,name:소나기}"]),
    st.lists(st.sampled_from(["p(95)<500", "avg>=1e-3", "med!=0"]), max_size=3),
)


@given(
    st.dictionaries(NAMES, SCENARIOS, min_size=1, max_size=4),
    THRESHOLDS,
    st.dictionaries(TEXTS, TEXTS),
    st.integers(),
)
def test_every_plan_survives_json(
    scenarios: dict[str, Any], thresholds: dict[str, list[str]], tags: dict[str, str], seed: int
) -> None:
    made = plan(Options(scenarios=scenarios, thresholds=thresholds, tags=tags, seed=seed))
    assert Plan.from_json(json.loads(json.dumps(made.to_json()))) == made
    # Users are numbered over the whole run, without a gap.
    first = 1
    for entry in made.scenarios:
        assert entry.first_vu == first
        first += entry.vus


def test_a_plan_survives_json() -> None:
    made = plan(
        Options(
            scenarios={"a": ConstantVUs(vus=3, duration="5s"), "b": SharedIterations(vus=2, iterations=9)},
            thresholds={"http_req_duration{status:200}": ["p(95)<500"]},
            tags={"team": "소나기"},
        ),
        ("a", "b"),
    )
    assert Plan.from_json(json.loads(json.dumps(made.to_json()))) == made


def scenario(
    vus: int, duration: float | None = 10.0, start: str = "spread", iterations: int | None = None
) -> ScenarioPlan:
    return ScenarioPlan(
        "s", "constant-vus", {"f": 1}, vus, 1, duration=duration, start=start, iterations=iterations
    )


@given(st.integers(1, 500), st.integers(1, 9), st.integers(1, 2000))
def test_segments_share_out_users_and_iterations_exactly(vus: int, workers: int, iterations: int) -> None:
    whole = scenario(vus, iterations=iterations)
    segments = [Segment(index, workers) for index in range(workers)]
    users = sorted(user for segment in segments for user in segment.users(whole))
    assert users == list(range(vus))
    assert sum(segment.iterations(whole) for segment in segments) == iterations
    # What no user could run would be lost.
    assert all(segment.users(whole) for segment in segments if segment.iterations(whole))


@given(st.integers(1, 1000), st.floats(0.1, 1000))
def test_users_start_spread_over_a_second_or_a_tenth_of_the_duration(vus: int, duration: float) -> None:
    offsets = [scenario(vus, duration).start_offset(number) for number in range(vus)]
    assert offsets == sorted(offsets)
    assert offsets[0] == 0
    assert offsets[-1] < min(1.0, duration / 10)


@given(st.integers(1, 1000), st.floats(0.1, 1000))
def test_users_with_iterations_to_make_all_start_within_a_tenth_of_the_time_they_have(
    vus: int, most: float
) -> None:
    whole = ScenarioPlan("s", "per-vu-iterations", {"f": 1}, vus, 1, iterations=1, max_duration=most)
    assert whole.start_offset(vus - 1) < min(1.0, most / 10)


def test_together_they_start_at_once() -> None:
    assert {scenario(9, start="together").start_offset(number) for number in range(9)} == {0.0}
