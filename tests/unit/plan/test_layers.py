"""Options from several places: which one wins, and where a mistake is told."""

from typing import Any

import pytest

from sonagi import ConstantVUs, Options
from sonagi.plan.layers import FROM_TEXT, Layer, from_environment, from_file, merge, snake, stage

FLAG = "flag"


def flags(**values: Any) -> Layer:
    return Layer(FLAG, values, lambda where: f"--{where.replace('_', '-')}")


def test_flags_win_over_the_environment_over_the_script_over_the_file() -> None:
    merged = merge(
        [
            from_file("sonagi.toml", {"vus": 1, "timeout": "1s", "userAgent": "file", "seed": 1}),
            Options(vus=2, timeout=2, user_agent="script"),
            from_environment({"SONAGI_VUS": "3", "SONAGI_TIMEOUT": "3s", "SONAGI_LANG": "ko", "PATH": "/"}),
            flags(vus=4),
        ]
    )
    chosen = {name: getattr(merged.options, name) for name in ("vus", "timeout", "user_agent", "seed")}
    assert chosen == {"vus": 4, "timeout": 3.0, "user_agent": "script", "seed": 1}
    assert merged.origins["vus"] == FLAG
    assert [merged.origins[name] for name in ("timeout", "user_agent", "seed", "max_redirects")] == [
        "environment",
        "script",
        "config",
        "default",
    ]
    assert merged.problems == []


def test_a_workload_takes_the_place_of_a_whole_one_below_it() -> None:
    script = Options(scenarios={"a": ConstantVUs(duration=5)})
    merged = merge([script, from_environment({"SONAGI_STAGES": "10s:5,5s:0"})])
    assert merged.options.scenarios is None
    assert merged.options.stages == [(10.0, 5), (5.0, 0)]
    assert merged.origins["scenarios"] == "default"
    assert merged.replaced == ["a"]


@pytest.mark.parametrize(
    ("layer", "told"),
    [
        (from_file("sonagi.toml", {"vusers": 3}), "sonagi.toml: vusers: option_near"),
        (from_file("k6.json", {"setupTimeout": "soon"}), "k6.json: setup_timeout: duration"),
        (from_environment({"SONAGI_VUS": "many"}), "SONAGI_VUS: count"),
        (from_environment({"SONAGI_NO_SETUP": "perhaps"}), "SONAGI_NO_SETUP: switch"),
        (flags(max_redirects=-1), "--max-redirects: count"),
        (
            from_file("c", {"scenarios": {"a": {"executor": "constant-vu"}}}),
            "c: scenarios.a.executor: executor_near",
        ),
        (from_file("c", {"scenarios": {"a": {"vus": 3}}}), "c: scenarios.a: executor_missing"),
        (
            from_file(
                "c", {"scenarios": {"a": {"executor": "ramping-vus", "startVUs": 1, "stages": [["1s"]]}}}
            ),
            "c: scenarios.a.stages.0: stage",
        ),
    ],
)
def test_a_mistake_is_told_at_the_place_where_it_was_written(layer: Layer, told: str) -> None:
    assert [f"{problem.where}: {problem.code}" for problem in merge([layer]).problems] == [told]


def test_scenarios_of_a_file_are_those_of_k6() -> None:
    table = {
        "executor": "ramping-vus",
        "startVUs": 2,
        "stages": [{"duration": "10s", "target": 5}],
        "gracefulRampDown": "3s",
        "exec": "browse",
    }
    scenario = (merge([from_file("c", {"scenarios": {"a": table}})]).options.scenarios or {})["a"]
    assert (scenario.start_vus, scenario.stages, scenario.graceful_ramp_down) == (2, [(10.0, 5)], 3.0)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("gracefulStop", "graceful_stop"),
        ("startVUs", "start_vus"),
        ("insecureSkipTLSVerify", "insecure_skip_tls_verify"),
        ("noVUConnectionReuse", "no_vu_connection_reuse"),
        ("blacklistIPs", "blacklist_ips"),
        ("vus", "vus"),
        ("max_redirects", "max_redirects"),
    ],
)
def test_k6s_names_are_read_as_ours(name: str, plain: str) -> None:
    assert snake(name) == plain


def test_what_is_no_stage_stays_as_it_was_written() -> None:
    assert (stage("30s:20"), stage("30s"), stage("30s:x")) == (("30s", 20), "30s", ("30s", "x"))


def test_every_option_but_scenarios_and_thresholds_may_come_from_the_environment() -> None:
    assert set(FROM_TEXT) == set(Options.model_fields) - {"scenarios", "thresholds"}
    layer = from_environment({"SONAGI_SUMMARY_TREND_STATS": "avg, p(99)", "SONAGI_LOCAL_IPS": "10.0.0.1"})
    assert layer.values == {"summary_trend_stats": ["avg", "p(99)"], "local_ips": ["10.0.0.1"]}
    assert from_environment({"SONAGI_TAGS": "team=web, b=c=d"}).values == {
        "tags": {"team": "web", "b": "c=d"}
    }
    assert merge([from_environment({"SONAGI_HOSTS": "a"})]).problems[0].where == "SONAGI_HOSTS"
